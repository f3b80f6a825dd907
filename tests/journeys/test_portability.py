"""What a person gave, on consent or by contract, goes along: in a documented format, to another controller if wanted."""

import email
import io
import json
import zipfile
from datetime import timedelta
from email import policy

import pytest

from hirnok.contacts.models import Contact
from hirnok.outbox.models import Letter
from hirnok.register import holdings
from hirnok.register.models import Activity, Disclosure, LegalBasis
from hirnok.rights import copying, portability
from hirnok.rights.outcomes import Kind
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

LATER = NOON + timedelta(days=1)


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

    letter = Letter.objects.get(tenant=world.alma)
    assert letter.recipient == "adat@masik.example"
    message = email.message_from_bytes(bytes(letter.data), policy=policy.default)
    (file,) = message.iter_attachments()
    assert file.get_filename() == "portability.zip"
    with zipfile.ZipFile(io.BytesIO(file.get_content())) as archive:
        assert "Őri" in archive.read("portability.json").decode()
    body = message.get_body(("plain",))
    assert body is not None
    assert "Dóra" not in f"{message['Subject']}{body.get_content()}", "they travel in the file only"
    assert Kind.PASSED_ON in {one.kind for one in found}
    assert Disclosure.objects.get().recipient == "adat@masik.example"
    assert "adat@masik.example" in [one["name"] for one in copy.data["recipients"]]


def test_nothing_is_sent_to_what_is_no_address(world: World) -> None:
    with acting_for(world.alma), pytest.raises(portability.NoAddress):
        portability.send_to(world.alma, index_of(world), "hu", "nincs", actor="person", at=LATER)
    assert not Letter.objects.exists()
    assert Contact.objects.filter(pk=world.dora.pk).exists()
