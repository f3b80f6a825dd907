"""The baselines of sending: what one writes who has to send a newsletter this afternoon.

`newsletter`: for every recipient render both parts, replace the links, build an `EmailMessage`, send it with
aiosmtplib on one of several open connections, and write down that it was sent. `ready`: aiosmtplib with messages
that are made already, so that only the dialogue is compared.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from email.message import EmailMessage
from typing import Any

import psycopg
import uvloop

from hirnok.bench.place import Place
from hirnok.lib import clock, keys, sql, tokens
from hirnok.mail import merge
from hirnok.mail.compile import date_of
from hirnok.mail.compose import Prepared

_HREF = re.compile(r'href="(https?://[^"]+)"')
_BRAND = {
    "name": "Alma Kertészet",
    "postal_address": "9730 Kőszeg",
    "sender_name": "Alma Kertészet",
}


class NotInstalled(Exception):
    """aiosmtplib is not installed, so there is nothing to compare with: pip install aiosmtplib."""


def newsletter(
    place: Place, port: int, prepared: Prepared, recipients: list[dict[str, Any]], connections: int
) -> float:
    """Send to recipients (`id` of the delivery, fields of the contact); return messages a second."""
    source, key = prepared.html_source, keys.derive("track")

    def make(recipient: dict[str, Any]) -> EmailMessage:
        scope = merge.scope(recipient, _BRAND, "November", "https://alma.example/u/x")
        page = merge.render(source, scope)
        token = tokens.recipient(key, recipient["id"])
        page = _HREF.sub(
            lambda found: f'href="http://localhost:8001/c/{len(found[1])}/{token}"', page
        )
        message = EmailMessage()
        message["From"] = "Alma Kertészet <hirlevel@alma.example>"
        message["To"] = recipient["email"]
        message["Subject"] = f"{recipient['first_name']}, ez a kert novembere"
        message["Date"] = date_of(clock.now())
        message["Message-ID"] = f"<{token}@alma.example>"
        message["List-Unsubscribe"] = "<https://alma.example/u/x>"
        message.set_content(re.sub(r"<[^>]*>", "", page))
        message.add_alternative(page, subtype="html")
        return message

    async def send(client: Any, recipient: dict[str, Any], database: Any) -> None:
        await client.send_message(make(recipient))
        await database.execute(
            "UPDATE outbox_delivery SET state = 1, sent_at = %s WHERE id = %s",
            [clock.now(), recipient["id"]],
        )

    return uvloop.run(_measured(port, recipients, connections, send))


def ready(port: int, messages: Iterable[tuple[str, bytes]], connections: int) -> float:
    """Send made messages (recipient, bytes); return messages a second."""

    async def send(client: Any, message: tuple[str, bytes], _database: Any) -> None:
        await client.sendmail("hirlevel@alma.example", [message[0]], message[1])

    return uvloop.run(_measured(port, list(messages), connections, send))


async def _measured(
    port: int,
    items: list[Any],
    connections: int,
    send: Callable[[Any, Any, Any], Awaitable[None]],
) -> float:
    try:
        import aiosmtplib
    except ImportError as error:
        raise NotInstalled from error
    clients = [
        aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
        for _ in range(min(connections, len(items)))
    ]
    await asyncio.gather(*(client.connect() for client in clients))
    waiting = iter(items)
    started = time.monotonic()
    async with await psycopg.AsyncConnection.connect(sql.dsn("edge"), autocommit=True) as database:

        async def work(client: Any) -> None:
            for item in waiting:
                await send(client, item, database)

        await asyncio.gather(*(work(client) for client in clients))
    seconds = time.monotonic() - started
    for client in clients:
        client.close()
    return len(items) / seconds
