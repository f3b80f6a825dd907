"""Compiled messages, loaded once and kept while they are being sent."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from hirnok.engine import signing, statements
from hirnok.engine.database import Database
from hirnok.engine.jobs import Newsletter, Unsendable, path
from hirnok.lib import keys, tokens
from hirnok.mail import verp
from hirnok.mail.addresses import Indexer
from hirnok.mail.compile import date_of
from hirnok.mail.merge import CannotRender
from hirnok.mail.message import Compiled

_MOST = 64
_DATE_KEPT = 0.5  # seconds; the header has whole ones


class Newsletters:
    """The messages of this process."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Begin with none."""
        self._database, self._clock = database, clock
        self._known: OrderedDict[int, Newsletter] = OrderedDict()

    async def get(self, tenant_id: int, message_id: int) -> Newsletter:
        """Return a message, with the domains that are suppressed now; ValueError when it cannot be read."""
        known = self._known.get(message_id)
        if known is None:
            values = {"tenant": tenant_id, "message": message_id}
            rows = await self._database.repeat(statements.MESSAGE, values)
            if not rows:
                raise ValueError("message without a row")
            known = self._known[message_id] = self._made(tenant_id, message_id, rows[0])
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        self._known.move_to_end(message_id)
        values = {"tenant": tenant_id, "brand": known.brand_id}
        domains = await self._database.repeat(statements.DOMAINS, values)
        opt_outs = await self._database.repeat(statements.HAS_OPT_OUTS)
        return replace(
            known,
            domains=frozenset(bytes(key) for (key,) in domains),
            has_opt_outs=bool(opt_outs[0][0]),
        )

    def _made(self, tenant_id: int, message_id: int, row: tuple[Any, ...]) -> Newsletter:
        data, return_path, policy, measurement, brand_id, launched_at, *rest = row
        is_routed, relay_id, lists, *key = rest
        compiled = Compiled.load(bytes(data))
        everywhere = Indexer(keys.derive("opt-out"))
        indexer = Indexer(keys.blind_index_key(tenant_id))
        return Newsletter(
            tenant_id=tenant_id,
            id=message_id,
            brand_id=brand_id,
            sender_of=_sender(return_path),
            repeats=policy == "repeat",
            launched_at=launched_at,
            is_routed=is_routed,
            relay_id=relay_id,
            lists=list(lists),
            everywhere_of=everywhere.of_key,
            make=_maker(compiled, self._clock, measured=measurement != "off"),
            sign=signing.signer(compiled.domain, *key),
            domain_of=lambda email: indexer.of_key(f"@{email.rpartition('@')[2].lower()}"),
        )


def _sender(return_path: str) -> Callable[[int], bytes]:
    """The envelope sender of a delivery: one for all, or with `@domain` one for each (VERP)."""
    if not return_path.startswith("@"):
        fixed = path(return_path)
        return lambda delivery_id: fixed
    key, domain = verp.return_key(), return_path[1:]
    return lambda delivery_id: path(verp.return_path(key, delivery_id, domain))


def _maker(
    compiled: Compiled, clock: Callable[[], datetime], *, measured: bool
) -> Callable[[int, Mapping[str, Any]], bytes]:
    track_key, leave_key = keys.derive("track"), keys.derive("leave")
    shown, until = "", 0.0

    def date() -> str:
        nonlocal shown, until
        now = time.monotonic()
        if now >= until:
            shown, until = date_of(clock()), now + _DATE_KEPT
        return shown

    def make(delivery_id: int, contact: Mapping[str, Any]) -> bytes:
        try:
            return compiled.render(
                contact,
                track=tokens.recipient(track_key, delivery_id) if measured else "",
                leave=tokens.recipient(leave_key, delivery_id),
                delivery_id=delivery_id,
                date=date(),
            )
        except CannotRender as error:
            raise Unsendable(f"The message cannot be made: {error}") from error

    return make
