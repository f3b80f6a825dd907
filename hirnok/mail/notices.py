"""Events that providers of mail report, made alike. Pure.

Each function takes the decoded body of one provider's notification and yields `Notice`s: what happened to one recipient,
in the provider's own words. What they mean (`hirnok.mail.sort.of_notice`) is decided where everything else that comes
back is sorted. Unknown kinds of events yield nothing; broken ones raise nothing and yield nothing.
"""

from dataclasses import dataclass
from typing import Any, Final

BOUNCED: Final = "bounced"
COMPLAINED: Final = "complaint"
DELIVERED: Final = "delivered"


@dataclass(frozen=True, slots=True)
class Notice:
    """One event about one recipient. `id`: the provider's own, for recognising repetitions; `message_id` without angle
    brackets; `permanent`: as the provider says, None when it does not; `hint`: its own name for the reason."""

    event: str
    recipient: str
    status: str = ""
    reply: str = ""
    hint: str = ""
    permanent: bool | None = None
    delayed: bool = False
    feedback: str = ""
    message_id: str = ""
    id: str = ""


def amazon(body: dict[str, Any]) -> list[Notice]:
    """Amazon SES: notifications (`notificationType`) and event publishing (`eventType`)."""
    kind = _text(body, "notificationType") or _text(body, "eventType")
    mail = _object(body, "mail")
    message_id = _text(_object(mail, "commonHeaders"), "messageId").strip("<>")
    if kind == "Bounce":
        bounce = _object(body, "bounce")
        return [
            Notice(
                BOUNCED, _text(one, "emailAddress"), _text(one, "status"), _text(one, "diagnosticCode").removeprefix("smtp;").strip(),
                _AMAZON.get(_text(bounce, "bounceSubType"), ""), {"Permanent": True, "Transient": False}.get(_text(bounce, "bounceType")),
                _text(one, "action") == "delayed", message_id=message_id, id=_text(bounce, "feedbackId"),
            )
            for one in _objects(bounce, "bouncedRecipients")
        ]  # fmt: skip
    if kind == "Complaint":
        complaint = _object(body, "complaint")
        feedback = _text(complaint, "complaintFeedbackType") or "abuse"
        found = _objects(complaint, "complainedRecipients")
        return [Notice(COMPLAINED, _text(one, "emailAddress"), feedback=feedback, message_id=message_id, id=_text(complaint, "feedbackId")) for one in found]  # fmt: skip
    if kind == "DeliveryDelay":
        delay = _object(body, "deliveryDelay")
        found = _objects(delay, "delayedRecipients")
        return [Notice(BOUNCED, _text(one, "emailAddress"), _text(one, "status"), _text(one, "diagnosticCode"), _text(delay, "delayType"), False, True, message_id=message_id) for one in found]  # fmt: skip
    if kind == "Delivery":
        delivery = _object(body, "delivery")
        names = delivery.get("recipients")
        reply = _text(delivery, "smtpResponse")
        return [Notice(DELIVERED, name, reply=reply, message_id=message_id) for name in names if isinstance(name, str)] if isinstance(names, list) else []  # fmt: skip
    return []


_AMAZON: Final = {
    "NoEmail": "invalid recipient", "Suppressed": "recipient address disabled: on the provider's suppression list",
    "OnAccountSuppressionList": "recipient address disabled: on the provider's suppression list", "MailboxFull": "mailbox full",
    "MessageTooLarge": "message too large", "ContentRejected": "content rejected", "AttachmentRejected": "attachment rejected",
}  # fmt: skip


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else str(found) if isinstance(found, int | float) else ""


def _object(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _objects(value: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = value.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
