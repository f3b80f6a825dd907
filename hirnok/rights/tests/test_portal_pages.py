"""The portal: the same answer for everybody, links that work once, limits, and nothing by GET."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from hirnok.lib import keys, tokens
from hirnok.register import portals
from hirnok.register.models import Activity
from hirnok.rights import portal
from hirnok.rights.models import Claim, PortalCount, Request, Right
from hirnok.rights.tests.asked import DORA, ask, confirm, link_in, mails_to, text_of
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon() -> object:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def counted(world: World) -> dict[str, int]:
    with acting_for(world.alma):
        return dict(PortalCount.objects.of(world.alma).values_list("outcome", "count"))


def test_it_shows_every_right_in_every_language(world: World) -> None:
    for language, word in (
        ("hu", "Törlést kérek"),
        ("ro", "Cer ștergerea"),
        ("en", "Have data deleted"),
    ):
        page = Client().get(f"{portals.path(world.alma.pk)}?lang={language}")
        assert page.status_code == 200
        assert word in page.text
        assert page["Content-Language"] == language
        for right in Right:
            assert f"/{right.value}/?lang={language}" in page.text
        assert "Hatóság" in page.text or "Autoritatea" in page.text or "Authority" in page.text


def test_it_has_a_page_for_each_brand(world: World) -> None:
    page = Client().get(portals.path(world.alma.pk, world.alma_brand.pk))
    assert "1011 Budapest" in page.text
    assert Client().get(portals.path(world.alma.pk, world.barack_brand.pk)).status_code == 404


@pytest.mark.parametrize("right", [one.value for one in Right])
def test_it_asks_for_no_more_than_the_right_needs(world: World, right: str) -> None:
    page = Client().get(f"{portals.path(world.alma.pk)}{right}/?lang=hu")
    assert page.status_code == 200
    asked = set(page.context["form"].fields)
    assert "email" in asked
    assert not asked & {"name", "phone", "postal_address", "birth"}


def test_it_answers_the_same_whether_the_address_is_known_or_not(world: World) -> None:
    known, unknown = ask(world.alma, "access"), ask(world.alma, "access", "nobody@example.org")

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mails_to(world.alma, "nobody@example.org")) == 1
    first, second = (mails_to(world.alma, one)[0] for one in (DORA, "nobody@example.org"))
    assert first["Subject"] == second["Subject"] == "Kérjük, erősítse meg a kérelmét"
    assert counted(world) == {"link_sent": 2}


def test_nothing_happens_by_opening_the_link(world: World) -> None:
    ask(world.alma, "review", words="A pontozásom")
    link = link_in(mails_to(world.alma, DORA)[0])

    for _ in range(2):
        assert Client().get(link).status_code == 200
    assert not Request.objects.exists()
    assert Claim.objects.get().used_at is None


def test_the_link_works_once(world: World) -> None:
    ask(world.alma, "review", words="A pontozásom")
    link = link_in(mails_to(world.alma, DORA)[0])

    assert Client().post(link).status_code == 302
    assert Client().post(link).status_code == 410
    assert Client().get(link).status_code == 410
    assert Request.objects.count() == 1
    assert counted(world)["link_over"] == 1


def test_the_link_expires(world: World, at_noon: time_machine.Traveller) -> None:
    ask(world.alma, "review", words="A pontozásom")
    link = link_in(mails_to(world.alma, DORA)[0])

    at_noon.shift(timedelta(hours=24))
    assert Client().post(link).status_code == 410
    assert not Request.objects.exists()


def test_a_forged_link_or_one_of_another_tenant_does_nothing(world: World) -> None:
    ask(world.alma, "review", words="A pontozásom")
    link = link_in(mails_to(world.alma, DORA)[0])
    token = link.split("/c/")[1].strip("/")
    claim = Claim.objects.get()
    home, other = portals.path(world.alma.pk), portals.path(world.barack.pk)

    for path, status in (
        (f"{home}c/{'A' * 24}/", 404),
        (f"{home}c/{token[:-1]}/", 404),
        (f"{home}c/{tokens.recipient(keys.derive('rights-status'), claim.pk)}/", 404),
        (f"{home}c/{tokens.recipient(keys.derive('rights-claim'), claim.pk + 1)}/", 410),
        (f"{other}c/{token}/", 410),
    ):
        assert Client().get(path).status_code == status, path
        assert Client().post(path).status_code == status, path
    assert not Request.objects.exists()
    assert counted(world)["bad_link"] == 3


def test_the_page_of_a_request_needs_its_secret(world: World) -> None:
    ask(world.alma, "review", words="A pontozásom")
    page = confirm(world.alma)["Location"]
    made = Request.objects.get()
    home, other = portals.path(world.alma.pk), portals.path(world.barack.pk)
    token = page.split("/s/")[1].strip("/")

    assert made.reference in Client().get(page).text
    assert Client().get(f"{home}s/{'A' * 24}/").status_code == 404
    assert Client().get(f"{other}s/{token}/").status_code == 410
    claim_key = tokens.recipient(keys.derive("rights-claim"), made.pk)
    assert Client().get(f"{home}s/{claim_key}/").status_code == 404


def test_an_address_gets_some_links_a_day_and_nobody_is_told(world: World) -> None:
    answers = [ask(world.alma, "access")["Location"] for _ in range(portal.MAIL_MOST + 2)]

    assert len(set(answers)) == 1
    assert len(mails_to(world.alma, DORA)) == portal.MAIL_MOST
    assert counted(world) == {"link_sent": portal.MAIL_MOST, "address_rests": 2}


def test_a_network_has_a_limit(world: World, at_noon: time_machine.Traveller) -> None:
    for number in range(portal.NETWORK_MOST):
        assert ask(world.alma, "access", f"reader{number}@example.hu").status_code == 302
    assert ask(world.alma, "access", "one@example.hu").status_code == 429
    assert ask(world.barack, "access", "one@example.hu").status_code == 302

    at_noon.shift(timedelta(hours=1))
    assert ask(world.alma, "access", "one@example.hu").status_code == 302


def test_it_refuses_what_is_not_filled_in(world: World) -> None:
    assert ask(world.alma, "access", "no address").status_code == 200
    assert ask(world.alma, "rectification").status_code == 200
    assert ask(world.alma, "objection", objection="other").status_code == 200
    assert ask(world.alma, "erasure", ground="because").status_code == 200
    assert not Claim.objects.exists()
    assert counted(world) == {"invalid": 4}


def test_a_program_that_fills_in_everything_is_told_what_everybody_is(world: World) -> None:
    told = ask(world.alma, "access", website="https://spam.example/")["Location"]

    assert told == ask(world.alma, "access")["Location"]
    assert counted(world) == {"trapped": 1, "link_sent": 1}


def test_it_takes_nothing_where_the_register_has_struck_the_activity(world: World) -> None:
    Activity.objects.filter(tenant=world.alma, code="rights").update(active=False)

    assert ask(world.alma, "access").status_code == 200
    assert not Claim.objects.exists()
    assert counted(world) == {"closed": 1}
    assert Client().get(portals.path(world.alma.pk)).status_code == 200


def test_the_receipt_says_until_when_it_is_answered(world: World) -> None:
    ask(world.alma, "review", words="A pontozásom")
    confirm(world.alma)

    receipt = mails_to(world.alma, DORA)[-1]
    made = Request.objects.get()
    assert made.status == "in_progress"
    assert made.reference in receipt["Subject"]
    assert "2026. november 27." in text_of(receipt)
    assert "2026. december 2." in text_of(receipt)
    assert [one.get_content_type() for one in receipt.iter_attachments()] == ["application/pdf"]


def test_the_person_takes_the_request_back(world: World) -> None:
    ask(world.alma, "review", words="A pontozásom")
    page = confirm(world.alma)["Location"]

    assert Client().post(page).status_code == 302
    assert Request.objects.get().is_open
    Client().post(page, {"do": "withdraw"})
    assert Request.objects.get().status == "withdrawn"
    assert Client().get(page).status_code == 200
