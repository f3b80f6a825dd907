"""How forms stand: what came of them in the last thirty days, from counts without persons."""

from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum

from hirnok.consent.models import Form, FormCount
from hirnok.consent.signing_up import REFUSED, Outcome
from hirnok.tenants.models import Tenant

DAYS = timedelta(days=30)


def forms(tenant: Tenant, at: datetime) -> list[Form]:
    """Return all forms, those that are open first, with `asked` and `confirmed` of thirty days."""
    sums: dict[tuple[int, str], int] = {
        (row["form_id"], row["outcome"]): row["sum"]
        for row in _since(FormCount.objects.of(tenant), at)
        .values("form_id", "outcome")
        .annotate(sum=Sum("count"))
    }
    rows = list(Form.objects.of(tenant).select_related("list__brand"))
    for form in rows:
        form.asked = sums.get((form.pk, Outcome.ASKED), 0)
        form.confirmed = sums.get((form.pk, Outcome.CONFIRMED), 0)
    return sorted(rows, key=lambda one: (one.closed_at is not None, one.name.casefold()))


def counts(form: Form, at: datetime) -> dict[str, int]:
    """Return what came of a form in thirty days: asked, confirmed, refused."""
    rows = _since(FormCount.objects.filter(tenant_id=form.tenant_id, form=form), at)
    sums = dict(rows.values_list("outcome").annotate(sum=Sum("count")))
    return {
        "asked": sums.get(Outcome.ASKED, 0),
        "confirmed": sums.get(Outcome.CONFIRMED, 0),
        "refused": sum(count for outcome, count in sums.items() if outcome in REFUSED),
    }


def _since(rows: QuerySet[FormCount], at: datetime) -> QuerySet[FormCount]:
    return rows.filter(day__gt=(at - DAYS).date())
