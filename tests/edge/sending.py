"""A launched newsletter, real engines and a real sandbox, for the tests of the engine."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from hirnok.contacts.models import Contact
from hirnok.lib import clock, keys
from hirnok.mail.addresses import Indexer
from hirnok.mail.compile import Envelope, compile_message
from hirnok.mail.compose import Brand, Footer, Source, prepare
from hirnok.outbox import queue
from hirnok.outbox.models import Batch, Delivery, Message, Relay
from hirnok.register.models import Activity
from hirnok.sandbox import server, store
from tests.hosts import Host
from tests.world import NOON, World

PATIENCE = 120.0

_CONTACTS = """
WITH given AS MATERIALIZED (
    SELECT e, k, row_number() OVER () AS n FROM unnest(%(emails)s::text[], %(keys)s::bytea[]) AS u(e, k)),
p AS (INSERT INTO register_person (tenant_id, blind_index, key_version)
      SELECT %(tenant)s, k, 1 FROM given RETURNING id, blind_index),
h AS (INSERT INTO register_holding (tenant_id, brand_id, person_id, activity_id, legal_basis, held_since)
      SELECT %(tenant)s, %(brand)s, p.id, %(activity)s, 'consent', %(at)s FROM p RETURNING id, person_id)
INSERT INTO contacts_contact (id, tenant_id, brand_id, activity_id, person_id, email, first_name, last_name,
                              language, fields, created_at, updated_at)
SELECT h.id, %(tenant)s, %(brand)s, %(activity)s, p.id, given.e, 'Ágnes', 'Őri', 'hu', '{"town": "Pécs"}', %(at)s, %(at)s
FROM h JOIN p ON p.id = h.person_id JOIN given ON given.k = p.blind_index
"""


def wait_until(true: Callable[[], Any], what: str = "") -> None:
    """Wait for a condition, patiently: this machine may be slow."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what or true}"
        time.sleep(0.02)


class Sending:
    """Alma's outbox, with a relay that is the sandbox."""

    def __init__(self, world: World, url: str, folder: Path) -> None:
        self.world, self.url, self.folder = world, url, folder
        self.relay = Relay.objects.create(
            tenant=world.alma, name="sandbox", host="127.0.0.1", security="none", is_default=True
        )

    def point_to(self, sandbox: server.Sandbox, **changes: object) -> Relay:
        """Let Alma's relay be this sandbox."""
        for name, value in ({"port": sandbox.port, "connections": 8} | changes).items():
            setattr(self.relay, name, value)
        self.relay.save()
        return self.relay

    def other_relay(self, **changes: Any) -> Relay:
        """Return a second relay of Alma."""
        given = {"name": "other", "host": "127.0.0.1", "security": "none"} | changes
        return Relay.objects.create(tenant=self.world.alma, **given)

    def contacts(self, emails: list[str]) -> None:
        """Make contacts of Alma, many at once."""
        tenant = self.world.alma.pk
        index = Indexer(keys.blind_index_key(tenant))
        with connection.cursor() as cursor:
            cursor.execute(
                _CONTACTS,
                {
                    "emails": emails,
                    "keys": [index.of_key(email.lower()) for email in emails],
                    "tenant": tenant,
                    "brand": self.world.alma_brand.pk,
                    "activity": Activity.objects.of(self.world.alma).get(code="newsletter").pk,
                    "at": NOON,
                },
            )

    @transaction.atomic
    def launch(
        self,
        emails: list[str],
        *,
        policy: str = "repeat",
        relay: Relay | None = None,
        return_path: str = "hirlevel@alma.example",
    ) -> Message:
        """Queue a newsletter for new contacts with these addresses."""
        self.contacts(emails)
        at = clock.now()
        message = Message.objects.create(
            tenant=self.world.alma,
            brand=self.world.alma_brand,
            relay=relay or self.relay,
            return_path=return_path,
            compiled=newsletter(),
            policy=policy,
            measurement="individual",
            created_at=at,
            launched_at=at,
        )
        queue.enqueue(message, Contact.objects.of(self.world.alma).filter(email__in=emails))
        return message

    @contextmanager
    def engine(
        self, *options: str, private: str = "1", host: Host | None = None, url: str = ""
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """Run an engine; it is ended by SIGTERM, unless the test has ended it."""
        process = self.start_engine(*options, private=private, host=host, url=url)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(PATIENCE)

    def start_engine(
        self, *options: str, private: str = "1", host: Host | None = None, url: str = ""
    ) -> "subprocess.Popen[bytes]":
        """Start an engine process; on another host with a URL that is reached from there."""
        environment = dict(os.environ) | {
            "DATABASE_URL": url or self.url,
            "HIRNOK_ROLE": "edge",
            "HIRNOK_PRIVATE_RELAYS": private,
        }
        defaults = ("--lease", "30", "--poll", "0.1")
        command = [sys.executable, "-m", "hirnok.engine", *defaults, *options]
        log = (self.folder / "engine.log").open("ab")
        with log:
            return subprocess.Popen(
                host.inside(*command) if host else command,
                env=environment,
                stderr=log,
                stdout=log,
            )

    def log(self) -> str:
        """Return what the engines said."""
        return (self.folder / "engine.log").read_text("utf-8")


def expire_leases() -> None:
    """Let all leases have run out, as they do some time after a kill."""
    Batch.objects.filter(done=False).update(lease_until=NOON)


def repeated(sandbox: server.Sandbox) -> int:
    """Count messages that were accepted again; a repeated one must have the Message-ID it had."""
    got = Counter(accepted(sandbox))
    identities = Counter(recipient for _, recipient in got)
    assert set(identities.values()) <= {1}, "a repeated message has another Message-ID"
    return sum(got.values()) - len(got)


def finished(message: Message) -> Callable[[], bool]:
    """Return a condition: the message is at its end."""
    return lambda: Message.objects.filter(pk=message.pk, finished_at__isnull=False).exists()


def states(message: Message) -> dict[int, int]:
    """Count the message's deliveries by state."""
    rows = Delivery.objects.filter(message=message).values_list("state", flat=True)
    return dict(Counter(rows))


def make_due(message: Message, at: datetime = NOON) -> int:
    """Let deferred deliveries fall due now."""
    return Delivery.objects.filter(message=message, next_at__isnull=False).update(next_at=at)


def accepted(sandbox: server.Sandbox) -> list[tuple[str, str]]:
    """Return (Message-ID, recipient) of all that a sandbox has accepted."""
    return list(store.accepted(sandbox.store.folder))


def addresses(count: int, start: int = 0) -> list[str]:
    """Return so many addresses."""
    return [f"olvaso{number:06}@example.hu" for number in range(start, start + count)]


def newsletter() -> bytes:
    """Return a small compiled newsletter with fields, a condition and a link."""
    body = (
        "# Szia {{ contact.first_name }}\n\nTavaszi ajánlat.\n\n"
        "{% if contact.town %}Üdv {{ contact.town }} városába.{% endif %}\n\n"
        "[Megnézem](https://alma.example/tavasz)\n\n[Leiratkozás]({{ unsubscribe_url }})\n"
    )
    source = Source(
        kind="markdown", subject="Tavasz", body=body, language="hu", fields=frozenset({"town"})
    )
    ready = prepare(
        source,
        Brand("Alma", "1011 Budapest, Fő utca 1.", "Alma hírlevél"),
        Footer("Leiratkozás", "Ön feliratkozott."),
    )
    envelope = Envelope(
        from_name="Alma hírlevél",
        from_address="hirlevel@alma.example",
        domain="alma.example",
        message="m1",
        list_id="olvasok.alma.example",
        public_base="http://localhost:8000",
        track_base="http://localhost:8001",
        pixel=True,
    )
    return compile_message(ready, envelope).dump()
