from datetime import timedelta

from hirnok.consent import leaving
from hirnok.consent.leaving import Left, Surface
from hirnok.consent.models import Departure, Proof
from hirnok.consent.tests.sent import delivery_to
from hirnok.contacts.models import Contact, Evidence
from hirnok.outbox.models import Delivery, State
from hirnok.register import suppression
from hirnok.register.models import Activity, Hold, Holding, Person
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World

LATER = NOON + timedelta(days=1)


def _leave(delivery: Delivery) -> Left:
    return leaving.unsubscribe(delivery, surface=Surface.ONE_CLICK, at=LATER)


def test_it_ends_what_was_held_for_the_newsletter_at_once(world: World) -> None:
    delivery = delivery_to(world.dora)

    assert _leave(delivery) == Left(already=False, proof=True)

    assert not Contact.objects.filter(pk=world.dora.pk).exists()
    delivery.refresh_from_db()
    assert (delivery.contact_id, delivery.state) == (None, State.SENT)
    assert Departure.objects.filter(message=delivery.message_id, at=LATER).count() == 1
    assert Contact.objects.filter(pk__in=[world.emil.pk, world.barack_dora.pk]).count() == 2


def test_it_takes_what_is_still_queued_for_the_person_out_of_the_queue(world: World) -> None:
    first = delivery_to(world.dora, 1)
    queued = delivery_to(world.dora, 2, State.QUEUED)

    _leave(first)

    queued.refresh_from_db()
    assert queued.state == State.ERASED


def test_it_leaves_a_suppression_of_the_brand(world: World) -> None:
    index = bytes(world.dora.person.blind_index)

    _leave(delivery_to(world.dora))

    assert suppression.suppressed(world.alma, world.alma_brand, [index]) == {index}


def test_it_keeps_a_proof_without_an_address_under_a_period_of_its_own(world: World) -> None:
    Evidence.objects.create(
        tenant=world.alma,
        contact=world.dora,
        given_at=NOON,
        ip_address="192.0.2.1",
        recorded_at=NOON,
    )

    _leave(delivery_to(world.dora))

    proof = Proof.objects.get()
    assert (proof.given_at, proof.held_since, proof.withdrawn_at) == (NOON, NOON, LATER)
    holding = proof.holding
    assert holding.activity.code == "sign_up_proof"
    assert holding.expires_at == LATER.replace(year=2031)


def test_it_keeps_nothing_but_the_suppression_where_there_was_no_consent(world: World) -> None:
    Holding.objects.filter(pk=world.dora.pk).update(legal_basis="legitimate_interest")
    person = world.dora.person_id

    assert _leave(delivery_to(world.dora)) == Left(already=False, proof=False)

    assert not Proof.objects.exists()
    assert not Person.objects.filter(pk=person).exists()


def test_it_works_where_the_register_has_no_activity_for_proofs(world: World) -> None:
    Activity.objects.filter(tenant=world.alma, code="sign_up_proof").update(active=False)

    assert _leave(delivery_to(world.dora)) == Left(already=False, proof=False)


def test_it_is_no_error_to_leave_twice(world: World) -> None:
    delivery = delivery_to(world.dora)
    _leave(delivery)
    delivery.refresh_from_db()

    assert _leave(delivery) == Left(already=True)

    assert Departure.objects.count() == 1


def test_it_stops_the_mail_even_where_a_legal_hold_keeps_the_data(world: World) -> None:
    index = bytes(world.dora.person.blind_index)
    Hold.objects.create(
        tenant=world.alma, holding_id=world.dora.pk, reason="court", ordered_by="user:1", since=NOON
    )
    delivery = delivery_to(world.dora)

    assert _leave(delivery).held
    assert _leave(delivery) == Left(already=True)

    assert suppression.suppressed(world.alma, world.alma_brand, [index]) == {index}


def test_it_stops_the_mail_where_the_data_were_restricted_before(world: World) -> None:
    index = bytes(world.dora.person.blind_index)
    Holding.objects.filter(pk=world.dora.pk).update(restricted_at=NOON)
    delivery = delivery_to(world.dora)

    assert _leave(delivery).held
    assert _leave(delivery) == Left(already=True)

    assert suppression.suppressed(world.alma, world.alma_brand, [index]) == {index}
    assert Contact.objects.filter(pk=world.dora.pk).exists()
    assert Departure.objects.count() == 1


def test_it_is_written_into_the_audit_log_without_the_address(world: World) -> None:
    delivery = delivery_to(world.dora)

    _leave(delivery)

    entry = AuditEntry.objects.get(action="contact.unsubscribe")
    assert (entry.actor, entry.object_id) == ("person", delivery.pk)
    assert entry.details == {"surface": "one_click"}
