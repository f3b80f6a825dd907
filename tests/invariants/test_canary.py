"""The canary: a value found nowhere else in every personal column of every model; where it must be, and where not.

The export has each; after the erasure nothing has one: no table (decoded: base64, bytea, JSON, gzip), no file of
the data folder, no job, no log. After one purpose is withdrawn, only that purpose's are gone.
"""

import base64
import gzip
import itertools
import json
import logging
import re
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from hirnok.lib import env
from hirnok.register import closing, declarations, export
from hirnok.register.closing import Reason
from hirnok.register.declarations import Declaration
from hirnok.register.models import Activity, Holding, Person
from tests.invariants.making import Maker
from tests.world import NOON, World

pytestmark = pytest.mark.django_db
# Too small to be unique: states, codes, countries. They are made, exported and erased, but not looked for.
SMALL = (
    models.SmallIntegerField,
    models.IntegerField,
    models.BooleanField,
    models.DecimalField,
)
SHORT = 12


class Canaries:
    """Makes the values and remembers them by where they are: `contacts.Contact.email` -> text to look for."""

    def __init__(self, index: bytes) -> None:
        self.index, self.texts = index, dict[str, str]()
        self._numbers = itertools.count(1)

    def __call__(self, where: str, field: "models.Field[Any, Any]") -> Any:
        number = next(self._numbers)
        kind = declarations.declared()[where.rsplit(".", 1)[0]].personal()[field.name]
        if kind == declarations.PSEUDONYM:
            return [self.index] if isinstance(field, ArrayField) else self.index
        if isinstance(field, SMALL):
            return 1
        if (field.max_length or 99) < SHORT:  # a language, a country
            return "hu"[: field.max_length]
        value, self.texts[where] = _canary(field, number)
        return value

    def found_in(self, text: str) -> set[str]:
        """Return where the canaries came from that a decoded text has."""
        return {where for where, canary in self.texts.items() if canary in text}


def _canary(field: "models.Field[Any, Any]", number: int) -> tuple[Any, str]:
    """A value for a column, and the text by which it is found when decoded."""
    text = f"canary{number:04d}@x.example"
    if isinstance(field, models.DateTimeField):
        instant = NOON + timedelta(days=3650 + number, microseconds=100_003 + number * 7)
        return instant, f"{instant:%Y-%m-%d %H:%M:%S.%f}"
    if isinstance(field, models.DateField):
        day = (NOON + timedelta(days=36500 + number)).date()  # of no instant above
        return day, day.isoformat()
    if isinstance(field, models.BinaryField):
        return gzip.compress(text.encode(), mtime=0), text
    if isinstance(field, models.JSONField):
        return {"key": [base64.b64encode(text.encode()).decode()]}, text
    return text, text


def _personal() -> list[Declaration]:
    return [d for d in declarations.declared().values() if d.personal() and not d.kept]


def _decoded(value: Any) -> Iterator[str]:
    """A value as text, and what is packed in it: bytes, gzip, base64, JSON, as deep as it goes."""
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        yield raw.decode("utf-8", "replace")
        if raw[:2] == b"\x1f\x8b":
            try:
                yield from _decoded(gzip.decompress(raw))
            except (OSError, EOFError, zlib.error):
                return
        return
    if isinstance(value, datetime):
        yield f"{value:%Y-%m-%d %H:%M:%S.%f}"
        return
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    yield text
    for part in re.findall(r"[A-Za-z0-9+/_-]{16,}={0,2}", text):
        try:
            yield from _decoded(base64.b64decode(part, validate=True))
        except ValueError:
            continue


def _everything_in_the_database() -> str:
    """A data-only dump with everything in it decoded: each table, each column."""
    texts: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE nspname = 'public' AND relkind IN ('r', 'p', 'm')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                for value in row:
                    texts += _decoded(value)
    return "\n".join(texts)


def _everything_in_the_data_folder() -> str:
    texts: list[str] = []
    for path in env.var().rglob("*"):
        if path.is_file():
            texts += _decoded(path.read_bytes())
    return "\n".join(texts)


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))


@pytest.fixture
def canaries(world: World) -> Canaries:
    return Canaries(b"\x07" * 16)


@pytest.fixture
def maker(world: World, canaries: Canaries) -> Maker:
    """A person of Alma with a row in every model that holds personal data."""
    maker = Maker(
        world.alma,
        canary=canaries,
        **{"tenants.Brand": world.alma_brand, "contacts.List": world.alma_list},
    )
    activity = Activity.objects.get(tenant=world.alma, code="newsletter")
    maker.made["register.Activity"] = activity
    for declaration in _personal():
        maker.of(declaration.of_model())
    return maker


def _holdings(maker: Maker) -> list[int]:
    person = maker.made["register.Person"]
    return list(Holding.objects.filter(person=person).values_list("pk", flat=True))


def _end_all(maker: Maker) -> closing.Ended:
    return closing.end(
        maker.tenant, _holdings(maker), reason=Reason.ERASED, actor="user:1", at=NOON
    )


def test_every_personal_column_has_a_canary(canaries: Canaries, maker: Maker) -> None:
    large = {
        f"{d.model}.{name}"
        for d in _personal()
        for name, kind in d.personal().items()
        if not isinstance(field := d.of_model()._meta.get_field(name), (*SMALL, models.ForeignKey))
        if not field.choices
        and (field.max_length or 99) >= SHORT
        and kind != declarations.PSEUDONYM
    }
    assert set(canaries.texts) == large
    assert canaries.found_in(_everything_in_the_database()) == set(canaries.texts)


def test_the_export_has_each(canaries: Canaries, maker: Maker) -> None:
    found = export.about(maker.tenant, maker.made["register.Person"].pk)

    for declaration in declarations.below_holdings():
        (label,) = {declaration.of_model()._meta.label}
        rows = found[label] if declaration.exported() else []
        for row in rows:
            assert set(row) - {"for"} == set(declaration.exported())
    exported = {
        f"{d.model}.{name}" for d in declarations.below_holdings() for name in d.exported()
    } & set(canaries.texts)
    assert canaries.found_in("\n".join(_decoded_export(found))) == exported


def test_nothing_has_one_after_the_erasure(
    canaries: Canaries, maker: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        _end_all(maker)

    assert not Person.objects.filter(pk=maker.made["register.Person"].pk).exists()
    gone_later = {  # by an instant of their own, and not known by a blind index
        where
        for where in canaries.texts
        if (d := declarations.declared()[where.rsplit(".", 1)[0]]).expires
        and not (d.trace or d.holding)
    }
    anonymous = {  # no longer anybody's: the reference is empty
        where
        for where in canaries.texts
        if declarations.declared()[where.rsplit(".", 1)[0]].anonymised_by
    }
    left = canaries.found_in(_everything_in_the_database())
    assert left <= gone_later | anonymous
    assert "blind_indexes" in (files := _everything_in_the_data_folder())
    assert canaries.found_in(files) == set()
    assert canaries.found_in(caplog.text) == set()
    for where in anonymous:
        d = declarations.declared()[where.rsplit(".", 1)[0]]
        row = d.of_model()._default_manager.get(pk=maker.of(d.of_model()).pk)
        for name in d.anonymised_by.split("__"):
            row = getattr(row, name)
        assert row is None


def test_only_the_canaries_of_the_purpose_withdrawn_are_gone(
    canaries: Canaries, maker: Maker
) -> None:
    contact = maker.made["contacts.Contact"].holding_id
    below = {
        d.model
        for d in declarations.below_holdings()
        if not d.anonymised_by and _root(d, maker) == contact
    }
    assert "contacts.Contact" in below and "outbox.Letter" not in below

    closing.end(maker.tenant, [contact], reason=Reason.WITHDRAWN, actor="person", at=NOON)

    left = canaries.found_in(_everything_in_the_database())
    gone = {
        where
        for where in canaries.texts
        if where.rsplit(".", 1)[0] in below
        or declarations.declared()[where.rsplit(".", 1)[0]].trace
    } - {f"register.Holding.{name}" for name in ("held_since", "expires_at", "restricted_at")}
    assert set(canaries.texts) - left == gone


def _root(declaration: Declaration, maker: Maker) -> int:
    """The id of the holding that the canary's row of a model hangs from."""
    row = maker.of(declaration.of_model())
    if declaration.holding == "self":
        return 0
    for name in declaration.holding.split("__"):
        row = getattr(row, name)
    return int(row.pk)


def _decoded_export(found: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    text = json.dumps(found)
    yield from _decoded(text)
    yield text.replace("T", " ")
