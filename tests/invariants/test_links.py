"""Every link with a token in it, forged, cut short, of another kind, used or over: a page that helps on, and nothing done.

The addresses are read from the resolver: a new one with a word in it that strangers can guess needs a line here.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from hirnok.accounts import profile
from hirnok.campaigns import shares
from hirnok.consent.tests.forms import form_of, sign_up
from hirnok.consent.tests.sent import delivery_to
from hirnok.contacts.models import Contact
from hirnok.lib import keys, tokens
from hirnok.register.models import Holding
from tests.invariants.making import Maker
from tests.invariants.test_every_url import ALL
from tests.world import NOON, PASSWORD, World

pytestmark = pytest.mark.django_db
KINDS = {
    "consent:unsubscribe": "/u/{}",
    "consent:confirm_sign_up": "/k/{}/",
    "consent:preferences": "/p/{}/",
    "consent:preferences_data": "/p/{}/data.json",
    "consent:receipt": "/p/{}/receipt.json",
    "consent:renew": "/k/renew/{}/",
    "consent:sign_up": "/f/{}/",
    "consent:sign_up_thanks": "/f/{}/thanks/",
    "consent:image": "/m/{}",
    "campaigns:shared_report": "/r/{}/",
    "privacy:public_notice": "/n/{}/",
    "privacy:notice_pdf": "/n/{}/1/notice.pdf",
    "privacy:notice_json": "/n/{}/1/notice.json",
    "rights:portal_home": "/rights/{}/",
    "rights:portal_sent": "/rights/{}/sent/",
    "rights:portal_ask": "/rights/{}/access/",
    "rights:portal_confirm": "/rights/{}/c/x/",
    "rights:portal_request": "/rights/{}/s/x/",
    "rights:portal_letter": "/rights/{}/s/x/letters/1/",
    "rights:portal_copy": "/rights/{}/s/x/copy.zip",
    "breaches:report_violation": "/i/{}/",
    "account_reset_password_from_key": "/account/password/reset/key/{}/",
    "own_address_confirm": "/account/address/confirm/{}/",
}
OTHERS = {
    "consent:form_texts": "a language, behind the door",
    "consent:form_preview": "a language, behind the door",
    "consent:form_letter": "a language and a kind of letter, behind the door",
    "privacy:record": "a kind of file, behind the door",
    "privacy:processor_record": "a kind of file, behind the door",
    "returns:provider_events": "for a program, which gets a status and no page",
    "ui:gallery_page": "a name, only with DEBUG",
}
NO_PAGES = {"consent:image"}  # a picture that is none


def _tokens(world: World) -> dict[str, str]:
    """Return a token of each kind that is signed, and some that are not."""
    delivery = delivery_to(world.dora)
    signed = {
        purpose: tokens.recipient(keys.derive(purpose), delivery.pk)
        for purpose in ("leave", "track", "confirm", "preferences")
    }
    return signed | {
        "forged": "A" * 24,
        "short": signed["leave"][:-1],
        "long": signed["leave"] + "A",
        "changed": ("B" if signed["leave"][0] == "A" else "A") + signed["leave"][1:],
        "letters": "ő" * 24,
        "two parts": "1-set-password",
        "nothing": "-",
    }


OWN = {
    "consent:unsubscribe": {"leave"},
    "consent:confirm_sign_up": {"confirm"},
    "consent:preferences": {"preferences", "leave"},
    "consent:preferences_data": {"preferences", "leave"},
    "consent:receipt": {"preferences", "leave"},
}


def test_each_kind_of_link_is_tried() -> None:
    words = {
        page.name
        for page in ALL
        if any(
            name != "tenant" and kind.__class__.__name__ not in {"IntConverter", "Base36"}
            for name, kind in page.converters.items()
        )
    }
    assert words == set(KINDS) | set(OTHERS)


@pytest.mark.parametrize("name", KINDS)
def test_what_was_forged_or_is_of_another_kind_helps_on(world: World, name: str) -> None:
    before = (Contact.objects.count(), Holding.objects.count())
    visitor = world.client(world.anna) if name == "own_address_confirm" else Client()
    for kind, token in _tokens(world).items():
        if kind in OWN.get(name, ()):
            continue
        for answer in (
            visitor.get(KINDS[name].format(token)),
            visitor.post(KINDS[name].format(token)),
        ):
            if answer.status_code == 405:
                continue
            if name == "account_reset_password_from_key" and answer.status_code == 200:
                assert "Ask for a new link" in answer.text, kind
                continue
            assert answer.status_code in {404, 410}, (kind, answer.status_code)
            assert name in NO_PAGES or _helps(answer.text), kind
    assert (Contact.objects.count(), Holding.objects.count()) == before


def _confirm(world: World) -> str:
    sign_up(form_of(world.alma_list), at=NOON)
    pending = Holding.objects.latest("pk").pk
    return f"/k/{tokens.recipient(keys.derive('confirm'), pending)}/"


def _address(world: World) -> str:
    token = profile.ask_for_address(world.anna, "anna.uj@hirnok.example", at=NOON)
    return f"/account/address/confirm/{token}/"


def _report(world: World) -> str:
    campaign = Maker(world.alma).of(_model("campaigns.Campaign"))
    token = shares.share(campaign, actor="user:1", at=NOON, expires_at=NOON + timedelta(days=1))
    return f"/r/{token}/"


def _model(label: str) -> type:
    from django.apps import apps

    return apps.get_model(label)


@pytest.mark.parametrize("link", [_confirm, _address, _report])
def test_what_is_over_helps_on(world: World, link: Callable[[World], str]) -> None:
    with time_machine.travel(NOON, tick=False):
        url = link(world)
    with time_machine.travel(NOON + timedelta(days=5), tick=False):
        visitor = world.client(world.anna)
        for answer in (visitor.get(url), visitor.post(url)):
            assert answer.status_code in {404, 410}
            assert _helps(answer.text)


@pytest.mark.parametrize("link", [_confirm, _address])
def test_what_was_used_helps_on(world: World, link: Callable[[World], str]) -> None:
    with time_machine.travel(NOON, tick=False):
        url = link(world)
        visitor = world.client(world.anna)
        assert visitor.get(url).status_code == 200
        assert visitor.post(url).status_code in {200, 302}
        for answer in (visitor.get(url), visitor.post(url)):
            assert answer.status_code in {404, 410}
            assert _helps(answer.text)
            assert "already" in answer.text


def test_what_somebody_else_was_given_helps_on(world: World) -> None:
    with time_machine.travel(NOON, tick=False):
        url = _address(world)
        answer = world.client(world.bela).post(url)
    assert answer.status_code == 404
    assert _helps(answer.text)
    world.bela.refresh_from_db()
    assert world.bela.email == "bela@hirnok.example"


def test_a_password_link_works_once(world: World, mailoutbox: list[object]) -> None:
    world.anna.set_password(PASSWORD)
    world.anna.save()
    Client().post("/account/password/reset/", {"email": world.anna.email})
    letter = str(mailoutbox[0].body)  # type: ignore[attr-defined]
    [path] = [
        line.partition("testserver")[2] for line in letter.splitlines() if "/reset/key/" in line
    ]
    first = Client()
    form = first.get(path, follow=True)
    fresh = "sárga-répa-barna-kavics"
    first.post(form.redirect_chain[-1][0], {"password1": fresh, "password2": fresh})
    again = Client().get(path, follow=True)
    assert "Ask for a new link" in again.text
    world.anna.refresh_from_db()
    assert world.anna.check_password(fresh)


def _helps(text: str) -> bool:
    """Whether it is a whole page that says more than that something is wrong."""
    return "<h1>" in text and "<p>" in text and 'lang="' in text and "</html>" in text
