"""What is wrong is put right wherever it is held, the address too; who was told of it before is named."""

from datetime import timedelta

from hirnok.contacts.models import Contact
from hirnok.register import holdings, suppression
from hirnok.register.models import Disclosure, Person, Suppression
from hirnok.rights import rectifying, restricting
from hirnok.rights.outcomes import Kind, Outcome
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

LATER = NOON + timedelta(days=1)


def rectify(world: World, **changes: str) -> list[Outcome]:
    with acting_for(world.alma):
        index = holdings.index_of(world.alma.pk, "dora@example.hu")
        return rectifying.rectify(world.alma, index, changes, actor="user:1", at=LATER)


def of_contacts(found: list[Outcome]) -> tuple[Kind, str]:
    (one,) = [one for one in found if one.module == "contacts"]
    return one.kind, one.reason


def test_name_and_language_are_taken_over(world: World) -> None:
    found = rectify(world, first_name="Dorottya", language="ro")

    assert of_contacts(found) == (Kind.RECTIFIED, "")
    contact = Contact.objects.get(pk=world.dora.pk)
    assert (contact.first_name, contact.last_name, contact.language) == ("Dorottya", "Őri", "ro")


def test_another_address_is_another_person_and_the_old_one_is_forgotten(world: World) -> None:
    old = world.dora.person_id

    found = rectify(world, address="DORA.UJ@example.hu")

    assert of_contacts(found) == (Kind.RECTIFIED, "")
    contact = Contact.objects.select_related("holding").get(pk=world.dora.pk)
    assert contact.email == "DORA.UJ@example.hu"
    new = Person.objects.get(
        tenant=world.alma, blind_index=holdings.index_of(world.alma.pk, "dora.uj@example.hu")
    )
    assert (contact.person_id, contact.holding.person_id) == (new.pk, new.pk)
    assert not Person.objects.filter(pk=old).exists()


def test_an_address_that_somebody_has_waits_for_a_person(world: World) -> None:
    assert of_contacts(rectify(world, address="emil@example.ro")) == (
        Kind.NEEDS_HUMAN,
        "address_taken",
    )
    assert Contact.objects.get(pk=world.dora.pk).email == "dora@example.hu"


def test_who_left_does_not_come_back_by_a_correction(world: World) -> None:
    with acting_for(world.alma):
        suppression.suppress(
            world.alma,
            [holdings.index_of(world.alma.pk, "regi@example.hu")],
            reason=Suppression.Reason.OBJECTION,
            actor="user:1",
            at=NOON,
        )

    assert of_contacts(rectify(world, address="regi@example.hu"))[1] == "address_suppressed"


def test_what_is_no_address_is_not_taken(world: World) -> None:
    assert of_contacts(rectify(world, address="nincs"))[1] == "no_address"


def test_frozen_data_are_not_changed(world: World) -> None:
    with acting_for(world.alma):
        index = holdings.index_of(world.alma.pk, "dora@example.hu")
        restricting.restrict(world.alma, index, "accuracy", actor="user:1", at=NOON)

    assert of_contacts(rectify(world, first_name="Dorottya")) == (Kind.NEEDS_HUMAN, "restricted")


def test_those_who_got_the_data_are_to_be_told(world: World) -> None:
    Disclosure.objects.create(
        tenant=world.alma,
        holding=world.dora.holding,
        recipient="Futár Kft.",
        reason="kézbesítés",
        at=NOON,
        actor="user:1",
    )

    found = rectify(world, first_name="Dorottya")

    assert [(one.article, one.reason) for one in found if one.module == "register"] == [
        ("19", "tell: Futár Kft.")
    ]
