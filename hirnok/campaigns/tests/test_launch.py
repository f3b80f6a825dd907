"""Schedule, launch, pause, resume, cancel, finish."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from hirnok.campaigns import jobs, launch
from hirnok.campaigns.models import Campaign, CampaignList
from hirnok.campaigns.tests.drafts import draft
from hirnok.mail.message import Compiled
from hirnok.outbox.models import Batch, Delivery, Link, Message, Relay, State
from hirnok.register import closing
from hirnok.tenants.models import AuditEntry, Measurement
from tests.world import NOON, contact

if TYPE_CHECKING:
    from tests.world import World

ACTOR = "user:1"


def launched(world: "World") -> Campaign:
    return launch.launch(world.alma, draft(world).pk, actor=ACTOR, at=NOON)


def test_it_launches(world: "World") -> None:
    campaign = launched(world)
    assert campaign.status == "sending"
    assert (campaign.audience_size, campaign.left_out, campaign.launched_at) == (2, {}, NOON)
    message = Message.objects.get(pk=campaign.message_id)
    assert (message.recipients, message.launched_at) == (2, NOON)
    assert (message.measurement, message.return_path) == ("individual", "hirlevel@alma.example")
    assert Delivery.objects.filter(message=message, state=State.QUEUED).count() == 2
    links = Link.objects.filter(message=message).order_by("position")
    assert [link.url for link in links][1] == "https://alma.example/kert"
    compiled = Compiled.load(bytes(message.compiled))
    assert f".m{message.pk}@alma.example" in compiled.message
    entry = AuditEntry.objects.get(action="campaign.launch")
    assert (entry.object_id, entry.details) == (campaign.pk, {"recipients": 2})


def test_it_launches_only_once(world: "World") -> None:
    campaign = launched(world)
    with pytest.raises(launch.AlreadyLaunched):
        launch.launch(world.alma, campaign.pk, actor=ACTOR, at=NOON)
    assert Message.objects.count() == 1


def test_it_measures_nothing_when_the_brand_says_so(world: "World") -> None:
    world.alma_brand.measurement = Measurement.OFF
    world.alma_brand.save()
    campaign = launched(world)
    assert not Link.objects.exists()
    assert campaign.message_id is not None
    compiled = bytes(Message.objects.get(pk=campaign.message_id).compiled)
    assert b"https://alma.example/kert" in compiled
    assert b"/o/" not in compiled


def test_it_refuses_what_must_be_mended(world: "World") -> None:
    campaign = draft(world, body="{{ contact.nickname }}", subject="")
    with pytest.raises(launch.HasProblems) as caught:
        launch.launch(world.alma, campaign.pk, actor=ACTOR, at=NOON)
    assert [(f.where, f.line, f.column) for f in caught.value.findings] == [
        ("subject", 0, 0),
        ("body", 1, 4),
    ]
    assert not Message.objects.exists()


def test_it_needs_a_relay(world: "World") -> None:
    campaign = draft(world)
    Relay.objects.all().delete()
    with pytest.raises(launch.NoRelay):
        launch.launch(world.alma, campaign.pk, actor=ACTOR, at=NOON)


def test_it_needs_somebody(world: "World") -> None:
    campaign = draft(world)
    CampaignList.objects.all().delete()
    with pytest.raises(launch.NobodyToSendTo):
        launch.launch(world.alma, campaign.pk, actor=ACTOR, at=NOON)


def test_it_does_not_launch_for_another_tenant(world: "World") -> None:
    with pytest.raises(Campaign.DoesNotExist):
        launch.launch(world.barack, draft(world).pk, actor=ACTOR, at=NOON)


def test_it_schedules_by_the_wall_clock_of_a_zone(world: "World") -> None:
    campaign = launch.schedule(
        world.alma,
        draft(world).pk,
        local=datetime(2026, 11, 3, 9, 0),
        time_zone="Europe/Budapest",
        actor=ACTOR,
        at=NOON,
    )
    campaign.refresh_from_db()
    assert campaign.status == "scheduled"
    assert campaign.scheduled_at is not None
    assert campaign.scheduled_at.isoformat() == "2026-11-03T08:00:00+00:00"
    assert launch.due(NOON) == []
    assert launch.due(campaign.scheduled_at) == [(world.alma.pk, campaign.pk)]
    assert launch.unschedule(world.alma, campaign.pk, actor=ACTOR, at=NOON).status == "draft"
    assert launch.due(NOON + timedelta(days=2)) == []


def test_it_does_not_schedule_the_past(world: "World") -> None:
    with pytest.raises(launch.InThePast):
        launch.schedule(
            world.alma,
            draft(world).pk,
            local=datetime(2026, 11, 2, 12, 0),
            time_zone="Europe/Budapest",
            actor=ACTOR,
            at=NOON,
        )


def scheduled(world: "World", at: datetime) -> Campaign:
    return draft(world, status="scheduled", scheduled_at=at)


def test_it_launches_what_is_due_once(world: "World") -> None:
    campaign = scheduled(world, NOON)
    for _again in range(2):
        done = launch.launch_due(world.alma, campaign.pk, actor=ACTOR, at=NOON)
        assert done.status == "starting"
    jobs.carry_on(world.alma.pk, campaign.pk, ACTOR)
    campaign.refresh_from_db()
    assert campaign.status == "sending"
    assert Message.objects.count() == 1


def begun(world: "World") -> Campaign:
    return launch.begin(world.alma, draft(world).pk, actor=ACTOR, at=NOON)


def test_the_worker_gets_a_campaign_that_was_begun(world: "World") -> None:
    campaign = begun(world)
    assert (campaign.status, campaign.audience_size) == ("starting", None)
    message = Message.objects.get()
    assert (message.launched_at, message.recipients) == (None, 0)  # no engine sees it yet
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs")
        job = cursor.fetchall()
    assert [(name, json.loads(args) if isinstance(args, str) else args) for name, args in job] == [
        (launch.TASK, {"tenant_id": world.alma.pk, "campaign_id": campaign.pk, "actor": ACTOR})
    ]
    with pytest.raises(launch.AlreadyLaunched):
        launch.launch(world.alma, campaign.pk, actor=ACTOR, at=NOON)
    for _again in range(2):
        jobs.carry_on(world.alma.pk, campaign.pk, ACTOR)
    campaign.refresh_from_db()
    message.refresh_from_db()
    assert (campaign.status, campaign.audience_size, message.recipients) == ("sending", 2, 2)
    assert message.launched_at is not None
    assert Delivery.objects.count() == 2
    assert AuditEntry.objects.filter(action="campaign.launch").count() == 1


class Killed(BaseException):
    """As if by SIGKILL."""


def test_it_goes_on_after_a_kill_between_any_two_transactions(
    world: "World", monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        contact(world.alma_list, f"olvaso{number}@example.hu")
    world.emil.holding.restricted_at = NOON
    world.emil.holding.save()
    campaign = begun(world)
    write = launch._write

    def dies_after_one(*given: Any) -> bool:
        if given[2]:
            raise Killed
        return write(*given)

    for _each in range(3):
        monkeypatch.setattr(launch, "_write", dies_after_one)
        with pytest.raises(Killed):
            launch.carry_on(world.alma, campaign.pk, actor=ACTOR, at=NOON, size=2)
    assert Message.objects.get().recipients == 6
    monkeypatch.setattr(launch, "_write", write)
    done = launch.carry_on(world.alma, campaign.pk, actor=ACTOR, at=NOON, size=2)
    message = Message.objects.get()
    assert (done.status, done.audience_size, done.left_out) == ("sending", 9, {"restricted": 1})
    assert message.recipients == 8
    assert Delivery.objects.values("contact_id").distinct().count() == 8
    batches = Batch.objects.order_by("pk").values_list("first_delivery_id", "last_delivery_id")
    assert sum(last - first + 1 for first, last in batches) == 8


def test_it_is_cancelled_while_it_starts(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = begun(world)
    write = launch._write

    def cancelled_after_one(*given: Any) -> bool:
        if given[2]:
            launch.cancel(world.alma, campaign.pk, actor=ACTOR, at=NOON)
        return write(*given)

    monkeypatch.setattr(launch, "_write", cancelled_after_one)
    done = launch.carry_on(world.alma, campaign.pk, actor=ACTOR, at=NOON, size=1)
    assert (done.status, done.audience_size) == ("cancelled", 1)
    assert Message.objects.get().launched_at is None
    assert [row.state for row in Delivery.objects.all()] == [State.CANCELLED]


def test_it_is_a_draft_again_when_everybody_left_before_it_started(world: "World") -> None:
    campaign = begun(world)
    closing.end(
        world.alma,
        [world.dora.pk, world.emil.pk],
        reason=closing.Reason.WITHDRAWN,
        actor=ACTOR,
        at=NOON,
    )
    done = launch.carry_on(world.alma, campaign.pk, actor=ACTOR, at=NOON)
    assert (done.status, done.message, done.launched_at) == ("draft", None, None)
    entry = AuditEntry.objects.get(action="campaign.not_launched")
    assert entry.details == {"reason": "NobodyToSendTo"}


def test_it_does_not_launch_what_is_far_too_late(world: "World") -> None:
    campaign = scheduled(world, NOON - timedelta(days=3))
    done = launch.launch_due(world.alma, campaign.pk, actor=ACTOR, at=NOON)
    assert (done.status, done.scheduled_at) == ("draft", None)
    assert AuditEntry.objects.get(action="campaign.not_launched").details == {"reason": "TooLate"}


def test_it_gives_back_what_cannot_be_sent_any_more(world: "World") -> None:
    campaign = scheduled(world, NOON)
    Campaign.objects.filter(pk=campaign.pk).update(subject="")
    done = launch.launch_due(world.alma, campaign.pk, actor=ACTOR, at=NOON)
    assert done.status == "draft"
    assert not Message.objects.exists()


def test_it_pauses_resumes_and_cancels(world: "World") -> None:
    campaign = launched(world)
    assert launch.pause(world.alma, campaign.pk, actor=ACTOR, at=NOON).status == "paused"
    assert Message.objects.get().paused_at == NOON
    with pytest.raises(launch.NotSending):
        launch.pause(world.alma, campaign.pk, actor=ACTOR, at=NOON)
    assert launch.resume(world.alma, campaign.pk, actor=ACTOR, at=NOON).status == "sending"
    assert Message.objects.get().paused_at is None
    Delivery.objects.filter(contact=world.dora).update(state=State.SENT)
    assert launch.cancel(world.alma, campaign.pk, actor=ACTOR, at=NOON).status == "cancelled"
    assert Delivery.objects.get(contact=world.emil).state == State.CANCELLED
    with pytest.raises(launch.NotSending):
        launch.resume(world.alma, campaign.pk, actor=ACTOR, at=NOON)


def test_it_is_sent_when_the_engine_has_finished(world: "World") -> None:
    campaign = launched(world)
    assert not launch.finish(world.alma, campaign.pk, actor=ACTOR, at=NOON)
    Message.objects.update(finished_at=NOON)
    for _again in range(2):
        assert launch.finish(world.alma, campaign.pk, actor=ACTOR, at=NOON)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.finished_at) == ("sent", NOON)
    assert AuditEntry.objects.filter(action="campaign.finish").count() == 1


def test_it_works_through_all_tenants_by_the_clock(world: "World") -> None:
    campaign = scheduled(world, NOON)
    Campaign.objects.filter(pk=campaign.pk).update(scheduled_at="2020-01-01T00:00Z")
    sending = launched(world)
    Message.objects.update(finished_at=NOON)
    jobs.keep_time(timestamp=0)
    campaign.refresh_from_db()
    sending.refresh_from_db()
    assert (campaign.status, sending.status) == ("draft", "sent")
