"""Putting a compiled message into the outbox, and holding, freeing or emptying what is queued.

Promises: one delivery for each contact, in one statement and one snapshot; ids are a dense block, cut into
batches that an engine leases; everything happens in the caller's transaction. Leaves to others: who the
contacts are (campaigns), sending (the engine, which is woken by a notification).
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from hirnok.contacts.models import Contact
from hirnok.outbox.models import Delivery, Message, Repetition, State

CHANNEL = "hirnok_outbox"
BATCH_SIZE = 2000  # research/sending.md §8

# The id before the block's first is taken in the same statement as the rows, so that both see one audience.
_DELIVERIES = """
WITH audience(contact_id) AS MATERIALIZED ({audience}),
block AS MATERIALIZED (
    SELECT outbox_reserve_delivery_ids(count(*)) AS base, count(*) AS size FROM audience),
written AS (
    INSERT INTO outbox_delivery (id, contact_id, tenant_id, message_id)
    SELECT block.base + row_number() OVER (ORDER BY audience.contact_id), audience.contact_id, %s, %s
    FROM audience, block ORDER BY audience.contact_id)
SELECT base, size FROM block
"""
_BATCHES = """
INSERT INTO outbox_batch (tenant_id, message_id, first_delivery_id, last_delivery_id,
                          first_contact_id, last_contact_id, fence, done)
SELECT %(tenant)s, %(message)s, min(id), max(id), min(contact_id), max(contact_id), 0, false
FROM outbox_delivery
WHERE tenant_id = %(tenant)s AND message_id = %(message)s AND id BETWEEN %(base)s + 1 AND %(base)s + %(size)s
GROUP BY (id - %(base)s - 1) / %(batch)s ORDER BY min(id)
"""
# Everybody is read: worth all cores at once, which the planner only believes when handing rows over costs little.
_ON_ALL_CORES = "SET LOCAL parallel_setup_cost = 100; SET LOCAL parallel_tuple_cost = 0.001"
_FORGET = "DROP TABLE IF EXISTS pg_temp.outbox_audience, pg_temp.outbox_recipient"
_AUDIENCE = (
    "CREATE TEMP TABLE outbox_audience AS SELECT * FROM ({audience}) AS a(contact_id, reason)"
)
_RECIPIENTS = """
CREATE TEMP TABLE outbox_recipient AS
SELECT row_number() OVER (ORDER BY a.contact_id) AS n, a.contact_id FROM pg_temp.outbox_audience a
WHERE a.reason = '' {again}
"""
_NOT_YET = """AND NOT EXISTS (
    SELECT FROM outbox_delivery d WHERE d.contact_id = a.contact_id AND d.message_id = %(message)s)"""
_NUMBERED = "CREATE INDEX ON pg_temp.outbox_recipient (n); ANALYZE pg_temp.outbox_recipient"
# The bounds keep the plan from reading the contacts of everybody for each of many writes.
_BOUNDS = (
    "SELECT min(contact_id), max(contact_id) FROM pg_temp.outbox_recipient WHERE n > %s AND n <= %s"
)
_SOME = """
SELECT r.contact_id FROM pg_temp.outbox_recipient r WHERE r.n > %s AND r.n <= %s
AND EXISTS (SELECT FROM contacts_contact c WHERE c.id = r.contact_id AND c.id BETWEEN %s AND %s AND c.tenant_id + 0 = %s)
"""


def enqueue(message: Message, contacts: "QuerySet[Contact]") -> int:
    """Queue the message for each of the contacts; returns how many there are. An engine sees it at the commit.

    `contacts` are distinct contacts of the message's tenant; their order does not matter.
    """
    base, size = _write_deliveries(message, contacts)
    Message.objects.filter(tenant_id=message.tenant_id, pk=message.pk).update(recipients=size)
    message.recipients = size
    if size:
        _write_batches(message, base, size)
        transaction.on_commit(_analyze)
        wake()
    return size


def gather(message: Message, audience: "QuerySet[Contact, tuple[int, str]]") -> dict[str, int]:
    """Take down who is to get the message, for `write` in this database session; returns how many there are by reason.

    `audience` yields contact and reason, "" for those who get it. Contacts that have their delivery already (a launch
    that was killed) are left out of what is written.
    """
    try:
        statement, parameters = audience.order_by().query.sql_with_params()
    except EmptyResultSet:
        statement, parameters = "SELECT NULL::bigint, ''::text WHERE false", ()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FORGET)
        cursor.execute(_ON_ALL_CORES)
        cursor.execute(_AUDIENCE.format(audience=statement), parameters)
        cursor.execute("SELECT reason, count(*) FROM pg_temp.outbox_audience GROUP BY reason")
        numbers = {str(reason): int(number) for reason, number in cursor.fetchall()}
        again = _NOT_YET if message.recipients else ""
        cursor.execute(_RECIPIENTS.format(again=again), {"message": message.pk})
        cursor.execute(_NUMBERED)
    return numbers


def write(message: Message, *, after: int, size: int) -> int | None:
    """Queue the message for the next `size` contacts of those gathered, counted from `after`; None when there are no more.

    Returns how many deliveries that are: contacts that were erased meanwhile have none. An engine sees them when the
    message is launched.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS, [after, after + size])
        first, last = cursor.fetchone() or (None, None)
        if first is None:
            return None
        tenant = message.tenant_id
        given = [after, after + size, first, last, tenant, tenant, message.pk]
        cursor.execute(_DELIVERIES.format(audience=_SOME), given)
        base, written = cursor.fetchone() or (0, 0)
    if written:
        _write_batches(message, int(base), int(written))
        Message.objects.filter(tenant_id=message.tenant_id, pk=message.pk).update(
            recipients=F("recipients") + written
        )
    return int(written)


def launch(message: Message, *, at: datetime) -> None:
    """Let the engine begin: all deliveries are written."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)
    transaction.on_commit(_analyze)
    _mark(message, launched_at=at)


def hold(message: Message, *, at: datetime) -> None:
    """Stop the engine after the windows that are open now."""
    _mark(message, paused_at=at)


def release(message: Message) -> None:
    """Let the engine go on."""
    _mark(message, paused_at=None)


def withdraw(message: Message, *, at: datetime) -> int:
    """Cancel what has not been sent; returns how many deliveries that are.

    A window that an engine has open is sent to its end and accounted as it ends: outcomes overwrite the state.
    What waits to be sent again because nobody knows whether it has arrived is unknown, not cancelled.
    """
    _mark(message, cancelled_at=at)
    waiting = Delivery.objects.filter(
        tenant_id=message.tenant_id,
        message_id=message.pk,
        state__in=(State.QUEUED, State.DEFERRED),
    )
    in_doubt = Repetition.objects.filter(
        tenant_id=OuterRef("tenant_id"), delivery_id=OuterRef("pk")
    )
    unknown = waiting.filter(Exists(in_doubt)).update(state=State.UNKNOWN, next_at=None)
    return int(unknown + waiting.update(state=State.CANCELLED, next_at=None))


def retry_now(message: Message, *, at: datetime) -> int:
    """Let what was put off be tried at once instead of in its time; returns how many deliveries that are."""
    waiting = Delivery.objects.filter(
        tenant_id=message.tenant_id, message_id=message.pk, state=State.DEFERRED, next_at__gt=at
    )
    found = int(waiting.update(next_at=at))
    if found:
        wake()
    return found


def wake() -> None:
    """Tell the engines that there is work, when the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def _mark(message: Message, **values: datetime | None) -> None:
    Message.objects.filter(tenant_id=message.tenant_id, pk=message.pk).update(**values)
    for name, value in values.items():
        setattr(message, name, value)
    wake()


def _write_deliveries(message: Message, contacts: "QuerySet[Contact]") -> tuple[int, int]:
    rows: Any = contacts.filter(tenant_id=message.tenant_id).order_by().values_list("pk")
    try:
        audience, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return 0, 0
    with connection.cursor() as cursor:
        cursor.execute(
            _DELIVERIES.format(audience=audience), [*parameters, message.tenant_id, message.pk]
        )
        base, size = cursor.fetchone() or (0, 0)
    return int(base), int(size)


def _write_batches(message: Message, base: int, size: int) -> None:
    values = {
        "tenant": message.tenant_id,
        "message": message.pk,
        "base": base,
        "size": size,
        "batch": BATCH_SIZE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BATCHES, values)


def _analyze() -> None:
    """Give the planner statistics of the new rows. A role that may not is passed over by PostgreSQL with a
    warning; after the commit, because the lock would make launches wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_delivery")
