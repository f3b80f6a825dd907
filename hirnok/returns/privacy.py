"""What `returns` holds of people: mail that came back, and failures that are counted."""

from hirnok.register.declarations import (
    PSEUDONYM,
    SENDING,
    Personal,
    held,
    pseudonymous,
    short_lived,
    unheld,
)
from hirnok.register.readymade import NEWSLETTER, SENDING_LOG, SUPPRESSION

RETURNED = Personal("mails sent and what became of them", exported=False, binary=True)
DECLARATIONS = (
    unheld("returns.ReturnDomain", {"of the brand": "domain created_at"}),
    short_lived(
        "returns.Returned",
        "expires_at",
        SENDING_LOG,
        plain={
            "of the handling": "road purpose digest state kind received_at sorted_at expires_at"
        },
        trace="person_key",
        raw=RETURNED,
        person_key=PSEUDONYM,
    ),
    short_lived(
        "returns.Heard",
        "expires_at",
        SENDING_LOG,
        plain={"a keyed digest of an event of a provider": "digest expires_at"},
        outlives=True,
    ),
    held(
        "returns.Failure",
        "contact__holding",
        NEWSLETTER,
        at=SENDING,
        kind=SENDING,
        permanence=SENDING,
        is_judged=SENDING,
    ),
    unheld("returns.Complaint", {"a count of the report: no person": "at feedback"}),
    unheld(
        "returns.Forwarding",
        {
            "an address of the tenant's own": "address",
            "a setting": "autoreplies per_hour",
            "a count": "left_out left_out_at",
        },
    ),
    unheld("returns.Forwarded", {"of the sending": "at"}),
    unheld("returns.Rule", {"of the tenant's rules": "kind permanence count days lasts_days"}),
    pseudonymous(
        "returns.Lapse",
        "until then the address is known to be dead",
        SUPPRESSION,
        plain={"of the rule": "at"},
        key=PSEUDONYM,
    ),
    unheld(
        "returns.Mailbox",
        {
            "of a mailbox of the tenant's": "name protocol host port security verify_certificate username password"
            " folder deletes position looked_at failing_since last_error"
        },
    ),
    unheld(
        "returns.Webhook",
        {
            "of the connection with a provider": "provider token secret created_at accepted refused accepted_at"
            " refused_at refusal"
        },
    ),
)
