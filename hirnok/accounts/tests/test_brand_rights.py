"""For which brands a member works: set when inviting and on the member's page. What follows: tests/invariants/test_brands.py."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image as Pillow

from hirnok.accounts import people, policy, reach, tokens
from hirnok.accounts.models import ApiToken, Membership, MembershipBrand, Role, User
from hirnok.accounts.policy import Rules
from hirnok.tenants.models import AuditEntry, Brand, Image
from tests.world import NOON, World, brand_with_list

MEMBERS = "/alma/settings/members/"


@pytest.fixture
def kert(world: World) -> Brand:
    """A second brand of Alma."""
    return brand_with_list(world.alma, "Kert")[0]


def png() -> SimpleUploadedFile:
    written = BytesIO()
    Pillow.new("RGB", (3, 2), "red").save(written, "PNG")
    return SimpleUploadedFile("kert.png", written.getvalue(), "image/png")


def membership(user: User) -> Membership:
    return Membership.objects.get(user=user)


def test_an_owner_chooses_the_brands_of_a_member(world: World, kert: Brand) -> None:
    url = f"{MEMBERS}{membership(world.mark).pk}/"
    client = world.client(world.anna)
    assert "Only these:" in client.get(url).text
    answer = client.post(url, {"role": "marketer", "reach": "some", "brands": [kert.pk]})
    assert answer.status_code == 302
    assert reach.of(membership(world.mark)) == {kert.pk}
    assert AuditEntry.objects.get(action="member.change_role").details["brands"] == [kert.pk]
    listed = client.get(MEMBERS).text
    assert "Kert" in listed
    shown = client.get(url).context["form"]["brands"].subwidgets
    assert [one.data["label"] for one in shown if one.data["selected"]] == ["Kert"]
    client.post(url, {"role": "marketer", "reach": "all", "brands": [kert.pk]})
    assert reach.of(membership(world.mark)) is None
    assert not MembershipBrand.objects.exists()


@pytest.mark.parametrize("brands", [[], ["x"], [0]])
def test_some_brands_are_at_least_one_of_the_own(
    world: World, kert: Brand, brands: list[Any]
) -> None:
    url = f"{MEMBERS}{membership(world.mark).pk}/"
    answer = world.client(world.anna).post(
        url, {"role": "marketer", "reach": "some", "brands": brands}
    )
    assert list(answer.context["form"].errors) == ["brands"]
    answer = world.client(world.anna).post(
        url, {"role": "viewer", "reach": "some", "brands": [world.barack_brand.pk]}
    )
    assert list(answer.context["form"].errors) == ["brands"]
    assert reach.of(membership(world.mark)) is None


@pytest.mark.parametrize("role", [Role.OWNER, Role.PRIVACY_OFFICER])
def test_owners_and_privacy_officers_have_all_brands(world: World, kert: Brand, role: Role) -> None:
    found = membership(world.mark)
    people.change_role(found, Role.MARKETER, brands=[kert], actor="user:1", at=NOON)
    url = f"{MEMBERS}{found.pk}/"
    answer = world.client(world.anna).post(
        url, {"role": role, "reach": "some", "brands": [kert.pk]}
    )
    assert answer.status_code == 302
    found.refresh_from_db()
    assert (found.role, found.all_brands) == (role, True)
    assert not MembershipBrand.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=found.pk).update(all_brands=False)


def test_the_operator_invites_for_chosen_brands(world: World, kert: Brand) -> None:
    url = f"/hirnok/settings/tenants/{world.alma.pk}/"
    client = world.client(world.olga)
    assert "Kert" in client.get(url).text
    given = {"email": "uj@hirnok.example", "name": "Új Ubul", "language": "hu", "role": "viewer"}
    client.post(url, given | {"reach": "some", "brands": [kert.pk]})
    made = Membership.objects.get(user__email="uj@hirnok.example")
    assert reach.of(made) == {kert.pk}
    assert "Kert" in client.get(url).text


def test_so_does_an_owner_where_the_tenant_lets_owners_invite(world: World, kert: Brand) -> None:
    policy.change(world.alma, Rules(owner_invites=True), actor="user:1", at=NOON)
    given = {"email": "uj@hirnok.example", "name": "Új Ubul", "language": "hu", "role": "marketer"}
    answer = world.client(world.anna).post(
        f"{MEMBERS}new/", given | {"reach": "some", "brands": [kert.pk]}
    )
    assert answer.status_code == 302
    assert reach.of(Membership.objects.get(user__email="uj@hirnok.example")) == {kert.pk}


def test_being_invited_again_replaces_the_brands(world: World, kert: Brand) -> None:
    people.join(world.alma, world.mark, Role.VIEWER, brands=[kert], actor="user:1", at=NOON)
    assert reach.of(membership(world.mark)) == {kert.pk}
    people.join(world.alma, world.mark, Role.OWNER, actor="user:1", at=NOON)
    assert reach.of(membership(world.mark)) is None


def test_a_token_is_for_chosen_brands(world: World, kert: Brand) -> None:
    client = world.client(world.anna)
    url = "/alma/settings/tokens/new/"
    given = {"name": "Bolt", "scopes": ["contacts:read"], "days": "30", "reach": "some"}
    assert list(client.post(url, given).context["form"].errors) == ["brands"]
    made = client.post(url, given | {"brands": [kert.pk]}).context["made"]
    bearer = tokens.authenticate(f"Bearer {made}", at=ApiToken.objects.get().made_at)
    assert bearer is not None
    assert bearer.tenant.only_brands == {kert.pk}


def test_a_picture_of_one_brand_and_one_of_all(world: World, kert: Brand) -> None:
    people.change_role(
        membership(world.mark), Role.MARKETER, brands=[kert], actor="user:1", at=NOON
    )
    mark, anna = world.client(world.mark), world.client(world.anna)
    mark.post("/alma/images/", {"file": png(), "alternative_text": "Of Mark"})
    assert Image.objects.get(alternative_text="Of Mark").brand == kert
    anna.post("/alma/images/", {"file": png(), "alternative_text": "Of all", "brand": ""})
    other = {"file": png(), "alternative_text": "Of Alma", "brand": world.alma_brand.pk}
    anna.post("/alma/images/", other)
    shown = mark.get("/alma/images/").text
    assert "Of all" in shown
    assert "Of Alma" not in shown
    common = Image.objects.get(alternative_text="Of all")
    assert mark.get(f"/alma/images/{common.pk}/").status_code == 403
    assert mark.post(f"/alma/images/{common.pk}/delete/").status_code == 403
    assert f"/alma/images/{common.pk}/" not in shown
    assert anna.get(f"/alma/images/{common.pk}/").status_code == 200
