"""What `consent` holds of people: after they left, the proof that they had agreed, without an address."""

from hirnok.register.declarations import CONSENT, held, unheld
from hirnok.register.readymade import SIGN_UP_PROOF

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
)
