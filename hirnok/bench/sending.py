"""A campaign launched and sent to its end: what `campaign`, `campaign_rtt20` and `dkim` have in common."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection

from hirnok.bench import cast, newsletter
from hirnok.bench.cast import ACTOR, Cast
from hirnok.bench.place import Place, Process, free_port
from hirnok.campaigns import drafting, launch
from hirnok.campaigns.models import Campaign
from hirnok.lib import clock
from hirnok.outbox.models import Delivery, Message, Relay, State
from hirnok.process import ports
from hirnok.tenants.acting import acting_for


class Miscounted(Exception):
    """Not every recipient is accounted as sent, or the sink got another number: the figure would be worth nothing."""


@dataclass
class Sink:
    """The SMTP server that is sent to."""

    process: Process
    port: int
    file: Path

    @property
    def accepted(self) -> int:
        """Return how many messages it has accepted."""
        with self.file.open("rb") as lines:
            return sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b""))


@dataclass(frozen=True)
class Sent:
    """What sending one campaign took. CPU in seconds: engine, database, sink."""

    recipients: int
    seconds: float
    engine: float
    database: float
    sink: float
    rss_mb: float

    @property
    def rate(self) -> float:
        """Return recipients a second, from the launch to the last outcome."""
        return self.recipients / self.seconds

    @property
    def cpu_us(self) -> float:
        """Return microseconds for one message: engine, database and sink."""
        return 1e6 * (self.engine + self.database + self.sink) / self.recipients

    @property
    def parts(self) -> str:
        """Return the same by process, as text."""
        each = (self.engine, self.database, self.sink)
        engine, database, sink = (1e6 * one / self.recipients for one in each)
        return (
            f"{self.rate:,.0f}/s; µs: engine {engine:.1f}, database {database:.1f}, sink {sink:.1f}"
        )


@contextmanager
def sink(place: Place, *options: str) -> Iterator[Sink]:
    """Run a sink for the time of the block."""
    port, file = free_port(), place.folder / "accepted"
    file.unlink(missing_ok=True)
    command = (sys.executable, "-m", "hirnok.bench.sink", "--port", str(port), "--file", str(file))
    with place.process("sink", *command, *options) as process:
        place.until(lambda: ports.answers("127.0.0.1", port), "the sink does not come up")
        yield Sink(process, port, file)


@contextmanager
def engine(place: Place, *options: str) -> Iterator[Process]:
    """Run an engine for the time of the block; it is connected to the database and idle."""
    command = (sys.executable, "-m", "hirnok.engine", *options)
    with place.process("engine", *command) as process:
        place.until(_engine_is_there, "the engine does not come up")
        yield process


def draft(made: Cast, at: datetime) -> Campaign:
    """Write the newsletter to everybody on the list."""
    with acting_for(made.tenant):
        campaign = drafting.create(made.tenant, made.brand, name="Bench", actor=ACTOR, at=at)
        values = {
            "subject": newsletter.SUBJECT,
            "format": Campaign.Format.HTML,
            "body": newsletter.body(),
            "lists": [made.list],
        }
        return drafting.save(made.tenant, campaign.pk, values, actor=ACTOR, at=at)


def cast_with_relay(
    place: Place, name: str, recipients: int, to: Sink, connections: int
) -> tuple[Cast, Relay]:
    """Make the tenant, its contacts and the sink as its relay."""
    at = clock.now()
    made = cast.make(name, at)
    relay = cast.relay(made, to.port, connections, at)
    place.say(f"  {recipients:,} contacts")
    cast.fill(made, recipients, at)
    place.rest()
    return made, relay


def send(place: Place, made: Cast, recipients: int, process: Process, to: Sink) -> Sent:
    """Launch a campaign to all contacts and wait for the last outcome: Miscounted, TooSlow."""
    campaign = draft(made, clock.now())
    before = (process.used.cpu, place.database_used.cpu, to.process.used.cpu, to.accepted)
    began = clock.now()
    with acting_for(made.tenant):
        launched = launch.launch(made.tenant, campaign.pk, actor=ACTOR, at=clock.now())
    message = launch.message_of(launched)
    place.until(
        lambda: Message.objects.filter(pk=message.pk, finished_at__isnull=False).exists(),
        "the campaign does not come to its end",
        patience=120 + recipients / 200,
    )
    after = (process.used.cpu, place.database_used.cpu, to.process.used.cpu, to.accepted)
    spent = [late - early for early, late in zip(before, after, strict=True)]
    states = Delivery.objects.filter(message_id=message.pk)
    if states.filter(state=State.SENT).count() != recipients or spent[3] != recipients:
        raise Miscounted(f"{recipients} recipients, {spent[3]} accepted")
    ended = states.order_by("-sent_at").values_list("sent_at", flat=True)[0]
    return Sent(
        recipients,
        (ended - began).total_seconds(),
        spent[0],
        spent[1],
        spent[2],
        process.used.rss_mb,
    )


def _engine_is_there() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hirnok engine'"
        )
        (number,) = cursor.fetchone() or (0,)
    return bool(number)
