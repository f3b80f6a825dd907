"""What becomes of a delivery after the relay had taken it: reports that came back, complaints.

Only what was handed over can come back; a delivery that ended otherwise keeps its state. The words of the report go
beside those of the relay, under the contact, and with it.
"""

from datetime import datetime

from hirnok.mail import replies
from hirnok.mail.verdicts import Verdict
from hirnok.outbox.models import Delivery, DeliveryReply, State

_HANDED_OVER = (State.SENT, State.UNKNOWN)
_DSN = {"permanent": 550, "transient": 450}  # where a report names no reply code


def fail(delivery: Delivery, verdict: Verdict, *, at: datetime) -> bool:
    """Account a handed-over delivery as bounced, or failed where the reason is not the address; whether it changed."""
    state = State.BOUNCED if verdict.reply_class in replies.BOUNCED else State.FAILED
    changed = Delivery.objects.filter(
        tenant_id=delivery.tenant_id, pk=delivery.pk, state__in=_HANDED_OVER
    ).update(state=state, code=_code(verdict))
    if changed:
        note(delivery, verdict, at=at)
    return bool(changed)


def note(delivery: Delivery, verdict: Verdict, *, at: datetime) -> None:
    """Keep the words of a report with the delivery; nothing where the contact is gone, or they are there already."""
    if delivery.contact_id is None:
        return
    words = {
        "tenant_id": delivery.tenant_id,
        "contact_id": delivery.contact_id,
        "delivery_id": delivery.pk,
        "code": _code(verdict),
        "kind": verdict.reply_class,
        "text": _words(verdict),
    }
    if not DeliveryReply.objects.filter(**words).exists():
        DeliveryReply.objects.create(**words, at=at)


def _code(verdict: Verdict) -> int:
    return verdict.code or _DSN.get(str(verdict.permanence), 250)


def _words(verdict: Verdict) -> str:
    """The words of the refusal, with the status code where they do not have it."""
    if verdict.status in verdict.reply:
        return verdict.reply
    return f"{verdict.status} {verdict.reply}".strip()
