"""Before a window leaves, every scope of suppression is asked again: brand, tenant, list, the installation (A6, A7)."""

from hirnok.contacts.models import Contact, List, Subscription
from hirnok.outbox.models import Message, State
from hirnok.register import holdings, suppression
from hirnok.register.models import Suppression
from hirnok.rights import objecting, restricting
from hirnok.sandbox import server
from hirnok.tenants.acting import acting_for
from tests.edge.sending import Sending, accepted, finished, states, wait_until
from tests.world import NOON

PEOPLE = ["only-one@example.hu", "both@example.hu", "left-both@example.hu", "other@example.hu"]


def test_who_left_the_lists_of_a_newsletter_does_not_get_it(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    world = sending.world
    first = world.alma_list
    second = List.objects.create(tenant=world.alma, brand=world.alma_brand, name="Second", created_at=NOON)  # fmt: skip
    message = sending.launch(PEOPLE)
    Message.objects.filter(pk=message.pk).update(lists=[first.pk, second.pk])
    contacts = {one.email: one for one in Contact.objects.filter(email__in=PEOPLE)}
    memberships = [(PEOPLE[1], second), (PEOPLE[2], first), (PEOPLE[2], second), (PEOPLE[3], first)]
    for email, on in memberships:
        Subscription.objects.create(tenant=world.alma, contact=contacts[email], list=on, since=NOON)
    left = [(PEOPLE[0], first), (PEOPLE[1], first), (PEOPLE[2], first), (PEOPLE[2], second)]
    for email, of in left:
        suppression.suppress_in_list(
            world.alma,
            of.pk,
            holdings.index_of(world.alma.pk, email),
            reason=Suppression.Reason.UNSUBSCRIBED,
            actor="person",
            at=NOON,
        )
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.SUPPRESSED: 2, State.SENT: 2}
    assert {to for _, to in accepted(sandbox)} == {PEOPLE[1], PEOPLE[3]}


def test_who_opted_out_of_the_installation_gets_nothing_of_any_tenant(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    message = sending.launch(PEOPLE)
    suppression.suppress_everywhere(
        sending.world.operator, [PEOPLE[2].upper()], actor="staff", at=NOON
    )
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.SUPPRESSED: 1, State.SENT: 3}
    assert PEOPLE[2] not in {to for _, to in accepted(sandbox)}


def test_who_objects_or_is_restricted_after_the_launch_does_not_get_what_waits(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    message = sending.launch(PEOPLE)
    alma = sending.world.alma
    with acting_for(alma):
        objecting.object_to(
            alma, holdings.index_of(alma.pk, PEOPLE[0]), "marketing", actor="user:1", at=NOON
        )
        restricting.restrict(
            alma, holdings.index_of(alma.pk, PEOPLE[1]), "accuracy", actor="user:1", at=NOON
        )
    with sending.engine():
        wait_until(finished(message))
    assert {to for _, to in accepted(sandbox)} == {PEOPLE[2], PEOPLE[3]}
    assert states(message)[State.SENT] == 2
    assert not Contact.objects.filter(email=PEOPLE[0]).exists()
    assert Contact.objects.filter(email=PEOPLE[1]).exists()
