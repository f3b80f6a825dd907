"""The retention run told beforehand, agreed to above a threshold, and reported by kind of data."""

from datetime import timedelta

import pytest
from django.db import connection

from hirnok.contacts.models import Contact
from hirnok.register import disposals, expiring
from hirnok.register.models import Activity, DisposalItem, DisposalRun, Hold, Holding
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World

DAY = timedelta(days=1)


def _due(*contacts: Contact) -> None:
    Holding.objects.filter(pk__in=[contact.pk for contact in contacts]).update(expires_at=NOON)


def _hold(world: World) -> Hold:
    made: Hold = Hold.objects.create(
        tenant=world.alma,
        holding_id=world.dora.pk,
        reason="court",
        ordered_by="user:1",
        since=NOON,
        until=NOON + DAY,
    )
    return made


def _items(run: DisposalRun) -> set[tuple[str, str, int]]:
    return {(one.model, one.outcome, one.count) for one in run.items.all()}


def test_it_tells_what_would_go_and_changes_nothing(world: World) -> None:
    _due(world.dora, world.emil, world.barack_dora)
    _hold(world)

    (line,) = disposals.forecast(world.alma, NOON)

    assert line.activity is not None and line.activity.code == "newsletter"
    assert (line.due, line.waiting, line.held) == (1, 0, 1)
    assert disposals.forecast(world.alma, NOON - DAY) == []
    assert Contact.objects.count() == 3 and not DisposalRun.objects.exists()


def test_it_waits_above_the_threshold_until_somebody_agrees_and_says_so_once(world: World) -> None:
    disposals.set_threshold(world.alma, 1, actor="user:1", at=NOON)
    _due(world.dora, world.emil, world.barack_dora)

    done = expiring.expire(NOON)
    expiring.expire(NOON)

    assert (done.holdings, done.waiting) == (1, 2)  # Barack asks nobody
    run = DisposalRun.objects.of(world.alma).get()
    assert (run.status, run.waiting) == ("waiting", 2)
    assert disposals.forecast(world.alma, NOON)[0].waiting == 2

    assert disposals.approve(world.alma, NOON, actor="user:7", at=NOON) == 2
    assert expiring.expire(NOON).holdings == 2
    entry = AuditEntry.objects.get(action="retention.approve")
    assert (entry.actor, entry.details) == ("user:7", {"count": 2})


def test_it_does_not_take_an_approval_for_what_falls_due_later(world: World) -> None:
    disposals.set_threshold(world.alma, 1, actor="user:1", at=NOON)
    disposals.approve(world.alma, NOON, actor="user:7", at=NOON)
    Holding.objects.filter(pk__in=[world.dora.pk, world.emil.pk]).update(expires_at=NOON + DAY)

    assert expiring.expire(NOON + DAY).waiting == 2


def test_it_asks_before_every_end_where_the_rule_is_to_ask(world: World) -> None:
    activities = Activity.objects.of(world.alma).filter(code="newsletter")
    activities.update(retention_action=Activity.Action.ASK)
    _due(world.dora, world.emil)
    assert expiring.expire(NOON).holdings == 0

    activities.update(
        further_retention=[
            {"basis": "consent", "start": "withdrawal", "period": "P1Y", "action": "delete"}
        ]
    )
    assert expiring.expire(NOON).holdings == 2


def test_it_reports_by_kind_of_data_and_what_is_kept_by_which_article(world: World) -> None:
    _due(world.dora, world.emil)
    _hold(world)

    expiring.expire(NOON)

    run = DisposalRun.objects.of(world.alma).get()
    assert run.status == "done"
    assert {
        ("contacts.Contact", "removed", 1),
        ("contacts.Subscription", "removed", 1),
        ("register.Holding", "removed", 1),
        ("register.Holding", "retained", 1),
    } <= _items(run)
    kept = run.items.get(outcome="retained")
    assert kept.article.startswith("GDPR Art. 17") and kept.until == NOON + DAY


def test_it_leaves_what_the_database_refuses_says_so_and_tries_again(world: World) -> None:
    _due(world.dora, world.emil)
    refuse = (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'the disk says no'; END$$;"
        " CREATE TRIGGER refuse BEFORE DELETE ON contacts_contact FOR EACH ROW"
        " WHEN (OLD.email = 'dora@example.hu') EXECUTE FUNCTION refuse()"
    )
    with connection.cursor() as cursor:
        cursor.execute(refuse)

    done = expiring.expire(NOON)

    assert done.holdings == 1 and len(done.failures) == 1
    assert "the disk says no" in done.failures[0]
    run = DisposalRun.objects.of(world.alma).get()
    assert run.status == "failed"
    assert ("register.Holding", "failed", 1) in _items(run)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse ON contacts_contact")
    assert expiring.expire(NOON).holdings == 1
    assert DisposalRun.objects.of(world.alma).order_by("-pk")[0].status == "done"


@pytest.mark.parametrize("days", [31, 366, 5 * 366])
def test_it_says_nothing_while_nothing_is_due_however_much_time_passes(
    world: World, days: int
) -> None:
    expiring.expire(NOON + days * DAY)
    assert not DisposalRun.objects.of(world.alma).exclude(items__model__contains=".").exists()


def test_it_ends_each_holding_when_its_own_period_is_over_in_a_month_a_year_five_years(
    world: World,
) -> None:
    for contact, days in ((world.dora, 30), (world.emil, 365), (world.barack_dora, 5 * 365)):
        Holding.objects.filter(pk=contact.pk).update(expires_at=NOON + days * DAY)
    left = []
    for days in (29, 30, 364, 365, 5 * 365 - 1, 5 * 365):
        expiring.expire(NOON + days * DAY)
        left.append(Contact.objects.count())
    assert left == [3, 2, 2, 1, 1, 0]
    assert DisposalItem.objects.filter(model="contacts.Contact", outcome="removed").count() == 3
