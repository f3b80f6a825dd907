"""Settings pages: brands, members, audit, and the operator's tenants."""

from io import BytesIO

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture

from hirnok.accounts import people
from hirnok.accounts.models import Membership, Role, User
from hirnok.outbox.models import Letter
from hirnok.tenants.models import AuditEntry, Brand, Image, Tenant
from tests.world import NOON, World

BRAND = {
    "name": "Alma Bolt",
    "sender_name": "Alma",
    "from_address": "bolt@alma.example",
    "reply_to": "",
    "language": "hu",
    "postal_address": "1011 Budapest, Fő utca 2.",
    "measurement": "aggregate",
    "public_base_url": "",
}


@pytest.fixture(autouse=True)
def letters(settings: LazySettings) -> None:
    """Write mails as they are written outside of tests."""
    settings.EMAIL_BACKEND = "hirnok.outbox.letters.LetterBackend"


def test_it_makes_and_changes_a_brand(world: World) -> None:
    client = world.client(world.anna)
    assert client.post("/alma/settings/brands/new/", BRAND).status_code == 302
    brand = Brand.objects.get(name="Alma Bolt")
    assert (brand.tenant, brand.measurement) == (world.alma, "aggregate")
    answer = client.post(
        f"/alma/settings/brands/{brand.pk}/",
        BRAND | {"public_base_url": "https://news.alma.example/"},
    )
    assert answer.status_code == 302
    brand.refresh_from_db()
    assert brand.public_base_url == "https://news.alma.example"
    assert AuditEntry.objects.filter(action="brand.change", object_id=brand.pk).exists()
    assert "Alma Bolt" in client.get("/alma/settings/brands/").text


def test_it_shows_a_logo_or_the_name(world: World) -> None:
    client = world.client(world.anna)
    written = BytesIO()
    Picture.new("RGB", (40, 20), "green").save(written, "PNG")
    path = f"/alma/settings/brands/{world.alma_brand.pk}/"
    shown = SimpleUploadedFile("logo.png", written.getvalue())
    assert "no_logo" not in client.get(path).context["form"].fields
    assert client.post(path, BRAND | {"logo": shown}).status_code == 302
    brand = Brand.objects.select_related("logo").get(pk=world.alma_brand.pk)
    assert brand.logo is not None
    assert (brand.logo.width, brand.logo.content_type) == (40, "image/png")
    page = client.get(path)
    assert f"/m/{brand.logo.token}" in page.text
    assert "no_logo" in page.context["form"].fields
    assert client.post(path, BRAND).status_code == 302
    brand.refresh_from_db()
    assert brand.logo is not None
    wrong = client.post(path, BRAND | {"logo": SimpleUploadedFile("logo.png", b"<svg>")})
    assert wrong.context["form"].errors["logo"]
    assert client.post(path, BRAND | {"no_logo": "on"}).status_code == 302
    brand.refresh_from_db()
    assert brand.logo is None
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Alma"),  # taken
        ("name", ""),
        ("from_address", "alma.example"),
        ("reply_to", "a@b@c"),
        ("public_base_url", "https://news.example/path"),
        ("public_base_url", "javascript:alert(1)"),
        ("public_base_url", "https://a\r\nX-Evil: 1"),
        ("public_base_url", "https://hírlevél.hu"),
        ("public_base_url", "https://a b.hu"),
        ("public_base_url", "https://a.hu>"),
        ("measurement", "everything"),
        ("language", "xx"),
    ],
)
def test_it_says_what_is_wrong_with_a_brand(world: World, field: str, value: str) -> None:
    client = world.client(world.anna)
    answer = client.post("/alma/settings/brands/new/", BRAND | {field: value})
    assert answer.status_code == 200
    assert answer.context["form"].errors[field]
    assert Brand.objects.of(world.alma).count() == 1


def test_it_changes_roles_but_keeps_an_owner(world: World) -> None:
    client = world.client(world.anna)
    mark = Membership.objects.get(user=world.mark)
    anna = Membership.objects.get(user=world.anna)
    viewer = {"role": "viewer", "reach": "all"}
    assert client.post(f"/alma/settings/members/{mark.pk}/", viewer).status_code == 302
    mark.refresh_from_db()
    assert mark.role == Role.VIEWER
    refused = client.post(f"/alma/settings/members/{anna.pk}/", viewer)
    assert refused.context["form"].errors["role"]
    with pytest.raises(people.LastOwner):
        people.leave(anna, actor="user:1", at=NOON)
    assert client.post(f"/alma/settings/members/{mark.pk}/leave/").status_code == 302
    assert not Membership.objects.filter(pk=mark.pk).exists()
    assert User.objects.filter(pk=world.mark.pk).exists()


@pytest.mark.parametrize("path", ["", "brands/", "brands/new/", "members/", "audit/"])
def test_it_is_for_owners(world: World, path: str) -> None:
    for user, status in (
        (world.anna, 200),
        (world.mark, 403),
        (world.vera, 403),
        (world.bela, 404),
    ):
        assert world.client(user).get(f"/alma/settings/{path}").status_code == status


def test_it_shows_who_did_what(world: World) -> None:
    client = world.client(world.anna)
    client.post("/alma/settings/brands/new/", BRAND)
    page = client.get("/alma/settings/audit/")
    assert "brand.make" in page.text
    assert "Anna" in page.text
    assert "Made a brand" in page.text
    told = client.get("/alma/settings/audit/?what=tenant.found").context["entries"]
    assert [one.what for one in told] == ["Founded the account of a firm"]


def test_it_lets_only_the_operator_found_tenants(world: World) -> None:
    client = world.client(world.olga)
    data = {"name": "Cseresznye Bt.", "slug": "cseresznye", "language": "hu"}
    assert client.post("/hirnok/settings/tenants/new/", data).status_code == 302
    made = Tenant.objects.get(slug="cseresznye")
    taken = client.post("/hirnok/settings/tenants/new/", data)
    assert taken.context["form"].errors["slug"]
    reserved = client.post("/hirnok/settings/tenants/new/", data | {"slug": "account"})
    assert reserved.context["form"].errors["slug"]
    assert "Cseresznye" in client.get("/hirnok/settings/tenants/").text
    for path in ("tenants/", "tenants/new/", f"tenants/{made.pk}/"):
        assert world.client(world.anna).get(f"/alma/settings/{path}").status_code == 403


def test_it_brings_somebody_in_with_a_letter(world: World) -> None:
    client = world.client(world.olga)
    path = f"/hirnok/settings/tenants/{world.barack.pk}/"
    data = {"email": "Cili@barack.example", "name": "", "language": "hu", "role": "marketer"}
    data["reach"] = "all"
    assert client.post(path, data).context["form"].errors["name"]
    assert client.post(path, data | {"name": "Cili"}).status_code == 302
    user = User.objects.get(email="cili@barack.example")
    assert Membership.objects.get(user=user).role == Role.MARKETER
    letter = Letter.objects.get()
    assert letter.recipient == "cili@barack.example"
    assert client.post(path, data | {"email": "vera@hirnok.example"}).status_code == 302
    assert Membership.objects.filter(user=world.vera).count() == 2
    assert Letter.objects.count() == 1
    assert "Cili" in client.get(path).text


def test_it_sends_a_password_letter_again(world: World) -> None:
    client = world.client(world.anna)
    mark = Membership.objects.get(user=world.mark)
    assert client.post(f"/alma/settings/members/{mark.pk}/password/").status_code == 302
    assert Letter.objects.get().recipient == "mark@hirnok.example"
