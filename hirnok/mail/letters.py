"""Ordinary messages, one at a time: password resets, confirmations, answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Any

from hirnok.mail.quoted import mailbox, one_line, unstructured


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says and to whom. `message_id` is without angle brackets; `html` may be empty."""

    from_name: str
    from_address: str
    to_name: str
    to_address: str
    subject: str
    text: str
    message_id: str
    html: str = ""
    reply_to: str = ""
    auto_submitted: str = "auto-generated"


def build(
    letter: Letter, *, at: datetime, headers: Mapping[str, str] | None = None
) -> EmailMessage:
    """The message. Says that a program wrote it, so that no program answers (RFC 3834 §5), unless `auto_submitted`
    is empty. Line breaks in names and subjects become blanks. Addresses must be ASCII."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=76))
    message["From"] = Address(one_line(letter.from_name), addr_spec=letter.from_address)
    message["To"] = Address(one_line(letter.to_name), addr_spec=letter.to_address)
    if letter.reply_to:
        message["Reply-To"] = Address(addr_spec=letter.reply_to)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{letter.message_id}>"
    if letter.auto_submitted:
        message["Auto-Submitted"] = letter.auto_submitted
        message["X-Auto-Response-Suppress"] = "All"
    for name, value in (headers or {}).items():
        message[name] = one_line(value)
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


def as_bytes(message: EmailMessage) -> bytes:
    """The message with CRLF line ends, and no dot at the beginning of a line needing care is promised: the SMTP side
    must stuff dots (RFC 5321 §4.5.2)."""
    return message.as_bytes(policy=_Folding(max_line_length=76, linesep="\r\n"))


class _Folding(EmailPolicy):
    """Folds free text with our own writer: Python's loses the blank between two encoded words."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """One header line, folded."""
        if name == "Subject":
            return unstructured(name, str(value))
        if name in {"From", "To"}:
            [found] = value.addresses
            return mailbox(name, found.display_name, found.addr_spec)
        return super().fold_binary(name, value)
