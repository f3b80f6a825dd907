"""A message to one recipient, on its way: what the SMTP dialogue asks for and what became of it.

`Delivery` is one of a window of a newsletter, `Letter` a single mail.
"""

import re
import time
from asyncio import Future, get_running_loop
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from hirnok.engine import outcomes
from hirnok.engine.outcomes import Attempt, Outcomes, Verdict
from hirnok.engine.replies import Reply
from hirnok.engine.smtp import Stage
from hirnok.mail import retry

# What may stand between the angle brackets of MAIL and RCPT; anything else would be a second command.
_PATH = re.compile(r"[!-;=?-~]{1,318}")
_MOST_TRIES = 3

Sign = Callable[[bytes], bytes]
_SOON = timedelta(seconds=30)


class Unsendable(Exception):
    """The message cannot be made for this recipient."""


class Job(Protocol):
    """What a channel sends."""

    sender: bytes
    recipient: bytes
    body: bytes
    may_have_dots: ClassVar[bool]  # at the beginning of a line
    gate: Any  # shaping.Gate: where connections to its provider are limited
    provider: str | None  # as it may be kept

    @property
    def is_alive(self) -> bool: ...
    @property
    def is_halted(self) -> bool: ...
    def prepare(self) -> None: ...
    def answered(self, stage: Stage, reply: Reply) -> None: ...
    def refused(self, reason: str) -> None: ...
    def returned(self, *, is_suspect: bool) -> bool: ...
    def uncertain(self) -> bool: ...
    def release(self) -> None: ...


@dataclass
class Newsletter:
    """A message as the engine needs it: how to make it for a recipient, and by which rules."""

    tenant_id: int
    id: int
    brand_id: int
    sender_of: Callable[[int], bytes]
    repeats: bool  # policy for what is uncertain
    launched_at: datetime
    make: Callable[[int, Mapping[str, Any]], bytes]
    domain_of: Callable[[str], bytes]  # the blind index of an address's domain
    domains: frozenset[bytes] = frozenset()
    sign: Sign | None = None  # DKIM; costs as much as ten messages, see `signing`
    is_routed: bool = False
    relay_id: int = 0
    lists: Sequence[int] = ()  # whose members get it
    has_opt_outs: bool = False  # somebody opted out of everything on this installation
    everywhere_of: Callable[[str], bytes] = lambda email: (
        b""
    )  # the installation's index of an address


@dataclass(eq=False)
class Window:
    """The deliveries that the database has permitted to be sent, until the deadline."""

    newsletter: Newsletter
    deadline: float  # time.monotonic()
    clock: Callable[[], datetime]
    outcomes: Outcomes = field(default_factory=Outcomes)
    halted: bool = False  # nothing more is started; what is written is waited for
    open: int = 0
    schedule: retry.Schedule = retry.USUAL
    is_paced: bool = False  # its message may have waited for long without being tried
    relays: frozenset[int] | None = None  # routed: those that were usable when it was permitted
    is_taken_over: bool = False  # another engine may have sent of it
    _emptied: "Future[None] | None" = None

    @property
    def is_alive(self) -> bool:
        """Whether messages of it may still be sent."""
        return not self.halted and time.monotonic() < self.deadline

    def record(self, number: int, verdict: Verdict) -> None:
        """Take the outcome of one delivery."""
        self.outcomes.verdicts[number] = verdict
        self.close_one()

    def close_one(self) -> None:
        """One delivery is no longer under way."""
        self.open -= 1
        if self.open <= 0 and self._emptied is not None and not self._emptied.done():
            self._emptied.set_result(None)

    async def emptied(self) -> None:
        """Wait until nothing of the window is under way."""
        if self.open > 0:
            if self._emptied is None:
                self._emptied = get_running_loop().create_future()
            await self._emptied


@dataclass(eq=False, slots=True)
class Delivery:
    """One recipient of a newsletter, in a window."""

    may_have_dots: ClassVar[bool] = False  # mail.quoted sees to that
    window: Window
    id: int
    attempts: int
    contact: Mapping[str, Any]
    tries: int = 0
    sender: bytes = b""
    recipient: bytes = b""
    body: bytes = b""
    gate: Any = None
    provider: str | None = None
    relay: int | None = (
        None  # routed: whose it is; or, from the database, the only one that may send it
    )
    is_again: bool = False  # has had a place in the line (shaping)
    is_uncertain: bool = False  # the relay may have it

    @property
    def is_alive(self) -> bool:
        """Whether it may be sent now."""
        return self.window.is_alive

    @property
    def is_halted(self) -> bool:
        """Whether it will not be sent in this window."""
        return self.window.halted

    def prepare(self) -> None:
        """Make the message; Unsendable when it cannot be made or addressed."""
        newsletter = self.window.newsletter
        self.sender = newsletter.sender_of(self.id)
        self.recipient = path(str(self.contact["email"]))
        if not self.body:
            self.body = newsletter.make(self.id, self.contact)

    def answered(self, stage: Stage, reply: Reply) -> None:
        """Take the relay's answer."""
        if outcomes.is_sent(stage, reply):
            self.window.record(self.id, outcomes.sent(reply.code))
            return
        verdict = outcomes.of_reply(self._attempt(), stage, reply)
        if self.provider is not None:
            verdict = replace(verdict, provider=self.provider)
        self.window.record(self.id, verdict)

    def refused(self, reason: str) -> None:
        """Take our own refusal to send."""
        self.window.record(self.id, Verdict(outcomes.FAILED, kind="other", text=reason, tried=0))

    def returned(self, *, is_suspect: bool) -> bool:
        """The connection went before the body was sent: whether to try again now."""
        self.tries += is_suspect
        if self.window.halted:
            self.window.close_one()
            return False
        if self.tries < _MOST_TRIES:
            return True
        self._give_up()
        return False

    def uncertain(self) -> bool:
        """The connection went after the final dot: whether to send it again now (the message's policy)."""
        self.tries += 1
        if not self.window.newsletter.repeats:
            self.window.record(self.id, Verdict(outcomes.UNKNOWN))
            return False
        self.window.outcomes.repeated.add(self.id)
        self.is_uncertain = True
        if not self.window.halted and self.tries < _MOST_TRIES:
            return True
        self._give_up()
        return False

    def release(self) -> None:
        """It is not sent in this window and stays queued; unless connections have been lost at it, or its relay may
        have it already: then it waits, in the second case for that relay.

        A recipient at whom a relay breaks must not be the first of the next window too: that would hold up the rest.
        """
        if self.tries:
            self._give_up()
        elif self.tied_to is None:
            self.window.close_one()
        else:
            at = self.window.clock() + _SOON
            verdict = Verdict(outcomes.DEFERRED, 0, next_at=at, tried=0, relay=self.tied_to)
            self.window.record(self.id, verdict)

    @property
    def tied_to(self) -> int | None:
        """The relay that may have it already, where there are several."""
        is_tied = self.is_uncertain or self.window.is_taken_over
        return self.relay if is_tied and self.window.relays is not None else None

    def _give_up(self) -> None:
        text = "The connection was lost each time"
        verdict = outcomes.deferred(self._attempt(), None, "network", text)
        if self.tied_to is not None:
            verdict = replace(verdict, relay=self.tied_to)
        self.window.record(self.id, verdict)

    def _attempt(self) -> Attempt:
        window = self.window
        since = None if window.is_paced else window.newsletter.launched_at
        return Attempt(self.attempts, since, window.clock(), window.schedule)


@dataclass(eq=False, slots=True)
class Letter:
    """A single mail, leased until `deadline`."""

    may_have_dots: ClassVar[bool] = True
    tenant_id: int
    id: int
    address: str
    return_path: str
    data: bytes
    attempt: Attempt
    deadline: float
    done: Callable[["Letter", Verdict], None]
    tries: int = 0
    sender: bytes = b""
    recipient: bytes = b""
    body: bytes = b""
    gate: Any = None
    provider: str | None = None

    @property
    def is_alive(self) -> bool:
        """Whether it may still be sent."""
        return time.monotonic() < self.deadline

    @property
    def is_halted(self) -> bool:
        """Whether its lease has ended."""
        return not self.is_alive

    def prepare(self) -> None:
        """Make it ready to be sent; Unsendable when it cannot be addressed."""
        self.sender = path(self.return_path) if self.return_path else b""
        self.recipient = path(self.address)
        self.body = with_crlf(self.data)

    def answered(self, stage: Stage, reply: Reply) -> None:
        """Take the relay's answer."""
        self.done(self, outcomes.of_reply(self.attempt, stage, reply))

    def refused(self, reason: str) -> None:
        """Take our own refusal to send."""
        self.done(self, Verdict(outcomes.FAILED, text=reason))

    def returned(self, *, is_suspect: bool) -> bool:
        """Whether to try again now; else it falls due again later."""
        self.tries += is_suspect
        if self.tries >= _MOST_TRIES:
            text = "The connection was lost each time"
            self.done(self, outcomes.deferred(self.attempt, None, "network", text))
        elif self.is_alive:
            return True
        else:
            self.release()
        return False

    def uncertain(self) -> bool:
        """A letter is rather sent twice than never."""
        return self.returned(is_suspect=True)

    def release(self) -> None:
        """It is not sent now, for a reason that is not its own: this was no attempt."""
        self.done(self, outcomes.postponed(self.attempt, "No connection to the relay"))


def path(address: str) -> bytes:
    """Return an address for MAIL or RCPT; Unsendable when it cannot stand there."""
    if not _PATH.fullmatch(address):
        raise Unsendable("The address cannot be used")
    return address.encode("ascii")


def with_crlf(data: bytes) -> bytes:
    """Return a message with the line ends of mail, whatever it had."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
