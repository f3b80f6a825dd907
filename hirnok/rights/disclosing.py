"""Data handed to an authority on its lawful order: recorded with the order itself (A5, C13).

Promises: nothing is recorded without the order, its number and the law; the person finds it in a copy of the own data
among the recipients. While the law forbids telling, it hangs from a holding that is not the person's and nothing
that the person can ask for shows it; `reveal` ends that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from hirnok.register import closing, disclosures, holdings
from hirnok.register.models import LegalBasis
from hirnok.register.readymade import AUTHORITIES
from hirnok.rights import scans
from hirnok.rights.models import Order
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant


class NoSecrecyReason(Exception):
    """That the person is not told has to rest on a law, which has to be named."""


class NotSecret(Exception):
    """The person may know of it already."""


@dataclass(frozen=True)
class Ordered:
    """What the order says, and what was handed out. `address` is normalised."""

    address: str
    authority: str
    number: str
    ordered_on: date
    legal_basis: str
    handed_out: str
    categories: Sequence[str] = field(default=())
    is_secret: bool = False
    secret_reason: str = ""


@transaction.atomic
def record(tenant: Tenant, ordered: Ordered, document: bytes, *, actor: str, at: datetime) -> Order:
    """Record that data of a person were handed to an authority; scans.NotAScan, NoSecrecyReason, NotInRegister."""
    if ordered.is_secret and not ordered.secret_reason.strip():
        raise NoSecrecyReason
    kind = scans.kind_of(document)
    key = f"order:{ordered.authority} {ordered.number}" if ordered.is_secret else ordered.address
    holding = holdings.open_holding(
        tenant,
        address=key,
        activity=AUTHORITIES,
        legal_basis=LegalBasis.LEGAL_OBLIGATION,
        at=at,
    )
    order: Order = Order.objects.create(
        holding=holding,
        tenant=tenant,
        address=ordered.address,
        authority=ordered.authority,
        number=ordered.number,
        ordered_on=ordered.ordered_on,
        legal_basis=ordered.legal_basis,
        categories=list(ordered.categories),
        handed_out=ordered.handed_out,
        handed_out_at=at,
        handed_out_by=actor,
        is_secret=ordered.is_secret,
        secret_reason=ordered.secret_reason if ordered.is_secret else "",
        document=document,
        document_type=kind,
        digest=scans.digest(document),
    )
    if not order.is_secret:
        _disclose(order)
    audit.record(tenant, "order.record", actor=actor, at=at, about=order)
    return order


@transaction.atomic
def reveal(order: Order, *, actor: str, at: datetime) -> None:
    """Let the person find it from now on: the law forbids it no more. NotSecret."""
    if not order.is_secret:
        raise NotSecret
    before = order.holding
    holding = holdings.open_holding(
        order.tenant,
        address=order.address,
        activity=AUTHORITIES,
        legal_basis=LegalBasis.LEGAL_OBLIGATION,
        at=order.handed_out_at,
    )
    order.holding, order.is_secret = holding, False
    order.save(update_fields=["holding", "is_secret"])
    _disclose(order)
    closing.end(order.tenant, [before.pk], reason=closing.Reason.REPLACED, actor=actor, at=at)
    audit.record(order.tenant_id, "order.reveal", actor=actor, at=at, about=order)


def _disclose(order: Order) -> None:
    disclosures.record(
        order.tenant_id,
        [order.holding],
        recipient=order.authority,
        categories=order.categories,
        reason=f"{order.number}, {order.legal_basis}"[:200],
        at=order.handed_out_at,
        actor=order.handed_out_by,
    )
