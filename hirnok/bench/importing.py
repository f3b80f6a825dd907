"""`import` and `reimport`: a file of contacts to the last row, and the same file once more.

Each row becomes a person, a holding with its source, a contact and a subscription. The baseline does what a program
does that takes row by row: read by `csv`, the address checked by the same function, four upserts, a thousand rows a
commit, pipelined by psycopg's executemany.
"""

import csv
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, transaction

from hirnok.bench import cast, usage
from hirnok.bench.cast import Cast
from hirnok.bench.place import Place
from hirnok.bench.results import Row, ratio
from hirnok.contacts import headless
from hirnok.contacts.imports import Origin
from hirnok.contacts.imports import Place as Destination
from hirnok.contacts.models import Contact
from hirnok.lib import clock, keys
from hirnok.mail.addresses import Address, Indexer, normalise
from hirnok.register.models import Activity, LegalBasis, Source
from hirnok.register.readymade import NEWSLETTER

ROWS, NAIVE_ROWS = 1_000_000, 30_000
COMMIT = 1_000
HEADER = ("E-mail cím", "Vezetéknév", "Keresztnév", "Nyelv", "Town", "Points")
TABLES = ("register_person", "register_holding", "contacts_contact", "contacts_subscription")

_UPSERTS = (
    """INSERT INTO register_person (tenant_id, blind_index, key_version) VALUES (%(tenant)s, %(key)s, 1)
    ON CONFLICT (blind_index, tenant_id) DO NOTHING""",
    """INSERT INTO register_holding (tenant_id, brand_id, person_id, activity_id, source_id, legal_basis, held_since)
    SELECT %(tenant)s, %(brand)s, p.id, %(activity)s, %(source)s, 'consent', %(at)s FROM register_person p
    WHERE p.blind_index = %(key)s AND p.tenant_id = %(tenant)s AND NOT EXISTS (
        SELECT FROM register_holding h WHERE h.person_id = p.id AND h.brand_id = %(brand)s)""",
    """INSERT INTO contacts_contact (id, tenant_id, brand_id, activity_id, person_id, email, first_name, last_name,
                                     language, fields, created_at, updated_at)
    SELECT h.id, %(tenant)s, %(brand)s, %(activity)s, p.id, %(email)s, %(first)s, %(last)s, %(language)s, %(fields)s,
           %(at)s, %(at)s
    FROM register_person p JOIN register_holding h ON h.person_id = p.id AND h.brand_id = %(brand)s
    WHERE p.blind_index = %(key)s AND p.tenant_id = %(tenant)s
    ON CONFLICT (person_id, brand_id, activity_id) DO UPDATE SET first_name = excluded.first_name,
        last_name = excluded.last_name, language = excluded.language, fields = excluded.fields""",
    """INSERT INTO contacts_subscription (contact_id, list_id, tenant_id, since)
    SELECT h.id, %(list)s, %(tenant)s, %(at)s
    FROM register_person p JOIN register_holding h ON h.person_id = p.id AND h.brand_id = %(brand)s
    WHERE p.blind_index = %(key)s AND p.tenant_id = %(tenant)s ON CONFLICT DO NOTHING""",
)


class Miscounted(Exception):
    """Not every row is where it belongs: the figure would be worth nothing."""


@dataclass(frozen=True)
class _Loaded:
    rate: float
    cpu_us: float
    rss_mb: float
    rewritten: int


def importing(place: Place) -> Row:
    """Import a file of new contacts."""
    rows = place.rows(ROWS)
    made = cast.make("import", clock.now())
    loaded = _loaded(place, made, _file(place, "list.csv", 0, rows), rows)
    place.say(f"  {loaded.rate:,.0f}/s; row by row …")
    baseline = _row_by_row(place, made, rows, place.rows(NAIVE_ROWS))
    return _row("import", loaded, rows, baseline)


def reimporting(place: Place) -> Row:
    """Import a file, and once more without a change; the baseline upserts the same rows again."""
    rows = place.rows(ROWS)
    made = cast.make("reimport", clock.now())
    file = _file(place, "list.csv", 0, rows)
    _loaded(place, made, file, rows)
    loaded = _loaded(place, made, file, rows)
    place.say(f"  {loaded.rate:,.0f}/s; row by row …")
    baseline = _row_by_row(place, made, 0, min(rows, place.rows(NAIVE_ROWS)))
    return _row("reimport", loaded, rows, baseline)


def _row(name: str, loaded: _Loaded, rows: int, baseline: float) -> Row:
    return Row(
        name,
        loaded.rate,
        "rows/s",
        baseline=baseline,
        ratio=ratio(loaded.rate, baseline),
        cpu_us=loaded.cpu_us,
        rss_mb=loaded.rss_mb,
        rows=rows,
        rewritten=loaded.rewritten,
    )


def _file(place: Place, name: str, start: int, count: int) -> Path:
    path = place.folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        for number in range(start, start + count):
            first, last, town = cast.person(number)
            points = number % 5000
            writer.writerow((cast.address(number), last, first, "hu", town, points))
    return path


def _loaded(place: Place, made: Cast, path: Path, rows: int) -> _Loaded:
    wanted = headless.Wanted(
        made.tenant,
        Destination(made.brand, made.list),
        path,
        Origin(Source.Kind.CUSTOMER, LegalBasis.CONSENT),
    )
    versions = _rewritten(place)
    before = usage.of_this().cpu + place.database_used.cpu
    began = time.perf_counter()
    told = headless.load(wanted, clock=clock.now)
    seconds = time.perf_counter() - began
    cpu = usage.of_this().cpu + place.database_used.cpu - before
    held = Contact.objects.of(made.tenant).count()
    if told.counts.new + told.counts.unchanged != rows or held != rows:
        raise Miscounted(f"{rows} rows: {told.counts.as_json()}, {held} contacts")
    rewritten = _rewritten(place) - versions
    return _Loaded(rows / seconds, 1e6 * cpu / rows, usage.of_this().rss_mb, rewritten)


def _rewritten(place: Place) -> int:
    """Return how many rows of the four tables were ever updated, as the server counts it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")  # what this connection did
    with place.owner() as owner:
        row = owner.execute(
            "SELECT sum(n_tup_upd)::bigint FROM pg_stat_user_tables WHERE relname = ANY(%s)",
            [list(TABLES)],
        ).fetchone()
    return int(row[0]) if row else 0


def _row_by_row(place: Place, made: Cast, start: int, count: int) -> float:
    """Upsert rows one after the other; returns rows a second."""
    path = _file(place, "naive.csv", start, count)
    values = _values(made, path)
    began = time.perf_counter()
    while some := list(islice(values, COMMIT)):
        with transaction.atomic(), psycopg.Cursor(connection.connection) as cursor:
            for statement in _UPSERTS:
                cursor.executemany(statement, some)  # prepared, and pipelined
    return count / (time.perf_counter() - began)


def _values(made: Cast, path: Path) -> Iterator[dict[str, Any]]:
    index = Indexer(keys.blind_index_key(made.tenant.pk)).of_key
    at = clock.now()
    source = Source.objects.of(made.tenant).order_by("-pk")[0]
    shared = {
        "tenant": made.tenant.pk,
        "brand": made.brand.pk,
        "list": made.list.pk,
        "source": source.pk,
        "activity": Activity.objects.of(made.tenant).get(code=NEWSLETTER).pk,
        "at": at,
    }
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        next(rows)
        for email, last, first, language, town, points in rows:
            address = normalise(email)
            assert isinstance(address, Address)
            yield shared | {
                "key": index(address.key),
                "email": address.text,
                "first": first,
                "last": last,
                "language": language,
                "fields": json.dumps({"town": town, "points": points}),
            }
