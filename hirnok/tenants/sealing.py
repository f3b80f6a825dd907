"""The chain over the audit log, and its signed checkpoints outside the database.

Each entry is sealed within a minute: `hash(n) = SHA-256(hash(n-1) || SHA-256(salt || entry))`. An entry that is
changed or removed no longer fits its seal. Whoever can rewrite the whole chain, or cut off its end, is found by the
checkpoints: once a day the head of each chain is signed (Ed25519, key derived from the installation secret) and
added to `var/checkpoints/`, which belongs on another machine as well. `verify` needs both. A restore is signed there
too: what earlier checkpoints knew beyond the backup's end is then known to be gone, and no longer a problem.

Sealing is done afterwards and not in the transaction of the entry: that would make all writes of a tenant wait for
each other. Until then the entry is kept by the database's rights alone (nobody may update or delete it).
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection, transaction
from django.db.models import Max, Q

from hirnok.lib import durable, env, keys
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import AuditEntry, AuditSeal, Tenant

BATCH = 5000
LATE = timedelta(days=1)  # no transaction that writes an entry lasts longer
LATE_IDS = 10_000  # nor do more entries overtake one, should the clock have been wrong
SOON = timedelta(minutes=10)  # what is older must be sealed


@dataclass(frozen=True)
class Problem:
    """Something that does not fit: `kind` altered, removed, gap, unsealed, cut_off, rewritten or forged."""

    kind: str
    tenant: int
    number: int  # of the seal or of the checkpoint; of the entry for unsealed ones
    words: str


@dataclass(frozen=True)
class Checkpoint:
    """The head of a chain at an instant, signed."""

    tenant: int
    number: int
    hash: bytes
    at: datetime
    signature: bytes

    restored: bool = False  # the log was set back to this head by a restore

    def signed(self) -> bytes:
        """Return what the signature is over."""
        return f"hirnok {'restore' if self.restored else 'audit'} {self.tenant} {self.number} {self.hash.hex()} {self.at.isoformat()}".encode()


def seal_all() -> int:
    """Seal what is new in every tenant's log; return how many entries."""
    return sum(seal(tenant) for tenant in Tenant.objects.order_by("pk"))


@transaction.atomic
def seal(tenant: Tenant) -> int:
    """Seal what a tenant's log has and the chain has not; one at a time for each tenant."""
    with acting_for(tenant):
        _lock(tenant)
        head = AuditSeal.objects.of(tenant).order_by("-number").first()
        number, previous = (head.number, bytes(head.hash)) if head else (0, _beginning(tenant.pk))
        made: list[AuditSeal] = []
        for entry in _unsealed(tenant, head):
            number += 1
            salt = secrets.token_bytes(16)
            previous = _next(previous, salt, entry)
            made.append(
                AuditSeal(
                    tenant=tenant, number=number, entry_number=entry.pk, salt=salt, hash=previous
                )
            )
        AuditSeal.objects.bulk_create(made, batch_size=BATCH)
    return len(made)


def checkpoint(at: datetime) -> int:
    """Sign the head of every chain and add it to this year's file; on the disk when it returns."""
    return _sign_heads(at, restored=False)


def mark_restored(at: datetime) -> int:
    """Sign where the logs that a restore brought back end, before anything is added to them."""
    return _sign_heads(at, restored=True)


def _sign_heads(at: datetime, *, restored: bool) -> int:
    lines = []
    for tenant in Tenant.objects.order_by("pk"):
        with acting_for(tenant):
            head = AuditSeal.objects.of(tenant).order_by("-number").first()
        if head is not None or restored:
            number, end = (head.number, bytes(head.hash)) if head else (0, _beginning(tenant.pk))
            bare = Checkpoint(tenant.pk, number, end, at.astimezone(UTC), b"", restored=restored)
            lines.append(_line(bare, _private_key().sign(bare.signed())))
    if lines:
        durable.append(folder() / f"audit-{at:%Y}.jsonl", "".join(lines).encode())
    return len(lines)


def folder() -> Path:
    """Return where the checkpoints lie."""
    return env.var() / "checkpoints"


def public_key() -> str:
    """Return the key that verifies the checkpoints, 32 bytes in hex: anybody may have it."""
    raw = _private_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return raw.hex()


def checkpoints() -> Iterator[Checkpoint]:
    """Yield all checkpoints as they are written, the oldest first; ValueError for a line that is none."""
    for path in sorted(folder().glob("audit-*.jsonl")):
        for line in filter(None, path.read_text().splitlines()):
            found = json.loads(line)
            yield Checkpoint(
                found["tenant"],
                found["number"],
                bytes.fromhex(found["hash"]),
                datetime.fromisoformat(found["at"]),
                bytes.fromhex(found["signature"]),
                restored=found.get("restored", False),
            )


def verify(tenant: Tenant, at: datetime) -> list[Problem]:
    """Hold a tenant's log against its chain, and the chain against the checkpoints."""
    with acting_for(tenant):
        problems = list(_chain_problems(tenant))
        late = AuditEntry.objects.of(tenant).filter(at__lt=at - SOON)
        unsealed = late.exclude(pk__in=AuditSeal.objects.of(tenant).values("entry_number"))
        problems += [
            Problem("unsealed", tenant.pk, pk, "an entry that nothing was sealed for")
            for pk in unsealed.order_by("pk").values_list("pk", flat=True)[:100]
        ]
        return problems + list(_checkpoint_problems(tenant))


def _chain_problems(tenant: Tenant) -> Iterator[Problem]:
    previous, wanted = _beginning(tenant.pk), 1
    for one in AuditSeal.objects.of(tenant).order_by("number").iterator(BATCH):
        if one.number != wanted:
            yield Problem("gap", tenant.pk, wanted, f"seals {wanted} to {one.number - 1} are gone")
            previous = b""
        entry = AuditEntry.objects.of(tenant).filter(pk=one.entry_number).first()
        if entry is None:
            yield Problem(
                "removed", tenant.pk, one.number, f"entry {one.entry_number} is no longer there"
            )
        elif previous and _next(previous, bytes(one.salt), entry) != bytes(one.hash):
            yield Problem(
                "altered",
                tenant.pk,
                one.number,
                f"entry {one.entry_number} or its seal is not what was sealed",
            )
        previous, wanted = bytes(one.hash), one.number + 1


def _checkpoint_problems(tenant: Tenant) -> Iterator[Problem]:
    last = AuditSeal.objects.of(tenant).aggregate(last=Max("number"))["last"] or 0
    ours = [one for one in checkpoints() if one.tenant == tenant.pk]
    set_back = [one for one in ours if one.restored and _is_ours(one)]
    for one in ours:
        if any(one.at <= back.at and one.number > back.number for back in set_back):
            continue
        if not _is_ours(one):
            yield Problem(
                "forged", tenant.pk, one.number, f"the checkpoint of {one.at} is not ours"
            )
            continue
        if one.number > last:
            words = f"the checkpoint of {one.at} knows {one.number} entries, the log has {last}"
            yield Problem("cut_off", tenant.pk, one.number, words)
            continue
        found = AuditSeal.objects.of(tenant).filter(number=one.number).first()
        if found is not None and bytes(found.hash) != one.hash:
            words = f"the chain is another one than at the checkpoint of {one.at}"
            yield Problem("rewritten", tenant.pk, one.number, words)


def _is_ours(one: Checkpoint) -> bool:
    try:
        _private_key().public_key().verify(one.signature, one.signed())
    except InvalidSignature:
        return False
    return True


def _unsealed(tenant: Tenant, head: AuditSeal | None) -> Iterator[AuditEntry]:
    """Entries without a seal, by id; after the first time only those that can be new are looked at."""
    rows = AuditEntry.objects.of(tenant)
    if head is not None:
        newest = rows.filter(pk=head.entry_number).values_list("at", flat=True).first()
        if newest is not None:
            rows = rows.filter(Q(at__gte=newest - LATE) | Q(pk__gt=head.entry_number - LATE_IDS))
    sealed = AuditSeal.objects.of(tenant).values("entry_number")
    found: Iterator[AuditEntry] = rows.exclude(pk__in=sealed).order_by("pk").iterator(BATCH)
    return found


def _lock(tenant: Tenant) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('hirnok.seal'), %s)", [tenant.pk])


def _beginning(tenant: int) -> bytes:
    return hashlib.sha256(f"hirnok audit {tenant}".encode()).digest()


def _next(previous: bytes, salt: bytes, entry: AuditEntry) -> bytes:
    commitment = hashlib.sha256(salt + _canonical(entry)).digest()
    return hashlib.sha256(previous + commitment).digest()


def _canonical(entry: AuditEntry) -> bytes:
    told: list[Any] = [
        entry.pk,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.details,
    ]
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keys.derive("audit-checkpoint"))


def _line(one: Checkpoint, signature: bytes) -> str:
    told = {
        "tenant": one.tenant,
        "number": one.number,
        "hash": one.hash.hex(),
        "at": one.at.isoformat(),
        "signature": signature.hex(),
    } | ({"restored": True} if one.restored else {})
    return json.dumps(told, separators=(",", ":")) + "\n"
