"""From a form on a site to the newsletter and back out; and that no road but the person's own leads in again."""

import io
import json
import re
from datetime import timedelta
from pathlib import Path

import time_machine
from django.core.management import call_command
from django.test import Client

from hirnok.consent.models import ConsentEntry, Form, Proof
from hirnok.consent.tests.forms import LIZA, letters_to
from hirnok.consent.tests.sent import delivery_to, leave_token
from hirnok.contacts.models import Contact
from hirnok.outbox.models import Letter
from hirnok.register.models import Person
from tests.world import NOON, World

READING = timedelta(seconds=20)
NEXT_DAY = NOON + timedelta(days=1, hours=1)


def test_a_reader_comes_leaves_and_comes_back_by_the_own_will(world: World, tmp_path: Path) -> None:
    form = a_marketer_makes_a_form(world)

    somebody_fills_it(form, at=NOON)
    assert nobody_is_on_the_list()
    a_mail_scanner_opens_the_link()
    assert nobody_is_on_the_list()
    the_owner_of_the_address_confirms(at=NOON + READING)
    contact = Contact.objects.get(email=LIZA)
    assert ConsentEntry.objects.get(contact=contact).text.language == "hu"

    one_click_in_the_newsletter_is_enough(contact)
    assert nobody_is_on_the_list()
    assert nothing_is_left_but_a_proof()

    an_import_brings_nobody_back(tmp_path)
    a_colleague_brings_nobody_back(world)
    assert nobody_is_on_the_list()

    somebody_fills_it(form, at=NEXT_DAY)
    assert nobody_is_on_the_list()
    the_owner_of_the_address_confirms(at=NEXT_DAY + READING)
    assert Contact.objects.filter(email=LIZA).count() == 1


def a_marketer_makes_a_form(world: World) -> Form:
    filled = {
        "name": "Honlap",
        "list": world.alma_list.pk,
        "languages": ["hu", "ro"],
        "ask_first_name": "not",
        "ask_last_name": "optional",
    }
    world.client(world.mark).post("/alma/forms/new/", filled)
    form: Form = Form.objects.get()
    return form


def somebody_fills_it(form: Form, at: object) -> None:
    visitor = Client(enforce_csrf_checks=True, headers={"accept-language": "hu"})
    with time_machine.travel(at, tick=False) as clock:  # type: ignore[arg-type]
        page = visitor.get(f"/f/{form.token}/").content.decode()
        stamp = re.search(r'name="stamp" value="([^"]+)"', page)
        assert stamp
        clock.shift(READING)
        answer = visitor.post(
            f"/f/{form.token}/", {"email": LIZA, "consent": "on", "stamp": stamp[1]}
        )
    assert (answer.status_code, answer["Location"].split("?")[0]) == (
        302,
        f"/f/{form.token}/thanks/",
    )


def link_in_the_mail() -> str:
    found = re.search(r"/k/[\w-]+/", letters_to()[-1])
    assert found
    return found[0]


def a_mail_scanner_opens_the_link() -> None:
    with time_machine.travel(NOON + READING, tick=False):
        assert Client().get(link_in_the_mail()).status_code == 200
        assert Client().head(link_in_the_mail()).status_code == 200


def the_owner_of_the_address_confirms(at: object) -> None:
    with time_machine.travel(at, tick=False):  # type: ignore[arg-type]
        assert Client(enforce_csrf_checks=True).post(link_in_the_mail()).status_code == 200


def one_click_in_the_newsletter_is_enough(contact: Contact) -> None:
    url = f"/u/{leave_token(delivery_to(contact))}"
    assert Client().post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200


def nobody_is_on_the_list() -> bool:
    return not Contact.objects.filter(email=LIZA).exists()


def nothing_is_left_but_a_proof() -> bool:
    proof = Proof.objects.get()
    assert proof.text and proof.given_at == NOON + READING
    return not Letter.objects.filter(recipient=LIZA).exists() and (
        Person.objects.filter(pk=proof.holding.person_id).exists()
    )


def an_import_brings_nobody_back(folder: Path) -> None:
    file = folder / "lista.csv"
    file.write_text(f"email\n{LIZA}\n")
    out = io.StringIO()
    call_command(
        "import", str(file), "--tenant", "alma", "--list", "Olvasók", "--origin", "other_system",
        "--basis", "consent", "--json", stdout=out,
    )  # fmt: skip
    assert json.loads(out.getvalue())["counts"]["suppressed"] == 1


def a_colleague_brings_nobody_back(world: World) -> None:
    page = world.client(world.mark).post(
        "/alma/contacts/add/",
        {"email": LIZA, "lists": [world.alma_list.pk], "legal_basis": "consent", "how": "Bolt"},
    )
    assert "This person left" in page.content.decode()
