import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from hirnok.consent.tests.forms import LIZA, form_of, letters_to, sign_up
from hirnok.contacts.models import Contact
from hirnok.lib import keys, tokens
from tests.world import NOON, World


@pytest.fixture
def url(world: World) -> str:
    """The link in the mail."""
    sign_up(form_of(world.alma_list), first_name="Liza")
    found = re.search(r"/k/[\w-]+/", letters_to()[0])
    assert found
    return found[0]


@pytest.fixture(autouse=True)
def soon() -> object:
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        yield


def test_programs_that_open_every_link_confirm_nothing(url: str) -> None:
    for method in ("get", "head"):
        answer = getattr(Client(), method)(url)
        assert answer.status_code == 200 and not answer.cookies
    page = Client().get(url).content.decode()
    assert "l•••@example.hu" in page and "Liza" in page and LIZA not in page
    assert not Contact.objects.filter(email=LIZA).exists()


def test_the_button_makes_the_contact_and_leads_to_the_own_page(url: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(url)

    assert answer.status_code == 200 and answer["Content-Language"] == "hu"
    contact = Contact.objects.get(email=LIZA)
    found = re.search(r"/p/([\w-]+)/", answer.content.decode())
    assert found and tokens.read_recipient(keys.derive("preferences"), found[1]) == contact.pk


def test_it_helps_on_when_there_is_nothing_to_confirm(url: str) -> None:
    Client().post(url)

    leave = tokens.recipient(keys.derive("leave"), 1)
    for again, status, says in (
        (url, 410, "If you have confirmed it already, all is well"),
        ("/k/x/", 404, "nothing to confirm"),
        (f"/k/{leave}/", 404, "nothing to confirm"),
    ):
        for answer in (Client().get(again), Client().post(again)):
            assert answer.status_code == status
            assert says in answer.content.decode()
    assert Contact.objects.filter(email=LIZA).count() == 1


def test_it_is_too_late_after_some_days(url: str) -> None:
    with time_machine.travel(NOON + timedelta(days=3, seconds=1), tick=False):
        assert Client().post(url).status_code == 410
    assert not Contact.objects.filter(email=LIZA).exists()
