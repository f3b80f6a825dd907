"""Pages of contacts: list, one contact, why, add, edit, erase."""

from typing import Any

import pytest
from django.test import Client

from hirnok.accounts import people
from hirnok.accounts.models import Role
from hirnok.contacts import editing
from hirnok.contacts.models import Contact, ContactTag, Field, List, Subscription, Tag
from hirnok.register import suppression
from hirnok.register.holdings import index_of
from hirnok.register.models import Hold, Holding, Source, Suppression
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World, brand_with_list, contact


@pytest.fixture
def mark(world: World) -> Client:
    return world.client(world.mark)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def test_it_lists_the_tenants_contacts_only(world: World, mark: Client) -> None:
    shown = page(mark, "/alma/contacts/")
    assert "dora@example.hu" in shown
    assert "Őri Dóra" in shown
    assert f"/contacts/{world.barack_dora.pk}/" not in shown
    assert mark.get(f"/alma/contacts/{world.barack_dora.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=DORA@", {"dora"}),
        ("q=example.ro", {"emil"}),
        ("q=țuț", {"emil"}),
        ("q=őri dóra", {"dora"}),
        ("q=100%25", set()),
        ("language=ro", {"emil"}),
        ("language=xx", set()),
        ("list={list}", {"dora", "emil"}),
        ("list=9999999", set()),
        ("list=drop", {"dora", "emil"}),
        ("tag={tag}", {"emil"}),
        ("sort=-email", {"dora", "emil"}),
        ("sort=name", {"dora", "emil"}),
        ("sort=nonsense&page=nonsense", {"dora", "emil"}),
    ],
)
def test_it_searches_filters_and_sorts(
    world: World, mark: Client, query: str, found: set[str]
) -> None:
    tag = Tag.objects.create(tenant=world.alma, name="vip")
    ContactTag.objects.create(tenant=world.alma, contact_id=world.emil.pk, tag_id=tag.pk)
    shown = page(mark, "/alma/contacts/?" + query.format(list=world.alma_list.pk, tag=tag.pk))
    assert {name for name in ("dora", "emil") if f"{name}@example" in shown} == found


def test_it_pages_by_key(world: World, mark: Client) -> None:
    from tests.world import contact

    for number in range(60):
        contact(world.alma_list, f"c{number:02}@example.hu")
    answer = mark.get("/alma/contacts/")
    first = [one.email for one in answer.context["page"].rows]
    answer = mark.get("/alma/contacts/", {"page": answer.context["page"].next})
    rest = [one.email for one in answer.context["page"].rows]
    assert len(first) == 50
    assert sorted({*first, *rest}) == first + rest
    assert len(first + rest) == 62


def test_an_empty_tenant_is_told_what_to_do(world: World) -> None:
    shown = page(world.client(world.olga), "/hirnok/contacts/")
    assert "No contacts yet" in shown


def test_it_shows_a_contact_with_its_fields_and_history(world: World, mark: Client) -> None:
    Field.objects.create(tenant=world.alma, key="vip", label="Törzsvevő", type="boolean")
    Contact.objects.filter(pk=world.dora.pk).update(fields={"vip": True})
    shown = page(mark, f"/alma/contacts/{world.dora.pk}/")
    for text in ("Törzsvevő", "yes", "Olvasók", "Taken into the contacts", "Given by the person"):
        assert text in shown


def test_it_answers_why_it_is_held(world: World, mark: Client) -> None:
    shown = page(mark, f"/alma/contacts/{world.dora.pk}/why/")
    for text in ("Newsletter", "Consent of the person", "Given by the person"):
        assert text in shown


def new(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "email": " Uj.Ember+hir@Example.HU ",
        "first_name": "Új",
        "last_name": "Ember",
        "language": "hu",
        "lists": [world.alma_list.pk],
        "tags": "vip, kert",
        "legal_basis": "consent",
        "how": "Bolti íven iratkozott fel",
    } | changes


def test_it_adds_somebody_by_hand(world: World, mark: Client) -> None:
    answer = mark.post("/alma/contacts/add/", new(world))
    made = Contact.objects.select_related("holding__source").get(email="Uj.Ember+hir@example.hu")
    assert answer["Location"] == f"/alma/contacts/{made.pk}/"
    assert made.holding.source.kind == Source.Kind.STAFF
    assert made.holding.source.description == "Bolti íven iratkozott fel"
    assert made.holding.legal_basis == "consent"
    assert set(
        ContactTag.objects.filter(contact_id=made.pk).values_list("tag__name", flat=True)
    ) == {
        "vip",
        "kert",
    }
    assert Subscription.objects.filter(contact_id=made.pk, list=world.alma_list).exists()
    assert AuditEntry.objects.filter(action="contact.add", object_id=made.pk).exists()
    assert "Bolti íven" in page(mark, f"/alma/contacts/{made.pk}/why/")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"email": "nem cím"}, "There is no @ sign."),
        ({"email": ""}, "This field is required"),
        ({"lists": []}, "Choose at least one list."),
        ({"legal_basis": ""}, "This field is required"),
        ({"how": ""}, "This field is required"),
        ({"tags": "x" * 61}, "longer than 60"),
    ],
)
def test_it_says_what_is_wrong_and_adds_nothing(
    world: World, mark: Client, changes: dict[str, Any], error: str
) -> None:
    before = Holding.objects.count()
    answer = mark.post("/alma/contacts/add/", new(world, **changes))
    assert answer.status_code == 200
    assert error in answer.content.decode()
    assert Holding.objects.count() == before


def test_it_does_not_add_who_left(world: World, mark: Client) -> None:
    index = index_of(world.alma.pk, "uj.ember+hir@example.hu")
    suppression.suppress(
        world.alma,
        [index],
        reason=Suppression.Reason.UNSUBSCRIBED,
        brand=world.alma_brand,
        actor="person",
        at=NOON,
    )
    answer = mark.post("/alma/contacts/add/", new(world))
    assert "This person left" in answer.content.decode()
    assert not Contact.objects.filter(email__startswith="Uj").exists()


def test_it_leads_to_who_is_there_already(world: World, mark: Client) -> None:
    answer = mark.post("/alma/contacts/add/", new(world, email="DORA@example.hu"))
    assert answer["Location"] == f"/alma/contacts/{world.dora.pk}/edit/"


def test_it_refuses_lists_of_another_tenant(world: World, mark: Client) -> None:
    answer = mark.post("/alma/contacts/add/", new(world, lists=[world.barack_list.pk]))
    assert answer.status_code == 200
    assert not Contact.objects.filter(email__startswith="Uj").exists()


def test_it_changes_a_contact(world: World, mark: Client) -> None:
    Field.objects.create(tenant=world.alma, key="age", label="Kor", type="number")
    Field.objects.create(tenant=world.alma, key="born", label="Született", type="date")
    second = List.objects.create(
        tenant=world.alma, brand=world.alma_brand, name="VIP", created_at=NOON
    )
    Contact.objects.filter(pk=world.dora.pk).update(fields={"old": "x", "age": 5})
    path = f"/alma/contacts/{world.dora.pk}/edit/"
    assert 'value="5"' in page(mark, path)
    given = {
        "first_name": "Dorottya",
        "last_name": "Őri",
        "language": "en",
        "field_age": "41",
        "field_born": "1985-03-04",
        "lists": [second.pk],
        "tags": "kert",
    }
    assert mark.post(path, given).status_code == 302
    dora = Contact.objects.get(pk=world.dora.pk)
    assert (dora.first_name, dora.language) == ("Dorottya", "en")
    assert dora.fields == {"old": "x", "age": 41, "born": "1985-03-04"}
    assert list(
        Subscription.objects.filter(contact_id=dora.pk).values_list("list_id", flat=True)
    ) == [second.pk]
    answer = mark.post(path, given | {"field_age": "sok"})
    assert answer.status_code == 200
    assert 'value="sok"' in answer.content.decode()


def test_restricted_data_cannot_be_changed(world: World, mark: Client) -> None:
    Holding.objects.filter(pk=world.dora.pk).update(restricted_at=NOON)
    answer = mark.post(f"/alma/contacts/{world.dora.pk}/edit/", {"first_name": "X"})
    assert "restricted" in answer.content.decode()
    assert Contact.objects.get(pk=world.dora.pk).first_name == "Dóra"


def test_it_erases_after_asking(world: World, mark: Client) -> None:
    path = f"/alma/contacts/{world.dora.pk}/erase/"
    assert "deleted at once" in page(mark, path)
    assert Contact.objects.filter(pk=world.dora.pk).exists()
    assert mark.post(path, {}).status_code == 302
    assert not Holding.objects.filter(pk=world.dora.pk).exists()
    assert Contact.objects.filter(pk=world.barack_dora.pk).exists()
    assert not Suppression.objects.exists()


def test_it_can_see_to_it_that_the_address_never_returns(world: World, mark: Client) -> None:
    mark.post(f"/alma/contacts/{world.dora.pk}/erase/", {"suppress": "on"})
    assert Suppression.objects.get().reason == Suppression.Reason.STAFF
    answer = mark.post("/alma/contacts/add/", new(world, email="dora@example.hu"))
    assert "This person left" in answer.content.decode()


def test_who_asked_to_be_left_alone_is_added_to_no_brand(world: World, mark: Client) -> None:
    _, other = brand_with_list(world.alma, "Körte")
    mark.post(f"/alma/contacts/{world.dora.pk}/erase/", {"suppress": "on"})
    answer = mark.post("/alma/contacts/add/", new(world, email="DORA@example.hu", lists=[other.pk]))
    assert "This person left" in answer.content.decode()
    assert not Contact.objects.of(world.alma).filter(email__iexact="dora@example.hu").exists()


def test_erasing_takes_along_what_a_colleague_wrote_of_the_person(
    world: World, mark: Client
) -> None:
    mark.post("/alma/contacts/add/", new(world, how="Kovács Dóra telefonon kérte"))
    made = Contact.objects.get(email="Uj.Ember+hir@example.hu")
    mark.post(f"/alma/contacts/{made.pk}/erase/", {})
    assert not Contact.objects.filter(pk=made.pk).exists()
    assert Source.objects.get(kind=Source.Kind.STAFF).description == ""


def test_a_legal_hold_stands_against_erasing(world: World, mark: Client) -> None:
    Hold.objects.create(
        tenant=world.alma, holding_id=world.dora.pk, reason="per", ordered_by="user:1", since=NOON
    )
    answer = mark.post(f"/alma/contacts/{world.dora.pk}/erase/", {}, follow=True)
    assert "legal hold" in answer.content.decode()
    assert Contact.objects.get(pk=world.dora.pk).holding.restricted_at is not None


def test_viewers_see_no_people(world: World) -> None:
    vera = world.client(world.vera)
    for path in (
        "contacts/",
        f"contacts/{world.dora.pk}/",
        f"contacts/{world.dora.pk}/why/",
        "contacts/add/",
        f"contacts/{world.dora.pk}/edit/",
        f"contacts/{world.dora.pk}/erase/",
    ):
        answer = vera.get(f"/alma/{path}")
        assert answer.status_code == 403
        assert "/alma/contacts/" not in answer.content.decode()
    for path in ("contacts/add/", f"contacts/{world.dora.pk}/erase/"):
        assert vera.post(f"/alma/{path}", {}).status_code == 403


def test_the_privacy_officer_erases_and_does_not_edit(world: World) -> None:
    with acting_for(world.alma):
        people.join(world.alma, world.nobody, Role.PRIVACY_OFFICER, actor="command:setup", at=NOON)
    officer = world.client(world.nobody)
    assert "dora@example.hu" in page(officer, f"/alma/contacts/{world.dora.pk}/why/")
    assert officer.get(f"/alma/contacts/{world.dora.pk}/edit/").status_code == 403
    assert officer.post(f"/alma/contacts/{world.dora.pk}/erase/", {}).status_code == 302
    assert not Contact.objects.filter(pk=world.dora.pk).exists()


def test_strangers_find_nothing(world: World) -> None:
    bela = world.client(world.bela)
    for path in (
        "contacts/",
        f"contacts/{world.dora.pk}/",
        "lists/",
        "fields/",
        "tags/",
        "imports/",
    ):
        assert bela.get(f"/alma/{path}").status_code == 404
        assert Client().get(f"/alma/{path}").status_code == 302


def test_a_name_follows_the_brands_language_where_the_contact_has_none(world: World) -> None:
    contact(world.alma_list, "a@example.hu", "Anna", "Kiss")
    contact(world.alma_list, "b@example.ro", "Ana", "Pop", language="ro")
    page = world.client(world.anna).get("/alma/contacts/").text
    assert "Kiss Anna" in page
    assert "Ana Pop" in page
    world.alma_brand.language = "en"
    world.alma_brand.save()
    assert "Anna Kiss" in world.client(world.anna).get("/alma/contacts/").text


def test_two_who_add_the_same_address_at_once_have_one_contact(
    world: World, mark: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second looks before the first has committed, and writes afterwards."""
    looks = iter([None, Contact.objects.get(pk=world.dora.pk)])

    class Blind:
        def first(self) -> Contact | None:
            return next(looks)

    monkeypatch.setattr(editing, "_known", lambda *_given: Blind())
    before = Holding.objects.count()
    answer = mark.post("/alma/contacts/add/", new(world, email="dora@example.hu"), follow=True)
    assert "This contact is already here" in answer.content.decode()
    assert Holding.objects.count() == before
