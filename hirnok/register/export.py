"""Everything a tenant holds about a person, as structured data: what the declarations say is exported.

Ready for JSON: instants as ISO 8601, amounts as text, contents of files as base64. Rows are grouped by model; each names the
activity, basis and time of its holding. Keys and hashes are left out: they say nothing to the person.
"""

import base64
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from hirnok.register.declarations import Declaration, below_holdings
from hirnok.register.models import Holding
from hirnok.tenants.models import Tenant

Row = dict[str, Any]


def about(
    tenant: Tenant,
    person_id: int,
    *,
    only: models.Q | None = None,
    packages: Collection[str] = (),
) -> dict[str, list[Row]]:
    """Return the rows about a person of the tenant by model label, of all holdings or `only` of some, of all
    packages (by app label) or of these; {} for somebody unknown."""
    holdings = {
        holding.pk: _tie(holding)
        for holding in Holding.objects.of(tenant)
        .filter(only or models.Q(), person_id=person_id)
        .select_related("activity")
        .order_by("pk")
    }
    if not holdings:
        return {}
    found = {
        declaration.model: _rows(declaration, holdings)
        for declaration in below_holdings()
        if declaration.exported()
        and (not packages or declaration.model.partition(".")[0] in packages)
    }
    return {label: rows for label, rows in found.items() if rows}


def _tie(holding: Holding) -> Row:
    return {
        "activity": holding.activity.code,
        "legal_basis": holding.legal_basis,
        "held_since": _plain(holding.held_since),
    }


def _rows(declaration: Declaration, holdings: dict[int, Row]) -> list[Row]:
    """The rows of one model below these holdings; holdings of another tenant are not among them."""
    path = "pk" if declaration.holding == "self" else declaration.holding
    columns = {
        name: f"{name}__{kind.of}" if kind.of else name
        for name, kind in declaration.exported().items()
    }
    rows = (
        declaration.of_model()
        ._default_manager.filter(**{f"{path}__in": list(holdings)})
        .order_by("pk")
        .values(*columns.values(), holding_=models.F(path))
    )
    return [
        {name: _plain(row[column]) for name, column in columns.items()}
        | {"for": holdings[row["holding_"]]}
        for row in rows
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value
