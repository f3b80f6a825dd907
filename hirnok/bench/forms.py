"""`forms`: valid sign-ups a second, each with its waiting row and its letter that asks to confirm, at 8 connections.

The web process is started as in production; each submission comes from another address and another network. There is
no baseline: the bar is what an installation must hold.
"""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlencode

from hirnok.bench import cast, readers
from hirnok.bench.cast import Cast
from hirnok.bench.place import Place, Process, free_port
from hirnok.bench.readers import Loaded
from hirnok.bench.results import Row
from hirnok.consent import forming, stamps, wording
from hirnok.consent.models import Form, PendingSignUp
from hirnok.lib import clock, keys
from hirnok.outbox.models import Letter
from hirnok.process import ports, programs
from hirnok.tenants.acting import acting_for

SUBMISSIONS = 12_000  # ready to be sent: more than are taken in that time
CONNECTIONS = 8
SECONDS = 30.0
_FILLED = timedelta(seconds=10)  # after the form was shown
_FIRST_NETWORK = int(ipaddress.ip_address("10.0.0.1"))


class Lost(Exception):
    """More sign-ups were taken than wait for their confirmation: the figure would be worth nothing."""


def forms(place: Place) -> Row:
    """Sign up for half a minute."""
    requests = _requests(_form(), place.rows(SUBMISSIONS))
    seconds = max(1.0, SECONDS * min(place.scale, 1))
    with _serving(place) as (port, process):
        readers.load(
            port, requests[-CONNECTIONS:], CONNECTIONS, 0.5
        )  # every thread has a connection
        before = (process.used.cpu, place.database_used.cpu)
        stood = PendingSignUp.objects.count()
        found = readers.load(port, requests[:-CONNECTIONS], CONNECTIONS, seconds)
        spent = process.used.cpu + place.database_used.cpu - sum(before)
        used = process.used
    _check(found, len(requests) - CONNECTIONS, stood)
    return Row(
        "forms",
        found.rate,
        "sign-ups/s",
        cpu_us=1e6 * spent / len(found.times),
        rss_mb=used.rss_mb,
        rows=len(found.times),
        p99_ms=found.percentile_ms(0.99),
    )


def _form() -> tuple[Form, str]:
    """A form, and the stamp of when it was shown."""
    at = clock.now()
    made: Cast = cast.make("forms", at)
    with acting_for(made.tenant):
        form = forming.create(
            made.tenant,
            made.list,
            forming.Asked("Honlap", {"first_name": False}),
            languages=("hu", "ro"),
            actor=cast.ACTOR,
            at=at,
        )
        text = wording.consent_text(form, "hu")
    assert text is not None
    shown = stamps.Shown(text.pk, at - _FILLED)
    return form, stamps.stamp(keys.derive("sign-up-form"), form.token, shown)


def _requests(shown: tuple[Form, str], count: int) -> list[bytes]:
    """POSTs of so many people."""
    form, stamp = shown
    return [
        _request(
            form.token, stamp, number, str(ipaddress.ip_address(_FIRST_NETWORK + 256 * number))
        )
        for number in range(count)
    ]


def _request(token: str, stamp: str, number: int, address: str) -> bytes:
    filled = {
        "email": cast.address(number),
        "first_name": "Ágnes",
        "consent": "on",
        "stamp": stamp,
    }
    body = urlencode(filled).encode("ascii")
    lines = (
        f"POST /f/{token}/?language=hu HTTP/1.1",
        "Host: localhost",
        f"X-Forwarded-For: {address}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii") + body


def _check(found: Loaded, ready: int, stood: int) -> None:
    if set(found.statuses) != {302}:
        raise Lost(f"answers: {found.statuses}")
    waiting, letters = PendingSignUp.objects.count(), Letter.objects.count()
    if waiting != letters or waiting - stood < min(ready, len(found.times)):
        raise Lost(f"{len(found.times)} taken, {waiting - stood} wait, {letters} letters")


@contextmanager
def _serving(place: Place) -> Iterator[tuple[int, Process]]:
    """Run the web process for the time of the block."""
    program, port = programs.web(), free_port()
    command = tuple(
        str(port) if one == _port_of(program.command) else one for one in program.command
    )
    environment = {**program.environment, "HIRNOK_PROXIES": "1"}
    with place.process("web", *command, **environment) as process:
        place.until(lambda: ports.answers("127.0.0.1", port), "the web process does not come up")
        yield port, process


def _port_of(command: tuple[str, ...]) -> str:
    return command[command.index("--port") + 1]
