"""`access_copy`, `erasure` and `reap`: what is done for one person, and for those whose period is over, in a tenant of a million.

The three share one tenant (`cast.crowd`). The baseline of `reap` ends the same holdings one by one, each in its transaction.
While it reaps a campaign of another tenant is sent, whose rate is told beside the one when nothing is reaped.
"""

import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from hirnok.bench import cast, sending
from hirnok.bench.cast import ACTOR, Cast
from hirnok.bench.place import Place
from hirnok.bench.results import Row, ratio
from hirnok.lib import clock
from hirnok.register import closing, holdings
from hirnok.register.models import Holding
from hirnok.rights import copying, erasing
from hirnok.tenants.acting import acting_for

CONTACTS, EXPIRED, SENT = 1_000_000, 100_000, 50_000
ONE_BY_ONE = 300
PERSONS = 9
CONNECTIONS = 16
PATIENCE = 900  # seconds for the run
_EXPIRE = """
UPDATE register_holding SET expires_at = %(at)s
WHERE tenant_id = %(tenant)s AND id IN (
    SELECT id FROM register_holding WHERE tenant_id = %(tenant)s ORDER BY id DESC LIMIT %(count)s)
"""


class NotEnded(Exception):
    """Not every holding that was due is gone: the figure would be worth nothing."""


def access_copy(place: Place) -> Row:
    """Put together all that is held of a person, with the files: JSON, tables, pages."""
    made, contacts = _crowd(place)

    def copy(index: bytes) -> None:
        copying.files(copying.copy_of(made.tenant, index, "hu", clock.now()))

    return _of_persons("access_copy", made, contacts, copy, start=1000)


def erasure(place: Place) -> Row:
    """Erase a person, to the line in the ledger on the disk."""
    made, contacts = _crowd(place)

    def erase(index: bytes) -> None:
        erasing.erase(made.tenant, index, erasing.Ground.WITHDRAWN, actor=ACTOR, at=clock.now())
        if Holding.objects.filter(tenant_id=made.tenant.pk, person__blind_index=index).exists():
            raise NotEnded(index.hex())

    return _of_persons("erasure", made, contacts, erase, start=2000)


def reap(place: Place) -> Row:
    """End a tenth of the tenant's holdings by the retention run while another tenant's campaign is sent."""
    made, contacts = _crowd(place)
    expired, sent = place.rows(EXPIRED), place.rows(SENT)
    with sending.sink(place) as sink, sending.engine(place) as engine:
        sender, _ = sending.cast_with_relay(place, "sender", sent, sink, CONNECTIONS)
        alone = sending.send(place, sender, sent, engine, sink)
        each = _one_by_one(made, place.rows(ONE_BY_ONE))
        with acting_for(made.tenant), connection.cursor() as cursor:
            cursor.execute(_EXPIRE, {"at": clock.now(), "tenant": made.tenant.pk, "count": expired})
        place.rest()
        command = (sys.executable, "-m", "hirnok", "retention", "--json")
        with place.process("retention", *command) as run, ThreadPoolExecutor(1) as waiting:
            began = time.perf_counter()
            ended = waiting.submit(lambda: run.popen.wait(PATIENCE) or time.perf_counter())
            beside = sending.send(place, sender, sent, engine, sink)
            seconds = ended.result() - began
    left = Holding.objects.filter(tenant_id=made.tenant.pk, expires_at__isnull=False).count()
    if left:
        raise NotEnded(f"{left} are left; {run.log.read_text()[-500:]}")
    place.say(
        f"  {expired:,} of {contacts:,} in {seconds:.1f} s;"
        f" sent {alone.rate:,.0f}/s alone, {beside.rate:,.0f}/s beside it"
    )
    baseline = each * expired
    return Row(
        "reap",
        seconds,
        "s",
        baseline=baseline,
        ratio=ratio(seconds, baseline, is_time=True),
        rows=expired,
    )


def _crowd(place: Place) -> tuple[Cast, int]:
    contacts = place.rows(CONTACTS)
    return cast.crowd(place, contacts), contacts


def _of_persons(
    name: str, made: Cast, contacts: int, act: Callable[[bytes], None], *, start: int
) -> Row:
    """Do it for some persons, one after the other; the figure is the median, `p99_ms` the slowest."""
    times = []
    for number in range(PERSONS):
        address = cast.address((start + number) % contacts)
        index = holdings.index_of(made.tenant.pk, address)
        began = time.perf_counter()
        with acting_for(made.tenant):
            act(index)
        times.append(1000 * (time.perf_counter() - began))
    return Row(name, statistics.median(times), "ms", rows=contacts, p99_ms=max(times))


def _one_by_one(made: Cast, count: int) -> float:
    """Return the seconds that one holding takes which is ended by itself."""
    rows = Holding.objects.filter(tenant_id=made.tenant.pk).order_by("-pk")
    ids = list(rows.values_list("pk", flat=True)[:count])
    began = time.perf_counter()
    for pk in ids:
        with acting_for(made.tenant):
            closing.end(
                made.tenant, [pk], reason=closing.Reason.EXPIRED, actor=ACTOR, at=clock.now()
            )
    return (time.perf_counter() - began) / len(ids)
