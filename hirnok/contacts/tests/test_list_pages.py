"""Pages of lists, custom fields and tags."""

import pytest
from django.test import Client

from hirnok.contacts import lists
from hirnok.contacts.models import Contact, ContactTag, Field, List, Tag
from tests.world import NOON, World


@pytest.fixture
def mark(world: World) -> Client:
    return world.client(world.mark)


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def test_it_shows_lists_with_their_size(world: World, mark: Client) -> None:
    shown = text_of(mark, "/alma/lists/")
    assert "Olvasók" in shown
    assert f'?list={world.alma_list.pk}">2</a>' in shown


def test_it_makes_a_list_of_a_brand(world: World, mark: Client) -> None:
    text_of(mark, "/alma/lists/new/")
    given = {"name": "Vevők", "description": "bolt", "brand": world.alma_brand.pk}
    assert mark.post("/alma/lists/new/", given).status_code == 302
    made = List.objects.get(name="Vevők")
    assert (made.tenant_id, made.brand_id) == (world.alma.pk, world.alma_brand.pk)
    again = mark.post("/alma/lists/new/", given)
    assert "has a list of this name" in again.content.decode()
    foreign = given | {"brand": world.barack_brand.pk, "name": "Y"}
    assert mark.post("/alma/lists/new/", foreign).status_code == 200
    assert not List.objects.filter(name="Y").exists()


def test_it_renames_archives_and_brings_back(world: World, mark: Client) -> None:
    path = f"/alma/lists/{world.alma_list.pk}/"
    assert "Olvasók" in text_of(mark, path)
    assert mark.post(path, {"name": "Barátok", "description": ""}).status_code == 302
    assert List.objects.get(pk=world.alma_list.pk).name == "Barátok"
    mark.post(f"{path}archive/")
    assert List.objects.get(pk=world.alma_list.pk).archived_at is not None
    assert "Archived on" in text_of(mark, path)
    mark.post(f"{path}archive/")
    assert List.objects.get(pk=world.alma_list.pk).archived_at is None


def test_a_name_can_be_taken(world: World, mark: Client) -> None:
    List.objects.create(tenant=world.alma, brand=world.alma_brand, name="VIP", created_at=NOON)
    answer = mark.post(f"/alma/lists/{world.alma_list.pk}/", {"name": "VIP", "description": ""})
    assert "has a list of this name" in answer.content.decode()
    assert List.objects.get(pk=world.alma_list.pk).name == "Olvasók"


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Kedvenc szín", "kedvenc_szin"),
        ("Ţară / regiune", "tara_regiune"),
        ("2. telefon", "field_2_telefon"),
        ("名前", "field"),
        ("x" * 99, "x" * 40),
    ],
)
def test_keys_are_names(label: str, key: str) -> None:
    assert lists.key_of(label) == key


def test_it_makes_and_changes_fields(world: World, mark: Client) -> None:
    assert "No fields of your own" in text_of(mark, "/alma/fields/")
    given = {"label": "Méret", "type": "choice", "choices": "S, M, L"}
    assert mark.post("/alma/fields/new/", given).status_code == 302
    field = Field.objects.get()
    assert (field.key, field.choices) == ("meret", ["S", "M", "L"])
    assert "contact.meret" in text_of(mark, "/alma/fields/")
    Contact.objects.filter(pk=world.dora.pk).update(fields={"meret": "M"})
    path = f"/alma/fields/{field.pk}/"
    answer = mark.post(path, {"label": "Méret", "choices": "S, L"})
    assert "Contacts still have “M”" in answer.content.decode()
    assert mark.post(path, {"label": "Ruha", "choices": "M, XL"}).status_code == 302
    assert Field.objects.get().choices == ["M", "XL"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"label": "", "type": "text"}, "required"),
        ({"label": "Kor", "type": "choice", "choices": ""}, "Name at least one choice"),
        ({"label": "kor", "type": "text"}, "a field of this name"),
        ({"label": "Új", "type": "blob"}, "valid choice"),
    ],
)
def test_it_says_what_is_wrong_with_a_field(
    world: World, mark: Client, given: dict[str, str], error: str
) -> None:
    Field.objects.create(tenant=world.alma, key="kor", label="Kor")
    answer = mark.post("/alma/fields/new/", given)
    assert error in answer.content.decode()
    assert Field.objects.count() == 1


def test_built_in_names_are_not_taken_by_fields(world: World, mark: Client) -> None:
    mark.post("/alma/fields/new/", {"label": "Email", "type": "text", "choices": ""})
    assert Field.objects.get().key == "email_2"


def test_it_deletes_a_field_with_its_values(world: World, mark: Client) -> None:
    field = Field.objects.create(tenant=world.alma, key="kor", label="Kor")
    Contact.objects.filter(pk=world.dora.pk).update(fields={"kor": 5, "x": 1})
    Contact.objects.filter(pk=world.barack_dora.pk).update(fields={"kor": 6})
    path = f"/alma/fields/{field.pk}/delete/"
    assert "1 contact" in text_of(mark, path)
    assert mark.post(path).status_code == 302
    assert not Field.objects.exists()
    assert Contact.objects.get(pk=world.dora.pk).fields == {"x": 1}
    assert Contact.objects.get(pk=world.barack_dora.pk).fields == {"kor": 6}


def test_it_makes_renames_and_deletes_tags(world: World, mark: Client) -> None:
    assert "No tags yet" in text_of(mark, "/alma/tags/")
    assert mark.post("/alma/tags/new/", {"name": "kert"}).status_code == 302
    assert "of this name" in mark.post("/alma/tags/new/", {"name": "kert"}).content.decode()
    assert "no comma" in mark.post("/alma/tags/new/", {"name": "a, b"}).content.decode()
    tag = Tag.objects.get()
    ContactTag.objects.create(tenant=world.alma, contact_id=world.dora.pk, tag_id=tag.pk)
    assert f'?tag={tag.pk}">1</a>' in text_of(mark, "/alma/tags/")
    mark.post(f"/alma/tags/{tag.pk}/", {"name": "kertész"})
    assert Tag.objects.get().name == "kertész"
    assert "1 contact will lose" in text_of(mark, f"/alma/tags/{tag.pk}/delete/")
    mark.post(f"/alma/tags/{tag.pk}/delete/")
    assert not Tag.objects.exists()
    assert Contact.objects.filter(pk=world.dora.pk).exists()


def test_viewers_change_nothing(world: World) -> None:
    vera = world.client(world.vera)
    for path in ("lists", "fields", "tags"):
        assert "/new/" not in text_of(vera, f"/alma/{path}/")
        assert vera.post(f"/alma/{path}/new/", {"name": "x", "label": "x"}).status_code == 403
    assert vera.post(f"/alma/lists/{world.alma_list.pk}/archive/").status_code == 403
    assert List.objects.get(pk=world.alma_list.pk).archived_at is None


def test_other_tenants_things_are_not_there(world: World, mark: Client) -> None:
    field = Field.objects.create(tenant=world.barack, key="kor", label="Kor")
    tag = Tag.objects.create(tenant=world.barack, name="x")
    for path in (
        f"lists/{world.barack_list.pk}/",
        f"fields/{field.pk}/",
        f"fields/{field.pk}/delete/",
        f"tags/{tag.pk}/",
        f"tags/{tag.pk}/delete/",
    ):
        assert mark.get(f"/alma/{path}").status_code == 404
        assert mark.post(f"/alma/{path}", {"name": "x", "label": "x"}).status_code == 404
