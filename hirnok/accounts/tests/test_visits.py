"""The operator's staff in a customer's tenant: for a while, seen by the customer, recorded (N8)."""

from datetime import timedelta

import pytest
import time_machine

from hirnok.accounts import people, visiting
from hirnok.accounts.models import Membership, Role
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World


def enter(world: World) -> str:
    return f"/hirnok/settings/tenants/{world.alma.pk}/enter/"


def actions(world: World) -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.filter(action__startswith="maintenance.").order_by("pk")
    return [(row.tenant.slug, row.action, row.actor) for row in rows.select_related("tenant")]


def test_it_enters_is_seen_and_leaves(world: World) -> None:
    olga = world.client(world.olga)
    assert olga.get("/alma/").status_code == 404
    assert "For two hours" in olga.get(enter(world)).text
    assert olga.post(enter(world), {"reason": "asked"})["Location"] == "/alma/"
    assert olga.get("/alma/settings/").status_code == 200
    page = world.client(world.vera).get("/alma/").text
    assert "Olga of the operator is here for maintenance until" in page
    assert "/alma/settings/visit/leave/" not in page
    members = world.client(world.anna).get("/alma/settings/members/").text
    assert "for maintenance until" in members
    assert "Olga of the operator" not in world.client(world.bela).get("/barack/").text
    assert olga.post("/alma/settings/visit/leave/").status_code == 302
    assert olga.get("/alma/").status_code == 404
    assert "Olga" not in world.client(world.vera).get("/alma/").text
    actor = f"user:{world.olga.pk}"
    assert actions(world) == [
        ("alma", "maintenance.enter", actor),
        ("hirnok", "maintenance.enter", actor),
        ("alma", "maintenance.leave", actor),
        ("hirnok", "maintenance.leave", actor),
    ]


def test_it_is_over_after_two_hours_even_without_the_worker(world: World) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        olga = world.client(world.olga)
        olga.post(enter(world), {"reason": "fault"})
        for _ in range(6):
            clock.shift(timedelta(minutes=19))
            assert olga.get("/alma/").status_code == 200
        clock.shift(timedelta(minutes=19))
        assert olga.get("/alma/").status_code == 404
        assert olga.get("/")["Location"] == "/hirnok/"
        assert Membership.objects.filter(user=world.olga).count() == 2
    assert visiting.end_due(NOON + timedelta(hours=3)) == 1
    assert Membership.objects.filter(user=world.olga).count() == 1
    assert actions(world)[-1] == ("hirnok", "maintenance.leave", "job:visits")


@pytest.mark.parametrize("reason", ["", "curiosity"])
def test_it_asks_why(world: World, reason: str) -> None:
    answer = world.client(world.olga).post(enter(world), {"reason": reason})
    assert answer.context["form"].errors["reason"]
    assert Membership.objects.filter(user=world.olga).count() == 1


def test_it_is_for_owners_of_the_operator(world: World) -> None:
    people.join(world.operator, world.nobody, Role.MARKETER, actor="command:test", at=NOON)
    assert world.client(world.nobody).get(enter(world)).status_code == 403
    own = f"/alma/settings/tenants/{world.barack.pk}/enter/"
    assert world.client(world.anna).get(own).status_code == 403
    itself = f"/hirnok/settings/tenants/{world.operator.pk}/enter/"
    assert world.client(world.olga).get(itself).status_code == 404


def test_a_visitor_is_no_owner_to_be_left_alone_with(world: World) -> None:
    visiting.enter(world.olga, world.alma, reason="asked", actor="user:1", at=NOON)
    with pytest.raises(people.LastOwner):
        people.leave(Membership.objects.get(user=world.anna), actor="user:1", at=NOON)


def test_an_owner_ends_the_visit(world: World) -> None:
    olga = world.client(world.olga)
    olga.post(enter(world), {"reason": "asked"})
    visit = Membership.objects.get(user=world.olga, tenant=world.alma)
    path = f"/alma/settings/members/{visit.pk}/leave/"
    assert world.client(world.anna).post(path).status_code == 302
    assert olga.get("/alma/").status_code == 404


def test_who_works_there_does_not_visit(world: World) -> None:
    people.join(world.alma, world.olga, Role.VIEWER, actor="command:test", at=NOON)
    answer = world.client(world.olga).post(enter(world), {"reason": "asked"})
    assert "You work there already." in answer.text
    with pytest.raises(visiting.WorksHere):
        visiting.enter(world.olga, world.alma, reason="asked", actor="user:1", at=NOON)
    assert world.client(world.olga).post("/alma/settings/visit/leave/").status_code == 404
