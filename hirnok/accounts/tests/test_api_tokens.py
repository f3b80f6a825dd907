"""Tokens for programs: shown once, stored as a hash, scoped, expiring, ended, and no better than their maker."""

from datetime import timedelta

import pytest

from hirnok.accounts import people, tokens, visiting
from hirnok.accounts.models import ApiToken, Membership, Role
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World

TOKENS = "/alma/settings/tokens/"
NEW = f"{TOKENS}new/"
FORM = {
    "name": "Webbolt",
    "scopes": ["contacts:write", "reports:read"],
    "days": "30",
    "reach": "all",
}


def made(world: World) -> str:
    scopes = ["contacts:write", "reports:read"]
    return tokens.make(world.alma, world.mark, name="Bolt", scopes=scopes, days=30, at=NOON)


def test_it_makes_a_token_and_shows_it_once(world: World) -> None:
    client = world.client(world.anna)
    token = client.post(NEW, FORM).context["made"]
    assert token.startswith(f"hirnok_{world.alma.pk}_")
    listed = client.get(TOKENS).text
    assert "Webbolt" in listed
    assert token not in listed
    row = ApiToken.objects.get()
    assert token not in row.token_hash
    assert (row.made_by, row.scopes) == (world.anna, FORM["scopes"])
    assert AuditEntry.objects.get(action="token.make").object_id == row.pk


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["everything"]}, {"days": "10000"}]
)
def test_it_says_what_is_missing(world: World, wrong: dict[str, object]) -> None:
    answer = world.client(world.anna).post(NEW, FORM | wrong)
    assert list(answer.context["form"].errors) == list(wrong)
    assert not ApiToken.objects.exists()


def test_it_knows_whose_a_token_is_and_for_what(world: World) -> None:
    bearer = tokens.authenticate(f"Bearer {made(world)}", at=NOON)
    assert bearer is not None
    assert (bearer.tenant, bearer.user) == (world.alma, world.mark)
    assert bearer.scopes == {"contacts:write", "reports:read"}
    assert bearer.actor == f"token:{ApiToken.objects.get().pk}"
    assert ApiToken.objects.get().last_used_at == NOON


def test_it_takes_nothing_that_is_not_one(world: World) -> None:
    token = made(world)
    foreign = token.replace(f"_{world.alma.pk}_", f"_{world.barack.pk}_", 1)
    for header in (
        "",
        token,
        f"Basic {token}",
        f"Bearer {token}x",
        f"Bearer {token[:-1]}{'A' if token[-1] != 'A' else 'B'}",
        f"Bearer {foreign}",
        f"Bearer {token}\n",
    ):
        assert tokens.authenticate(header, at=NOON) is None, header


def test_it_expires_and_ends(world: World) -> None:
    header = f"Bearer {made(world)}"
    assert tokens.authenticate(header, at=NOON + timedelta(days=29)) is not None
    assert tokens.authenticate(header, at=NOON + timedelta(days=30)) is None
    path = f"{TOKENS}{ApiToken.objects.get().pk}/"
    client = world.client(world.anna)
    assert "End the token" in client.get(path).text
    assert client.post(path).status_code == 302
    assert tokens.authenticate(header, at=NOON) is None


def test_it_is_no_better_than_its_maker(world: World) -> None:
    header = f"Bearer {made(world)}"
    membership = Membership.objects.get(user=world.mark)
    people.change_role(membership, Role.VIEWER, actor="user:1", at=NOON)
    bearer = tokens.authenticate(header, at=NOON)
    assert bearer is not None
    assert bearer.scopes == {"reports:read"}
    people.leave(membership, actor="user:1", at=NOON)
    assert tokens.authenticate(header, at=NOON) is None


def test_none_is_made_during_maintenance(world: World) -> None:
    olga = world.client(world.olga)
    olga.post(f"/hirnok/settings/tenants/{world.alma.pk}/enter/", {"reason": "asked"})
    assert olga.get(TOKENS).status_code == 200
    assert olga.post(NEW, FORM).status_code == 403
    token = tokens.make(world.alma, world.olga, name="x", scopes=["reports:read"], days=1, at=NOON)
    assert tokens.authenticate(f"Bearer {token}", at=NOON) is None
    assert visiting.here(world.alma, NOON).count() == 1
