"""Forwarding what comes back to an address of the tenant's own (`N13`): wished for by the tenant, off at first.

Promises: a copy never loops. It has no return path (RFC 5321 §4.5.5) and says that a program wrote it (RFC 3834 §5), so
nothing should answer; what answers all the same, or leads it back into a mailbox we look into, has its mark in it, and
mail with the mark is neither applied nor forwarded. Nor is what failed for the tenant's address itself. It stands under
a holding of that address, for one of the reader would die with it, and goes with what came back, so with the reader.
At most so many an hour; the rest is left out and counted. Complaints are never forwarded: who complains leaves, and what
came goes with them at that moment. Leaves to others: sending (the engine), counting
(`outbox.counting`).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from hirnok.mail import letters as mail_letters
from hirnok.mail.addresses import Address, normalise
from hirnok.mail.sort import Kind, Sorted
from hirnok.outbox import letters
from hirnok.outbox.models import Delivery
from hirnok.register import holdings
from hirnok.register.models import Activity, Holding, LegalBasis
from hirnok.register.readymade import SENDING_LOG
from hirnok.returns.models import Forwarded, Forwarding, Mailbox, ReturnDomain, Returned
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant

MARK: Final = "X-Hirnok-Forwarded"
MAIL_ROADS: Final = frozenset({"smtp", "lmtp", "imap", "pop"})
_MARKED: Final = re.compile(rb"^[>\t ]*X-Hirnok-Forwarded:", re.IGNORECASE | re.MULTILINE)
_LONGEST_LINE: Final = 998
_COMPAT: Final = policy.compat32.clone(cte_type="7bit", linesep="\r\n", max_line_length=None)


class NoAddress(ValueError):
    """The text is no address to which mail can be sent."""


class WouldComeBack(ValueError):
    """Mail to this address comes back to us: it is of a return domain, or of a mailbox that we look into."""


@dataclass(frozen=True)
class Wish:
    """What a tenant wants to be forwarded: failures always, automatic answers if so said; at most so many an hour."""

    address: str
    autoreplies: bool = False
    per_hour: int = 60


def of(tenant: Tenant) -> Forwarding | None:
    """Return what the tenant wants; None: nothing is forwarded."""
    found: Forwarding | None = Forwarding.objects.of(tenant).first()
    return found


@transaction.atomic
def choose(tenant: Tenant, wish: Wish | None, *, actor: str, at: datetime) -> None:
    """Forward from now on, or (None) no more; NoAddress, WouldComeBack."""
    rows = Forwarding.objects.of(tenant)
    if wish is None:
        if rows.exists():
            rows.all().delete()
            audit.record(tenant, "returns.forward_no_more", actor=actor, at=at)
        return
    address = _usable(tenant, wish.address)
    values = {
        "address": address,
        "autoreplies": wish.autoreplies,
        "per_hour": wish.per_hour,
    }
    Forwarding.objects.update_or_create(tenant=tenant, defaults=values)
    audit.record(tenant, "returns.forward", actor=actor, at=at, per_hour=wish.per_hour)


def is_of_a_copy(raw: bytes) -> bool:
    """Whether a mail is a copy that we forwarded, or has one in it: a failure of one, an answer to one."""
    return _MARKED.search(raw) is not None


def forward(tenant: Tenant, row: Returned, found: Sorted, *, at: datetime) -> Forwarded | None:
    """Put a copy of what came back into the outbox if the tenant wants it; in the transaction that applies it.

    Only what is about somebody we know: it has to go when they do.
    """
    wish = of(tenant)
    if wish is None or row.road not in MAIL_ROADS or row.person_key is None:
        return None
    if not _wanted(wish, found) or is_of_a_copy(bytes(row.raw)):
        return None
    if Forwarded.objects.of(tenant).filter(returned=row).exists():
        return None
    if _is_full(tenant, wish, at):
        Forwarding.objects.of(tenant).filter(pk=wish.pk).update(
            left_out=F("left_out") + 1, left_out_at=at
        )
        return None
    brand = _brand(tenant, row)
    log = Activity.objects.of(tenant).filter(code=SENDING_LOG, active=True).first()
    if (
        brand is None or log is None
    ):  # nobody to write as; or the tenant's register knows no other mails than newsletters
        return None
    letter = letters.post(
        tenant,
        _holding(tenant, brand, log, wish.address, at),
        recipient=wish.address,
        return_path="",
        data=_copy(tenant, brand, wish.address, row, at),
        at=at,
        log=log,
        is_forwarded=True,
    )
    made: Forwarded = Forwarded.objects.create(tenant=tenant, returned=row, letter=letter, at=at)
    return made


def attachment(raw: bytes) -> EmailMessage:
    """Return a mail as it came as a part of another: message/rfc822 (RFC 2046 §5.2.1), 7-bit; as a file where it breaks
    the rules so that no relay would take it."""
    text = b"\r\n".join(raw.splitlines()) + b"\r\n"
    if not _is_plain(text):
        text = _reencoded(raw)
    part = EmailMessage(policy=policy.SMTP)
    if _is_plain(text):
        part["Content-Type"] = "message/rfc822"
        part["Content-Transfer-Encoding"] = "7bit"
        part["Content-Disposition"] = 'attachment; filename="returned.eml"'
        part.set_payload(text.decode("ascii"))
    else:
        part.set_content(
            raw, "application", "octet-stream", filename="returned.eml", disposition="attachment"
        )
        del part["MIME-Version"]  # said once, by the whole
    return part


def _usable(tenant: Tenant, text: str) -> str:
    """The address, normalised, if mail to it does not come back to us."""
    found = normalise(text)
    if not isinstance(found, Address):
        raise NoAddress(text)
    domain = found.text.rpartition("@")[2]
    mailboxes = Mailbox.objects.of(tenant).values_list("username", flat=True)
    if ReturnDomain.objects.of(tenant).filter(domain=domain).exists() or any(
        one.lower() == found.text.lower() for one in mailboxes
    ):
        raise WouldComeBack(found.text)
    return found.text


def _wanted(wish: Forwarding, found: Sorted) -> bool:
    about = {address.lower() for one in found.verdicts for address in (one.recipient, one.original)}
    if wish.address.lower() in about:
        return False
    match found.kind:
        case Kind.BOUNCE:
            return any(one.action != "delayed" for one in found.verdicts)
        case Kind.AUTOREPLY:
            return wish.autoreplies
        case _:
            return False


def _is_full(tenant: Tenant, wish: Forwarding, at: datetime) -> bool:
    since = at - timedelta(hours=1)
    return bool(Forwarded.objects.of(tenant).filter(at__gt=since).count() >= wish.per_hour)


def _brand(tenant: Tenant, row: Returned) -> Brand | None:
    """The brand whose newsletter it was, else the tenant's first."""
    brands = Brand.objects.of(tenant).order_by("pk")
    delivery = (
        Delivery.objects.of(tenant)
        .filter(pk=row.delivery_id or 0)
        .values_list("message__brand_id", flat=True)
        .first()
    )
    found: Brand | None = brands.filter(pk=delivery).first() or brands.first()
    return found


def _holding(tenant: Tenant, brand: Brand, log: Activity, address: str, at: datetime) -> Holding:
    """The one holding of the tenant's address for this, its period begun anew."""
    index = holdings.index_of(tenant.pk, address)
    found: Holding | None = (
        Holding.objects.of(tenant)
        .select_related("activity")
        .filter(
            person__blind_index=index,
            activity=log,
            brand_id=brand.pk,
            restricted_at=None,
        )
        .order_by("pk")
        .first()
    )
    if found is not None:
        holdings.renew(found, at)
        return found
    return holdings.open_holding(
        tenant,
        address=address,
        activity=log,
        legal_basis=LegalBasis.LEGITIMATE_INTEREST,
        at=at,
        brand=brand,
    )


def _copy(tenant: Tenant, brand: Brand, address: str, row: Returned, at: datetime) -> bytes:
    with translation.override(tenant.language):
        subject = _("Mail that came back to %(brand)s") % {"brand": brand.name}
        text = _(
            "A mail of %(brand)s came back. It is attached as it came; Hírnök has accounted for it. You get it because"
            " forwarding is switched on in the settings of %(tenant)s, under Mail that comes back."
        ) % {"brand": brand.name, "tenant": tenant.name}
    message = mail_letters.build(
        mail_letters.Letter(
            from_name=brand.sender_name,
            from_address=brand.from_address,
            to_name="",
            to_address=address,
            subject=subject,
            text=f"{text}\n",
            message_id=make_msgid(domain=brand.from_address.rpartition("@")[2]).strip("<>"),
        ),
        at=at,
        headers={MARK: "yes"},
    )
    message.make_mixed()
    message.attach(attachment(bytes(row.raw)))
    return mail_letters.as_bytes(message)


def _reencoded(raw: bytes) -> bytes:
    """The mail with what is not 7-bit encoded; empty where that cannot be done."""
    try:
        text = message_from_bytes(raw, policy=_COMPAT).as_bytes(policy=_COMPAT)
    except (ValueError, LookupError, AttributeError, TypeError):  # what email raises on broken mail
        return b""
    return b"\r\n".join(text.splitlines()) + b"\r\n"


def _is_plain(text: bytes) -> bool:
    return (
        len(text) > 2
        and text.isascii()
        and b"\0" not in text
        and all(len(line) <= _LONGEST_LINE for line in text.split(b"\r\n"))
    )
