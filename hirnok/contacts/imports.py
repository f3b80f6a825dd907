"""What a user does with an import, step by step: upload, map the columns, declare the origin, start, cancel.

Each function is one transaction with its audit entry. What is refused leaves nothing behind: the upload of a
file that cannot be read is undone as a whole, and the file goes as soon as the import has ended. The bought
list is refused, and a legitimate interest wants its balancing document (N28, A1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from hirnok.contacts import parts
from hirnok.contacts.counting import Counts
from hirnok.contacts.models import Import, ImportRejection, List
from hirnok.contacts.opening import Opened, open_file
from hirnok.contacts.reading import mapping as mappings
from hirnok.contacts.reading.problems import Problem
from hirnok.lib import env
from hirnok.register.holdings import activity_of
from hirnok.register.models import LegalBasis, Source
from hirnok.register.readymade import IMPORT, NEWSLETTER
from hirnok.register.retention import after, expiry
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant

ACTOR = "job:import"  # who ends one: the worker, not who uploaded the file
TASK = "hirnok.contacts.jobs.run_import"
QUEUE = "imports"
BOUGHT = "bought"
KEPT_AT_MOST = "P30D"
BASES = (LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST, LegalBasis.CONTRACT)
_ENDED = (Import.Status.DONE, Import.Status.CANCELLED, Import.Status.FAILED)


class BoughtList(Exception):
    """A bought or rented list may not be imported: nobody on it has agreed to hear from this sender."""


class NeedsDocument(Exception):
    """A legitimate interest needs its balancing document."""


class NotAtThisStep(Exception):
    """The import has started or ended meanwhile."""


class NotReady(Exception):
    """The columns or the origin of the list are not set yet."""


@dataclass(frozen=True)
class Place:
    """Where an import goes: the brand, the list (none for suppressions), and marks for every row."""

    brand: Brand
    list: List | None = None
    kind: str = Import.Kind.CONTACTS
    tags: tuple[str, ...] = ()
    whole_tenant: bool = False


@dataclass(frozen=True)
class Origin:
    """What is declared of a list: where it comes from and on what basis it is used."""

    kind: str
    legal_basis: str
    description: str = ""
    document_name: str = ""
    document: bytes | None = None


@transaction.atomic
def upload(
    tenant: Tenant,
    place: Place,
    pieces: Iterable[bytes],
    *,
    file_name: str,
    actor: str,
    at: datetime,
) -> Import:
    """Keep a file and look into it. Problem, with nothing kept, when it is no table."""
    activity_of(tenant, NEWSLETTER)
    run = create(tenant, place, file_name=file_name, file_size=0, actor=actor, at=at)
    run.file_size = parts.store(run, pieces, limit=env.number("HIRNOK_IMPORT_MB") << 20)
    _take_as_found(run, inspect(run))
    return run


@transaction.atomic
def place(run: Import, place: Place) -> None:
    """Change where the rows go."""
    _at_step(run)
    run.brand, run.list = place.brand, place.list
    run.settings = run.settings | {"tags": list(place.tags), "whole_tenant": place.whole_tenant}
    run.save(update_fields=["brand", "list", "settings"])


@transaction.atomic
def replace(run: Import, pieces: Iterable[bytes], *, file_name: str) -> None:
    """Take another file in place of the first. Problem, with the first one kept, when it is no table."""
    _at_step(run)
    parts.drop(run)
    run.file_size = parts.store(run, pieces, limit=env.number("HIRNOK_IMPORT_MB") << 20)
    run.file_name = file_name[-200:]
    run.mapping = []
    run.settings = {name: run.settings[name] for name in ("tags", "whole_tenant")}
    _take_as_found(run, inspect(run))


def create(
    tenant: Tenant, place: Place, *, file_name: str, file_size: int, actor: str, at: datetime
) -> Import:
    """Begin an import, yet without a file."""
    expires_at = expiry(activity_of(tenant, IMPORT), at) or after(at, KEPT_AT_MOST)
    run: Import = Import.objects.create(
        tenant=tenant,
        brand=place.brand,
        list=place.list,
        kind=place.kind,
        file_name=file_name[-200:],
        file_size=file_size,
        settings={"tags": list(place.tags), "whole_tenant": place.whole_tenant},
        created_by=actor,
        created_at=at,
        expires_at=expires_at,
    )
    audit.record(tenant, "import.upload", actor=actor, at=at, about=run, kind=str(place.kind))
    return run


def inspect(run: Import) -> Opened:
    """Open the file as it is set now, for its beginning. Problem where that cannot be read."""
    with parts.file_of(run) as path:
        return open_file(run, path)


@transaction.atomic
def reopen(run: Import, settings: Mapping[str, str]) -> Opened:
    """Read the file anew: another sheet, encoding or delimiter; the columns are guessed again."""
    _at_step(run)
    run.settings = run.settings | dict(settings)
    run.mapping = []
    opened = inspect(run)
    _take_as_found(run, opened)
    return opened


@transaction.atomic
def map_columns(run: Import, targets: list[str]) -> None:
    """Set what each column means. Problem where rows could not be read so."""
    _at_step(run)
    run.mapping = targets
    opened = inspect(run)
    if len(targets) != len(opened.table.header):
        raise Problem("mapping_length", given=len(targets), columns=len(opened.table.header))
    mappings.check(opened.mapping, opened.table, opened.fields)
    run.save(update_fields=["mapping"])


@transaction.atomic
def declare(run: Import, origin: Origin, *, actor: str, at: datetime) -> Source:
    """Record origin and basis of the list; said again it replaces what was said. BoughtList, NeedsDocument."""
    _at_step(run)
    if origin.kind == BOUGHT:
        raise BoughtList
    source = Source.objects.filter(tenant_id=run.tenant_id, pk=run.source_id or 0).first()
    if source is None:
        source = Source(tenant_id=run.tenant_id)
    source.kind = origin.kind
    source.legal_basis = origin.legal_basis
    source.description = origin.description
    source.declared_by, source.declared_at = actor, at
    if origin.document:
        source.document, source.document_name = origin.document, origin.document_name[-200:]
    if origin.legal_basis != LegalBasis.LEGITIMATE_INTEREST:
        source.document, source.document_name = None, ""
    elif not source.document:
        raise NeedsDocument
    source.save()
    run.source = source
    run.save(update_fields=["source"])
    audit.record(
        run.tenant_id,
        "import.declare",
        actor=actor,
        at=at,
        about=run,
        source=source.pk,
        kind=str(origin.kind),
        basis=str(origin.legal_basis),
    )
    return source


@transaction.atomic
def start(run: Import, *, actor: str, at: datetime, queue: bool = True) -> None:
    """Give the import to the worker. NotReady while columns or origin are missing.

    `queue` False: the caller carries it out itself.
    """
    stored = _locked(run)
    _at_step(stored)
    needs_source = stored.kind == Import.Kind.CONTACTS
    if "email" not in stored.mapping or (needs_source and stored.source_id is None):
        raise NotReady
    stored.status = Import.Status.WAITING
    stored.save(update_fields=["status"])
    run.status = stored.status
    audit.record(stored.tenant_id, "import.start", actor=actor, at=at, about=stored)
    if queue:
        job = app.configure_task(TASK, queue=QUEUE)
        job.defer(tenant_id=stored.tenant_id, import_id=stored.pk)


@transaction.atomic
def cancel(run: Import, *, actor: str, at: datetime) -> None:
    """Stop: at once before the first row, between two chunks later. An ended import stays as it is."""
    stored = _locked(run)
    if stored.status in _ENDED or stored.cancel_asked_at is not None:
        return
    audit.record(stored.tenant_id, "import.cancel", actor=actor, at=at, about=stored)
    if stored.status == Import.Status.RUNNING:
        stored.cancel_asked_at = at
        stored.save(update_fields=["cancel_asked_at"])
        return
    _end(stored, Import.Status.CANCELLED, at)


@transaction.atomic
def begin(run: Import, *, at: datetime) -> bool:
    """Take a waiting (or, after a kill, a running) import for a worker; False when there is nothing to do."""
    stored = _locked(run)
    if stored.status not in {Import.Status.WAITING, Import.Status.RUNNING}:
        return False
    stored.status = Import.Status.RUNNING
    stored.started_at = stored.started_at or at
    stored.save(update_fields=["status", "started_at"])
    run.refresh_from_db()
    return True


@transaction.atomic
def finish(run: Import, status: str, *, at: datetime, problem: Problem | None = None) -> None:
    """End an import; the file goes at once, the rejected rows when their time is over."""
    stored = _locked(run)
    if stored.status in _ENDED:
        return
    if problem is not None:
        stored.problem = {"code": problem.code, "details": _plain(problem.details)}
    _end(stored, status, at)
    counts = Counts.from_json(stored.counts)
    audit.record(
        stored.tenant_id,
        "import.end",
        actor=ACTOR,
        at=at,
        about=stored,
        status=str(status),
        rows=counts.rows,
        new=counts.new,
        changed=counts.changed,
        removed=counts.removed,
    )


def forget_names(at: datetime) -> int:
    """Remove the names of files whose time is over, of every tenant: they may say who was in them."""
    rows = Import.objects.filter(expires_at__lte=at, status__in=_ENDED).exclude(file_name="")
    return int(rows.update(file_name=""))


def rejected_rows(run: Import) -> Iterable[ImportRejection]:
    """Return the rows that were not taken, in the order of the file, without holding them all."""
    rows = ImportRejection.objects.filter(tenant_id=run.tenant_id, run=run).order_by("row")
    found: Iterable[ImportRejection] = rows.iterator(chunk_size=2000)
    return found


def running(tenant: Tenant) -> list[Import]:
    """Return the imports that wait or run, for the top bar."""
    states = (Import.Status.WAITING, Import.Status.RUNNING)
    return list(Import.objects.of(tenant).filter(status__in=states).order_by("-created_at")[:20])


def _take_as_found(run: Import, opened: Opened) -> None:
    run.mapping = list(opened.mapping.targets)
    run.settings = run.settings | {"header": list(opened.table.header)}
    run.save(update_fields=["file_name", "file_size", "settings", "mapping"])


def _end(stored: Import, status: str, at: datetime) -> None:
    stored.status, stored.finished_at = status, at
    stored.save(update_fields=["status", "finished_at", "problem"])
    parts.drop(stored)


def _locked(run: Import) -> Import:
    stored: Import = Import.objects.select_for_update().get(pk=run.pk, tenant_id=run.tenant_id)
    return stored


def _at_step(run: Import) -> None:
    if run.status != Import.Status.UPLOADED:
        raise NotAtThisStep


def _plain(details: Mapping[str, Any]) -> dict[str, str | int]:
    return {name: one if isinstance(one, int) else str(one) for name, one in details.items()}
