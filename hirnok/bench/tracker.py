"""`tracker`: opens and clicks a second, each committed before it is answered, at 64 connections.

The baseline is what a Django project would do without thinking of it: a view that inserts the same row, served by
granian as our web process is.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hirnok.bench import cast, readers, sending
from hirnok.bench.place import Place, Process, free_port
from hirnok.bench.readers import Loaded
from hirnok.bench.results import Row, ratio
from hirnok.campaigns import launch
from hirnok.campaigns.models import Campaign
from hirnok.lib import clock, keys, tokens
from hirnok.outbox.models import Delivery, Hit, Link
from hirnok.process import ports, programs

RECIPIENTS = 20_000
CONNECTIONS = 64
SECONDS = 10.0
NAIVE_SECONDS = 5.0


class Lost(Exception):
    """More hits were acknowledged than are stored: the figure would be worth nothing."""


def tracker(place: Place) -> Row:
    """Let 64 readers open (two thirds) and click for ten seconds."""
    requests = _requests(place)
    seconds = max(1.0, SECONDS * min(place.scale, 1))
    with _serving(place) as (port, process):
        before = (process.used.cpu, place.database_used.cpu)
        found = readers.load(port, requests, CONNECTIONS, seconds)
        used, database = process.used, place.database_used
    _check(found)
    parts = [
        1e6 * spent / len(found.times) for spent in (used.cpu - before[0], database.cpu - before[1])
    ]
    place.say(
        f"  {found.rate:,.0f}/s, p99 {found.percentile_ms(0.99):.1f} ms; µs: tracker {parts[0]:.1f},"
        f" database {parts[1]:.1f}; a Django view …"
    )
    with _naive(place) as port:
        baseline = readers.load(
            port, requests, CONNECTIONS, max(1.0, NAIVE_SECONDS * min(place.scale, 1))
        )
    return Row(
        "tracker",
        found.rate,
        "hits/s",
        baseline=baseline.rate,
        ratio=ratio(found.rate, baseline.rate),
        cpu_us=sum(parts),
        rss_mb=used.rss_mb,
        rows=len(found.times),
        p99_ms=found.percentile_ms(0.99),
    )


def _requests(place: Place) -> list[bytes]:
    """Launch a campaign (nobody sends it) and return its readers' requests."""
    at = clock.now()
    made = cast.make("tracker", at)
    cast.relay(made, free_port(), 1, at)
    cast.fill(made, place.rows(RECIPIENTS), at)
    campaign: Campaign = sending.draft(made, at)
    launch.launch(made.tenant, campaign.pk, actor=cast.ACTOR, at=at)
    key = keys.derive("track")
    links = list(Link.objects.of(made.tenant).values_list("pk", flat=True))
    deliveries = Delivery.objects.filter(tenant_id=made.tenant.pk).order_by("pk")
    found = []
    for number, delivery in enumerate(deliveries.values_list("pk", flat=True)):
        token = tokens.recipient(key, delivery)
        click = f"/c/{links[number % len(links)]}/{token}"
        found.append(readers.request(click if number % 3 == 2 else f"/o/{token}.gif"))
    return found


def _check(found: Loaded) -> None:
    if set(found.statuses) - {200, 302}:
        raise Lost(f"answers: {found.statuses}")
    stored = Hit.objects.count()
    if stored < len(found.times):
        raise Lost(f"{len(found.times)} acknowledged, {stored} stored")


@contextmanager
def _serving(place: Place) -> Iterator[tuple[int, Process]]:
    """Run a tracker for the time of the block."""
    program, port = programs.tracker(), free_port()
    environment = {**program.environment, "HIRNOK_TRACKER_PORT": str(port)}
    with place.process("tracker", *program.command, **environment) as process:
        place.until(lambda: ports.answers("127.0.0.1", port), "the tracker does not come up")
        yield port, process


@contextmanager
def _naive(place: Place) -> Iterator[int]:
    """Run the Django view for the time of the block."""
    port = free_port()
    shape = ("--interface", "wsgi", "--workers", "2", "--blocking-threads", "4", "--factory")
    listen = ("--host", "127.0.0.1", "--port", str(port), "--log-level", "error")
    target = "hirnok.bench.naive_site:application"
    command = (sys.executable, "-m", "granian", *shape, *listen, target)
    with place.process("naive-tracker", *command):
        place.until(lambda: ports.answers("127.0.0.1", port), "the Django view does not come up")
        yield port
