"""Handing data over: a box of its own for each recipient, its own words, its own end, and nobody without it (C4)."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from hirnok.consent import forming, signing_up, transferring, wording, writing
from hirnok.consent.forming import Asked
from hirnok.consent.forms import TRANSFER
from hirnok.consent.models import (
    ConsentEntry,
    ConsentText,
    Form,
    FormTransfer,
    PendingSignUp,
    Proof,
)
from hirnok.consent.tests.forms import LIZA, stamp_of
from hirnok.contacts.models import Contact
from hirnok.register.models import Recipient
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World

SHORTLY = NOON + timedelta(seconds=30)
TASK = {"hu": "csomagok kézbesítése", "ro": "livrarea coletelor", "en": "delivering parcels"}


def courier(world: World, name: str = "Futár Kft.") -> Recipient:
    made: Recipient = Recipient.objects.create(
        tenant=world.alma,
        name=name,
        kind="controller",
        address="1111 Budapest, Rakpart 1.",
        task=TASK,
        activities=["newsletter"],
        countries=["HU"],
        since=date(2026, 1, 1),
    )
    return made


def form_for(world: World, *recipients: Recipient) -> Form:
    asked = Asked("Bolt", {}, recipients=tuple(one.pk for one in recipients))
    return forming.create(
        world.alma, world.alma_list, asked, languages=("hu", "ro"), actor="user:1", at=NOON
    )


def signed_up(form: Form, *ticked: Recipient, address: str = LIZA) -> Contact:
    """Fill the form in a browser, tick these boxes, confirm."""
    boxes = {
        f"{TRANSFER}{one.pk}": "on"
        for one in transferring.texts(form, "hu", NOON.date())
        if one.recipient in ticked
    }
    typed = {"email": address, "consent": "on", "stamp": stamp_of(form), "website": "", **boxes}
    with time_machine.travel(SHORTLY, tick=False):
        answer = Client().post(f"/f/{form.token}/", typed)
        assert answer.status_code == 302
    pending = PendingSignUp.objects.get(email=address)
    contact, _pending = signing_up.confirm(pending.pk, tenant=form.tenant_id, at=SHORTLY)
    return contact


def agreed(world: World, recipient: Recipient) -> list[str]:
    return [one.email for one in transferring.agreed(world.alma, recipient)]


def test_each_recipient_has_a_box_that_is_not_ticked(world: World) -> None:
    futar, posta = courier(world), courier(world, "Posta Zrt.")
    form = form_for(world, futar, posta)
    with time_machine.travel(NOON, tick=False):
        page = Client().get(f"/f/{form.token}/?language=hu").content.decode()
    assert page.count(f'name="{TRANSFER}') == 2
    assert "checked" not in page
    assert "Futár Kft., 1111 Budapest, Rakpart 1." in page
    assert "csomagok kézbesítése" in page


def test_who_ticks_one_box_agrees_to_one(world: World) -> None:
    futar, posta = courier(world), courier(world, "Posta Zrt.")
    contact = signed_up(form_for(world, futar, posta), futar)
    assert agreed(world, futar) == [LIZA]
    assert agreed(world, posta) == []
    entry = ConsentEntry.objects.get(contact=contact, event="transfer_given")
    assert entry.text is not None
    assert entry.text.recipient == futar
    assert entry.text_hash == forming.hash_of(entry.text.text)
    assert entry.language == "hu"


def test_who_ticks_none_is_signed_up_and_handed_to_nobody(world: World) -> None:
    futar = courier(world)
    signed_up(form_for(world, futar))
    assert Contact.objects.filter(email=LIZA).exists()
    assert agreed(world, futar) == []


def test_a_box_that_the_form_does_not_have_gives_nothing(world: World) -> None:
    futar, posta = courier(world), courier(world, "Posta Zrt.")
    other = forming.create(
        world.alma,
        world.alma_list,
        Asked("Más", {}, recipients=(posta.pk,)),
        languages=("hu",),
        actor="user:1",
        at=NOON,
    )
    foreign = ConsentText.objects.get(form=other, recipient=posta)
    form = form_for(world, futar)
    typed = {"email": LIZA, "consent": "on", "stamp": stamp_of(form), "website": ""}
    with time_machine.travel(SHORTLY, tick=False):
        Client().post(f"/f/{form.token}/", typed | {f"{TRANSFER}{foreign.pk}": "on"})
    assert PendingSignUp.objects.get(email=LIZA).transfers == []


def test_it_is_taken_back_alone_on_the_own_page(world: World) -> None:
    futar, posta = courier(world), courier(world, "Posta Zrt.")
    contact = signed_up(form_for(world, futar, posta), futar, posta)
    own = writing.preferences_path(contact.pk)
    with time_machine.travel(SHORTLY + timedelta(days=1), tick=False):
        assert "Futár Kft." in Client().get(own).content.decode()
        answer = Client().post(own, {"do": f"transfer-{futar.pk}"})
    assert answer.status_code == 200
    assert agreed(world, futar) == []
    assert agreed(world, posta) == [LIZA]
    assert Contact.objects.filter(email=LIZA).exists()
    assert [one.is_given for one in transferring.of_contact(contact)] == [False, True]


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "9" * 30])
def test_taking_back_what_was_never_given_changes_nothing(world: World, number: str) -> None:
    futar = courier(world)
    contact = signed_up(form_for(world, futar), futar)
    answer = Client().post(writing.preferences_path(contact.pk), {"do": f"transfer-{number}"})
    assert answer.status_code == 200
    assert agreed(world, futar) == [LIZA]


def test_only_who_agreed_is_in_the_file_and_it_is_audited(world: World) -> None:
    futar = courier(world)
    form = form_for(world, futar)
    signed_up(form, futar)
    signed_up(form, address="masik@example.hu")
    url = f"/alma/privacy/recipients/{futar.pk}/agreed.csv"
    assert world.client(world.mark).post(url).status_code == 403
    assert world.client(world.anna).get(url).status_code == 405
    content = world.client(world.anna).post(url).content.decode()
    assert LIZA in content
    assert "masik" not in content
    assert "dora" not in content
    entry = AuditEntry.objects.of(world.alma).get(action="consent.hand_over")
    assert entry.details == {"count": 1}


def test_the_restricted_are_handed_to_nobody(world: World) -> None:
    futar = courier(world)
    contact = signed_up(form_for(world, futar), futar)
    contact.holding.restricted_at = NOON
    contact.holding.save(update_fields=["restricted_at"])
    assert agreed(world, futar) == []


def test_its_words_have_versions_of_their_own(world: World) -> None:
    futar = courier(world)
    form = form_for(world, futar)
    before = wording.consent_text(form, "hu")
    assert before is not None
    forming.write(
        form,
        "hu",
        {},
        consent=before.text,
        covers_welcome=True,
        transfers={futar.pk: "Átadható a Futár Kft.-nek."},
        actor="user:1",
        at=SHORTLY,
    )
    latest = transferring.latest(form, futar, "hu")
    assert latest is not None
    assert (latest.version, latest.text) == (2, "Átadható a Futár Kft.-nek.")
    assert wording.consent_text(form, "hu") == before


def test_a_recipient_whose_time_is_over_is_not_asked_about(world: World) -> None:
    futar = courier(world)
    form = form_for(world, futar)
    Recipient.objects.of(world.alma).filter(pk=futar.pk).update(until=date(2026, 6, 1))
    assert transferring.texts(form, "hu", NOON.date()) == []


def test_leaving_keeps_a_proof_of_each(world: World) -> None:
    futar = courier(world)
    contact = signed_up(form_for(world, futar), futar)
    Client().post(writing.preferences_path(contact.pk), {"do": "leave"})
    assert not Contact.objects.filter(email=LIZA).exists()
    texts = {int(one.text.split()[0]) for one in Proof.objects.all()}
    named = {one.recipient for one in ConsentText.objects.filter(pk__in=texts)}
    assert named == {None, futar}


def test_the_room_offers_the_registers_controllers(world: World) -> None:
    futar = courier(world)
    courier(world, "Tárhely Kft.")
    Recipient.objects.of(world.alma).filter(name="Tárhely Kft.").update(kind="processor")
    client = world.client(world.mark)
    page = client.get("/alma/forms/new/").content.decode()
    assert "Futár Kft." in page
    assert "Tárhely Kft." not in page
    filled = {
        "name": "Honlap",
        "list": world.alma_list.pk,
        "languages": ["hu"],
        "ask_first_name": "not",
        "ask_last_name": "not",
        "recipients": [futar.pk],
    }
    assert client.post("/alma/forms/new/", filled).status_code == 302
    assert FormTransfer.objects.get().recipient == futar


def test_the_form_says_who_the_controller_is(world: World) -> None:
    form = form_for(world)
    page = Client().get(f"/f/{form.token}/?language=hu").content.decode()
    assert "Az Ön adatainak kezelője: Alma Kertészet" in " ".join(page.split())
