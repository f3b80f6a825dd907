"""Making a valid row of any model, with its parents: for tests that go through all models there are.

A value is made from the column's type; `SPECIAL` has those that a constraint of the database asks for. With a
`canary` every personal column gets a value that is found nowhere else.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from hirnok.register import declarations
from hirnok.register.models import Holding
from hirnok.tenants.models import Tenant
from tests.world import NOON

SPECIAL: dict[str, Any] = {
    "accounts.Policy.second_factor": False,  # it would lead every page elsewhere
    "breaches.ViolationClaim.language": "hu",
    "breaches.ToldPerson.language": "hu",
    "consent.FormText.language": "hu",
    "consent.ConsentText.language": "hu",
    "consent.PendingSignUp.language": "hu",
    "contacts.Field.key": "a_key",
    "processing.Agreement.language": "hu",
    "register.Suppression.reason": "staff",
    "register.Suppression.applies_to": "marketing",
    "register.Suppression.scope": "tenant",
    "tenants.Brand.measurement": "individual",
    "tenants.Image.content_type": "image/png",
    "outbox.Message.measurement": "individual",
    "outbox.Message.policy": "repeat",
    "rights.Claim.language": "hu",
    "rights.Outcome.kind": "failed",
    "rights.Request.language": "hu",
    "campaigns.Campaign.policy": "repeat",
    "campaigns.Campaign.time_zone": "Europe/Budapest",
    "campaigns.Campaign.body": "Hello",
    "campaigns.Campaign.subject": "Hello",
    "campaigns.Campaign.status": "sent",
    "campaigns.Campaign.launched_at": NOON,
    "campaigns.Campaign.audience_size": 1,
}
FILLED = {  # references that may be empty, but are not here
    "campaigns.Campaign.message",
    "outbox.Route.brand",
    "register.Holding.brand",
    "tenants.Image.brand",
}
Canary = Callable[[str, "models.Field[Any, Any]"], Any]


class Maker:
    """Rows of one tenant, one a model, all with the same id where that can be given."""

    def __init__(
        self,
        tenant: Tenant,
        *,
        number: int | None = None,
        canary: Canary | None = None,
        **known: Any,
    ) -> None:
        self.tenant, self.number, self.canary = tenant, number, canary
        self.rooted = False
        self.made: dict[str, Any] = {"tenants.Tenant": tenant, **known}

    def of(self, model: type[models.Model]) -> Any:
        """Return the row of a model, made with its parents at the first call."""
        label = model._meta.label
        if label not in self.made:
            self.made[label] = self._create(model)
        return self.made[label]

    def _create(self, model: type[models.Model]) -> Any:
        values = {
            field.name: self._value(model, field)
            for field in model._meta.concrete_fields
            if not isinstance(field, models.CompositePrimaryKey)
        }
        values = {name: value for name, value in values.items() if value is not _LEAVE}
        made = model._default_manager.create(**values)
        stamped = {  # by Django while saving, whatever was given
            field.name: values[field.name]
            for field in model._meta.concrete_fields
            if field.name in values and _stamps(field)
        }
        if stamped:
            model._default_manager.filter(pk=made.pk).update(**stamped)
        return made

    def _value(self, model: type[models.Model], field: "models.Field[Any, Any]") -> Any:
        where = f"{model._meta.label}.{field.name}"
        if isinstance(field, models.ForeignKey):
            return self._reference(model, field)
        if field.primary_key:
            explicit = self.number is not None or not isinstance(field, models.AutoField)
            return (self.number or 1) if explicit else _LEAVE
        if self.canary and not field.choices:
            declared = declarations.declared()[model._meta.label]
            if field.name in declared.personal():
                return self.canary(where, field)
        if where in SPECIAL:
            return SPECIAL[where]
        return (
            _LEAVE
            if field.null or field.has_default() or field.has_db_default()
            else self._plain(field)
        )

    def _reference(self, model: type[models.Model], field: "models.ForeignKey[Any, Any]") -> Any:
        target = field.related_model
        if isinstance(field, models.OneToOneField) and target is Holding:
            return self._holding_for(model)
        declared = declarations.declared()[model._meta.label]
        on_the_way = field.name == declared.holding.split("__")[0]
        filled = on_the_way or f"{model._meta.label}.{field.name}" in FILLED
        if (field.null and not filled) or target is model:
            return None
        return self.of(target)

    def _holding_for(self, model: type[models.Model]) -> Any:
        """A holding of its own for a root of personal data; the first of them is the one others hang from."""
        if not self.rooted:
            self.rooted = True
            return self.of(Holding)
        number, self.number = self.number, None
        try:
            return self._create(Holding)
        finally:
            self.number = number

    def _plain(self, field: "models.Field[Any, Any]") -> Any:
        if field.choices:
            return field.choices[0][0]
        for kind, value in _PLAIN:
            if isinstance(field, kind):
                return value(self.number or 1)
        raise AssertionError(f"say how to make a {type(field).__name__}")


def _stamps(field: "models.Field[Any, Any]") -> bool:
    return isinstance(field, models.DateTimeField) and (field.auto_now or field.auto_now_add)


_LEAVE = object()
_PLAIN: tuple[tuple[type["models.Field[Any, Any]"], Callable[[int], Any]], ...] = (
    (models.DateTimeField, lambda number: NOON + timedelta(days=3650)),
    (models.DateField, lambda number: date(2026, 11, 2)),
    (models.BooleanField, lambda number: False),
    (models.IntegerField, lambda number: 1),
    (models.JSONField, lambda number: {}),
    (models.BinaryField, lambda number: str(number).encode()),
    (models.CharField, lambda number: f"x{number}"),
    (models.TextField, lambda number: f"x{number}"),
    (ArrayField, lambda number: []),
)
