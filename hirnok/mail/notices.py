"""Events that providers of mail report, made alike. Pure.

Each function takes the decoded body of one provider's notification and yields `Notice`s: what happened to one recipient,
in the provider's own words. What they mean (`hirnok.mail.sort.of_notice`) is decided where everything else that comes
back is sorted. Unknown kinds of events yield nothing; broken ones raise nothing and yield nothing.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
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


def brevo(body: dict[str, Any]) -> list[Notice]:
    """Brevo's transactional webhooks."""
    kind = _text(body, "event")
    plain = Notice(
        "",
        _text(body, "email"),
        reply=_text(body, "reason"),
        message_id=_text(body, "message-id").strip("<>"),
        id=f"{_text(body, 'id')}:{_text(body, 'ts_event')}:{kind}",
    )
    return _as(plain, _BREVO.get(kind))


def mailgun(body: dict[str, Any]) -> list[Notice]:
    """Mailgun's webhooks: `event-data`."""
    data = _object(body, "event-data")
    status = _object(data, "delivery-status")
    code = _text(status, "code")
    said = _text(status, "message") or _text(status, "description")
    plain = Notice(
        "",
        _text(data, "recipient"),
        status=_text(status, "enhanced-code"),
        reply=said if said.startswith(code) else f"{code} {said}".strip(),
        message_id=_text(_object(_object(data, "message"), "headers"), "message-id").strip("<>"),
        id=_text(data, "id"),
    )
    kind = _text(data, "event")
    if kind == "failed" and _text(data, "severity") == "temporary":
        kind = "deferred"
    elif kind == "failed" and _text(data, "reason").startswith("suppress"):
        kind = "suppressed"
    return _as(plain, _MAILGUN.get(kind))


def mailjet(body: dict[str, Any]) -> list[Notice]:
    """Mailjet's event callbacks."""
    kind = _text(body, "event")
    said = " ".join(filter(None, (_text(body, "error"), _text(body, "comment"))))
    plain = Notice(
        "",
        _text(body, "email"),
        reply=said,
        message_id=_text(body, "CustomID").strip("<>"),
        id=f"{_text(body, 'MessageID')}:{_text(body, 'time')}:{kind}",
    )
    soft = kind == "bounce" and body.get("hard_bounce") is not True
    return _as(plain, _MAILJET.get("soft" if soft else kind))


def postmark(body: dict[str, Any]) -> list[Notice]:
    """Postmark's bounce, spam complaint and delivery webhooks."""
    kind, bounce = _text(body, "RecordType"), _text(body, "Type")
    plain = Notice(
        "",
        _text(body, "Email") or _text(body, "Recipient"),
        reply=_text(body, "Details") or _text(body, "Description"),
        id=f"{_text(body, 'ID')}:{_text(body, 'MessageID')}:{kind}",
    )
    if kind == "SpamComplaint" or bounce == "SpamComplaint":
        return _as(plain, _COMPLAINED)
    if kind == "Delivery":
        return _as(plain, _DELIVERED)
    if kind != "Bounce" or bounce in _POSTMARK_OTHERS:
        return []
    return _as(plain, _How(BOUNCED, bounce in _POSTMARK_FINAL, _POSTMARK.get(bounce, "")))


def sendgrid(body: dict[str, Any]) -> list[Notice]:
    """One event of SendGrid's event webhook."""
    kind = _text(body, "event")
    plain = Notice(
        "",
        _text(body, "email"),
        status=_text(body, "status"),
        reply=_text(body, "reason") or _text(body, "response"),
        message_id=_text(body, "smtp-id").strip("<>"),
        id=_text(body, "sg_event_id"),
    )
    if kind == "bounce" and _text(body, "type") == "blocked":
        kind = "blocked"
    elif kind == "dropped" and "bounced" in plain.reply.lower():
        kind = "suppressed"
    return _as(plain, _SENDGRID.get(kind))


def generic(body: dict[str, Any]) -> list[Notice]:
    """Events in our own words (docs/bounces.md): the fields of `Notice`."""
    if _text(body, "event") not in {BOUNCED, COMPLAINED, DELIVERED} or not _text(body, "recipient"):
        return []
    permanent = body.get("permanent")
    names = ("event", "recipient", "status", "reply", "feedback", "message_id", "id")
    return [
        Notice(
            **{name: _text(body, name) for name in names},
            permanent=permanent if isinstance(permanent, bool) else None,
            delayed=body.get("delayed") is True,
        )
    ]


READERS: Final[dict[str, Callable[[dict[str, Any]], list[Notice]]]] = {
    "amazon": amazon, "brevo": brevo, "mailgun": mailgun, "mailjet": mailjet, "postmark": postmark,
    "sendgrid": sendgrid, "generic": generic,
}  # fmt: skip


def read(provider: str, body: object) -> list[Notice]:
    """The events of a decoded body, one or a list of them; those without a recipient are left out."""
    given = body if isinstance(body, list) else [body]
    found = [notice for one in given if isinstance(one, dict) for notice in READERS[provider](one)]
    return [notice for notice in found if notice.recipient]


def dump(notice: Notice) -> bytes:
    """For storing an event by itself; the same event gives the same bytes."""
    return json.dumps(asdict(notice), sort_keys=True).encode()


def load(value: object) -> Notice:
    """From what `dump` wrote; ValueError for anything else."""
    if not isinstance(value, dict) or not {"event", "recipient"} <= set(value):
        raise ValueError("no event")
    return Notice(**{one.name: value[one.name] for one in fields(Notice) if one.name in value})


@dataclass(frozen=True, slots=True)
class _How:
    """What a provider's kind of event means."""

    event: str
    permanent: bool | None = None
    hint: str = ""
    delayed: bool = False


def _as(plain: Notice, how: _How | None) -> list[Notice]:
    """The event with its meaning; none for kinds that say nothing of the road."""
    if how is None:
        return []
    feedback = "abuse" if how.event == COMPLAINED else ""
    return [
        replace(
            plain,
            event=how.event,
            permanent=how.permanent,
            hint=how.hint,
            delayed=how.delayed,
            feedback=feedback,
        )
    ]


_BLOCKED: Final = "blocked by policy"
_SUPPRESSED: Final = "recipient address disabled: on the provider's suppression list"
_COMPLAINED: Final = _How(COMPLAINED)
_DELIVERED: Final = _How(DELIVERED)
_HARD: Final = _How(BOUNCED, True)
_SOFT: Final = _How(BOUNCED, False)
_WAITS: Final = _How(BOUNCED, False, "", True)
_REFUSED: Final = _How(BOUNCED, True, _BLOCKED)
_KNOWN_DEAD: Final = _How(BOUNCED, True, _SUPPRESSED)
_BREVO: Final = {
    "hard_bounce": _HARD, "invalid_email": _How(BOUNCED, True, "invalid recipient"), "soft_bounce": _SOFT, "error": _SOFT,
    "blocked": _REFUSED, "deferred": _WAITS, "spam": _COMPLAINED, "complaint": _COMPLAINED, "delivered": _DELIVERED,
}  # fmt: skip
_MAILGUN: Final = {"failed": _HARD, "deferred": _WAITS, "suppressed": _KNOWN_DEAD, "complained": _COMPLAINED, "delivered": _DELIVERED}  # fmt: skip
_MAILJET: Final = {
    "bounce": _HARD,
    "soft": _SOFT,
    "blocked": _REFUSED,
    "spam": _COMPLAINED,
    "sent": _DELIVERED,
}
_SENDGRID: Final = {
    "bounce": _HARD, "blocked": _How(BOUNCED, False, _BLOCKED), "dropped": _REFUSED, "suppressed": _KNOWN_DEAD,
    "deferred": _WAITS, "spamreport": _COMPLAINED, "delivered": _DELIVERED,
}  # fmt: skip
_POSTMARK: Final = {
    "HardBounce": "", "BadEmailAddress": "invalid recipient", "ManuallyDeactivated": _SUPPRESSED, "Unsubscribe": _SUPPRESSED,
    "SpamNotification": "content rejected as spam", "Blocked": _BLOCKED, "DMARCPolicy": "DMARC policy", "VirusNotification": "virus",
    "DnsError": "dns server failure", "SMTPApiError": _BLOCKED,
}  # fmt: skip
_POSTMARK_FINAL: Final = frozenset({"HardBounce", "BadEmailAddress", "ManuallyDeactivated"})
_POSTMARK_OTHERS: Final = frozenset({"AutoResponder", "AddressChange", "OpenRelayTest", "Subscribe", "ChallengeVerification", "TemplateRenderingFailed"})  # fmt: skip
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
