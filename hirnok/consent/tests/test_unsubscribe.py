from django.test import Client

from hirnok.consent.models import Departure
from hirnok.consent.tests.sent import delivery_to, leave_token
from hirnok.contacts.models import Contact
from hirnok.lib import keys, tokens
from hirnok.outbox.models import Delivery
from hirnok.register.models import Hold, Holding
from tests.world import NOON, World

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def _left(world: World) -> bool:
    return not Contact.objects.filter(pk=world.dora.pk).exists()


def test_it_shows_who_writes_and_what_will_happen_and_changes_nothing(world: World) -> None:
    url = f"/u/{leave_token(delivery_to(world.dora))}"

    page = Client().get(url)

    text = page.content.decode()
    assert page.status_code == 200
    assert "Alma" in text and "d•••@example.hu" in text and "dora@example.hu" not in text
    assert "<script" not in text
    assert not page.cookies
    assert not _left(world)


def test_it_speaks_the_language_of_the_reader(world: World) -> None:
    page = Client().get(f"/u/{leave_token(delivery_to(world.emil))}", HTTP_ACCEPT_LANGUAGE="en")

    assert page["Content-Language"] == "ro"
    assert '<html lang="ro"' in page.content.decode()


def test_it_unsubscribes_by_the_button_of_the_page(world: World) -> None:
    url = f"/u/{leave_token(delivery_to(world.dora))}"

    page = Client(enforce_csrf_checks=True).post(url)

    assert page.status_code == 200
    assert not page.cookies
    assert _left(world)
    assert Departure.objects.get().surface == "page"


def test_it_unsubscribes_by_one_click_without_redirect_or_cookie(world: World) -> None:
    url = f"/u/{leave_token(delivery_to(world.dora))}"

    answer = Client(enforce_csrf_checks=True).post(url, ONE_CLICK)

    assert (answer.status_code, answer.content) == (200, b"OK")
    assert not answer.cookies
    assert _left(world)
    assert Departure.objects.get().surface == "one_click"


def test_it_takes_one_click_as_a_form_of_several_parts_and_as_a_plain_one(world: World) -> None:
    url = f"/u/{leave_token(delivery_to(world.dora))}"

    answer = Client().post(
        url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 200
    assert _left(world)


def test_it_answers_quietly_when_the_reader_has_left_already(world: World) -> None:
    url = f"/u/{leave_token(delivery_to(world.dora))}"
    Client().post(url)

    assert Client().post(url, ONE_CLICK).status_code == 200
    page = Client().get(url)
    assert page.status_code == 200
    assert "example.hu" not in page.content.decode().replace("alma.example", "")
    assert Departure.objects.count() == 1


def test_it_has_a_neutral_page_for_a_link_that_is_none(world: World) -> None:
    delivery = delivery_to(world.dora)
    tracking = tokens.recipient(keys.derive("track"), delivery.pk)

    for token in ("x", "A" * 24, tracking, "ő" * 24):
        page = Client().post(f"/u/{token}", ONE_CLICK)
        assert page.status_code == 404
        assert "Alma" not in page.content.decode()
    assert not _left(world)


def test_it_answers_one_click_even_when_the_newsletter_is_no_more(world: World) -> None:
    delivery = delivery_to(world.dora)
    url = f"/u/{leave_token(delivery)}"
    Delivery.objects.all().delete()

    assert Client().post(url, ONE_CLICK).status_code == 200
    assert Client().get(url).status_code == 410


def test_it_does_not_say_deleted_of_what_a_legal_hold_keeps(world: World) -> None:
    Hold.objects.create(
        tenant=world.alma, holding_id=world.dora.pk, reason="court", ordered_by="user:1", since=NOON
    )
    url = f"/u/{leave_token(delivery_to(world.dora))}"
    Contact.objects.filter(pk=world.dora.pk).update(language="en")

    for page in (Client().post(url), Client().get(url)):
        assert "locked" in page.content.decode()
        assert "d•••" not in page.content.decode()


def test_it_offers_to_leave_to_somebody_whose_data_are_restricted(world: World) -> None:
    Holding.objects.filter(pk=world.dora.pk).update(restricted_at=NOON)
    url = f"/u/{leave_token(delivery_to(world.dora))}"

    assert "d•••@example.hu" in Client().get(url).content.decode()
    Client().post(url)

    assert "d•••@example.hu" not in Client().get(url).content.decode()
