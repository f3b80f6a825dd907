"""The faults, each by a named mechanism, and how many messages it may cause to be sent twice.

What may be repeated: what stood open in windows right after an engine died or fell asleep (asked of the database; WINDOWS at
most for an engine), and for each connection that was cut what was on its way (the sink counts those it cuts itself).
"""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from hirnok.engine.smtp import DEPTH
from hirnok.process import postgres
from tests.chaos.campaigns import CONNECTIONS, Campaigns
from tests.chaos.ground import LEASE, Ground

WINDOWS = 256
CUT = CONNECTIONS * DEPTH
_ENGINES = 2
# Recipients without an outcome in windows that somebody has open: all that may go out again for it.
_OPEN = """
SELECT count(*) FROM outbox_batch b JOIN outbox_delivery d
  ON d.tenant_id = b.tenant_id AND d.message_id = b.message_id AND d.id BETWEEN b.window_from AND b.window_to
WHERE NOT b.done AND d.state IN (0, 2, 6, 7)
"""


@dataclass(frozen=True)
class Scene:
    """What a fault is given."""

    ground: Ground
    campaigns: Campaigns
    chosen: random.Random


@dataclass(frozen=True)
class Fault:
    """One kind. `run` returns the number of messages that it may cause to be repeated, beyond the cuts of the sink."""

    name: str
    mechanism: str
    weight: int
    run: Callable[[Scene], int]
    needs: str = ""  # "network" or "disk"


def possible(ground: Ground) -> tuple[list[Fault], dict[str, str]]:
    """Return the faults that can be done on this machine, and why the others cannot."""
    missing = {
        "network": "" if ground.has_network else "no network namespace could be made",
        "disk": "" if ground.disk else "no tmpfs could be mounted",
    }
    can = [fault for fault in FAULTS if not missing.get(fault.needs, "")]
    return can, {fault.name: missing[fault.needs] for fault in FAULTS if fault not in can}


def plan(can: list[Fault], count: int, chosen: random.Random) -> list[Fault]:
    """Return so many faults in random order: each kind about as often as its weight says, and once at least."""
    every = list(can) if count >= len(can) else []
    rest = chosen.choices(can, [fault.weight for fault in can], k=count - len(every))
    planned = every + rest
    chosen.shuffle(planned)
    return planned


def _kill_engine(scene: Scene) -> int:
    scene.ground.kill("engine")
    return _open_now(scene.ground)


def _kill_second_engine(scene: Scene) -> int:
    scene.ground.engine.kill()
    return _open_now(scene.ground)


def _open_now(ground: Ground) -> int:
    """What may go out again for an engine that has just stopped: all windows which are open now, also those of the other one,
    for the lease of the dead one still holds. WINDOWS where the answer came too late for that."""
    started = time.monotonic()
    ((found,),) = ground.ask(_OPEN)
    return WINDOWS if time.monotonic() - started > LEASE / 2 else min(int(found), WINDOWS)


def _stop_engine_politely(scene: Scene) -> int:
    """SIGTERM is no fault of the engine's: nothing may be repeated but what the relay leaves unanswered."""
    os.kill(scene.ground.pid("engine"), signal.SIGTERM)
    return CUT


def _stop_past_lease(scene: Scene) -> int:
    pid = scene.ground.engine.process.pid
    os.kill(pid, signal.SIGSTOP)
    most = _open_now(scene.ground)
    time.sleep(LEASE + 2)
    os.kill(pid, signal.SIGCONT)
    return most + CUT


def _kill_worker(scene: Scene) -> int:
    scene.ground.kill("worker")
    return 0


def _kill_tracker(scene: Scene) -> int:
    scene.ground.kill("tracker")
    return 0


def _kill_web(scene: Scene) -> int:
    scene.ground.kill("web")
    return 0


def _kill_postmaster(scene: Scene) -> int:
    pid = postgres.postmaster(scene.ground.cluster)
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return _until_back(scene.ground)


def _kill_backend(scene: Scene) -> int:
    found = scene.ground.ask(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'hirnok engine' ORDER BY pid"
    )
    if found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(scene.chosen.choice(found)[0], signal.SIGKILL)
    return _until_back(scene.ground)


def _until_back(ground: Ground) -> int:
    """Wait for the database. Leases that ran out meanwhile go to whoever is first; else nothing is repeated."""
    started = time.monotonic()
    ground.ask("SELECT 1")
    time.sleep(0.5)
    return _ENGINES * WINDOWS if time.monotonic() - started > LEASE / 2 else 0


def _fill_disk(scene: Scene) -> int:
    disk = scene.ground.disk
    assert disk is not None
    ballast = disk / "ballast"
    started = time.monotonic()
    try:
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * (1 << 20))
        time.sleep(scene.chosen.uniform(2, 4))
    finally:
        ballast.unlink(missing_ok=True)
    _until_back(scene.ground)
    return _ENGINES * WINDOWS if time.monotonic() - started > LEASE / 2 else 0


def _lose_network(scene: Scene) -> int:
    scene.ground.link("down")
    time.sleep(scene.chosen.uniform(1, 1.5 * LEASE))
    scene.ground.link("up")
    return _ENGINES * CUT


def _kill_sink(scene: Scene) -> int:
    scene.ground.sink.kill()
    return _ENGINES * CUT


def _jump_clock(scene: Scene) -> int:
    scene.ground.set_clock(scene.chosen.randint(-7200, 7200))
    return 0


def _jump_database_clock(scene: Scene) -> int:
    """To the leases a jump of the database's clock is the same as their ends moved the other way."""
    seconds = scene.chosen.choice([-1, 1]) * scene.chosen.randint(1000, 20000)
    scene.ground.ask(
        "UPDATE outbox_batch SET lease_until = lease_until - make_interval(secs => %s)"
        " WHERE lease_until IS NOT NULL AND NOT done",
        seconds,
    )
    return _ENGINES * WINDOWS


def _storm(scene: Scene) -> int:
    scene.campaigns.storm(scene.chosen.randint(3, 8), cancels=False)
    return 0


def _storm_with_cancel(scene: Scene) -> int:
    scene.campaigns.storm(scene.chosen.randint(1, 4), cancels=True)
    return 0


def _mood(mood: str, least: float, most: float) -> Callable[[Scene], int]:
    def run(scene: Scene) -> int:
        seconds = scene.chosen.uniform(1, 3)
        chance = scene.chosen.uniform(least, most)
        scene.ground.sink.tell(mood=mood, chance=chance, seconds=seconds)
        time.sleep(seconds)
        return 0

    return run


FAULTS = (
    Fault("engine_killed", "SIGKILL", 12, _kill_engine),
    Fault("second_engine_killed", "SIGKILL", 12, _kill_second_engine),
    Fault("engine_ended", "SIGTERM", 4, _stop_engine_politely),
    Fault("engine_past_lease", "SIGSTOP, SIGCONT", 3, _stop_past_lease),
    Fault("worker_killed", "SIGKILL", 6, _kill_worker),
    Fault("tracker_killed", "SIGKILL", 8, _kill_tracker),
    Fault("web_killed", "SIGKILL", 6, _kill_web),
    Fault("postmaster_killed", "SIGKILL", 6, _kill_postmaster),
    Fault("backend_killed", "SIGKILL", 6, _kill_backend),
    Fault("disk_full", "tmpfs of limited size, filled", 4, _fill_disk, "disk"),
    Fault("network_gone", "veth between namespaces, link down", 5, _lose_network, "network"),
    Fault("relay_killed", "SIGKILL of the sink", 4, _kill_sink),
    Fault("clock_jumped", "the clock of our processes, hook", 5, _jump_clock),
    Fault("database_clock_jumped", "leases moved in the table", 4, _jump_database_clock),
    Fault("pause_storm", "HTTP, pause and resume", 6, _storm),
    Fault("cancel_storm", "HTTP, pause, resume and cancel", 3, _storm_with_cancel),
    Fault("relay_drops_before_data", "scripted sink", 4, _mood("drop_data", 0.01, 0.1)),
    Fault("relay_drops_in_data", "scripted sink", 4, _mood("drop_body", 0.01, 0.1)),
    Fault("relay_drops_after_dot", "scripted sink", 4, _mood("drop_end", 0.01, 0.1)),
    Fault("relay_drops_after_storing", "scripted sink", 6, _mood("drop_stored", 0.01, 0.1)),
    Fault("relay_puts_off", "scripted sink", 4, _mood("refuse_now", 0.05, 0.5)),
    Fault("relay_refuses", "scripted sink", 3, _mood("refuse", 0.01, 0.1)),
    Fault("relay_slow", "scripted sink", 3, _mood("slow", 0.01, 0.2)),
    Fault("relay_talks_garbage", "scripted sink", 4, _mood("garbage", 0.01, 0.05)),
    Fault("relay_shuts_down", "scripted sink", 3, _mood("shut_down", 0.01, 0.05)),
)
