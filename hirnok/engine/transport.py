"""The socket under a `smtp.Dialogue`: connecting, TLS, time-outs. Knows nothing of batches and messages."""

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from hirnok.engine import guard
from hirnok.engine.smtp import Cause, Dialogue, Problem

Security = Literal["none", "starttls", "tls"]

CONNECT_TIMEOUT = 20.0
COMMAND_TIMEOUT = 120.0  # RFC 5321 §4.5.3.2 asks for 2 to 5 minutes
_SLOW = 0.5  # a stop waits for a few seconds only for what is on its way
END_TIMEOUT = 600.0  # §4.5.3.2.6


class CannotConnect(Exception):
    """No connection came about; `problem` says where it ended."""

    def __init__(self, problem: Problem) -> None:
        """Keep what happened."""
        super().__init__(f"{problem.cause}: {problem.text}")
        self.problem = problem


@dataclass(frozen=True)
class Target:
    """Where a relay is and how it is spoken to."""

    host: str
    port: int
    security: Security = "none"
    verify: bool = True

    def context(self) -> ssl.SSLContext:
        """Return the TLS settings: certificates are checked unless the relay says otherwise."""
        context = ssl.create_default_context()
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass(eq=False)
class Connection(asyncio.Protocol):
    """One connection of a relay."""

    target: Target
    dialogue: Dialogue[Any]
    on_change: Callable[["Connection"], None]
    on_end: Callable[["Connection"], None]
    _transport: asyncio.Transport | None = None
    _upgrading: asyncio.Task[None] | None = None
    _active: float = field(default_factory=time.monotonic)
    _finished: bool = False
    _was_ready: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; the server speaks first."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop has classes of its own

    def data_received(self, data: bytes) -> None:
        """Let the dialogue answer."""
        now = time.monotonic()
        self.dialogue.is_slow = now - self._active > _SLOW
        self._active = now
        self.dialogue.receive(data)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Account for what was under way."""
        self._transport = None
        self._end("tls" if isinstance(exc, ssl.SSLError) else "closed")

    def wake(self, most: int = 1) -> None:
        """Look for work, at most so many messages."""
        if self._transport is not None:
            self.dialogue.wake(most)
            self._flush()

    def quit(self) -> None:
        """End politely when idle."""
        self.dialogue.quit()
        self._flush()

    def abort(self, cause: Cause = "closed") -> None:
        """End now."""
        self._end(cause)

    def check(self, idle: float) -> None:
        """End the connection when the server is silent for too long, or politely when idle so long."""
        silent = time.monotonic() - self._active
        if self.dialogue.ready and self.dialogue.idle:
            if silent > idle:
                self.quit()
        elif silent > (END_TIMEOUT if self.dialogue.waits_for_end else COMMAND_TIMEOUT):
            self.abort("timeout")

    def _flush(self) -> None:
        data = self.dialogue.output()
        if data and self._transport is not None:
            self._active = time.monotonic()
            self._transport.writelines(data)
        if self.dialogue.wants_tls and self._upgrading is None and self._transport is not None:
            self._transport.pause_reading()
            self._upgrading = asyncio.get_running_loop().create_task(self._upgrade(self._transport))
        if self.dialogue.ended:
            self._end("closed")
        elif self.dialogue.ready and not self._was_ready:
            self._was_ready = True
            self.on_change(self)

    async def _upgrade(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._transport = await loop.start_tls(
                transport, self, self.target.context(), server_hostname=self.target.host
            )
        except (OSError, ssl.SSLError) as error:
            if not self.dialogue.ended:
                self.dialogue.problem = Problem("tls", text=_reason(error))
            transport.abort()
            self._end("tls")
            return
        self.dialogue.secured()
        self._flush()

    def _end(self, cause: Cause) -> None:
        if self._finished:
            return
        self._finished = True
        given = self.dialogue.problem
        self.dialogue.lost(cause)
        self.dialogue.problem = given or self.dialogue.problem
        if self._transport is not None:
            # What is still to be written is written only after QUIT: its messages have other fates now.
            self._transport.close() if self.dialogue.problem is None else self._transport.abort()
        self.on_end(self)


async def connect(target: Target, make: Callable[[], Connection]) -> Connection:
    """Connect to the first address that answers; CannotConnect says why none does."""
    try:
        numbers = await guard.addresses(target.host, target.port)
    except guard.UnknownHost as error:
        raise CannotConnect(Problem("connect", text="unknown host")) from error
    except guard.PrivateAddress as error:
        raise CannotConnect(Problem("connect", text="private address")) from error
    problem = Problem("connect", text="no address")
    for number in numbers:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                return await _connect(target, number, make)
        except ssl.SSLError as error:
            problem = Problem("tls", text=_reason(error))
        except TimeoutError:
            problem = Problem("connect", text="timed out")
        except OSError as error:
            problem = Problem("connect", text=_reason(error))
    raise CannotConnect(problem)


async def _connect(target: Target, number: str, make: Callable[[], Connection]) -> Connection:
    loop = asyncio.get_running_loop()
    if target.security == "tls":
        _, protocol = await loop.create_connection(
            make, number, target.port, ssl=target.context(), server_hostname=target.host
        )
    else:
        _, protocol = await loop.create_connection(make, number, target.port)
    return protocol


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
