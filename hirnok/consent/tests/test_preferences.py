import json

import pytest
from django.test import Client

from hirnok.consent import leaving, wording, writing
from hirnok.consent.models import ConsentEntry, MeasurementRefusal
from hirnok.consent.tests.forms import form_of
from hirnok.consent.tests.sent import delivery_to, leave_token
from hirnok.contacts.models import Contact, ContactTag, List, Subscription, Tag
from hirnok.lib import keys, tokens
from hirnok.outbox import letters
from hirnok.register import holdings, suppression
from hirnok.register.models import Hold, Holding, Suppression
from hirnok.tenants.models import Brand
from tests.world import NOON, World


@pytest.fixture
def url(world: World) -> str:
    return writing.preferences_path(world.dora.pk)


@pytest.fixture
def second(world: World) -> List:
    """Another list that Dóra is on."""
    made = List.objects.create(
        tenant=world.alma, brand=world.alma_brand, name="Akciók", created_at=NOON
    )
    Subscription.objects.create(tenant=world.alma, contact=world.dora, list=made, since=NOON)
    return made


def _do(url: str, what: str, **values: str) -> str:
    answer = Client(enforce_csrf_checks=True).post(url, {"do": what, **values})
    assert answer.status_code == 200 and not answer.cookies
    return answer.content.decode()


def _lists(world: World) -> set[str]:
    rows = Subscription.objects.filter(contact_id=world.dora.pk)
    return set(rows.values_list("list__name", flat=True))


def test_it_shows_what_is_held_and_why(world: World, url: str) -> None:
    page = Client().get(url)

    text = page.content.decode()
    assert page["Content-Language"] == "hu" and not page.cookies
    assert 'value="Dóra"' in text and "Hírlevél" in text and "2026. nov. 2. 13:00:00" in text
    assert "<script" not in text and len(page.content) < 60_000
    assert "dora@example.hu" not in text  # a forwarded mail gives the address to nobody


def test_it_is_reached_from_the_page_to_unsubscribe(world: World, url: str) -> None:
    page = Client().get(f"/u/{leave_token(delivery_to(world.dora))}")

    assert url in page.content.decode()


def test_it_is_reached_by_the_address_of_a_newsletter_that_was_sent(world: World) -> None:
    url = f"/p/{leave_token(delivery_to(world.dora))}/"

    page = Client().get(url)
    assert page.status_code == 200 and 'value="Dóra"' in page.content.decode()
    assert Client().post(url, {"do": "leave"}).status_code == 200
    assert not Contact.objects.filter(pk=world.dora.pk).exists()
    assert Client().get(url).status_code == 410


@pytest.mark.parametrize("url", ["/u/preview", "/p/preview/"])
def test_a_link_of_a_preview_or_a_test_mail_leads_to_a_page_that_changes_nothing(
    world: World, url: str
) -> None:
    for answer in (
        Client().get(url),
        Client(enforce_csrf_checks=True).post(
            url, {"List-Unsubscribe": "One-Click", "do": "leave"}
        ),
    ):
        assert answer.status_code == 200 and not answer.cookies
    assert not Suppression.objects.exists()


def test_it_takes_corrections_and_keeps_lists_and_tags(world: World, url: str) -> None:
    tag = Tag.objects.create(tenant=world.alma, name="vip")
    ContactTag.objects.create(tenant=world.alma, contact=world.dora, tag=tag)

    page = _do(url, "save", first_name="Dorka", last_name="", language="ro")

    assert '<html lang="ro"' in page
    world.dora.refresh_from_db()
    held = world.dora.first_name, world.dora.last_name, world.dora.language
    assert held == ("Dorka", "", "ro")
    assert _lists(world) == {"Olvasók"}
    assert ContactTag.objects.filter(contact_id=world.dora.pk).count() == 1
    history = world.client(world.mark).get(f"/alma/contacts/{world.dora.pk}/").content.decode()
    assert "Changed by the person" in history


def test_it_leaves_one_list_for_good(world: World, url: str, second: List) -> None:
    _do(url, f"leave-{second.pk}")

    assert _lists(world) == {"Olvasók"}
    assert Suppression.objects.get().scope == "list"
    assert ConsentEntry.objects.get().event == "list_left"


def test_who_leaves_the_last_list_has_left(world: World, url: str) -> None:
    _do(url, f"leave-{world.alma_list.pk}")

    assert not Contact.objects.filter(pk=world.dora.pk).exists()


def test_it_does_not_leave_a_list_that_is_not_the_readers(world: World, url: str) -> None:
    _do(url, f"leave-{world.barack_list.pk}")

    assert _lists(world) == {"Olvasók"}


def test_it_leaves_everything_at_once(world: World, url: str, second: List) -> None:
    index = bytes(world.dora.person.blind_index)

    _do(url, "leave")

    assert not Contact.objects.filter(pk=world.dora.pk).exists()
    assert suppression.suppressed(world.alma, world.alma_brand, [index]) == {index}
    assert Client().get(url).status_code == 410
    assert Contact.objects.filter(pk=world.barack_dora.pk).exists()


def test_it_refuses_measurement_and_allows_it_again(world: World, url: str) -> None:
    for _ in range(2):
        _do(url, "refuse")
    assert MeasurementRefusal.objects.get().pk == world.dora.pk

    _do(url, "allow")
    assert not MeasurementRefusal.objects.exists()
    events = list(ConsentEntry.objects.order_by("pk").values_list("event", flat=True))
    assert events == ["measurement_refused", "measurement_allowed"]


def test_a_get_changes_nothing(world: World, url: str) -> None:
    for what in ("leave", "refuse", f"leave-{world.alma_list.pk}"):
        Client().get(url, {"do": what})

    assert _lists(world) == {"Olvasók"}
    assert not MeasurementRefusal.objects.exists()


def test_it_shows_the_words_that_were_agreed_to(world: World, url: str) -> None:
    form = form_of(world.alma_list)
    text = wording.consent_text(form, "hu")
    ConsentEntry.objects.create(
        tenant=world.alma, contact=world.dora, event="given", text=text, surface="form", at=NOON
    )

    assert text and text.text in Client().get(url).content.decode()


def test_it_does_not_ask_about_measurement_where_there_is_none(world: World, url: str) -> None:
    assert 'value="refuse"' in Client().get(url).content.decode()

    Brand.objects.filter(pk=world.alma_brand.pk).update(measurement="off")

    assert 'value="refuse"' not in Client().get(url).content.decode()


def test_it_gives_what_is_held_as_json_and_csv(world: World, url: str) -> None:
    world.dora.fields = {"town": "Kőszeg", "note": "=1+1"}
    world.dora.save(update_fields=["fields"])
    delivery_to(world.dora)
    page = Client().get(url).content.decode()
    assert 'href="data.json"' in page and 'href="data.csv"' in page

    answer = Client().get(f"{url}data.json")
    held = json.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"] and not answer.cookies
    [contact] = held["contacts.Contact"]
    assert (contact["first_name"], contact["fields"]["town"]) == ("Dóra", "Kőszeg")
    assert contact["for"]["legal_basis"] == "consent"
    assert held["contacts.Subscription"] and held["outbox.Delivery"]
    sheet = Client().get(f"{url}data.csv")
    text = sheet.content.decode("utf-8-sig")
    assert "fields.town;Kőszeg" in text and ";'=1+1" in text
    for given in (answer, sheet):
        assert "dora@example.hu" not in given.content.decode()
    assert Client().get(f"{url}data.xml").status_code == 404
    assert Client().post(f"{url}data.json").status_code == 405


def test_what_is_held_for_other_purposes_is_not_among_it(world: World, url: str) -> None:
    other = holdings.open_for(
        world.dora.person, activity="sending_log", legal_basis="legitimate_interest", at=NOON
    )
    letters.post(
        world.alma, other, recipient="dora@example.hu", return_path="a@alma.example",
        data=b"To: dora@example.hu\r\n\r\nhttps://secret.example/reset", at=NOON,
    )  # fmt: skip

    assert "outbox.Letter" not in json.loads(Client().get(f"{url}data.json").content)


def test_another_token_opens_nothing(world: World) -> None:
    number = delivery_to(world.dora).pk
    others = [tokens.recipient(keys.derive(key), number) for key in ("track", "confirm")]
    for token in ("x", "A" * 24, *others):
        assert Client().get(f"/p/{token}/").status_code == 404


def test_what_a_legal_hold_keeps_is_shown_to_nobody(world: World, url: str) -> None:
    Hold.objects.create(
        tenant=world.alma, holding_id=world.dora.pk, reason="court", ordered_by="user:1", since=NOON
    )
    assert leaving.leave_all(world.dora.pk, tenant=world.alma.pk, at=NOON).held

    assert Client().get(url).status_code == 410


def test_nothing_but_leaving_is_possible_while_the_data_are_restricted(
    world: World, url: str, second: List
) -> None:
    Holding.objects.filter(pk=world.dora.pk).update(restricted_at=NOON)

    for what in ("save", "refuse", f"leave-{second.pk}"):
        page = _do(url, what, first_name="X", last_name="X", language="ro")
        assert 'value="save"' not in page and 'value="leave"' in page
    world.dora.refresh_from_db()
    assert (world.dora.first_name, MeasurementRefusal.objects.count()) == ("Dóra", 0)
    assert _lists(world) == {"Olvasók", "Akciók"}

    _do(url, "leave")
    assert Client().get(url).status_code == 410
    assert Contact.objects.filter(pk=world.dora.pk).exists()
