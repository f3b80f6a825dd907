"""Every other mail: password resets, test sends, confirmations. Written in the caller's transaction.

Promises: a letter stands under the holding of its cause and goes with it; a rolled-back transaction sends
nothing; the bytes are 7-bit with CRLF. Leaves to others: sending and retrying (the engine), the wording.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.utils import formataddr, make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from hirnok.accounts.models import User
from hirnok.accounts.people import NoOperator
from hirnok.lib import clock
from hirnok.mail.addresses import Address, normalise
from hirnok.outbox import queue
from hirnok.outbox.models import Letter, Relay
from hirnok.register import holdings, retention
from hirnok.register.models import Activity, Holding, LegalBasis
from hirnok.register.readymade import SENDING_LOG
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand, Tenant

KEPT = timedelta(days=30)  # where the tenant's register has no period of its own
_SEVEN_BIT = policy.SMTP.clone(cte_type="7bit")


def post(  # noqa: PLR0913 - the columns of the row
    tenant: Tenant,
    holding: Holding,
    *,
    recipient: str,
    return_path: str,
    data: bytes,
    at: datetime,
    relay: Relay | None = None,
    log: Activity | None = None,
    is_forwarded: bool = False,
) -> Letter:
    """Queue a whole message (RFC 5322, CRLF) for one address; NotInRegister without a sending log.

    It is kept as long as the tenant's register keeps its sending log, counted from now: longer than the
    engine tries. `relay` of None is the tenant's default one; `log` is its sending log, if the caller knows it. Without
    a return path nothing comes back of it (RFC 5321 §4.5.5), and the holding's brand signs.
    """
    kept_until = retention.expiry(log or holdings.activity_of(tenant, SENDING_LOG), at)
    letter = Letter.objects.create(
        tenant=tenant,
        holding=holding,
        relay=relay,
        recipient=recipient,
        return_path=return_path,
        data=data,
        next_at=at,
        created_at=at,
        expires_at=kept_until or at + KEPT,
        is_forwarded=is_forwarded,
    )
    queue.wake()
    return letter


class LetterBackend(BaseEmailBackend):
    """Django's way to send mail, allauth's too: one letter of the operator for each recipient."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        operator = Tenant.objects.filter(is_operator=True).first()
        if operator is None:
            raise NoOperator
        at = clock.now()
        with acting_for(operator):
            for message in email_messages:
                _post_all(operator, message, at)
        return len(email_messages)


def holding_for_letter(operator: Tenant, address: str, *, at: datetime) -> Holding:
    """Return the holding under which a letter of the operator stands: the user's own, else one that the
    sending log's period ends."""
    user = User.objects.filter(email=address.lower()).select_related("holding").first()
    if user is not None and user.tenant_id == operator.pk:
        return user.holding
    return holdings.open_holding(
        operator,
        address=address,
        activity=SENDING_LOG,
        legal_basis=LegalBasis.LEGITIMATE_INTEREST,
        at=at,
    )


def seven_bit(data: bytes) -> bytes:
    """Return a message re-encoded so that it passes every relay: 7-bit, CRLF, lines of at most 998 characters."""
    return bytes(message_from_bytes(data, policy=_SEVEN_BIT))


def _post_all(operator: Tenant, message: EmailMessage, at: datetime) -> None:
    _complete(operator, message)
    _, sender = parseaddr(message.from_email)
    data = seven_bit(message.message().as_bytes())
    for recipient in message.recipients():
        address = _normal(recipient)
        post(
            operator,
            holding_for_letter(operator, address, at=at),
            recipient=address,
            return_path=sender,
            data=data,
            at=at,
        )


def _complete(operator: Tenant, message: EmailMessage) -> None:
    """Fill in what only we know: the operator's sender, a Message-ID of its domain, that no person wrote it."""
    brand = Brand.objects.of(operator).order_by("pk").first()
    if brand is not None and message.from_email == settings.DEFAULT_FROM_EMAIL:
        message.from_email = formataddr((brand.sender_name, brand.from_address))
    _, sender = parseaddr(message.from_email)
    headers: dict[str, Any] = message.extra_headers
    headers.setdefault("Message-ID", make_msgid(domain=sender.rpartition("@")[2]))
    headers.setdefault("Auto-Submitted", "auto-generated")


def _normal(recipient: str) -> str:
    """What cannot be sent to is kept as it is: the engine says so in the letter's state."""
    found = normalise(recipient)
    return found.text if isinstance(found, Address) else parseaddr(recipient)[1]
