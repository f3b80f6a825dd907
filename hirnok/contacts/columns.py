"""What the columns of a file are taken for, as the pages show it and as the user sets it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.forms import BoundField, Form

from hirnok.contacts import imports, lists, wording
from hirnok.contacts.import_forms import NEW_FIELD
from hirnok.contacts.models import Field, Import
from hirnok.contacts.opening import Opened
from hirnok.tenants.models import Tenant

_DETECTED = {"number": Field.Type.NUMBER, "date": Field.Type.DATE, "boolean": Field.Type.BOOLEAN}


@dataclass(frozen=True)
class ShownColumn:
    """A column as the page shows it: its field of the form, why it was taken for that, some cells."""

    header: str
    control: BoundField
    reason: str
    samples: tuple[str, ...]


def shown(opened: Opened, form: Form) -> list[ShownColumn]:
    """Return the columns beside their fields of the form."""
    samples = {one.index: one.samples for one in opened.preview().columns}
    return [
        ShownColumn(
            header=column.header,
            control=form[f"column_{column.index}"],
            reason=""
            if column.reason == "chosen"
            else wording.guess(column.reason, column.details),
            samples=samples.get(column.index, ()),
        )
        for column in opened.mapping.columns
    ]


def chosen(opened: Opened) -> list[tuple[str, str]]:
    """Return header and meaning of each column that is not left out."""
    labels = {field.key: field.label for field in opened.fields}
    return [
        (column.header or f"{column.index + 1}.", wording.target(column.target, labels))
        for column in opened.mapping.columns
        if column.target != "ignore"
    ]


@transaction.atomic
def choose(
    run: Import, opened: Opened, targets: Sequence[str], *, actor: str, at: datetime
) -> None:
    """Set the mapping; columns marked as a new field get one, typed by what they hold. Problem."""
    tenant = Tenant.objects.get(pk=run.tenant_id)
    detected = {one.index: one.detected for one in opened.preview().columns}
    settled: list[str] = []
    for index, target in enumerate(targets):
        if target == NEW_FIELD:
            label = opened.table.header[index][:100] or f"{index + 1}"
            kind = _DETECTED.get(detected.get(index, ""), Field.Type.TEXT)
            target = f"field:{_field(tenant, label, kind, actor, at)}"
        settled.append(target)
    imports.map_columns(run, settled)


def _field(tenant: Tenant, label: str, kind: str, actor: str, at: datetime) -> str:
    known = Field.objects.of(tenant).filter(label__iexact=label).first()
    made = known or lists.create_field(tenant, label=label, type=kind, actor=actor, at=at)
    return str(made.key)
