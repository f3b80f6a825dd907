"""What came back is applied once, to the right delivery, and nothing is dropped."""

from datetime import timedelta

import pytest
from django.db import connection

from hirnok.consent.models import Departure
from hirnok.consent.tests.sent import delivery_to
from hirnok.contacts.models import Contact
from hirnok.lib import keys, tokens
from hirnok.mail import notices
from hirnok.mail.tests import returned as mails
from hirnok.outbox.models import Delivery, DeliveryReply, State
from hirnok.register import expiring
from hirnok.register.models import Suppression
from hirnok.returns import applying, jobs, rules, storing
from hirnok.returns.models import Complaint, Failure, Lapse, Returned
from tests.world import NOON, World

DORA = "dora@example.hu"


def came(world: World, raw: bytes, delivery: Delivery | None = None, *, road: str = "smtp", purpose: str = "report") -> Returned:  # fmt: skip
    storing.keep(world.alma, [raw], road=road, at=NOON)
    row = Returned.objects.of(world.alma).order_by("pk").last()
    Returned.objects.filter(pk=row.pk).update(delivery=delivery, purpose=purpose)
    applying.apply_new(world.alma, at=NOON)
    return Returned.objects.filter(pk=row.pk).first()


def refused(
    code: str = "5.1.1", said: str = "550 5.1.1 No such user", recipient: str = DORA, **more: str
) -> bytes:
    return mails.report(mails.status(recipient, code=code, said=said, **more))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "said", "state", "suppressed"),
    [
        ("5.1.1", "550 5.1.1 No such user", State.BOUNCED, 1),
        ("5.2.1", "550 5.2.1 The account is disabled", State.BOUNCED, 1),
        ("5.2.2", "552 5.2.2 Mailbox full", State.BOUNCED, 0),
        ("5.7.1", "550 5.7.1 Refused by local policy", State.FAILED, 0),
        ("5.0.0", "554 5.7.1 [192.0.2.1] blocked using dnsbl.example", State.FAILED, 0),
        ("4.4.7", "delivery time expired", State.FAILED, 0),
    ],
)
def test_it_accounts_a_failure_and_suppresses_only_for_the_address(world: World, code: str, said: str, state: int, suppressed: int) -> None:  # fmt: skip
    delivery = delivery_to(world.dora)
    row = came(world, refused(code, said), delivery)
    delivery.refresh_from_db()
    assert (delivery.state, row.state, row.kind) == (state, "applied", "bounce")
    assert said in DeliveryReply.objects.get(delivery=delivery).text
    assert Suppression.objects.filter(reason="dead_address").count() == suppressed
    assert bytes(row.person_key) == bytes(world.dora.person.blind_index)


def met_in_the_session(world: World, kind: str, number: int, permanence: str = "permanent") -> None:
    """What the engine writes of a refusal (WINDOW)."""
    Failure.objects.create(
        tenant=world.alma, contact=world.dora, delivery=delivery_to(world.dora, number), at=NOON, kind=kind,
        permanence=permanence, is_judged=False,
    )  # fmt: skip


@pytest.mark.django_db
def test_refusals_in_the_session_are_judged_by_the_rules_as_those_that_come_back(
    world: World,
) -> None:
    met_in_the_session(world, "domain", 1)  # the rule: twice in 30 days, for a year
    assert rules.judge_new(world.alma, at=NOON) == 1
    assert not Suppression.objects.exists()
    met_in_the_session(world, "domain", 2)
    assert (rules.judge_new(world.alma, at=NOON), rules.judge_new(world.alma, at=NOON)) == (1, 0)
    assert Suppression.objects.get().reason == "dead_address"
    assert Lapse.objects.get().at == NOON + timedelta(days=365)
    rules.lapse(world.alma, at=NOON + timedelta(days=365))
    assert not Suppression.objects.exists()


@pytest.mark.django_db
def test_a_tenants_own_rules_hold_for_refusals_in_the_session(world: World) -> None:
    own = [rules.Line("address", "permanent", 3, 10, 7)]
    rules.write(world.alma, own, actor="user:1", at=NOON)
    for number in (1, 2, 3):
        assert not Suppression.objects.exists()
        met_in_the_session(world, "address", number)
        rules.judge_new(world.alma, at=NOON)
    assert Lapse.objects.get().at == NOON + timedelta(days=7)


@pytest.mark.django_db
def test_sorting_is_asked_for_at_once_and_once(world: World) -> None:
    def waiting() -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT task_name, status FROM procrastinate_jobs WHERE queueing_lock = 'returns.sort'")  # fmt: skip
            return cursor.fetchall()

    assert waiting() == []
    storing.keep(world.alma, [b"one", b"two"], road="imap", at=NOON)
    storing.keep(world.alma, [b"three"], road="imap", at=NOON)
    met_in_the_session(world, "address", 1)
    assert waiting() == [("hirnok.returns.jobs.sort_returned", "todo")]
    with connection.cursor() as cursor:  # a run has begun: what comes now asks for the next
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE queueing_lock = 'returns.sort'")  # fmt: skip
    storing.keep(world.alma, [b"four"], road="imap", at=NOON)
    assert sorted(status for _, status in waiting()) == ["doing", "todo"]
    assert jobs.sort_returned.name == "hirnok.returns.jobs.sort_returned"
    jobs.sort_returned(0)
    assert not Returned.objects.filter(state="new").exists()
    assert not Failure.objects.filter(is_judged=False).exists()


@pytest.mark.django_db
def test_a_delay_changes_nothing_but_is_noted(world: World) -> None:
    delivery = delivery_to(world.dora)
    came(world, refused("4.4.1", "Connection timed out", action="delayed"), delivery)
    delivery.refresh_from_db()
    assert delivery.state == State.SENT
    assert "timed out" in DeliveryReply.objects.get(delivery=delivery).text
    assert not Failure.objects.exists()


@pytest.mark.django_db
def test_the_same_report_by_three_roads_counts_once(world: World) -> None:
    delivery = delivery_to(world.dora)
    came(world, refused("5.2.2", "552 5.2.2 Mailbox full"), delivery)
    came(world, refused("5.2.2", "552 5.2.2 Mailbox full") + b"\n", None, road="imap")
    assert (
        storing.keep(world.alma, [refused("5.2.2", "552 5.2.2 Mailbox full")], road="smtp", at=NOON)
        == 0
    )
    event = notices.Notice(notices.BOUNCED, DORA, "5.2.2", "552 5.2.2 Mailbox full", id="1")
    came(world, notices.dump(event), road="sendgrid")
    assert set(Returned.objects.values_list("state", flat=True)) == {"applied"}
    assert Failure.objects.count() == 1


@pytest.mark.django_db
def test_it_finds_the_delivery_by_signed_id_then_by_address_and_never_anothers(
    world: World,
) -> None:
    first, _second = delivery_to(world.dora, 1), delivery_to(world.dora, 2)
    foreign = delivery_to(world.barack_dora, 3)
    track = tokens.recipient(keys.derive("track"), first.pk)
    letter = mails.LETTER.replace("20260302.1@kiado.example", f"{track}.m7@alma.example")
    came(world, mails.report(mails.status(DORA), original=letter), road="imap")
    assert list(Failure.objects.values_list("delivery_id", flat=True)) == [1]
    came(world, refused() + b"\n\n", road="imap")
    assert set(Failure.objects.values_list("delivery_id", flat=True)) == {1, 2}
    stolen = mails.LETTER.replace(
        "20260302.1@kiado.example", f"{tokens.recipient(keys.derive('track'), 3)}.m7@alma.example"
    )
    row = came(world, mails.report(mails.status("nobody@example.hu"), original=stolen), road="imap")
    foreign.refresh_from_db()
    assert (row.state, foreign.state) == ("unknown", State.SENT)


@pytest.mark.django_db
def test_an_unsigned_id_counts_only_with_its_recipient(world: World) -> None:
    delivery_to(world.emil, 77)
    letter = mails.LETTER.replace("20260302.1@kiado.example", "77.m7@alma.example")
    row = came(world, mails.report(mails.status("other@example.hu"), original=letter), road="imap")
    assert row.state == "unknown"
    row = came(world, mails.report(mails.status("emil@example.ro"), original=letter), road="imap")
    assert row.state == "applied"


@pytest.mark.django_db
def test_a_complaint_withdraws_and_is_counted(world: World) -> None:
    delivery = delivery_to(world.dora)
    arf = "Feedback-Type: abuse\nUser-Agent: F/1\nVersion: 1\nOriginal-Rcpt-To: hidden@example.hu"
    came(world, mails.report(arf, kind="feedback-report"), delivery)
    assert not Contact.objects.filter(pk=world.dora.pk).exists()
    assert Suppression.objects.get(tenant=world.alma).reason == "complaint"
    assert Complaint.objects.get().feedback == "abuse"
    assert Departure.objects.get().surface == "complaint"
    assert Contact.objects.filter(pk=world.barack_dora.pk).exists()
    assert not Returned.objects.exists()  # it went with the person


@pytest.mark.django_db
def test_a_mail_to_the_address_of_leaving_is_leaving(world: World) -> None:
    delivery = delivery_to(world.dora)
    came(world, b"From: dora@example.hu\nSubject: unsubscribe\n\n", delivery, purpose="leave")
    assert not Contact.objects.filter(pk=world.dora.pk).exists()
    assert Departure.objects.get().surface == "mail"
    assert Suppression.objects.get(tenant=world.alma).reason == "unsubscribed"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["RFC 3834", "Hungarian away", "vacation", "read"])
def test_automatic_answers_change_nothing(world: World, name: str) -> None:
    delivery = delivery_to(world.dora)
    row = came(world, mails.OTHERS[name][0], delivery)
    delivery.refresh_from_db()
    assert (row.state, delivery.state) == ("applied", State.SENT)
    assert not Failure.objects.exists()


@pytest.mark.django_db
def test_what_cannot_be_told_waits_for_a_person(world: World) -> None:
    delivery_to(world.dora)
    row = came(world, b"Subject: hello\n\nIs anybody there?", road="pop")
    assert (row.state, storing.waiting(world.alma)) == ("unknown", 1)
    assert not applying.apply_by_hand(
        world.alma, row, kind="permanent", recipient="who@example.hu", actor="user:1", at=NOON
    )
    assert applying.apply_by_hand(
        world.alma, row, kind="permanent", recipient=DORA, actor="user:1", at=NOON
    )
    assert Delivery.objects.get().state == State.BOUNCED
    row = came(world, b"Subject: hello again\n\n", road="pop")
    assert applying.apply_by_hand(
        world.alma, row, kind="nothing", recipient="", actor="user:1", at=NOON
    )
    assert set(Returned.objects.values_list("state", flat=True)) == {"applied", "dismissed"}


@pytest.mark.django_db
def test_soft_failures_count_within_their_days_and_lapse(world: World) -> None:
    rules.write(
        world.alma, [rules.Line("mailbox_full", "permanent", 3, 10, 20)], actor="user:1", at=NOON
    )
    at = NOON
    for number, days in ((1, 0), (2, 9), (3, 11), (4, 12)):
        delivery = delivery_to(world.dora, number)
        at = NOON + timedelta(days=days)
        storing.keep(
            world.alma, [refused("5.2.2", "552 5.2.2 full") + b"\n" * number], road="smtp", at=at
        )
        Returned.objects.filter(state="new").update(delivery=delivery)
        applying.apply_new(world.alma, at=at)
        assert Suppression.objects.filter(reason="dead_address").exists() == (number == 4)
    assert Lapse.objects.get().at == at + timedelta(days=20)
    assert rules.lapse(world.alma, at=at + timedelta(days=19)) == 0
    assert rules.lapse(world.alma, at=at + timedelta(days=20)) == 1
    assert not Suppression.objects.filter(reason="dead_address").exists()


@pytest.mark.django_db
def test_a_delivery_later_on_revives_an_address(world: World) -> None:
    came(world, refused(), delivery_to(world.dora))
    assert Suppression.objects.filter(reason="dead_address").count() == 1
    delivery_to(world.dora, 2)
    event = notices.Notice(notices.DELIVERED, DORA, reply="250 ok", id="9")
    came(world, notices.dump(event), road="postmark")
    assert not Suppression.objects.filter(reason="dead_address").exists()


@pytest.mark.django_db
def test_what_came_back_goes_after_its_time(world: World) -> None:
    came(world, b"Subject: hello\n\nIs anybody there?", road="pop")
    expiring.expire(NOON + timedelta(days=29))
    assert Returned.objects.count() == 1
    expiring.expire(NOON + timedelta(days=31))
    assert not Returned.objects.exists()


@pytest.mark.django_db
def test_a_broken_one_does_not_hold_up_the_rest(world: World) -> None:
    delivery = delivery_to(world.dora)
    storing.keep(world.alma, [b"no JSON"], road="sendgrid", at=NOON)
    came(world, refused(), delivery)
    assert list(Returned.objects.order_by("pk").values_list("state", flat=True)) == [
        "unknown",
        "applied",
    ]
