"""Readers who open and click, as many at once as wanted, each on a connection that stays open: HTTP/1.1 by hand.

A general HTTP client costs more than the server that is measured, so here a request is bytes that are written and an
answer is a status line and a length.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import uvloop


@dataclass
class Loaded:
    """What came back: answers by status, and how long each took, in seconds."""

    statuses: dict[int, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Return answers a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, part: float) -> float:
        """Return the time within which this part of the requests was answered, in ms."""
        return 1000 * sorted(self.times)[int(part * (len(self.times) - 1))] if self.times else 0.0


class _Reader(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again."""

    def __init__(self, ask: Callable[[], bytes | None], found: Loaded) -> None:
        self._ask, self._found = ask, found
        self._buffer = b""
        self._asked = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0 or len(self._buffer) < head + 4 + _length(self._buffer, head):
            return
        status = int(self._buffer[9:12])
        self._buffer = b""
        self._found.times.append(time.monotonic() - self._asked)
        self._found.statuses[status] = self._found.statuses.get(status, 0) + 1
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _next(self) -> None:
        request = self._ask()
        if request is None:
            self._transport.close()
            return
        self._asked = time.monotonic()
        self._transport.write(request)


def load(port: int, requests: list[bytes], connections: int, seconds: float) -> Loaded:
    """Ask in turn for the given requests over so many connections, for so many seconds."""
    return uvloop.run(_load(port, requests, connections, seconds))


def request(path: str) -> bytes:
    """Return a GET as a reader's program sends it."""
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    lines = (f"GET {path} HTTP/1.1", "Host: localhost", f"User-Agent: {agent}", "Accept: */*")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


async def _load(port: int, requests: list[bytes], connections: int, seconds: float) -> Loaded:
    loop, found = asyncio.get_running_loop(), Loaded()
    started = time.monotonic()
    at = 0

    def ask() -> bytes | None:
        nonlocal at
        if time.monotonic() - started > seconds:
            return None
        at += 1
        return requests[at % len(requests)]

    made = await asyncio.gather(
        *(
            loop.create_connection(lambda: _Reader(ask, found), "127.0.0.1", port)
            for _ in range(connections)
        )
    )
    await asyncio.wait([reader.done for _, reader in made], timeout=seconds + 30)
    found.seconds = time.monotonic() - started
    return found


def _length(data: bytes, head: int) -> int:
    at = data.lower().find(b"content-length:", 0, head)
    return int(data[at + 15 : data.find(b"\r", at)]) if at >= 0 else 0
