"""Runs an import from its first row to its result: checks the whole file, then loads chunk after chunk.

Promises: a file that breaks in its middle changes nothing, for it is read to its end before the first row is
loaded; each chunk is one transaction with its progress, so a run that was killed goes on where it stopped;
it is cancelled between chunks. Leaves rows to `loading`, and what the ends mean to `imports`.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, OperationalError, transaction

from hirnok.contacts import feeding, loading, reader
from hirnok.contacts.counting import Counts
from hirnok.contacts.loading import Destination
from hirnok.contacts.models import Import
from hirnok.contacts.opening import Opened, open_file
from hirnok.contacts.reader import CHUNK
from hirnok.contacts.sorting import Chunk, Sorter
from hirnok.register.holdings import activity_of
from hirnok.register.models import Source
from hirnok.register.readymade import NEWSLETTER
from hirnok.register.retention import expiry
from hirnok.tenants.models import Tenant

ATTEMPTS = 3
WORTH_ANALYSING = 1_000


class TakenOver(Exception):
    """Another worker runs this import, or it has ended meanwhile."""


class Cancelled(Exception):
    """Somebody asked to cancel; what was loaded before stays."""


def run(run: Import, path: Path, *, at: datetime, chunk_size: int = CHUNK) -> Counts:
    """Load the file of a running import; return what became of its rows.

    Problem when the file cannot be read, TakenOver and Cancelled as they say.
    """
    opened = open_file(run, path)
    destination = destination_of(run, at=at)
    analysed = 0
    with feeding.feed(opened, chunk_size) as fed:
        _set_total(run, next(fed))
        for said in fed:
            assert isinstance(said, tuple)
            done, chunk = said
            if done <= run.rows_done:
                continue
            _load(run, destination, chunk, done)
            arrived = Counts.from_json(run.counts).new
            if arrived >= max(WORTH_ANALYSING, analysed * 10):
                loading.analyse()
                analysed = arrived
    return Counts.from_json(run.counts)


def forecast(run: Import, path: Path, *, at: datetime, limit: int | None = None) -> Counts:
    """Return what would become of the rows (of the first `limit` ones), writing nothing."""
    opened = open_file(run, path)
    destination = destination_of(run, at=at)
    sorter = Sorter(run.tenant_id, address_at=opened.address_at)
    counts = Counts()
    outcomes = islice(opened.outcomes(), limit)
    seconds = loading.FORECAST_SECONDS if limit else loading.MATCH_SECONDS
    with transaction.atomic():
        while found := list(islice(outcomes, CHUNK)):
            counts.add(loading.weigh(destination, sorter.sort(found), seconds=seconds))
        transaction.set_rollback(True)
    return counts


def destination_of(run: Import, *, at: datetime) -> Destination:
    """Return where the rows of an import go."""
    tenant = Tenant.objects.get(pk=run.tenant_id)
    activity = activity_of(tenant, NEWSLETTER)
    source = Source.objects.of(tenant).filter(pk=run.source_id).first()
    return Destination(
        tenant=tenant.pk,
        brand=run.brand_id,
        activity=activity.pk,
        list=run.list_id,
        source=run.source_id,
        legal_basis=source.legal_basis if source else "",
        actor=run.created_by,
        at=at,
        expires_at=expiry(activity, at, source.legal_basis if source else ""),
        tags=tuple(run.settings.get("tags", ())),
        whole_tenant=bool(run.settings.get("whole_tenant")),
    )


def _set_total(run: Import, total: object) -> None:
    assert isinstance(total, int)
    if run.rows_total is None:
        run.rows_total = total
        Import.objects.filter(pk=run.pk, tenant_id=run.tenant_id).update(rows_total=total)


def _chunks(opened: Opened, sorter: Sorter, size: int) -> Iterator[tuple[int, Chunk]]:
    """Yield chunks and how many rows are behind when each is done."""
    return reader.chunks(opened.outcomes(), sorter, size)


def _load(run: Import, destination: Destination, chunk: Chunk, done: int) -> None:
    """Load a chunk; again when somebody signed up or left in the same instant, or the plan was bad."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                _load_once(run, destination, chunk, done)
                return
        except (IntegrityError, OperationalError) as error:
            if attempt == ATTEMPTS:
                raise
            if isinstance(error, OperationalError):
                loading.analyse()


def _load_once(run: Import, destination: Destination, chunk: Chunk, done: int) -> None:
    stored = Import.objects.select_for_update().get(pk=run.pk, tenant_id=run.tenant_id)
    if stored.status != Import.Status.RUNNING or stored.rows_done != run.rows_done:
        raise TakenOver
    if stored.cancel_asked_at is not None:
        raise Cancelled
    counts = Counts.from_json(stored.counts)
    counts.add(loading.load(destination, chunk, run_id=run.pk))
    stored.counts, stored.rows_done = counts.as_json(), done
    stored.save(update_fields=["counts", "rows_done"])
    run.counts, run.rows_done = stored.counts, stored.rows_done
