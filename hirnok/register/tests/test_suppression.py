import pytest
from django.db import connection

from hirnok.register import holdings, suppression
from hirnok.register.models import Suppression
from hirnok.register.suppression import Kind, NeverAgain, NoRequest, Reason
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World, brand_with_list

DORA, EMIL = "dora@example.hu", "emil@example.ro"


def _index(world: World, address: str) -> bytes:
    return holdings.index_of(world.alma.pk, address)


def _suppress(
    world: World, *addresses: str, reason: str = Reason.UNSUBSCRIBED, **more: object
) -> int:
    indexes = [_index(world, address) for address in addresses]
    return suppression.suppress(
        world.alma,
        indexes,
        reason=reason,
        actor="user:1",
        at=NOON,
        **more,
    )


def test_it_suppresses_in_one_brand_only(world: World) -> None:
    other, _ = brand_with_list(world.alma, "Dió")
    _suppress(world, DORA, brand=world.alma_brand)
    indexes = [_index(world, DORA), _index(world, EMIL)]

    assert suppression.suppressed(world.alma, world.alma_brand, indexes) == {indexes[0]}
    assert suppression.suppressed(world.alma, other, indexes) == set()


def test_it_suppresses_in_all_brands_of_a_tenant(world: World) -> None:
    _suppress(world, DORA, reason=Reason.OBJECTION)

    assert suppression.suppressed(world.alma, world.alma_brand, [_index(world, DORA)])
    assert not suppression.suppressed(world.barack, world.barack_brand, [_index(world, DORA)])


def test_it_says_how_many_are_new_and_writes_that_down(world: World) -> None:
    assert _suppress(world, DORA) == 1
    assert _suppress(world, DORA, EMIL) == 1

    entries = AuditEntry.objects.filter(action="suppression.add")
    assert [entry.details["count"] for entry in entries] == [1, 1]


def test_it_stops_all_mail_for_dead_addresses_only(world: World) -> None:
    _suppress(world, DORA, reason=Reason.DEAD_ADDRESS)
    _suppress(world, EMIL, reason=Reason.COMPLAINT)

    rows = Suppression.objects.order_by("pk").values_list("reason", "applies_to")
    assert list(rows) == [("dead_address", "all"), ("complaint", "marketing")]


def test_it_suppresses_whole_domains(world: World) -> None:
    index = suppression.domain_index(world.alma.pk, "Example.hu")
    suppression.suppress(
        world.alma, [index], reason=Reason.STAFF, actor="user:1", at=NOON, kind=Kind.DOMAIN
    )

    found = suppression.suppressed_domains(
        world.alma, world.alma_brand, ["example.hu", "example.ro"]
    )

    assert found == {"example.hu"}


def test_it_is_the_same_question_inside_a_statement(world: World) -> None:
    _suppress(world, DORA, brand=world.alma_brand)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.email FROM contacts_contact c JOIN register_person p ON p.id = c.person_id"
            f" WHERE c.tenant_id = %(tenant)s AND NOT {suppression.condition('p.blind_index')}",
            {"tenant": world.alma.pk, "brand": world.alma_brand.pk},
        )
        assert cursor.fetchall() == [(EMIL,)]


def test_it_knows_in_every_tenant_who_opted_out_of_the_installation(world: World) -> None:
    assert suppression.opted_out([DORA, EMIL]) == set()

    suppression.suppress_everywhere(world.operator, [DORA], actor="user:1", at=NOON)

    assert suppression.opted_out([DORA, EMIL]) == {DORA}


def test_it_lifts_a_leaving_by_a_confirmed_sign_up_unless_the_policy_is_never_again(
    world: World,
) -> None:
    _suppress(world, DORA, brand=world.alma_brand)
    index, brand = _index(world, DORA), world.alma_brand
    suppression.set_never_again(world.alma, True, actor="user:1", at=NOON)
    assert suppression.barred(world.alma, brand, index, DORA)
    with pytest.raises(NeverAgain):
        suppression.lift_by_confirmed_sign_up(world.alma, brand, index, actor="person", at=NOON)

    suppression.set_never_again(world.alma, False, actor="user:1", at=NOON)
    assert not suppression.barred(world.alma, brand, index, DORA)
    lifted = suppression.lift_by_confirmed_sign_up(
        world.alma, brand, index, actor="person", at=NOON
    )

    assert lifted == 1
    assert not suppression.suppressed(world.alma, brand, [index])


def test_it_lifts_an_objection_by_a_written_request_only(world: World) -> None:
    _suppress(world, DORA, reason=Reason.OBJECTION)
    index = _index(world, DORA)
    with pytest.raises(NoRequest):
        suppression.lift_by_written_request(
            world.alma, index, request_id=0, actor="user:1", at=NOON
        )
    assert (
        suppression.lift_by_confirmed_sign_up(
            world.alma, world.alma_brand, index, actor="person", at=NOON
        )
        == 0
    )

    assert (
        suppression.lift_by_written_request(
            world.alma, index, request_id=5, actor="user:1", at=NOON
        )
        == 1
    )


def test_it_lifts_a_dead_address_that_lives_again(world: World) -> None:
    _suppress(world, DORA, reason=Reason.DEAD_ADDRESS)

    assert (
        suppression.lift_dead_address(world.alma, _index(world, DORA), actor="job:decay", at=NOON)
        == 1
    )


def test_a_confirmed_sign_up_lifts_leaving_the_list_too(world: World) -> None:
    index, number = _index(world, DORA), world.alma_list.pk
    suppression.suppress_in_list(
        world.alma, number, index, reason=Reason.UNSUBSCRIBED, actor="person", at=NOON
    )

    lifted = suppression.lift_by_confirmed_sign_up(
        world.alma,
        world.alma_brand,
        index,
        actor="person",
        at=NOON,
        list_id=number,
    )

    assert lifted == 1


@pytest.mark.parametrize("reason", [Reason.UNSUBSCRIBED, Reason.COMPLAINT])
def test_leaving_and_complaint_in_a_brand_are_no_bar_to_an_own_sign_up(
    world: World, reason: str
) -> None:
    _suppress(world, DORA, reason=reason, brand=world.alma_brand)

    assert not suppression.barred(world.alma, world.alma_brand, _index(world, DORA), DORA)


@pytest.mark.parametrize(
    "reason", [Reason.OBJECTION, Reason.OPT_OUT, Reason.STAFF, Reason.DEAD_ADDRESS]
)
def test_what_needs_a_request_in_writing_is_a_bar(world: World, reason: str) -> None:
    _suppress(world, DORA, reason=reason, brand=world.alma_brand)

    assert suppression.barred(world.alma, world.alma_brand, _index(world, DORA), DORA)
