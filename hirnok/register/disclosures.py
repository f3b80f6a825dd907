"""That data of a person were really handed to somebody: told in copies, and these are told of corrections (Art. 15, 19)."""

from collections.abc import Iterable
from datetime import datetime

from hirnok.register.models import Disclosure, Holding
from hirnok.tenants.models import Tenant


def record(  # noqa: PLR0913 - the columns of the row
    tenant: Tenant | int,
    holdings: Iterable[Holding],
    *,
    recipient: str,
    reason: str,
    actor: str,
    at: datetime,
    address: str = "",
    categories: Iterable[str] = (),
) -> int:
    """Write down for each holding who got its data, when and why; returns for how many."""
    made = [
        Disclosure(
            tenant_id=tenant if isinstance(tenant, int) else tenant.pk,
            holding=one,
            recipient=recipient,
            address=address,
            categories=sorted(categories),
            reason=reason,
            at=at,
            actor=actor,
        )
        for one in holdings
    ]
    return len(Disclosure.objects.bulk_create(made))
