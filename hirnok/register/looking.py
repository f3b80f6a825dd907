"""Who looked at whose data: every answer of a page of staff that was made from personal columns is written down.

Nobody calls this for it: the door watches what the database gives out. PostgreSQL says of each column of a result
which column of which table it is, the declarations say which of them are personal, so no view, export or raw
statement can be forgotten. The entry is written in the transaction that read: without it there is no answer.
The persons are their blind indexes; what was searched for is a keyed digest, never the words.
Users of the program itself (activity `accounts`) are not watched: they stand on every page, and in the audit log.
"""

import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models.signals import post_init

from hirnok.lib import keys
from hirnok.register import declarations
from hirnok.register.models import Holding, Look
from hirnok.register.readymade import ACCESS_LOG, ACCOUNTS
from hirnok.tenants.models import Tenant

# Of how many rows of one model an answer names the persons; beyond that it is a list, known by rows and digest.
NAMED = 200
KEPT = "731 days"  # where the tenant's register has no period of its own
_TELLING = frozenset({"text", "varchar", "bpchar", "bytea", "json", "jsonb", "_text", "_varchar"})


@dataclass
class Watch:
    """What was read since the last entry: rows by activity, holdings of rows, a digest over statements."""

    tenant: Tenant
    actor: str
    room: str
    channel: str
    rows: Counter[str] = field(default_factory=Counter)
    indexes: set[bytes] = field(default_factory=set)
    rows_of: dict[type[models.Model], list[models.Model]] = field(default_factory=dict)
    digest: Any = None

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,  # noqa: FBT001 - Django calls it so
        context: Any,
    ) -> Any:
        """Run a statement for Django (`execute_wrapper`), and count what it gives of persons."""
        result = execute(sql, params, many, context)
        codes = _activities(context["cursor"], sql)
        if codes:
            self._hash(sql, params)
            _counting(context["cursor"], lambda count: self._count(codes, count))
        return result

    def _count(self, codes: frozenset[str], count: int) -> None:
        for code in codes:
            self.rows[code] += count

    def _hash(self, sql: str, params: Any) -> None:
        if self.digest is None:
            self.digest = hmac.new(keys.derive("looks"), str(self.tenant.pk).encode(), "sha256")
        self.digest.update(f"{sql}\x00{params!r}\x00".encode())


_watching: ContextVar[Watch | None] = ContextVar("watching", default=None)


@contextmanager
def watching(tenant: Tenant, *, actor: str, room: str, channel: str) -> Iterator[Watch]:
    """Watch what is read within; `write` then notes it."""
    with resumed(Watch(tenant, actor, room, channel)) as watch:
        yield watch


@contextmanager
def resumed(watch: Watch) -> Iterator[Watch]:
    """Go on with a watch, while a download is handed out."""
    before = _watching.set(watch)
    try:
        with connection.execute_wrapper(watch):
            yield watch
    finally:
        _watching.reset(before)


def about(index: bytes) -> None:
    """Name the person, by blind index, whom this answer is about, where one was asked for by address."""
    if watch := _watching.get():
        watch.indexes.add(index)


def write(watch: Watch, *, at: datetime, begun: bool = False) -> bool:
    """Note what was read, in the caller's transaction; whether there was anything. Forgets it.

    `begun`: a download that is about to leave; its rows follow in an entry of their own.
    """
    rows, holdings = watch.rows, sorted(set(_holdings(watch)))
    indexes, digest = sorted(watch.indexes), watch.digest
    watch.rows, watch.rows_of, watch.digest = Counter(), {}, None
    if not (rows.total() or indexes or begun):
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "tenant": watch.tenant.pk,
                "at": at,
                "actor": watch.actor,
                "channel": watch.channel,
                "room": watch.room,
                "activities": sorted(code for code in rows if code),
                "rows": None if begun and not rows.total() else max(rows.values(), default=0),
                "digest": digest.digest()[:16] if digest else None,
                "holdings": holdings,
                "indexes": indexes,
                "activity": ACCESS_LOG,
                "kept": KEPT,
            },
        )
    return True


# The period is the register's own row at that moment; persons and brands are asked for where they are known.
_WRITE = """
INSERT INTO register_look
    (tenant_id, at, actor, channel, room, activities, rows, fingerprint, persons, brands, expires_at)
SELECT %(tenant)s, %(at)s, %(actor)s, %(channel)s, %(room)s, %(activities)s::varchar[], %(rows)s, %(digest)s,
    coalesce((SELECT array_agg(DISTINCT p.blind_index) FROM register_holding h
        JOIN register_person p ON p.id = h.person_id AND p.tenant_id = h.tenant_id
        WHERE h.tenant_id = %(tenant)s AND h.id = ANY(%(holdings)s::bigint[])), '{}') || %(indexes)s::bytea[],
    coalesce((SELECT array_agg(DISTINCT h.brand_id) FROM register_holding h
        WHERE h.tenant_id = %(tenant)s AND h.id = ANY(%(holdings)s::bigint[]) AND h.brand_id IS NOT NULL), '{}'),
    %(at)s::timestamptz + coalesce((SELECT nullif(a.retention_period, '')::interval FROM register_activity a
        WHERE a.tenant_id = %(tenant)s AND a.code = %(activity)s), %(kept)s::interval)
"""


def told_to(tenant: Tenant, index: bytes) -> list[tuple[datetime, str, list[str]]]:
    """Return for a person's copy when the data were looked at, how and for which activities; never by whom (C-579/21)."""
    rows = Look.objects.of(tenant).filter(persons__contains=[index]).order_by("at", "pk")
    return list(rows.values_list("at", "channel", "activities"))


def _holdings(watch: Watch) -> Iterator[int]:
    for model, rows in watch.rows_of.items():
        way = _way(model)
        for row in rows:
            if not row._state.adding and (number := row.__dict__.get(way)):
                yield number


@cache
def _way(model: type[models.Model]) -> str:
    """The attribute of a row that is the id of its holding; a contact's id is its holding's. "" for none."""
    declared = declarations.declared().get(model._meta.label)
    if declared is None or ACCOUNTS in declared.activities:
        return ""
    if model is Holding:
        return "id"
    return {"holding": "holding_id", "contact__holding": "contact_id"}.get(declared.holding, "")


def _remember(sender: type[models.Model], instance: models.Model, **_told: Any) -> None:
    watch = _watching.get()
    if watch is not None and _way(sender):
        rows = watch.rows_of.setdefault(sender, [])
        if len(rows) < NAMED:
            rows.append(instance)


post_init.connect(_remember)


def _activities(cursor: Any, sql: str) -> frozenset[str]:
    """For which activities the rows that a statement gives are held; empty when they tell of nobody."""
    told = cursor.cursor.description
    result = cursor.cursor.pgresult
    if not told or result is None:
        return frozenset()
    known = _columns(connection.settings_dict["NAME"])
    found: set[str] = set()
    computed = False
    for number, column in enumerate(told):
        table = result.ftable(number)
        if table:
            found |= known.get((table, result.ftablecol(number)), frozenset())
        else:
            computed = computed or column.type_display.split("(")[0].rstrip("[]") in _TELLING
    return frozenset(found | (_named_in(sql) if computed else set()))


def _named_in(sql: str) -> set[str]:
    """For a computed column: the activities of the personal columns that the statement names at all."""
    words = frozenset(sql.replace('"', " ").replace(".", " ").replace(",", " ").split())
    return {
        code for table, columns in _personal().items() if table in words for code in columns[""]
    }


@cache
def _personal() -> dict[str, dict[str, frozenset[str]]]:
    """Personal columns by table, each with its activities; "" stands for the table."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for declared in declarations.declared().values():
        meta = declared.of_model()._meta
        if ACCOUNTS in declared.activities or meta.label == Look._meta.label:
            continue
        codes = frozenset(declared.activities) or frozenset({""})
        columns = {
            str(meta.get_field(name).column): codes  # type: ignore[union-attr]
            for name, kind in declared.personal().items()
            if kind != declarations.PSEUDONYM
        }
        if columns:
            found[meta.db_table] = {**columns, "": codes}
    return found


@cache
def _columns(_database: str) -> dict[tuple[int, int], frozenset[str]]:
    """The same by the numbers that the database has for table and column."""
    wanted = _personal()
    with connection.connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::bigint, a.attnum, c.relname, a.attname FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE c.relname = ANY(%s::text[])",
            [list(wanted)],
        )
        return {
            (row[0], row[1]): wanted[row[2]][row[3]]
            for row in _plain(cursor.fetchall())
            if row[3] in wanted[row[2]]
        }


def _plain(rows: Sequence[Any]) -> Iterator[tuple[int, int, str, str]]:
    return (tuple(row) for row in rows)


def _counting(cursor: Any, count: Callable[[int], None]) -> None:
    """Count rows: at once where the result is here, else as they are fetched (a cursor of the server)."""
    if cursor.cursor.rowcount >= 0:
        count(cursor.cursor.rowcount)
        return
    fetch = cursor.cursor.fetchmany

    def fetchmany(*arguments: Any) -> Any:
        rows = fetch(*arguments)
        count(len(rows))
        return rows

    cursor.fetchmany = fetchmany
