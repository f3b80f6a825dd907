"""What `consent` holds of people: sign-ups that wait, what was agreed to, and after they left the proof of it."""

from hirnok.register.declarations import (
    ADDRESS,
    CONSENT,
    LANGUAGE,
    NAME,
    OWN_FIELDS,
    PSEUDONYM,
    Personal,
    held,
    short_lived,
    unheld,
)
from hirnok.register.readymade import NEWSLETTER, SIGN_UP, SIGN_UP_PROOF

AGREED = Personal("circumstances of the sign-up", of="text")
LIST = Personal("circumstances of the sign-up", of="name")
DOCUMENT = Personal("circumstances of the sign-up", binary=True)
TENANTS_WORDS = "words of the tenant's, the same for everybody"
DECLARATIONS = (
    held(
        "consent.Proof",
        "holding",
        SIGN_UP_PROOF,
        text=CONSENT,
        given_at=CONSENT,
        held_since=CONSENT,
        withdrawn_at=CONSENT,
        surface=CONSENT,
    ),
    unheld("consent.Departure", {"a count of the report: no person": "at surface"}),
    unheld("consent.Form", {"of the form": "token name fields proof_of_work created_at closed_at"}),
    unheld(
        "consent.FormText",
        {
            TENANTS_WORDS: "language title introduction thanks confirmed confirm_subject confirm_body"
            " known_subject known_body welcome_subject welcome_body"
        },
    ),
    unheld("consent.FormTransfer"),
    unheld(
        "consent.ConsentText",
        {TENANTS_WORDS: "language version text hash covers_welcome written_at written_by"},
    ),
    held(
        "consent.PendingSignUp",
        "holding",
        SIGN_UP,
        email=ADDRESS,
        first_name=NAME,
        last_name=NAME,
        language=LANGUAGE,
        fields=OWN_FIELDS,
        transfers=CONSENT,
        text=AGREED,
        surface=CONSENT,
        agreed_at=CONSENT,
    ),
    held(
        "consent.ConsentEntry",
        "contact__holding",
        NEWSLETTER,
        event=CONSENT,
        list=LIST,
        text=AGREED,
        text_hash=CONSENT,
        language=LANGUAGE,
        surface=CONSENT,
        agreed_at=CONSENT,
        at=CONSENT,
    ),
    held(
        "consent.Renewal",
        "contact__holding",
        NEWSLETTER,
        text=AGREED,
        begun_at=CONSENT,
        asked_at=CONSENT,
        until=CONSENT,
    ),
    unheld("consent.RenewalPolicy", {"a setting": "days"}),
    held(
        "consent.Withdrawal",
        "holding",
        SIGN_UP_PROOF,
        way=CONSENT,
        note=CONSENT,
        document_name=CONSENT,
        document=DOCUMENT,
        received_at=CONSENT,
        taken_by=CONSENT,
        at=CONSENT,
    ),
    held("consent.MeasurementRefusal", "contact__holding", NEWSLETTER, since=CONSENT),
    short_lived(
        "consent.Throttle",
        "expires_at",
        SIGN_UP,
        plain={"a count": "kind count last_at expires_at"},
        trace="key",
        outlives=True,  # else whoever lets sign-ups expire could have an address asked for ever
        key=PSEUDONYM,
    ),
    unheld("consent.FormCount", {"counts by day: no person": "day outcome count"}),
)
