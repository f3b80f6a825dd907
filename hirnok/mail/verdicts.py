"""What came back about one recipient: for good or for now, and why. Pure.

Whatever road it came (a delivery status, the words of a mail system, a provider's event), one judgement decides, and the
class is the one that a refusal in the SMTP session gets (`hirnok.mail.replies`).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hirnok.mail import notices, prose, replies
from hirnok.mail.replies import ReplyClass

CODE: Final = re.compile(r"(?<![\d.#-])([245]\d\d)(?=$|[\s:;,)\]-]|#)(?!-?\d)")
STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_C = ReplyClass


class Permanence(StrEnum):
    PERMANENT = "permanent"
    TRANSIENT = "transient"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came back about one recipient.

    `recipient`: the address that failed or complained; `original`: the address the mail was sent to, where the report
    names another one; `action`: failed, delayed, delivered, relayed, expanded, or empty; `status`: enhanced code or empty;
    `code`: the SMTP reply code or 0; `reply`: the words of the refusing system.
    """

    recipient: str
    permanence: Permanence | None = None
    reply_class: ReplyClass = ReplyClass.OTHER
    status: str = ""
    code: int = 0
    reply: str = ""
    action: str = ""
    original: str = ""


def judged(
    recipient: str,
    action: str,
    status: str,
    said: str,
    about: str,
    *,
    permanent: bool | None = None,
) -> Verdict:
    """Judge from all that is known: the status, the words of the refusal, the words of the whole notice.

    `permanent`: what a provider says, for refusals without a code.
    """
    code = code_in(said)
    inside = match[1] if (match := STATUS.search(said)) else ""
    if inside and not is_vague(inside) and (is_vague(status) or status[:1] == inside[:1]):
        status = inside  # the refusing system's own word
    digit = (
        status[:1]
        if status and not (status == "5.0.0" and code >= 400)
        else str(code)[:1]
        if code
        else ""
    )
    found = replies.classify(code or int(f"{digit or 5}50"), f"{status} {said}" if status else said)
    if found is _C.OTHER and about:
        found = replies.classify(int(f"{digit or 5}50"), about[:4000])
    if permanent is not None and digit not in {"4", "5"}:
        digit = "5" if permanent else "4"
    if digit not in {"4", "5"}:
        digit = _digit_of_words(said, about)
    if action == "delayed":
        digit = "4"
    permanence = Permanence.TRANSIENT if digit == "4" else Permanence.PERMANENT
    return Verdict(
        recipient, permanence, found, status, code, " ".join(said.split())[:2000], action
    )


def _digit_of_words(said: str, about: str) -> str:
    """A notice of failure is final unless it says that the reason was one of the moment."""
    return "4" if prose.PASSING.search(said) and not prose.FINAL.search(about) else "5"


def is_vague(status: str) -> bool:
    return not status or status.endswith(".0.0")


def code_in(said: str) -> int:
    """The SMTP reply code in the words of a refusal; 0 if there is none."""
    match = CODE.search(said)
    return int(match[1]) if match and match[1][0] != "2" else 0


def of_notice(event: notices.Notice) -> Verdict:
    """The verdict of a provider's event."""
    if event.event != notices.BOUNCED:
        return Verdict(
            event.recipient,
            status=event.status,
            reply=event.reply,
            code=code_in(event.reply),
            action=event.event,
        )
    action = "delayed" if event.delayed else "failed"
    return judged(
        event.recipient, action, event.status, event.reply, event.hint, permanent=event.permanent
    )
