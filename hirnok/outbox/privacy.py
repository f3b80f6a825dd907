"""What `outbox` holds of people: what was sent to them and what came of it, letters, opens and clicks."""

from hirnok.register.declarations import (
    ADDRESS,
    BEHAVIOUR,
    SENDING,
    Personal,
    adopted,
    held,
    unheld,
)
from hirnok.register.readymade import MEASUREMENT, NEWSLETTER, SENDING_LOG

LETTER = Personal("mails sent and what became of them", binary=True)
JOBS = "jobs carry ids, never data"
DECLARATIONS = (
    unheld(
        "outbox.Relay",
        {
            "of a server": "name host port security verify_certificate username password connections"
            " messages_per_connection messages_per_second is_default retry_first_minutes retry_longest_minutes retry_hours"
            " held_at probe_at failing_since last_error"
        },
    ),
    unheld(
        "outbox.Message",
        {
            "of the newsletter, the same for everybody": "return_path compiled policy measurement is_routed"
            " lists created_at"
            " launched_at paused_at cancelled_at finished_at recipients"
        },
    ),
    unheld("outbox.Link", {"of the newsletter, the same for everybody": "position url text"}),
    unheld(
        "outbox.Batch",
        {
            "ranges of ids": "first_delivery_id last_delivery_id first_contact_id last_contact_id lease_owner"
            " lease_until fence window_from window_to window_relays done"
        },
    ),
    unheld("outbox.Tally", {"sums over all readers of a newsletter": "upto counts"}),
    unheld("outbox.StateChange", {"sums over the deliveries of a newsletter": "state change"}),
    held(
        "outbox.Delivery",
        "contact__holding",
        NEWSLETTER,
        plain={
            "of the sending": "attempts next_at pinned_relay_id",
            'one of the large providers, or "other"': "provider",
        },
        anonymised_by="contact",
        state=SENDING,
        code=SENDING,
        sent_at=SENDING,
    ),
    held(
        "outbox.DeliveryReply",
        "contact__holding",
        NEWSLETTER,
        at=SENDING,
        code=SENDING,
        kind=SENDING,
        text=SENDING,
    ),
    held(
        "outbox.Repetition",
        "delivery__contact__holding",
        NEWSLETTER,
        anonymised_by="delivery__contact",
        at=SENDING,
    ),
    held(
        "outbox.Hit",
        "delivery__contact__holding",
        MEASUREMENT,
        anonymised_by="delivery__contact",
        kind=BEHAVIOUR,
        klass=BEHAVIOUR,
        country=BEHAVIOUR,
        at=BEHAVIOUR,
    ),
    held(
        "outbox.Letter",
        "holding",
        SENDING_LOG,
        plain={"of the sending": "return_path attempts next_at expires_at is_forwarded"},
        expires="expires_at",
        recipient=ADDRESS,
        data=LETTER,
        state=SENDING,
        code=SENDING,
        reply=SENDING,
        created_at=SENDING,
        sent_at=SENDING,
    ),
    unheld("outbox.SentLetters", {"a sum over a month": "month is_forwarded count"}),
    unheld(
        "outbox.Limit",
        {
            "a setting": "provider connections per_minute per_hour per_day ramp ramp_from",
        },
    ),
    unheld("outbox.ReplyRule", {"a setting": "position provider contains action factor minutes"}),
    unheld("outbox.Route", {"a setting": "position to weight"}),
    unheld(
        "outbox.Queue",
        {
            "a mail provider or a company's domain, forgotten when it is normal again": "provider",
            "of the sending to everybody there; addresses are taken out of replies": "version full_at promised"
            " condition normal_at last_reply last_reply_at held_at used_at",
        },
    ),
    unheld("outbox.Engine", {"of a process": "owner seen_at"}),
    adopted("procrastinate.ProcrastinateJob", JOBS),
    adopted("procrastinate.ProcrastinateEvent", JOBS),
    adopted("procrastinate.ProcrastinatePeriodicDefer", JOBS),
    adopted("procrastinate.ProcrastinateWorker", JOBS),
)
