"""What was agreed to changes in substance: who agreed before is asked, answers or not, and it ends or goes on."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from hirnok.consent import forming, renewing, signing_up, wording
from hirnok.consent.models import ConsentEntry, Form, PendingSignUp, Proof, Renewal
from hirnok.consent.tests.forms import LIZA, form_of, letters_to, sign_up
from hirnok.contacts.models import Contact
from hirnok.lib import keys, tokens
from hirnok.outbox.models import Letter
from hirnok.register import suppression
from hirnok.register.models import Suppression
from tests.world import NOON, World

LATER = NOON + timedelta(days=10)
NEW = "Hetente két hírlevelet kérek, partnerek ajánlataival."


def subscriber(form: Form, address: str = LIZA, *, language: str = "hu") -> Contact:
    sign_up(form, address, language=language)
    pending = PendingSignUp.objects.get(email=address)
    contact, _pending = signing_up.confirm(pending.pk, tenant=form.tenant_id, at=NOON)
    return contact


def changed(form: Form, *, at: datetime = LATER) -> None:
    forming.write(form, "hu", {}, consent=NEW, covers_welcome=True, actor="user:1", at=at)


def asked(world: World, form: Form, at: datetime = LATER) -> int:
    changed(form, at=at)
    count = renewing.begin(form, "hu", actor="user:1", at=at)
    while renewing.write_letters(world.alma, at=at):
        pass
    return count


def page_of(contact: Contact) -> str:
    return f"/k/renew/{tokens.recipient(keys.derive('renew'), contact.pk)}/"


def test_who_agreed_to_the_words_before_is_asked_by_mail(world: World) -> None:
    form = form_of(world.alma_list)
    contact = subscriber(form)
    assert asked(world, form) == 1
    letter = letters_to()[-1]
    assert letter.startswith("Kéri továbbra is a hírlevelet? (Alma)")
    assert page_of(contact) in letter
    assert "2026. december 12." in letter
    renewal = Renewal.objects.get(pk=contact.pk)
    assert renewal.until == LATER + timedelta(days=30)
    assert ConsentEntry.objects.filter(contact=contact, event="renewal_asked").count() == 1


def test_nobody_else_is_asked(world: World) -> None:
    form = form_of(world.alma_list)
    subscriber(form, "unu@example.ro", language="ro")
    assert asked(world, form) == 0
    subscriber(form, "uj@example.hu")  # by the new words
    assert renewing.begin(form, "hu", actor="user:1", at=LATER) == 0


def test_opening_the_page_changes_nothing_and_the_button_renews(world: World) -> None:
    form = form_of(world.alma_list)
    contact = subscriber(form)
    asked(world, form)
    page = Client().get(page_of(contact)).content.decode()
    assert NEW in page
    assert Renewal.objects.filter(pk=contact.pk).exists()
    with time_machine.travel(LATER + timedelta(days=1), tick=False):
        answer = Client().post(page_of(contact), {"do": "agree"})
    assert "Hozzájárulását rögzítettük" in answer.content.decode()
    assert not Renewal.objects.filter(pk=contact.pk).exists()
    entry = ConsentEntry.objects.get(contact=contact, event="renewed")
    assert entry.text == wording.consent_text(form, "hu")
    assert Client().post(page_of(contact), {"do": "agree"}).status_code == 410
    assert renewing.begin(form, "hu", actor="user:1", at=LATER) == 0


def test_no_is_leaving(world: World) -> None:
    form = form_of(world.alma_list)
    contact = subscriber(form)
    asked(world, form)
    assert Client().post(page_of(contact), {"do": "leave"}).status_code == 200
    assert not Contact.objects.filter(pk=contact.pk).exists()
    assert Suppression.objects.of(world.alma).filter(reason="unsubscribed").count() == 1


@pytest.mark.parametrize(("day", "is_there"), [(29, True), (30, False)])
def test_without_an_answer_it_ends_when_the_time_is_over(
    world: World, day: int, is_there: bool
) -> None:
    form = form_of(world.alma_list)
    contact = subscriber(form)
    asked(world, form)
    renewing.end_due(world.alma, at=LATER + timedelta(days=day))
    assert Contact.objects.filter(pk=contact.pk).exists() == is_there


def test_a_lapse_keeps_the_proof_and_bars_nobody(world: World) -> None:
    form = form_of(world.alma_list)
    subscriber(form)
    asked(world, form)
    assert renewing.end_due(world.alma, at=LATER + timedelta(days=31)) == 1
    assert Proof.objects.get().surface == "lapsed"
    assert not Suppression.objects.of(world.alma).exists()
    subscriber(form)
    assert Contact.objects.filter(email=LIZA).exists()


def test_the_tenant_says_how_long(world: World) -> None:
    client = world.client(world.anna)
    answer = client.post("/alma/settings/leaving/", {"renewal_days": "60"})
    assert answer.status_code == 302
    form = form_of(world.alma_list)
    contact = subscriber(form)
    asked(world, form)
    assert Renewal.objects.get(pk=contact.pk).until == LATER + timedelta(days=60)
    assert client.post("/alma/settings/leaving/", {"renewal_days": "3"}).status_code == 200


def test_a_dead_address_gets_no_letter_and_ends_in_time(world: World) -> None:
    form = form_of(world.alma_list)
    contact = subscriber(form)
    suppression.suppress(
        world.alma,
        [bytes(contact.person.blind_index)],
        reason="dead_address",
        actor="job",
        at=NOON,
    )
    before = Letter.objects.filter(recipient=LIZA).count()
    asked(world, form)
    assert Letter.objects.filter(recipient=LIZA).count() == before
    assert renewing.end_due(world.alma, at=LATER + timedelta(days=31)) == 1


def test_restricted_data_stay(world: World) -> None:
    form = form_of(world.alma_list)
    contact = subscriber(form)
    asked(world, form)
    contact.holding.restricted_at = NOON
    contact.holding.save(update_fields=["restricted_at"])
    assert renewing.end_due(world.alma, at=LATER + timedelta(days=31)) == 0


def test_a_second_change_asks_by_the_newest_words(world: World) -> None:
    form = form_of(world.alma_list)
    contact = subscriber(form)
    asked(world, form)
    forming.write(form, "hu", {}, consent="Még más.", covers_welcome=True, actor="u", at=LATER)
    assert renewing.begin(form, "hu", actor="user:1", at=LATER) == 1
    renewal = Renewal.objects.get(pk=contact.pk)
    assert renewal.text is not None
    assert (renewal.text.text, renewal.asked_at) == ("Még más.", None)


def test_the_room_asks_only_when_it_is_told_to(world: World) -> None:
    form = form_of(world.alma_list)
    subscriber(form)
    client = world.client(world.mark)
    url = f"/alma/forms/{form.pk}/texts/hu/"
    client.post(url, {"consent": "Jobb szavak.", "covers_welcome": "on"})
    assert not Renewal.objects.exists()
    client.post(url, {"consent": NEW, "covers_welcome": "on", "renew": "on"})
    assert Renewal.objects.count() == 1
