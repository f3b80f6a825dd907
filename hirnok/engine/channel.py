"""One relay: the messages that are ready for it and the connections that carry them.

Connections are opened as messages wait, up to the relay's number, and closed when idle. When none can be had
the channel is `failing`: it halts its windows (their lanes hand the batches back, nothing is lost) and tries
again after a growing pause. Letters go first.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hirnok.engine.jobs import Delivery, Job, Letter, Unsendable, Window
from hirnok.engine.replies import Reply
from hirnok.engine.shaping import Gate
from hirnok.engine.smtp import DEPTH, Dialogue, Problem, Setup, Stage
from hirnok.engine.transport import CannotConnect, Connection, Security, Target, connect
from hirnok.lib import keys
from hirnok.mail import retry

logger = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
_BARREN = 4  # so many connections in a row that carried nothing are a failure of the relay
_BUSY = 20  # so many 421 in a row as well
_IDLE = 10.0
_CAREFUL = 60.0


@dataclass(frozen=True)
class Relay:
    """An SMTP server of a tenant, as its settings say."""

    tenant_id: int
    id: int
    host: str
    port: int
    security: Security = "none"
    verify: bool = True
    username: str = ""
    sealed_password: str = ""
    connections: int = 10
    messages_per_connection: int = 0
    messages_per_second: int | None = None
    retry_first_minutes: int = 5
    retry_longest_minutes: int = 240
    retry_hours: int = 72

    @property
    def schedule(self) -> retry.Schedule:
        """When its refusals for now are tried again."""
        return retry.Schedule(
            timedelta(minutes=self.retry_first_minutes),
            timedelta(minutes=self.retry_longest_minutes),
            timedelta(hours=self.retry_hours),
        )

    @property
    def target(self) -> Target:
        """Where to connect to."""
        return Target(self.host, self.port, self.security, self.verify)

    def setup(self, hello: str, depth: int = DEPTH) -> Setup:
        """Return how to speak; keys.CannotDecrypt when the password was stored under another key."""
        return Setup(
            hello=hello,
            starttls=self.security == "starttls",
            username=self.username,
            password=keys.unseal(self.sealed_password) if self.username else "",
            most_messages=self.messages_per_connection,
            depth=depth,
        )


class Channel:
    """The way to one relay; what its connections ask (`smtp.Supply`) it answers."""

    def __init__(self, relay: Relay, hello: str, on_change: Callable[[], None]) -> None:
        """Begin without connections; `on_change` is called when it becomes usable or fails."""
        self.relay, self._hello, self._on_change = relay, hello, on_change
        self.ready: deque[Job] = deque()
        self.letters: deque[Job] = deque()
        self.windows: set[Window] = set()
        self.connections: set[Connection] = set()
        self.lanes: set[asyncio.Task[None]] = set()
        self.failing: Problem | None = None
        self.used_at = time.monotonic()
        self._connecting: set[asyncio.Task[None]] = set()
        self._ending = self._closed = False
        self._pauses = 0
        self._barren = 0
        self._retry_at = 0.0
        self._pace = _Pace(relay.messages_per_second)
        self._kick_planned = False
        self._busy = 0
        self._lost_at = -_CAREFUL
        self._refuses_chunks = False
        self.engines = 1  # that share the relay with this one
        self.held = False  # taken out of use by hand
        self.probed_at: datetime | None = None
        self.gates: dict[str, Gate] = {}
        self.on_refusal: Callable[[Channel, Job, Reply], None] | None = None

    # What the lanes use

    @property
    def is_usable(self) -> bool:
        """Whether there is a connection to send on."""
        return (
            not self._ending
            and not self.held
            and any(one.dialogue.ready for one in self.connections)
        )

    @property
    def is_trusted(self) -> bool:
        """Whether mail may be given to it: it works, or nothing else is known, or it is being tried again."""
        return not (self._ending or self.held) and (self.failing is None or self.is_usable)

    @property
    def is_idle(self) -> bool:
        """Whether nothing at all goes on here."""
        return not (self.lanes or self.ready or self.letters or self.windows)

    @property
    def is_sending(self) -> bool:
        """Whether a message is under way on a connection."""
        return any(not one.dialogue.idle for one in self.connections)

    def put(self, window: Window, jobs: Iterable[Job]) -> None:
        """Send the deliveries of a window."""
        self.used_at = time.monotonic()
        self.windows.add(window)
        self.ready.extend(jobs)
        self.kick()

    def post(self, letter: Job) -> None:
        """Send a letter, before all deliveries."""
        self.used_at = time.monotonic()
        self.letters.append(letter)
        self.kick()

    def drop(self, window: Window) -> None:
        """Start nothing more of a window."""
        window.halted = True
        self.windows.discard(window)
        self._sweep()

    def halt(self) -> None:
        """Start nothing more of any window."""
        for window in list(self.windows):
            self.drop(window)
        self._sweep()

    def take_out(self, fits: "Callable[[Delivery], bool]") -> "list[Delivery]":
        """Take deliveries that fit out of what waits; the caller gives each its outcome."""
        found: list[Delivery] = []
        for queue in (self.ready, *(gate.parked for gate in self.gates.values())):
            for _ in range(len(queue)):
                job = queue.popleft()
                if isinstance(job, Delivery) and not job.is_uncertain and fits(job):
                    found.append(job)
                else:
                    queue.append(job)
        return found

    def share(self, engines: int, *, held: bool, probe_at: datetime | None) -> None:
        """Take what changes while connections stay: how many share the relay, what was decided by hand."""
        if engines != self.engines:
            self.engines = engines
            rate = self.relay.messages_per_second
            self._pace.set(rate / engines if rate else None)
        if held and not self.held:
            self.held = True
            self.halt()
        self.held = held
        if probe_at is not None and probe_at != self.probed_at:
            self.probed_at = probe_at
            self._retry_at, self._pauses = 0.0, min(self._pauses, 1)

    def kick(self) -> None:
        """Give waiting messages to idle connections, and open more if that is not enough."""
        most = max(1, self.relay.connections // self.engines)
        share = -(-(len(self.ready) + len(self.letters)) // most)  # so that each has about as many
        for connection in list(self.connections):
            if not (self.ready or self.letters):
                return
            connection.wake(share)
        self.reach(len(self.ready) + len(self.letters))

    def reach(self, waiting: int = 1) -> None:
        """Open connections for so many messages that wait, if the time for it has come."""
        if self._closed or time.monotonic() < self._retry_at:
            return
        busy = sum(not one.dialogue.idle for one in self.connections)
        wanted = min(max(1, self.relay.connections // self.engines), busy + waiting)
        while len(self.connections) + len(self._connecting) < wanted:
            task = asyncio.get_running_loop().create_task(self._connect())
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)
            if self._pauses:  # after a failure one is enough to find out
                return

    def tick(self) -> None:
        """Look after time-outs; called about once a second."""
        for connection in list(self.connections):
            connection.check(_IDLE)
        if self.ready or self.letters:
            self.kick()

    def finish(self) -> None:
        """Begin to end: start nothing more, wait for what is under way."""
        self._ending = True
        self.halt()

    def close(self) -> None:
        """End: polite to idle connections, what is under way is cut (and accounted)."""
        self._ending = self._closed = True
        self.halt()
        while self.letters:
            self.letters.popleft().release()
        for connection in list(self.connections):
            connection.quit()
            connection.abort()
        for task in self._connecting:
            task.cancel()

    # What the connections use

    def take(self) -> Job | None:
        """Return the next message, made and addressed."""
        if not self._pace.allows():
            self._plan_kick(self._pace.wait())
            return None
        while (job := self._next()) is not None:
            try:
                job.prepare()
            except Unsendable as error:
                job.refused(str(error))
                self._left(job)
                continue
            self._pace.count()
            return job
        return None

    def may_send(self, job: Job) -> bool:
        """Check again in the last moment: a stopped process may wake up here."""
        return job.is_alive

    def answered(self, job: Job, stage: Stage, reply: Reply) -> None:
        """Take an answer; the relay works."""
        if reply.code != 421:
            self._barren = self._pauses = 0
            if self.failing is not None:
                self.failing = None
                self._on_change()
        if reply.code >= 400:
            self._refused(job, reply)
        else:
            self._busy = 0
        job.answered(stage, reply)
        if job.gate is not None:
            self._left(job)

    def returned(self, job: Job, *, is_suspect: bool) -> None:
        """Put a message back that was not sent."""
        self._left(job)
        if job.returned(is_suspect=is_suspect):
            self._put_back(job)

    def uncertain(self, job: Job) -> None:
        """Send a message again of which nothing is known, if its policy is so."""
        self._left(job)
        if job.uncertain():
            self._put_back(job)

    # Inside

    def _refused(self, job: Job, reply: Reply) -> None:
        """A refusal: whose it is, and whether the relay itself turns everything away."""
        if self.on_refusal is not None:
            self.on_refusal(self, job, reply)
        self._busy = self._busy + 1 if reply.code == 421 else 0
        if self._busy >= _BUSY:
            self._busy = 0
            asyncio.get_running_loop().call_soon(self._turned_away)

    def _turned_away(self) -> None:
        """So many 421 in a row: the relay closes its door. Let its connections go and pause."""
        if self._closed:
            return
        for connection in list(self.connections):
            if connection.dialogue.idle:
                connection.quit()
        self._failed(Problem("closed", 421), is_certain=True)

    def _left(self, job: Job) -> None:
        """A message is no longer under way: the next of its provider may start."""
        if job.gate is not None and (waiting := job.gate.leave()) is not None:
            self.ready.append(waiting)

    def _put_back(self, job: Job) -> None:
        if self._closed:
            job.release()
        else:
            (self.letters if isinstance(job, Letter) else self.ready).appendleft(job)

    def _next(self) -> Job | None:
        while self.letters:
            letter = self.letters.popleft()
            if letter.is_alive:
                return letter
            letter.release()
        for _ in range(len(self.ready)):
            job = self.ready.popleft()
            if job.is_alive:
                if job.gate is None or job.gate.enter(job):
                    return job
            elif job.is_halted:
                job.release()
            else:  # its lease is being renewed
                self.ready.append(job)
        return None

    def _sweep(self) -> None:
        for queue in (self.ready, *(gate.parked for gate in self.gates.values())):
            for _ in range(len(queue)):
                job = queue.popleft()
                if job.is_halted:
                    job.release()
                else:
                    queue.append(job)

    @property
    def _depth(self) -> int:
        """How many messages a new connection may have on their way: one for a while after one broke with some, since
        a message that the relay breaks at takes the others along."""
        if self._refuses_chunks:
            return 0
        return 1 if time.monotonic() - self._lost_at < _CAREFUL else DEPTH

    async def _connect(self) -> None:
        made: list[Connection] = []
        connection = None
        try:
            setup = self.relay.setup(self._hello, self._depth)
            connection = await connect(self.relay.target, lambda: self._new(setup, made))
        except CannotConnect as error:
            self._failed(error.problem)
        except keys.CannotDecrypt:
            self._failed(Problem("auth", text="the stored password cannot be read"))
        finally:  # those of addresses that did not answer
            self.connections.difference_update(one for one in made if one is not connection)
        if connection is not None and self._closed:
            connection.abort()

    def _new(self, setup: Setup, made: list[Connection]) -> Connection:
        connection = Connection(self.relay.target, Dialogue(setup, self), self._opened, self._ended)
        made.append(connection)
        self.connections.add(connection)
        return connection

    def _opened(self, connection: Connection) -> None:
        if self.failing is not None and self.failing.cause != "closed":
            self.failing = None  # a relay that turns messages away is only trusted after an answer
        self._on_change()
        self.kick()

    def _ended(self, connection: Connection) -> None:
        known = connection in self.connections
        self.connections.discard(connection)
        dialogue = connection.dialogue
        if not known or self._closed:
            return
        self._refuses_chunks = self._refuses_chunks or dialogue.refuses_chunks
        if dialogue.broke:
            self._lost_at = time.monotonic()
        if not dialogue.ready:
            self._failed(dialogue.problem or Problem("closed"))
        elif dialogue.taken and not dialogue.answers:
            self._barren += 1
            if self._barren >= _BARREN:
                self._failed(dialogue.problem or Problem("closed"))
        self._plan_kick(0.0)

    def _failed(self, problem: Problem, *, is_certain: bool = False) -> None:
        """A connection was not to be had: pause, and when there is no other (or it is certain), halt."""
        pause = min(_FIRST_PAUSE * 2**self._pauses, _LONGEST_PAUSE)
        self._pauses = min(self._pauses + 1, 20)
        self._retry_at = time.monotonic() + pause
        if self._closed or (self.is_usable and not is_certain):
            return
        logger.warning(
            "relay %s fails: %s %s", self.relay.id, problem.cause, problem.code or problem.text
        )
        self.failing = problem
        self.halt()
        while self.letters:
            self.letters.popleft().release()
        self._on_change()

    def _plan_kick(self, seconds: float) -> None:
        if not self._kick_planned and not self._closed:
            self._kick_planned = True
            asyncio.get_running_loop().call_later(seconds, self._planned_kick)

    def _planned_kick(self) -> None:
        self._kick_planned = False
        if not self._closed and (self.ready or self.letters):
            self.kick()


class _Pace:
    """At most so many messages a second, spread evenly, with bursts of a tenth of a second."""

    def __init__(self, rate: float | None) -> None:
        self._next = 0.0
        self.set(rate)

    def set(self, rate: float | None) -> None:
        self._gap = 1 / rate if rate else 0.0

    def allows(self) -> bool:
        return not self._gap or self._next <= time.monotonic() + 0.1

    def count(self) -> None:
        if self._gap:
            self._next = max(self._next, time.monotonic()) + self._gap

    def wait(self) -> float:
        return max(0.01, self._next - time.monotonic() - 0.1)
