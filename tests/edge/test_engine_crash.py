"""Whatever is killed: nothing is lost, nothing is unaccounted, and only the open windows are repeated.

The lease is thirty seconds and is expired by hand after a kill, so that a slow machine changes nothing.
"""

import signal
import subprocess
from collections import Counter
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.db.models import F

from hirnok.outbox import queue
from hirnok.outbox.models import Batch, Message, Repetition, State
from hirnok.sandbox import server
from hirnok.sandbox.rules import Rule
from tests.edge.sending import (
    PATIENCE,
    Sending,
    accepted,
    addresses,
    expire_leases,
    finished,
    make_due,
    repeated,
    states,
    wait_until,
)
from tests.world import NOON

LANES, WINDOW = 2, 32
SIZES = ("--lanes", str(LANES), "--window", str(WINDOW))


def test_it_loses_nothing_when_killed_and_repeats_only_open_windows(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox, messages_per_second=1000)
    message = sending.launch(addresses(2000))
    for goal in (200, 700, 1200, 1600):
        engine = sending.start_engine(*SIZES)
        wait_until(lambda goal=goal: len(sandbox.store.entries) > goal)
        engine.kill()
        engine.wait(PATIENCE)
        expire_leases()
    with sending.engine(*SIZES):
        wait_until(finished(message))
    assert {to for _, to in accepted(sandbox)} == set(addresses(2000))
    assert states(message) == {State.SENT: 2000}
    assert repeated(sandbox) <= 4 * LANES * WINDOW
    assert _twice(sandbox) <= _listed_as_repeated(message)
    assert len(_listed_as_repeated(message)) <= 4 * LANES * WINDOW


def test_it_only_reports_what_is_uncertain_if_told_so(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox, messages_per_second=1000)
    message = sending.launch(addresses(1000), policy="report")
    for goal in (200, 600):
        engine = sending.start_engine(*SIZES)
        wait_until(lambda goal=goal: len(sandbox.store.entries) > goal)
        engine.kill()
        engine.wait(PATIENCE)
        expire_leases()
    with sending.engine(*SIZES):
        wait_until(finished(message))
    assert repeated(sandbox) == 0
    after = states(message)
    assert set(after) <= {State.SENT, State.UNKNOWN}
    assert sum(after.values()) == 1000
    assert after.get(State.UNKNOWN, 0) <= 2 * LANES * WINDOW
    assert len(sandbox.store.entries) >= after[State.SENT]


def test_it_counts_a_killed_and_cancelled_window_as_unknown(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox, messages_per_second=500)
    message = sending.launch(addresses(3000))
    engine = sending.start_engine(*SIZES)
    wait_until(lambda: len(sandbox.store.entries) > 100)
    engine.kill()
    engine.wait(PATIENCE)
    expire_leases()
    type(message).objects.filter(pk=message.pk).update(cancelled_at=message.launched_at)
    with sending.engine(*SIZES):
        wait_until(finished(message))
    after = states(message)
    assert set(after) == {State.SENT, State.UNKNOWN, State.CANCELLED}
    assert sum(after.values()) == 3000
    assert after[State.UNKNOWN] <= LANES * WINDOW
    sure = len(sandbox.store.entries)
    assert after[State.SENT] <= sure <= after[State.SENT] + after[State.UNKNOWN]


def test_it_hands_its_batches_back_when_told_to_end(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox, messages_per_second=500)
    message = sending.launch(addresses(1000))
    for goal in (100, 400):
        with sending.engine(*SIZES) as engine:
            wait_until(lambda goal=goal: len(sandbox.store.entries) > goal)
            engine.terminate()
            assert engine.wait(PATIENCE) == 0
        batch = Batch.objects.get(message=message)
        assert batch.lease_owner is None
        assert batch.lease_until is None
        assert batch.window_to is None
        assert states(message)[State.SENT] == len(sandbox.store.entries)
    with sending.engine(*SIZES):
        wait_until(finished(message))
    assert repeated(sandbox) == 0
    assert states(message) == {State.SENT: 1000}


def test_it_does_not_go_on_when_it_slept_through_its_lease(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox, messages_per_second=100, connections=4)
    with sending.engine(*SIZES, "--lease", "3") as sleeper:
        message = _stopped_in_the_middle(sending, sandbox, sleeper)
        wait_until(_all_leases_have_ended)
        # The sleeper's own deadline is 0.8 of the lease from before its statement: over by now.
        with sending.engine(*SIZES):
            wait_until(finished(message))
        assert states(message) == {State.SENT: 400}
        before = len(accepted(sandbox))
        assert repeated(sandbox) <= LANES * WINDOW
        sleeper.send_signal(signal.SIGCONT)
        wait_until(lambda: "taken over" in sending.log(), "the fence")
        sleeper.terminate()
        assert sleeper.wait(PATIENCE) == 0
    # A message whose bytes were under way may arrive, one for each connection.
    assert len(accepted(sandbox)) <= before + 4
    assert states(message) == {State.SENT: 400}


def test_it_repeats_at_most_one_message_for_a_dropped_connection(
    sending: Sending, tmp_path: Path
) -> None:
    drops = [
        Rule("*", at="data", drop=True, every=97),
        Rule("*", at="body", drop=True, every=89),
        Rule("*", at="end", drop=True, every=83),
        Rule("*", at="stored", drop=True, every=71),
    ]
    with server.start(tmp_path / "dropping", rules=drops) as sandbox:
        sending.point_to(sandbox)
        message = sending.launch(addresses(1000))
        with sending.engine():
            # Whoever met three drops in a row is deferred: let that be due at once.
            wait_until(lambda: make_due(message) >= 0 and finished(message)())
        got = accepted(sandbox)
        stored = len(got) // 71
        drops_in_all = sum(len(got) // rule.every + 1 for rule in drops)
        assert {to for _, to in got} == set(addresses(1000))
        assert states(message) == {State.SENT: 1000}
        # The answer to one more message may be lost with each connection that is dropped.
        assert repeated(sandbox) <= stored + drops_in_all
        assert _twice(sandbox) <= _listed_as_repeated(message)


def test_it_reports_dropped_connections_if_told_so(sending: Sending, tmp_path: Path) -> None:
    drops = [Rule("*", at="stored", drop=True, every=50)]
    with server.start(tmp_path / "dropping", rules=drops) as sandbox:
        sending.point_to(sandbox)
        message = sending.launch(addresses(400), policy="report")
        with sending.engine():
            wait_until(finished(message))
        assert repeated(sandbox) == 0
        after = states(message)
        assert after[State.UNKNOWN] >= 8
        assert after[State.SENT] + after[State.UNKNOWN] == 400


def test_it_defers_a_recipient_at_whom_the_relay_breaks_each_time(
    sending: Sending, tmp_path: Path
) -> None:
    rules = [
        Rule("olvaso000003@*", at="body", drop=True),
        Rule("olvaso000004@*", at="end", drop=True),
    ]
    with server.start(tmp_path / "breaking", rules=rules) as sandbox:
        sending.point_to(sandbox, connections=2)
        message = sending.launch(addresses(30))
        with sending.engine():
            wait_until(lambda: states(message) == {State.SENT: 28, State.DEFERRED: 2})
        assert repeated(sandbox) == 0


def test_it_calls_unknown_what_was_uncertain_when_it_was_cancelled(
    sending: Sending, tmp_path: Path
) -> None:
    rules = [Rule("olvaso00000[1-3]@*", at="stored", drop=True)]
    with server.start(tmp_path / "silent", rules=rules) as sandbox:
        sending.point_to(sandbox, connections=1)
        message = sending.launch(addresses(10))
        with sending.engine():
            wait_until(lambda: states(message) == {State.SENT: 7, State.DEFERRED: 3})
            queue.withdraw(message, at=NOON)
            wait_until(finished(message))
        assert {to for _, to in accepted(sandbox)} == set(addresses(10))
    assert states(message) == {State.SENT: 7, State.UNKNOWN: 3}


def test_it_hands_its_batches_back_although_the_relay_is_silent(
    sending: Sending, tmp_path: Path
) -> None:
    with server.start(tmp_path / "slow", rules=[Rule("*", at="stored", delay=3600)]) as sandbox:
        sending.point_to(sandbox, connections=4)
        message = sending.launch(addresses(100))
        with sending.engine() as engine:
            wait_until(lambda: len(sandbox.store.entries) == 4)
            engine.terminate()
            assert engine.wait(PATIENCE) == 0
        got = {to for _, to in accepted(sandbox)}
    batch = Batch.objects.get(message=message)
    assert (batch.lease_owner, batch.lease_until, batch.window_to) == (None, None, None)
    assert states(message) == {State.QUEUED: 96, State.DEFERRED: 4}
    assert _listed_as_repeated(message) == got


def test_it_takes_over_what_was_leased_before_the_clock_was_set_back(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox, messages_per_second=500)
    message = sending.launch(addresses(400))
    engine = sending.start_engine(*SIZES)
    wait_until(lambda: len(sandbox.store.entries) > 50)
    engine.kill()
    engine.wait(PATIENCE)
    # To leases, the database's clock an hour back is the same as their ends an hour on.
    Batch.objects.filter(done=False).update(lease_until=F("lease_until") + timedelta(hours=1))
    with sending.engine(*SIZES):
        wait_until(finished(message))
    assert states(message) == {State.SENT: 400}
    assert _twice(sandbox) <= _listed_as_repeated(message)


def test_two_engines_share_the_work(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox, messages_per_second=300)
    with sending.engine("--lanes", "1"), sending.engine("--lanes", "1"):
        wait_until(lambda: _listening() == 2, "both have started")
        messages = [sending.launch(addresses(1500, start)) for start in (0, 10_000)]
        wait_until(lambda: len(_owners()) == 2, "both have a batch")
        for message in messages:
            wait_until(finished(message))
    assert repeated(sandbox) == 0
    assert Counter(to for _, to in accepted(sandbox)) == Counter(
        [*addresses(1500), *addresses(1500, 10_000)]
    )


def _twice(sandbox: server.Sandbox) -> set[str]:
    """Return who got a message more than once."""
    return {to for to, times in Counter(to for _, to in accepted(sandbox)).items() if times > 1}


def _listed_as_repeated(message: Message) -> set[str]:
    rows = Repetition.objects.filter(message=message).values_list("delivery__contact__email")
    return {email for (email,) in rows}


def _listening() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'hirnok engine' AND query LIKE 'LISTEN%'"
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _owners() -> set[str]:
    found = Batch.objects.filter(done=False, lease_owner__isnull=False)
    return set(found.values_list("lease_owner", flat=True))


def _stopped_in_the_middle(
    sending: Sending, sandbox: server.Sandbox, engine: "subprocess.Popen[bytes]"
) -> Message:
    """Launch a message and stop the engine while it sends it; a slow machine may need a second try."""
    for start in range(0, 5000, 1000):
        before = len(sandbox.store.entries)
        message = sending.launch(addresses(400, start))
        wait_until(lambda before=before: len(sandbox.store.entries) > before + 50)
        engine.send_signal(signal.SIGSTOP)
        if len(sandbox.store.entries) < before + 350:
            return message
        engine.send_signal(signal.SIGCONT)
        wait_until(finished(message))
    raise AssertionError("never stopped in the middle")


def _all_leases_have_ended() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outbox_batch WHERE lease_until >= clock_timestamp()")
        row = cursor.fetchone()
    return row is not None and row[0] == 0
