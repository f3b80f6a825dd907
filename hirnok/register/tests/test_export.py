import json

from hirnok.register import answers, export
from tests.world import World


def test_it_exports_what_is_held_about_a_person_ready_for_json(world: World) -> None:
    found = export.about(world.alma, world.dora.person_id)

    (contact,) = found["contacts.Contact"]
    assert contact["email"] == "dora@example.hu"
    assert contact["for"]["activity"] == "newsletter"
    assert found["contacts.Subscription"][0]["list"] == "Olvasók"
    assert "emil" not in json.dumps(found)


def test_it_knows_nobody_of_another_tenant(world: World) -> None:
    assert export.about(world.barack, world.dora.person_id) == {}


def test_it_never_exports_credentials(world: World) -> None:
    found = export.about(world.operator, world.anna.holding.person_id)

    assert found["accounts.User"][0]["email"] == "anna@hirnok.example"
    assert "password" not in found["accounts.User"][0]


def test_it_says_why_something_is_held(world: World) -> None:
    (answer,) = answers.why_held(world.alma, world.dora.person_id, "hu")

    assert (answer.activity, answer.until, answer.restricted) == ("Hírlevél", None, False)
    assert str(answer.basis) == "Consent of the person"
    assert str(answer.source) == "Given by the person"
