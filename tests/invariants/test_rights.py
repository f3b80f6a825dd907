"""The matrices of docs/privacy.md are true: what each right does in each package and on each legal basis.

The tables are what is expected; every cell is tried on a person of whom there is a row in every model. A package, a right
or a legal basis without a cell fails, and so does a cell that names a test that is not there.
"""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import models

from hirnok.outbox.models import Letter
from hirnok.register import declarations, holdings
from hirnok.register.models import Activity, Holding, LegalBasis, Person
from hirnok.register.readymade import SIGN_UP_PROOF
from hirnok.rights import (
    copying,
    erasing,
    objecting,
    outcomes,
    portability,
    rectifying,
    restricting,
    withdrawing,
)
from hirnok.rights.outcomes import Kind, Outcome
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from tests.invariants.layers import ROOT
from tests.invariants.making import Maker
from tests.world import NOON, World

pytestmark = pytest.mark.django_db
DOCUMENT = ROOT / "docs" / "privacy.md"
BY: Any = {"actor": "user:1", "at": NOON}
Doing = Callable[[Tenant, bytes], list[Outcome]]
RIGHTS: dict[str, Doing] = {
    "access": lambda tenant, index: copying.copy_of(tenant, index, "hu", NOON).outcomes,
    "portability": portability.answer,
    "rectification": lambda tenant, index: rectifying.rectify(
        tenant, index, {"first_name": "Dorottya"}, **BY
    ),
    "erasure": lambda tenant, index: erasing.erase(tenant, index, "unnecessary", **BY),
    "restriction": lambda tenant, index: restricting.restrict(tenant, index, "accuracy", **BY),
    "objection": lambda tenant, index: objecting.object_to(tenant, index, [], **BY),
    "withdrawal": lambda tenant, index: withdrawing.withdraw(tenant, index, [], **BY),
}
NOTHING = "–"


def _table(heading: str) -> dict[str, dict[str, str]]:
    """Return a table of the document by the first cell of the row and by the heading of the column."""
    _before, _heading, text = DOCUMENT.read_text().partition(f"**{heading}**")
    assert text, f"docs/privacy.md has no table {heading}"
    lines = [line for line in text.partition("\n\n**")[0].splitlines() if line.startswith("|")]
    first, _rule, *rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines
    ]
    return {row[0]: dict(zip(first[1:], row[1:], strict=True)) for row in rows}


MODULES = _table("What each right does in each package")
BASES = _table("What each right does on each legal basis")


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))


@pytest.fixture
def everything(world: World) -> Maker:
    """A person of Alma with a row in every model below a holding, held for what the package declares."""
    index = holdings.index_of(world.alma.pk, "minden@example.hu")
    person = Person.objects.create(tenant=world.alma, blind_index=index)
    known: dict[str, Any] = {"tenants.Brand": world.alma_brand, "contacts.List": world.alma_list}
    maker = Maker(world.alma, **known | {"register.Person": person})
    Activity.objects.filter(tenant=world.alma).update(active=True)
    maker.made["register.Activity"] = Activity.objects.get(tenant=world.alma, code="newsletter")
    for declaration in declarations.below_holdings():
        maker.of(declaration.of_model())
    for declaration in declarations.below_holdings():
        _held_as_declared(maker, declaration)
    return maker


def _held_as_declared(maker: Maker, declaration: declarations.Declaration) -> None:
    """Let each root of personal data hang from a holding of its own, for the activity that its package declares."""
    if declaration.holding != "holding":
        return
    model, row = declaration.of_model(), maker.of(declaration.of_model())
    activity = Activity.objects.get(tenant=maker.tenant, code=declaration.activities[0])
    held = {"activity": activity, "legal_basis": activity.purposes[0]["grounds"][0]["basis"]}
    if isinstance(model._meta.get_field("holding"), models.OneToOneField):
        Holding.objects.filter(pk=row.holding_id).update(**held)
        return
    own = Holding.objects.create(
        tenant=maker.tenant, person=maker.made["register.Person"], held_since=NOON, **held
    )
    model._default_manager.filter(pk=row.pk).update(holding=own)


def _cell(found: list[Outcome], module: str) -> str:
    """Return what a package answered, as the tables say it: kinds, with the articles that they rest on."""
    told = {
        f"{one.kind} {one.article}".strip()
        for one in found
        if one.module == module and one.kind is not Kind.NONE_FOUND
    }
    return ", ".join(sorted(told)) or NOTHING


def _do(right: str, tenant: Tenant, index: bytes) -> list[Outcome]:
    with acting_for(tenant):
        return RIGHTS[right](tenant, index)


def _rows(maker: Maker) -> dict[str, int]:
    """Return how many rows there are of the person, by model."""
    person = maker.made["register.Person"]
    found: dict[str, int] = {}
    for one in declarations.below_holdings():
        path = "person" if one.holding == "self" else f"{one.holding}__person"
        found[one.model] = one.of_model()._default_manager.filter(**{path: person}).count()
    return found


def test_every_package_and_every_right_has_a_cell() -> None:
    assert set(MODULES) - {"journey"} == outcomes.modules()
    assert set(BASES) == set(LegalBasis.values)
    for row in (*MODULES.values(), *BASES.values()):
        assert set(row) == set(RIGHTS)
        assert "" not in row.values()


def test_every_journey_that_is_named_is_there() -> None:
    for right, name in MODULES["journey"].items():
        path = ROOT / name
        named = [
            one.name
            for one in ast.walk(ast.parse(path.read_text()))
            if isinstance(one, ast.FunctionDef)
        ]
        assert any(one.startswith("test_") for one in named), (right, name)


@pytest.mark.parametrize("right", list(RIGHTS))
def test_what_each_right_does_in_each_package(everything: Maker, right: str) -> None:
    before = _rows(everything)
    assert all(before.values()), "there is a row in every model"
    index = bytes(everything.made["register.Person"].blind_index)

    found = _do(right, everything.tenant, index)

    told = {module: _cell(found, module) for module in outcomes.modules()}
    assert told == {module: MODULES[module][right] for module in outcomes.modules()}
    after = _rows(everything)
    for module in outcomes.modules():
        kinds = {one.kind for one in found if one.module == module}
        mine = {label for label in before if label.partition(".")[0] == module}
        if right == "erasure" and kinds == {Kind.REMOVED}:
            assert not any(after[label] for label in mine), f"{module} says that it is gone"
        if Kind.REMOVED not in kinds and right != "objection":
            assert {label: after[label] for label in mine} == {
                label: before[label] for label in mine
            }
    if right == "withdrawal":
        rest = Holding.objects.filter(
            person=everything.made["register.Person"], legal_basis=LegalBasis.CONSENT
        )
        assert not rest.exclude(activity__code=SIGN_UP_PROOF).exists()


@pytest.mark.parametrize("basis", LegalBasis.values)
def test_what_each_right_does_on_each_legal_basis(world: World, basis: str) -> None:
    Activity.objects.filter(tenant=world.alma, code="customers").update(active=True)
    told = {}
    for right in RIGHTS:
        address = f"{basis}.{right}@example.hu"
        with acting_for(world.alma):
            holding = holdings.open_holding(
                world.alma, address=address, activity="customers", legal_basis=basis, at=NOON
            )
        Letter.objects.create(
            tenant=world.alma,
            holding=holding,
            recipient=address,
            return_path="hirlevel@alma.example",
            data=b"x",
            next_at=NOON,
            created_at=NOON,
            expires_at=NOON,
        )
        found = _do(right, world.alma, holdings.index_of(world.alma.pk, address))
        told[right] = _cell(found, "outbox")
        removed = "removed" in told[right]
        assert Holding.objects.filter(pk=holding.pk).exists() != removed
        frozen = Holding.objects.filter(pk=holding.pk, restricted_at__isnull=False).exists()
        assert frozen == ("restricted" in told[right])
    assert told == BASES[basis]


def test_what_is_taken_along_comes_from_those_who_say_so(everything: Maker) -> None:
    index = bytes(everything.made["register.Person"].blind_index)
    with acting_for(everything.tenant):
        taken = portability.given(everything.tenant, index, NOON)["data"]
        said = portability.answer(everything.tenant, index)
    assert "contacts.Contact" in taken
    assert {label.partition(".")[0] for label in taken} <= {
        one.module for one in said if one.kind is Kind.EXPORTED
    }


def test_the_copy_has_a_table_for_every_model_with_something_to_tell(everything: Maker) -> None:
    index = bytes(everything.made["register.Person"].blind_index)
    with acting_for(everything.tenant):
        copy = copying.copy_of(everything.tenant, index, "hu", NOON)
    told = {one.model for one in declarations.below_holdings() if one.exported()}
    assert told <= set(copy.data["data"])
