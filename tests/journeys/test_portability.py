"""What a person gave, on consent or by contract, goes along: in a documented format, to another controller if wanted."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core import mail

from hirnok.contacts.models import Contact
from hirnok.register import holdings
from hirnok.register.models import Activity, Disclosure, LegalBasis
from hirnok.rights import copying, portability
from hirnok.rights.outcomes import Kind
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def mails_stay_here(settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # type: ignore[attr-defined]


def index_of(world: World) -> bytes:
    return holdings.index_of(world.alma.pk, "dora@example.hu")


def test_it_holds_what_the_person_gave_and_nothing_that_was_found_out(world: World) -> None:
    with acting_for(world.alma):
        packed = portability.package(world.alma, index_of(world), "hu", LATER)

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        told = json.loads(archive.read("portability.json"))
        assert "csv/contacts-contact.csv" in archive.namelist()
    assert (told["format"], told["version"]) == ("hirnok.portability", 1)
    (contact,) = told["data"]["contacts.Contact"]
    assert contact["email"] == "dora@example.hu"
    assert contact["last_name"] == "Őri"
    assert "register.Holding" not in told["data"], "that is the controller's own knowledge"


def test_what_rests_on_another_basis_is_not_portable(world: World) -> None:
    Activity.objects.filter(tenant=world.alma, code="customers").update(active=True)
    with acting_for(world.alma):
        holdings.open_for(
            world.dora.person,
            activity="customers",
            legal_basis=LegalBasis.LEGAL_OBLIGATION,
            at=NOON,
        )
        found = portability.answer(world.alma, index_of(world))

    assert [(one.kind, one.reason) for one in found if one.activity == "customers"] == [
        (Kind.RETAINED, "not_portable")
    ]
    assert [one.kind for one in found if one.module == "contacts"] == [Kind.EXPORTED]


def test_it_goes_to_another_controller_and_the_copy_says_so(world: World) -> None:
    with acting_for(world.alma):
        found = portability.send_to(
            world.alma, index_of(world), "hu", "adat@masik.example", actor="person", at=LATER
        )
        copy = copying.copy_of(world.alma, index_of(world), "hu", LATER)

    (letter,) = mail.outbox
    assert letter.to == ["adat@masik.example"]
    assert [one[0] for one in letter.attachments] == ["portability.zip"]
    assert "dora" not in f"{letter.subject}{letter.body}", "the data travel in the file only"
    assert Kind.PASSED_ON in {one.kind for one in found}
    assert Disclosure.objects.get().recipient == "adat@masik.example"
    assert "adat@masik.example" in [one["name"] for one in copy.data["recipients"]]


def test_nothing_is_sent_to_what_is_no_address(world: World) -> None:
    with acting_for(world.alma), pytest.raises(portability.NoAddress):
        portability.send_to(world.alma, index_of(world), "hu", "nincs", actor="person", at=LATER)
    assert not mail.outbox
    assert Contact.objects.filter(pk=world.dora.pk).exists()
