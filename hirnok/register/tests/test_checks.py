from dataclasses import replace

from hirnok.register import checks, declarations
from hirnok.register.declarations import ADDRESS, Declaration, NotPersonal
from hirnok.register.models import Activity
from tests.world import World

CONTACT = declarations.declared()["contacts.Contact"]


def _problems(declaration: Declaration) -> list[str]:
    return list(checks._of(declaration, declaration.of_model()))


def test_it_finds_nothing_wrong_with_what_is_declared() -> None:
    assert list(checks.problems()) == []


def test_it_finds_a_column_that_nobody_classified() -> None:
    columns = {name: kind for name, kind in CONTACT.columns.items() if name != "first_name"}

    assert _problems(replace(CONTACT, columns=columns)) == ["column first_name is not classified"]


def test_it_finds_a_declared_column_that_is_none() -> None:
    columns = {**CONTACT.columns, "nickname": NotPersonal("no")}

    assert _problems(replace(CONTACT, columns=columns)) == ["declares nickname, which is no column"]


def test_it_finds_personal_columns_that_hang_from_nothing() -> None:
    (problem,) = _problems(replace(CONTACT, holding=""))

    assert problem.startswith("personal columns, but no holding")


def test_it_finds_a_path_that_does_not_lead_to_a_holding() -> None:
    assert "brand does not lead to a holding" in _problems(replace(CONTACT, holding="brand"))


def test_it_finds_a_path_that_does_not_cascade() -> None:
    hit = declarations.declared()["outbox.Hit"]

    assert list(checks._of(replace(hit, anonymised_by=""), hit.of_model())) == [
        "outbox.Delivery.contact is SET NULL on delete, not CASCADE"
    ]


def test_it_finds_an_activity_that_is_not_ready_made() -> None:
    assert _problems(replace(CONTACT, activities=("spying",))) == ["no activity spying"]


def test_it_finds_what_a_register_does_not_cover(world: World) -> None:
    assert checks.gaps(world.alma) == []

    Activity.objects.filter(tenant=world.alma, code="newsletter").update(active=False)

    assert ("newsletter", ADDRESS.category) in checks.gaps(world.alma)
