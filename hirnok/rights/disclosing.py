"""Data handed to an authority on its lawful order: recorded with the order itself (A5, C13).

Promises: nothing is recorded without the order, its number and the law; unless the law forbids telling, the person
finds it in a copy of the own data among the recipients.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from hirnok.register import holdings
from hirnok.register.models import LegalBasis
from hirnok.register.readymade import AUTHORITIES
from hirnok.rights import scans
from hirnok.rights.models import Order
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant


class NoSecrecyReason(Exception):
    """That the person is not told has to rest on a law, which has to be named."""


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
    holding = holdings.open_holding(
        tenant,
        address=ordered.address,
        activity=AUTHORITIES,
        legal_basis=LegalBasis.LEGAL_OBLIGATION,
        at=at,
    )
    order: Order = Order.objects.create(
        holding=holding,
        tenant=tenant,
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
    audit.record(tenant, "order.record", actor=actor, at=at, about=order)
    return order
