"""Loading chunks: what is new, changed, kept out; and that the match never becomes quadratic."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from hirnok.contacts import loading, staging, statements
from hirnok.contacts.counting import Counts
from hirnok.contacts.loading import Destination
from hirnok.contacts.models import Contact, ContactTag, Evidence, List, Subscription
from hirnok.contacts.reading.rows import Outcome, Rejected, Row, Suppress
from hirnok.contacts.staging import Sorter
from hirnok.mail.addresses import Address, normalise
from hirnok.register.holdings import activity_of, index_of
from hirnok.register.models import Holding, LegalBasis, Person, Source, Suppression
from tests.world import NOON, World

LATER = NOON + timedelta(hours=1)


def address_of(text: str) -> Address:
    found = normalise(text)
    assert isinstance(found, Address)
    return found


def left(number: int, address: str, reason: str) -> Suppress:
    return Suppress(number, address_of(address), reason)


def row(address: str, number: int = 2, **values: object) -> Row:
    plain: dict[str, object] = {
        "number": number,
        "address": address_of(address),
        "first_name": "",
        "last_name": "",
        "language": None,
        "tags": (),
        "fields": {},
        "consent_at": None,
        "consent_source": "",
        "consent_ip": None,
        "warnings": (),
    }
    return Row(**(plain | values))  # type: ignore[arg-type]


def to_alma(world: World, **changes: object) -> Destination:
    source = Source.objects.create(
        tenant=world.alma,
        kind=Source.Kind.OTHER_SYSTEM,
        legal_basis=LegalBasis.CONSENT,
        declared_by="user:1",
        declared_at=LATER,
    )
    destination = Destination(
        tenant=world.alma.pk,
        brand=world.alma_brand.pk,
        activity=activity_of(world.alma, "newsletter").pk,
        list=world.alma_list.pk,
        source=source.pk,
        legal_basis=LegalBasis.CONSENT,
        actor="job:import",
        at=LATER,
    )
    return replace(destination, **changes)  # type: ignore[arg-type]


def load(destination: Destination, *outcomes: Outcome) -> Counts:
    counts = loading.load(destination, Sorter(destination.tenant).sort(outcomes))
    assert counts.adds_up, counts
    return counts


def test_it_makes_person_holding_contact_and_subscription(world: World) -> None:
    destination = to_alma(world)
    counts = load(
        destination,
        row("uj@example.hu", first_name="Új", language="hu", fields={"city": "Győr", "age": 31}),
    )
    assert (counts.rows, counts.new) == (1, 1)
    made = Contact.objects.select_related("holding").get(email="uj@example.hu")
    assert (made.first_name, made.language, made.fields) == (
        "Új",
        "hu",
        {"city": "Győr", "age": 31},
    )
    assert made.holding.source_id == destination.source
    assert made.holding.legal_basis == LegalBasis.CONSENT
    assert made.holding.held_since == LATER
    assert made.holding.brand_id == world.alma_brand.pk
    assert bytes(Person.objects.get(pk=made.person_id).blind_index) == index_of(
        world.alma.pk, "uj@example.hu"
    )
    assert Subscription.objects.get(contact_id=made.pk).since == LATER


def test_it_updates_filled_cells_and_leaves_what_is_empty_in_the_file(world: World) -> None:
    Contact.objects.filter(pk=world.dora.pk).update(fields={"city": "Pécs", "age": 30})
    counts = load(to_alma(world), row("dora@example.hu", last_name="Őry", fields={"age": 31}))
    assert (counts.changed, counts.new) == (1, 0)
    dora = Contact.objects.get(pk=world.dora.pk)
    assert (dora.first_name, dora.last_name, dora.language) == ("Dóra", "Őry", "hu")
    assert dora.fields == {"city": "Pécs", "age": 31}
    assert (dora.created_at, dora.updated_at) == (NOON, LATER)


def versions() -> dict[int, tuple[object, object]]:
    with connection.cursor() as cursor:
        cursor.execute("select id, ctid::text, xmin::text from contacts_contact")
        return {number: (place, version) for number, place, version in cursor.fetchall()}


def test_it_rewrites_only_what_changed(world: World) -> None:
    before = versions()
    counts = load(
        to_alma(world),
        row("dora@example.hu", first_name="Dóra"),
        row("emil@example.ro", first_name="Emilian"),
    )
    assert (counts.unchanged, counts.changed) == (1, 1)
    after = versions()
    assert {number for number in after if after[number] != before[number]} == {world.emil.pk}


def test_it_changes_nothing_when_the_same_file_comes_again(world: World) -> None:
    destination = to_alma(world)
    file = [
        row("egy@example.hu", tags=("kert",), consent_at=NOON, consent_ip="192.0.2.7"),
        row("ket@example.hu", first_name="Két", fields={"a": 1, "b": True}),
        left(4, "har@example.hu", "unsubscribed"),
    ]
    assert load(destination, *file).new == 2
    before = versions()
    rows = (Evidence.objects.count(), ContactTag.objects.count(), Suppression.objects.count())
    again = load(replace(destination, at=LATER + timedelta(days=1)), *file)
    assert (again.new, again.changed, again.unchanged, again.suppressions) == (0, 0, 2, 1)
    assert versions() == before
    assert rows == (
        Evidence.objects.count(),
        ContactTag.objects.count(),
        Suppression.objects.count(),
    )
    assert rows == (1, 1, 1)


def test_it_puts_a_known_contact_on_a_further_list(world: World) -> None:
    second = List.objects.create(
        tenant=world.alma, brand=world.alma_brand, name="VIP", created_at=NOON
    )
    before = versions()
    counts = load(to_alma(world, list=second.pk, tags=("vip",)), row("dora@example.hu"))
    assert (counts.changed, counts.new) == (1, 0)
    assert Subscription.objects.filter(contact_id=world.dora.pk).count() == 2
    assert ContactTag.objects.filter(contact_id=world.dora.pk, tag__name="vip").exists()
    assert versions() == before


def test_it_gives_a_person_one_contact_for_each_brand(world: World) -> None:
    from tests.world import brand_with_list

    brand, subscribed = brand_with_list(world.alma, "Kék")
    counts = load(to_alma(world, brand=brand.pk, list=subscribed.pk), row("dora@example.hu"))
    assert counts.new == 1
    mine = Contact.objects.of(world.alma).filter(email="dora@example.hu")
    assert mine.count() == 2
    assert mine.values("person_id").distinct().count() == 1


def test_it_takes_each_person_once(world: World) -> None:
    sorter = Sorter(world.alma.pk, address_at=0)
    first = sorter.sort([row("a@example.hu", 2), row("a@example.hu", 3)])
    second = sorter.sort([row("a@example.hu", 4), Rejected(5, ("x", ""), "invalid_address", {})])
    destination = to_alma(world)
    counts = loading.load(destination, first)
    counts.add(loading.load(destination, second))
    assert counts.adds_up
    assert (counts.new, counts.duplicate, counts.reasons) == (1, 2, {"invalid_address": 1})


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ("tenant", "dead_address"),
        ("tenant", "unsubscribed"),
        ("brand", "complaint"),
        ("list", "unsubscribed"),
        ("installation", "opt_out"),
        ("domain", "staff"),
    ],
)
def test_it_leaves_out_who_is_suppressed(world: World, scope: str, reason: str) -> None:
    from hirnok.register import suppression

    destination = to_alma(world)
    why = Suppression.Reason(reason)
    common = {"actor": "user:1", "at": NOON}
    if scope == "installation":
        suppression.suppress_everywhere(world.operator, ["volt@example.hu"], **common)
    elif scope == "domain":
        index = suppression.domain_index(world.alma.pk, "example.hu")
        suppression.suppress(
            world.alma, [index], reason=why, kind=Suppression.Kind.DOMAIN, **common
        )
    else:
        Suppression.objects.create(
            tenant=world.alma,
            scope=scope,
            scope_id={"brand": world.alma_brand.pk, "list": world.alma_list.pk}.get(scope, 0),
            applies_to="all" if why is Suppression.Reason.DEAD_ADDRESS else "marketing",
            reason=why,
            key=index_of(world.alma.pk, "volt@example.hu"),
            since=NOON,
        )
    counts = load(destination, row("volt@example.hu"), row("nem@example.com"))
    assert (counts.suppressed, counts.new) == (1, 1)
    assert not Contact.objects.filter(email="volt@example.hu").exists()


def test_it_heeds_no_suppression_of_another_list_brand_or_tenant(world: World) -> None:
    for tenant, scope, number in (
        (world.alma, "list", world.alma_list.pk + 1000),
        (world.alma, "brand", world.alma_brand.pk + 1000),
        (world.barack, "tenant", 0),
    ):
        Suppression.objects.create(
            tenant=tenant,
            scope=scope,
            scope_id=number,
            applies_to="marketing",
            reason="unsubscribed",
            key=index_of(tenant.pk, "uj@example.hu"),
            since=NOON,
        )
    assert load(to_alma(world), row("uj@example.hu")).new == 1


def test_it_suppresses_who_left_elsewhere_and_ends_what_is_held(world: World) -> None:
    destination = to_alma(world)
    counts = load(
        destination,
        left(2, "dora@example.hu", "unsubscribed"),
        left(3, "emil@example.ro", "dead"),
        left(4, "nem@example.hu", "blocklisted"),
        row("dora@example.hu", 5),
    )
    assert (counts.suppressions, counts.removed, counts.duplicate) == (3, 1, 1)
    assert not Holding.objects.filter(pk=world.dora.pk).exists()
    assert Contact.objects.filter(pk__in=[world.emil.pk, world.barack_dora.pk]).count() == 2
    assert sorted(Suppression.objects.values_list("scope", "reason", "applies_to")) == [
        ("brand", "dead_address", "all"),
        ("brand", "imported", "marketing"),
        ("brand", "unsubscribed", "marketing"),
    ]
    assert load(destination, row("dora@example.hu")).suppressed == 1


def test_a_suppression_behind_the_row_wins_in_the_same_chunk(world: World) -> None:
    counts = load(to_alma(world), row("uj@example.hu", 2), left(3, "uj@example.hu", "complained"))
    assert (counts.suppressed, counts.suppressions, counts.new) == (1, 1, 0)


def test_it_leaves_restricted_contacts_as_they_are(world: World) -> None:
    Holding.objects.filter(pk=world.dora.pk).update(restricted_at=NOON)
    counts = load(to_alma(world), row("dora@example.hu", first_name="Dorka", tags=("x",)))
    assert counts.unchanged == 1
    assert Contact.objects.get(pk=world.dora.pk).first_name == "Dóra"
    assert not ContactTag.objects.exists()


def test_a_chunk_is_loaded_whole_or_not_at_all(world: World) -> None:
    destination = to_alma(world)
    file = [row("uj@example.hu", tags=("a",)), left(3, "dora@example.hu", "unsubscribed")]
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        load(destination, *file)
        raise KeyboardInterrupt
    assert Contact.objects.of(world.alma).count() == 2
    assert not Suppression.objects.exists()
    counts = load(destination, *file)
    assert (counts.new, counts.removed) == (1, 1)


def test_two_tenants_load_the_same_people_apart(world: World) -> None:
    counts = load(to_alma(world), row("dora@example.hu", first_name="Dorottya"))
    assert counts.changed == 1
    assert Contact.objects.get(pk=world.barack_dora.pk).first_name == "Dóra"


def test_it_keeps_evidence_of_the_sign_up(world: World) -> None:
    given = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
    load(
        to_alma(world),
        row("uj@example.hu", consent_at=given, consent_source="bolt", consent_ip="192.0.2.1"),
    )
    kept = Evidence.objects.get()
    assert (kept.given_at, kept.surface, kept.ip_address) == (given, "bolt", "192.0.2.1")


def test_weighing_counts_the_same_and_writes_nothing(world: World) -> None:
    destination = to_alma(world)
    outcomes = [
        row("uj@example.hu", tags=("a",)),
        row("dora@example.hu", first_name="Dorka"),
        row("emil@example.ro"),
        left(5, "nem@example.hu", "dead"),
    ]
    weighed = loading.weigh(destination, Sorter(world.alma.pk).sort(outcomes))
    assert Contact.objects.of(world.alma).count() == 2
    assert not Suppression.objects.exists()
    assert load(destination, *outcomes) == weighed


def touched(plan: dict[str, object]) -> float:
    """Count the rows that a plan really looked at, over all loops."""
    loops = float(plan.get("Actual Loops", 0))  # type: ignore[arg-type]
    names = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    here = sum(float(plan.get(name, 0)) for name in names) * loops  # type: ignore[arg-type]
    return here + sum(touched(child) for child in plan.get("Plans", []))  # type: ignore[attr-defined]


BELIEFS = ("nothing", "empty", "small", "half")
ANALYSE = (
    "analyze register_suppression, register_holding, register_person, contacts_contact,"
    " contacts_subscription, contacts_contacttag, contacts_tag"
)


@pytest.mark.parametrize("belief", BELIEFS)
def test_the_match_stays_linear_whatever_the_statistics_say(world: World, belief: str) -> None:
    """`empty`: the tables were analysed when all their rows had been deleted, and have many pages all the same."""
    destination = to_alma(world)
    amount = 3_000
    if belief == "empty":
        point = transaction.savepoint()
        load(destination, *(row(f"a{n}@example.hu", n) for n in range(amount)))
        transaction.savepoint_rollback(point)
    with connection.cursor() as cursor:
        if belief in {"empty", "small"}:
            cursor.execute(ANALYSE)
        load(destination, *(row(f"a{n}@example.hu", n) for n in range(amount // 2)))
        if belief == "half":
            cursor.execute(ANALYSE)
        load(destination, *(row(f"a{n}@example.hu", n) for n in range(amount)))
        chunk = Sorter(world.alma.pk).sort(
            [row(f"a{n}@example.hu", n) for n in range(0, amount * 2, 2)]
        )
        staging.stage(chunk)
        cursor.execute(statements.GUARD_THE_MATCH.format(seconds=60))
        cursor.execute(
            "explain (analyze, timing off, format json) " + statements.MATCH,
            destination.arguments(),
        )
        (plans,) = cursor.fetchone() or ([],)
    assert touched(plans[0]["Plan"]) < 40 * amount
