"""The hosted form: by day one box, no cookie, and the same answer to everybody."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from hirnok.consent import forming, throttling, wording
from hirnok.consent.models import Form, FormCount, PendingSignUp
from hirnok.consent.tests.forms import LIZA, form_of, letters_to
from hirnok.contacts import lists
from hirnok.contacts.models import Contact
from hirnok.outbox.models import Letter
from hirnok.register.models import Activity
from tests.world import NOON, World

SHORTLY = timedelta(seconds=30)


@pytest.fixture
def form(world: World) -> Form:
    return form_of(world.alma_list, first_name=True, last_name=False)


def _stamp(form: Form, language: str = "hu") -> str:
    with time_machine.travel(NOON, tick=False):
        page = Client().get(f"/f/{form.token}/?language={language}").content.decode()
    found = re.search(r'name="stamp" value="([^"]+)"', page)
    assert found
    return found[1]


def _send(form: Form, **given: str) -> tuple[int, str]:
    """Fill and send the form half a minute after it was shown; return status and text of what comes."""
    filled = {"email": LIZA, "first_name": "Liza", "consent": "on", "stamp": _stamp(form)} | given
    with time_machine.travel(NOON + SHORTLY, tick=False):
        answer = Client(enforce_csrf_checks=True).post(f"/f/{form.token}/", filled, follow=True)
    assert not answer.cookies
    return answer.status_code, re.sub(r'nonce="[^"]*"', "", answer.content.decode())


def test_it_shows_what_is_asked_and_nothing_is_ticked(form: Form) -> None:
    answer = Client().get(f"/f/{form.token}/", HTTP_ACCEPT_LANGUAGE="de")

    page = answer.content.decode()
    assert answer.status_code == 200 and not answer.cookies
    assert answer["Content-Language"] == "hu"
    assert "<script" not in page and "checked" not in page and "http" not in page.split("<main")[1]
    assert page.index("last_name") < page.index("first_name")
    assert len(answer.content) < 60_000


def test_it_speaks_the_language_that_is_chosen_or_the_browsers(form: Form) -> None:
    chosen = Client().get(f"/f/{form.token}/?language=ro", HTTP_ACCEPT_LANGUAGE="hu")
    assert chosen["Content-Language"] == "ro"
    browsers = Client().get(f"/f/{form.token}/", HTTP_ACCEPT_LANGUAGE="ro")
    assert browsers["Content-Language"] == "ro"
    assert '<html lang="ro"' in browsers.content.decode()


def test_it_takes_a_sign_up_and_asks_by_mail(form: Form) -> None:
    status, page = _send(form)

    assert status == 200 and LIZA not in page
    assert PendingSignUp.objects.get().first_name == "Liza"
    assert len(letters_to()) == 1
    assert not Contact.objects.filter(email=LIZA).exists()


def test_it_answers_the_same_whether_an_address_is_known_or_not(world: World, form: Form) -> None:
    answers = {_send(form, email=address) for address in (LIZA, world.dora.email, LIZA)}

    assert len(answers) == 1


def test_it_says_what_is_missing_and_keeps_what_was_typed(form: Form) -> None:
    status, page = _send(form, first_name="", consent="")

    assert status == 200
    assert LIZA in page and 'aria-invalid="true"' in page
    consent = wording.consent_text(form, "hu")
    assert consent and page.count(consent.text) == 1 and ">Hozzájárulás</a>" in page
    assert not PendingSignUp.objects.exists()


def test_it_does_not_take_what_is_no_address(form: Form) -> None:
    _send(form, email="liza at example")

    assert not PendingSignUp.objects.exists()


def test_it_asks_for_fields_of_the_tenant(world: World) -> None:
    field = lists.create_field(
        world.alma, label="Kedvenc szín", type="choice", choices=("kék",), actor="user:1", at=NOON
    )
    form = form_of(world.alma_list, **{field.key: True})

    _send(form, **{field.key: "zöld"})
    assert not PendingSignUp.objects.exists()
    _send(form, **{field.key: "kék"})
    assert PendingSignUp.objects.get().fields == {field.key: "kék"}


def test_a_snippet_of_another_site_leads_to_the_form_filled_with_what_was_typed(
    form: Form,
) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"/f/{form.token}/", {"email": LIZA})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'value="{LIZA}"' in page and 'name="stamp"' in page
    assert "checked" not in page and "aria-invalid" not in page
    assert FormCount.objects.get().outcome == "unstamped"
    assert not Letter.objects.exists()


@pytest.mark.parametrize("given", [{"website": "https://x.example"}, {"stamp": "1.1.x"}])
def test_what_a_machine_sends_leads_to_nothing(form: Form, given: dict[str, str]) -> None:
    status, page = _send(form, **given)

    assert status == 200 and 'name="stamp"' in page
    assert not PendingSignUp.objects.exists()


def test_it_holds_back_a_network_that_sends_very_many(form: Form) -> None:
    statuses = [_send(form, consent="")[0] for _ in range(throttling.NETWORK_MOST + 1)]

    assert set(statuses[:-1]) == {200}
    assert statuses[-1] == 429


def test_a_closed_form_says_so(form: Form) -> None:
    forming.close(form, actor="user:1", at=NOON)

    assert Client().get(f"/f/{form.token}/").status_code == 410
    assert Client().post(f"/f/{form.token}/", {"email": LIZA}).status_code == 410


def test_there_is_no_form_by_another_token(form: Form) -> None:
    for path in ("/f/x/", "/f/x/thanks/"):
        assert Client().get(path).status_code == 404


@pytest.mark.parametrize("code", ["sign_up", "newsletter", "sending_log"])
def test_a_form_is_closed_where_the_register_does_not_allow_it(form: Form, code: str) -> None:
    Activity.objects.filter(tenant_id=form.tenant_id, code=code).update(active=False)

    assert Client().get(f"/f/{form.token}/").status_code == 410
    assert Client().post(f"/f/{form.token}/", {"email": LIZA}).status_code == 410


def test_a_form_of_an_archived_list_is_closed(world: World, form: Form) -> None:
    lists.archive_list(world.alma_list, actor="user:1", at=NOON)

    assert Client().get(f"/f/{form.token}/").status_code == 410
