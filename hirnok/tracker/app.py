"""The ASGI application: `/o/<token>.gif`, `/c/<link>/<token>`, `/health`.

Bad tokens and unknown links get a neutral 404, never a redirect. Only GET and HEAD are answered.
"""

import asyncio
import base64
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import psycopg

from hirnok.lib import clock, env, keys, sql, tokens
from hirnok.mail import links, merge
from hirnok.tracker import statements
from hirnok.tracker.classify import Class, classify
from hirnok.tracker.store import Full, Hit, Store
from hirnok.tracker.visitor import client_address, country_of

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

OPEN, CLICK = 1, 2
CLICK_WAIT = 0.25  # seconds after which a reader is sent on, stored or not
OPEN_WAIT = 10.0
LINKS_KEPT = 10_000
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_PLAIN = [
    (b"cache-control", b"no-store, private"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex, nofollow"),
]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads, and whose tokens lead there."""

    url: str
    tenant_id: int
    first: int
    last: int


class Tracker:
    """One process's state: key, store, links seen."""

    def __init__(self) -> None:
        self.key = keys.derive("track")
        self.proxies = env.number("HIRNOK_PROXIES")
        self.store = Store(sql.dsn("edge"))
        self.links: OrderedDict[int, Target] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._request(scope, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            event = await receive()
            if event["type"] == "lifespan.startup":
                self.store.start()
                await send({"type": "lifespan.startup.complete"})
            elif event["type"] == "lifespan.shutdown":
                await self.store.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _request(self, scope: Scope, send: Send) -> None:
        path: str = scope["path"]
        if scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, b"", [(b"allow", b"GET, HEAD")])
            return
        try:
            if path.startswith("/o/") and path.endswith(".gif"):
                await self._open(scope, send, path[3:-4])
            elif path.startswith("/c/"):
                await self._click(scope, send, path[3:])
            elif path == "/health":
                await self._health(send)
            else:
                await _answer(send, 404, b"Not found.\n")
        except tokens.BadToken:
            await _answer(send, 404, b"This link is not ours or is incomplete.\n")

    async def _open(self, scope: Scope, send: Send, token: str) -> None:
        delivery_id = tokens.read_recipient(self.key, token)
        try:
            committed = await self.store.add(self._hit(scope, delivery_id, OPEN), OPEN_WAIT)
        except Full:
            committed = False
        if committed:
            await _send(send, _OPENED, PIXEL)
        else:
            await _answer(send, 503, b"", [(b"retry-after", b"30")])

    async def _click(self, scope: Scope, send: Send, rest: str) -> None:
        number, _, token = rest.partition("/")
        delivery_id = tokens.read_recipient(self.key, token)
        if not number.isdecimal() or len(number) > 18:
            raise tokens.BadToken
        try:
            target = await self._target(int(number))
        except (psycopg.Error, OSError):
            await _answer(send, 503, b"Please try again in a minute.\n", [(b"retry-after", b"60")])
            return
        if target is None or not target.first <= delivery_id <= target.last:
            raise tokens.BadToken
        committed = None
        with contextlib.suppress(Full):
            committed = self.store.add(
                self._hit(scope, delivery_id, CLICK, int(number)), CLICK_WAIT
            )
        location = await self._location(target, delivery_id)
        if committed is not None:
            await committed
        await _answer(send, 302, b"", [(b"location", _ascii(location))])

    def _hit(self, scope: Scope, delivery_id: int, kind: int, link_id: int = 0) -> Hit:
        headers = dict(scope["headers"])
        agent = headers.get(b"user-agent", b"").decode("latin-1")
        purpose = headers.get(b"sec-purpose", headers.get(b"purpose", b"")).decode("latin-1")
        klass = classify(agent, method=scope["method"], purpose=purpose)
        country = ""
        if klass is Class.HUMAN:
            peer = (scope.get("client") or ("", 0))[0]
            forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
            country = country_of(client_address(peer, forwarded, self.proxies))
        return Hit(delivery_id, kind, int(klass), link_id, country, clock.now())

    async def _target(self, link_id: int) -> Target | None:
        known = self.links.get(link_id)
        if known is not None:
            self.links.move_to_end(link_id)
            return known
        row: Any = await self.store.fetch(statements.LINK, (link_id,))
        if row is None:
            return None
        target = Target(url=row[0], tenant_id=row[1], first=row[2], last=row[3])
        self.links[link_id] = target
        if len(self.links) > LINKS_KEPT:
            self.links.popitem(last=False)
        return target

    async def _location(self, target: Target, delivery_id: int) -> str:
        """Fill the target's holes from the contact; where that cannot be done in time go to the static part."""
        if "{{" not in target.url:
            return target.url
        row: Any = None
        with contextlib.suppress(psycopg.Error, OSError, TimeoutError):
            read = self.store.fetch(statements.CONTACT, (delivery_id, target.tenant_id))
            row = await asyncio.wait_for(read, CLICK_WAIT)
        if row is None:
            return target.url.partition("{{")[0]
        email, first_name, last_name, language, fields = row
        named = {
            "email": email,
            "first_name": first_name,
            "last_name": last_name,
            "language": language,
        }
        try:
            return links.fill(target.url, fields | named)
        except merge.CannotRender:
            return target.url.partition("{{")[0]

    async def _health(self, send: Send) -> None:
        try:
            await asyncio.wait_for(self.store.fetch("SELECT 1", ()), 2)
        except (psycopg.Error, OSError, TimeoutError):
            await _answer(send, 503, b"no database\n")
        else:
            await _answer(send, 200, b"ok\n")


@lru_cache(1024)
def _ascii(url: str) -> bytes:
    """Return a URL for a header: what is not ASCII, and blanks, percent-encoded (RFC 3987 §3.1)."""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~").encode("ascii")


async def _answer(
    send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    await _send(send, _start(status, body, headers or []), body)


async def _send(send: Send, start: MutableMapping[str, Any], body: bytes) -> None:
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _start(status: int, body: bytes, given: list[tuple[bytes, bytes]]) -> MutableMapping[str, Any]:
    named = {name for name, _ in given}
    kind = [] if b"content-type" in named else [(b"content-type", b"text/plain; charset=utf-8")]
    length = [(b"content-length", str(len(body)).encode())]
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [*given, *kind, *length, *_PLAIN],
    }


_OPENED = _start(200, PIXEL, [(b"content-type", b"image/gif")])
