"""Ten thousand submissions that nobody meant: nothing is left of them but their number.

Every fifth goes through the whole server; the others through `signing_up.admit` alone, which judges and counts.
"""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import time_machine
from django.db import connection
from django.test.client import ClientHandler

from hirnok.consent import signing_up, throttling
from hirnok.consent.forms import STAMP, TRAP
from hirnok.consent.models import Form, FormCount, Throttle
from hirnok.consent.signing_up import Arrival
from hirnok.consent.tests.forms import SHORTLY, form_of, stamp_of
from tests.world import NOON, World

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

EACH = 2000
WHOLE = 5  # each so manieth is sent through the whole server
NETWORK = "192.0.2.7"
WAYS = ("trapped", "unstamped", "too_soon", "too_old", "too_many")


def test_of_ten_thousand_refused_submissions_only_a_count_is_left(
    world: World, settings: "SettingsWrapper"
) -> None:
    settings.PROXIES = 1
    form = form_of(world.alma_list, first_name=False)
    server, at = ClientHandler(enforce_csrf_checks=True), NOON + SHORTLY
    statuses: dict[str, set[int]] = {}
    outcomes: dict[str, set[object]] = {}
    with time_machine.travel(at, tick=False):
        for _ in range(throttling.NETWORK_MOST):  # the network that sends too many
            throttling.network_is_quiet(form.tenant_id, NETWORK, at)
        before = dict(rows())
        for way in WAYS:
            filled = list(submissions(form, way))
            statuses[way] = {sent(server, form, one) for one in filled[::WHOLE]}
            judged = [one for number, one in enumerate(filled) if number % WHOLE]
            outcomes[way] = {signing_up.admit(form, arrival(one), at=at) for one in judged}

    assert outcomes == {way: {way} for way in WAYS}
    assert statuses == {way: {200} for way in WAYS} | {"too_many": {429}}
    assert dict(FormCount.objects.values_list("outcome", "count")) == dict.fromkeys(WAYS, EACH)
    assert Throttle.objects.get().count == throttling.NETWORK_MOST + EACH
    assert dict(rows()) == before | {"consent_formcount": len(WAYS)}


def submissions(form: Form, way: str) -> Iterator[dict[str, str]]:
    """What is sent: another address each time, faulty in one way."""
    shown = {"too_soon": NOON + SHORTLY, "too_old": NOON - timedelta(hours=12)}.get(way, NOON)
    stamp = stamp_of(form, shown)
    for number in range(EACH):
        filled = {"email": f"{way}{number}@example.hu", "consent": "on", "stamp": stamp}
        if way == "trapped":
            filled["website"] = f"https://{number}.example"
        if way == "unstamped":
            filled["stamp"] = f"{stamp[:-4]}{number:04}"
        yield filled


def arrival(filled: dict[str, str]) -> Arrival:
    """How the view sees it come."""
    return Arrival(filled[STAMP], filled.get(TRAP, ""), NETWORK)


def sent(server: ClientHandler, form: Form, filled: dict[str, str]) -> int:
    """Send it as a web server would; returns the status."""
    body = urlencode(filled).encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"/f/{form.token}/",
        "QUERY_STRING": "language=hu",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_X_FORWARDED_FOR": NETWORK,
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }
    answer = server(environ)
    assert not answer.cookies
    return int(answer.status_code)


def rows() -> Iterator[tuple[str, int]]:
    """Every table, and how many rows it has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            yield name, cursor.fetchone()[0]
