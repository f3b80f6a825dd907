"""What every package says of its columns: which are personal, and by which way they hang from a holding.

Each module in `settings.DECLARING` has `DECLARATIONS`, a tuple of `Declaration`. From this one place come the
start-up checks (`checks`), export, closing, the register and the canary test. Keys (primary and foreign) need
no line: they hold numbers only. `held` is for rows below a holding, `unheld` for those that never concern a
person, `pseudonymous`, `short_lived` and `adopted` for the exceptions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models


@dataclass(frozen=True)
class Personal:
    """A column that tells something of a person.

    `binary`: the content of a file; `of`: for a foreign key, the column of the other row that says it in words.
    """

    category: str
    given_by_person: bool = False
    exported: bool = True
    binary: bool = False
    of: str = ""


@dataclass(frozen=True)
class NotPersonal:
    """A column that tells nothing of a person, and why that is so."""

    reason: str


KEY = NotPersonal("a key: a number that only joins rows")
Columns = Mapping[str, Personal | NotPersonal]

ADDRESS = Personal("e-mail address", given_by_person=True)
NAME = Personal("name", given_by_person=True)
LANGUAGE = Personal("language", given_by_person=True)
OWN_FIELDS = Personal("further fields", given_by_person=True)
BEHAVIOUR = Personal("opens and clicks")
SENDING = Personal("mails sent and what became of them")
CONSENT = Personal("circumstances of the sign-up")
ACCOUNT = Personal("user account")
CREDENTIAL = Personal("credentials", exported=False)
PSEUDONYM = Personal("pseudonym", exported=False)


@dataclass(frozen=True)
class Declaration:
    """One model: its columns, and how its rows end."""

    model: str
    columns: Columns
    holding: str = ""  # the path to the holding: "holding", "contact__holding"
    activities: tuple[str, ...] = ()
    anonymised_by: str = ""  # the foreign key that the database sets to NULL when the holding ends
    expires: str = ""  # the path to the instant at which the row goes by itself
    trace: str = ""  # the column with the blind index by which an erased person's rows are found
    outlives: bool = False  # an expiry, as no erasure, leaves the traced rows to their own instant
    kept: str = ""  # why pseudonymous rows stay without a holding
    adopted: bool = False  # a table of somebody else, classified as a whole

    def of_model(self) -> type[models.Model]:
        """Return the model class."""
        return apps.get_model(self.model)

    def personal(self) -> dict[str, Personal]:
        """Return the personal columns by field name."""
        return {name: kind for name, kind in self.columns.items() if isinstance(kind, Personal)}

    def exported(self) -> dict[str, Personal]:
        """Return those that a person's export shows."""
        return {name: kind for name, kind in self.personal().items() if kind.exported}

    def categories(self) -> set[str]:
        """Return the data categories that an activity of the register has to cover."""
        return {kind.category for kind in self.personal().values()}


@dataclass(frozen=True)
class Table:
    """A table that has no model: of the jobs, of Django."""

    name: str
    reason: str
    columns: tuple[str, ...] = field(default=())


def held(
    model: str,
    by: str,
    *activities: str,
    plain: Mapping[str, str] | None = None,
    anonymised_by: str = "",
    expires: str = "",
    **personal: Personal,
) -> Declaration:
    """Declare rows below a holding; `plain` says per reason which columns are not personal: {reason: "a b"}."""
    return Declaration(
        model,
        {**_plain(plain), **personal},
        holding=by,
        activities=activities,
        anonymised_by=anonymised_by,
        expires=expires,
    )


def unheld(model: str, plain: Mapping[str, str] | None = None) -> Declaration:
    """Declare rows that concern no person."""
    return Declaration(model, _plain(plain))


def pseudonymous(
    model: str, kept: str, *activities: str, plain: Mapping[str, str], **personal: Personal
) -> Declaration:
    """Declare rows without a holding in which a person is only a keyed hash, and why they stay."""
    return Declaration(model, {**_plain(plain), **personal}, activities=activities, kept=kept)


def short_lived(
    model: str,
    expires: str,
    *activities: str,
    plain: Mapping[str, str] | None = None,
    trace: str = "",
    outlives: bool = False,
    **personal: Personal,
) -> Declaration:
    """Declare rows outside holdings that go at an instant of their own, found by `trace` before that.

    With `outlives` only an erasure takes them earlier, not that the person's last holding expires.
    """
    return Declaration(
        model,
        {**_plain(plain), **personal},
        activities=activities,
        expires=expires,
        trace=trace,
        outlives=outlives,
    )


def adopted(model: str, reason: str) -> Declaration:
    """Declare a third party's table without personal data as a whole."""
    return Declaration(model, {"*": NotPersonal(reason)}, adopted=True)


@cache
def declared() -> dict[str, Declaration]:
    """Return every declaration by model label; a model declared twice is a ValueError."""
    found: dict[str, Declaration] = {}
    for declaration in _listed(Declaration):
        label = apps.get_model(declaration.model)._meta.label
        if label in found:
            raise ValueError(f"{label} is declared twice")
        found[label] = declaration
    return found


@cache
def tables() -> dict[str, Table]:
    """Return the tables without a model that are declared."""
    return {table.name: table for table in _listed(Table)}


def categories() -> dict[str, set[str]]:
    """Return by activity the data categories that are held for it; a register has to cover them."""
    found: dict[str, set[str]] = {}
    for declaration in declared().values():
        for code in declaration.activities:
            found.setdefault(code, set()).update(declaration.categories())
    return found


def below_holdings() -> Iterator[Declaration]:
    """Yield those with personal data that hang from a holding."""
    return (d for d in declared().values() if d.holding and d.personal())


def traces(*, expired: bool) -> Iterator[tuple[type[models.Model], str]]:
    """Yield the models outside holdings in which a person who was erased, or is `expired`, is deleted, and by
    which column the person is found."""
    for d in declared().values():
        if d.trace and not (expired and d.outlives):
            yield d.of_model(), d.trace


def expiring() -> Iterator[tuple[type[models.Model], str]]:
    """Yield the models whose rows go by an instant of their own, and the path to it."""
    return ((d.of_model(), d.expires) for d in declared().values() if d.expires)


def has_tenant(model: type[models.Model]) -> bool:
    """Whether a model's rows belong to tenants."""
    return any(field.name == "tenant" for field in model._meta.fields)


def _listed(kind: type[Any]) -> Iterator[Any]:
    for path in settings.DECLARING:
        for one in import_module(path).DECLARATIONS:
            if isinstance(one, kind):
                yield one


def _plain(reasons: Mapping[str, str] | None) -> dict[str, NotPersonal]:
    return {
        name: NotPersonal(reason)
        for reason, names in (reasons or {}).items()
        for name in names.split()
    }
