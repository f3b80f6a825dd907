"""Who must not be written to: rows with a keyed hash, never an address (A6, A7, X6).

Only dead addresses stop all mail; every other reason stops marketing. `suppressed` answers for a handful,
`condition` is the same question inside a statement of an import or a launch. The scope "installation" lies
under an installation key in the operator's rows and is asked for by address (`opted_out`). What was suppressed
is lifted only by the functions at the end, each for its own cause; an import lifts nothing.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from hirnok.lib import keys
from hirnok.mail.addresses import Indexer
from hirnok.register.models import LeavingPolicy, Suppression
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant

Scope = Suppression.Scope
Reason = Suppression.Reason
Kind = Suppression.Kind


# A sign-up that is confirmed lifts leaving and complaint in brand and list (`lift_by_confirmed_sign_up`), but
# where the tenant's policy is that who left is never added again.
_BARRED = """
SELECT register_has_opt_outs(), EXISTS (
    SELECT 1 FROM register_suppression
    WHERE tenant_id = %(tenant)s
        AND (scope = 'tenant' OR (scope = 'brand' AND scope_id = %(brand)s)
            OR (scope = 'list' AND scope_id = %(list)s))
        AND ((key = %(domain)s AND kind = 'domain')
            OR (key = %(index)s AND kind = 'address'
                AND (scope = 'tenant' OR reason NOT IN ('unsubscribed', 'complaint')
                    OR EXISTS (SELECT 1 FROM register_leavingpolicy
                        WHERE tenant_id = %(tenant)s AND never_again)))))
"""


class NeverAgain(Exception):
    """The tenant's policy is that an address that left is never added again (A6)."""


class NoRequest(Exception):
    """A written objection is lifted only by the person's written request, which has to be named."""


def is_never_again(tenant: Tenant | int) -> bool:
    """Whether the tenant's policy is that an address that left is never added again (A6)."""
    number = tenant if isinstance(tenant, int) else tenant.pk
    return bool(LeavingPolicy.objects.filter(tenant_id=number, never_again=True).exists())


@transaction.atomic
def set_never_again(tenant: Tenant, never_again: bool, *, actor: str, at: datetime) -> None:  # noqa: FBT001
    """Set that policy. It holds also for those who left before; those who left under it stay away when it ends."""
    LeavingPolicy.objects.update_or_create(tenant=tenant, defaults={"never_again": never_again})
    audit.record(tenant, "leaving.policy", actor=actor, at=at, never_again=never_again)


def suppress(
    tenant: Tenant | int,
    indexes: Iterable[bytes],
    *,
    reason: str,
    actor: str,
    at: datetime,
    brand: Brand | int | None = None,
    kind: str = Kind.ADDRESS,
) -> int:
    """Suppress blind indexes, in a brand or (without one) in the whole tenant; return how many are new."""
    number = tenant if isinstance(tenant, int) else tenant.pk
    scope_id = brand if isinstance(brand, int) else brand.pk if brand else 0
    scope = Scope.BRAND if brand else Scope.TENANT
    return _write(number, indexes, scope, scope_id, reason, kind, actor, at)


def suppress_in_list(
    tenant: Tenant, list_id: int, index: bytes, *, reason: str, actor: str, at: datetime
) -> int:
    """Suppress a blind index in one list, which the person left; the brand's other lists go on."""
    return _write(tenant.pk, [index], Scope.LIST, list_id, reason, Kind.ADDRESS, actor, at)


def suppress_everywhere(
    operator: Tenant, addresses: Iterable[str], *, actor: str, at: datetime
) -> int:
    """Write the installation's part of a global opt-out (A7), into the operator's rows."""
    indexes = [everywhere_index(address) for address in addresses]
    return _write(
        operator.pk, indexes, Scope.INSTALLATION, 0, Reason.OPT_OUT, Kind.ADDRESS, actor, at
    )


def suppressed(tenant: Tenant | int, brand: Brand | int, indexes: Iterable[bytes]) -> set[bytes]:
    """Return those blind indexes that may not get the brand's newsletters."""
    number = tenant if isinstance(tenant, int) else tenant.pk
    scope_id = brand if isinstance(brand, int) else brand.pk
    rows = Suppression.objects.filter(
        _in_scope(scope_id), tenant_id=number, kind=Kind.ADDRESS, key__in=list(indexes)
    )
    return {bytes(key) for key in rows.values_list("key", flat=True)}


def has_left(tenant: int, brand: int, index: bytes) -> bool:
    """Whether the person of this blind index left the brand's newsletters, or the tenant's, be it by a complaint."""
    rows = Suppression.objects.filter(
        _in_scope(brand),
        tenant_id=tenant,
        key=index,
        reason__in=(Reason.UNSUBSCRIBED, Reason.COMPLAINT),
    )
    return bool(rows.exists())


def dead(tenant: Tenant, indexes: Iterable[bytes]) -> set[bytes]:
    """Return those blind indexes to which no mail at all may go, not even what is no marketing."""
    rows = Suppression.objects.of(tenant).filter(
        applies_to=Suppression.AppliesTo.ALL, kind=Kind.ADDRESS, key__in=list(indexes)
    )
    return {bytes(key) for key in rows.values_list("key", flat=True)}


def suppressed_domains(
    tenant: Tenant | int, brand: Brand | int, domains: Iterable[str]
) -> set[str]:
    """Return those domains to whose addresses the brand's newsletters may not go."""
    number = tenant if isinstance(tenant, int) else tenant.pk
    scope_id = brand if isinstance(brand, int) else brand.pk
    by_key = {domain_index(number, domain): domain for domain in domains}
    rows = Suppression.objects.filter(
        _in_scope(scope_id), tenant_id=number, kind=Kind.DOMAIN, key__in=list(by_key)
    )
    return {by_key[bytes(key)] for key in rows.values_list("key", flat=True)}


def opted_out(addresses: Iterable[str]) -> set[str]:
    """Return those normalised addresses that opted out of everything on this installation (A7).

    Their hashes under the installation key are computed for the question and forgotten.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT register_has_opt_outs()")
        row = cursor.fetchone()
        if not row or not row[0]:
            return set()
        by_key = {everywhere_index(address): address for address in addresses}
        cursor.execute("SELECT register_opted_out(%s)", [list(by_key)])
        return {by_key[bytes(key)] for (key,) in cursor.fetchall()}


def condition(index: str, *, tenant: str = "%(tenant)s", brand: str = "%(brand)s") -> str:
    """Return SQL that is true where a blind index may not get the brand's newsletters.

    `index`, `tenant` and `brand` are SQL expressions of ours (a column, a placeholder), never input:
    `f"… WHERE NOT {condition('p.blind_index')}"`.
    """
    return (
        f"EXISTS (SELECT 1 FROM register_suppression x WHERE x.tenant_id = {tenant}"  # noqa: S608
        f" AND x.key = {index} AND x.kind = 'address'"
        f" AND (x.scope = 'tenant' OR (x.scope = 'brand' AND x.scope_id = {brand})))"
    )


def domain_index(tenant_id: int, domain: str) -> bytes:
    """Return the key of a domain: 16 bytes, of the tenant's key, as those of addresses."""
    return Indexer(keys.blind_index_key(tenant_id)).of_key(f"@{domain.lower()}")


def everywhere_index(address: str) -> bytes:
    """Return the installation's key of a normalised address: 16 bytes."""
    return Indexer(keys.derive("opt-out")).of_key(address.lower())


def barred(tenant: Tenant, brand: Brand, index: bytes, address: str, *, list_id: int = 0) -> bool:
    """Whether something stands against the brand's newsletters, or a list, that no sign-up of the person's lifts:
    against the normalised address (its blind index is given too), its domain, or everything here (A7)."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BARRED,
            {
                "tenant": tenant.pk,
                "brand": brand.pk,
                "list": list_id,
                "index": index,
                "domain": domain_index(tenant.pk, address.rpartition("@")[2]),
            },
        )
        row = cursor.fetchone()
    assert row is not None
    has_opt_outs, is_barred = row
    return bool(is_barred or (has_opt_outs and opted_out([address.lower()])))


def lift_by_confirmed_sign_up(
    tenant: Tenant,
    brand: Brand,
    index: bytes,
    *,
    actor: str,
    at: datetime,
    list_id: int = 0,
) -> int:
    """Lift leaving and complaint in a brand and in a list, for the person confirmed a new sign-up by mail;
    NeverAgain where the tenant's policy is against it."""
    rows = _rows(tenant, index, Reason.UNSUBSCRIBED, Reason.COMPLAINT).filter(
        Q(scope=Scope.BRAND, scope_id=brand.pk) | Q(scope=Scope.LIST, scope_id=list_id)
    )
    if rows.exists() and is_never_again(tenant):
        raise NeverAgain
    return _lift(tenant, rows, "confirmed_sign_up", actor, at)


def lift_by_written_request(
    tenant: Tenant, index: bytes, *, request_id: int, actor: str, at: datetime
) -> int:
    """Lift an objection or a written opt-out, for the person asked so in writing (NoRequest without)."""
    if request_id <= 0:
        raise NoRequest
    rows = _rows(tenant, index, Reason.OBJECTION, Reason.OPT_OUT)
    return _lift(tenant, rows, "written_request", actor, at)


def lift_dead_address(tenant: Tenant, index: bytes, *, actor: str, at: datetime) -> int:
    """Lift a dead address, for a mail arrived there or the time of its decay has passed."""
    return _lift(tenant, _rows(tenant, index, Reason.DEAD_ADDRESS), "alive_again", actor, at)


def _in_scope(brand_id: int) -> Q:
    return Q(scope=Scope.TENANT) | Q(scope=Scope.BRAND, scope_id=brand_id)


@transaction.atomic
def _write(  # noqa: PLR0913 - the columns of the row
    tenant: int,
    indexes: Iterable[bytes],
    scope: str,
    scope_id: int,
    reason: str,
    kind: str,
    actor: str,
    at: datetime,
) -> int:
    applies_to = (
        Suppression.AppliesTo.ALL
        if reason == Reason.DEAD_ADDRESS
        else Suppression.AppliesTo.MARKETING
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO register_suppression"
            " (tenant_id, scope, scope_id, applies_to, kind, reason, key, key_version, since)"
            " SELECT %s, %s, %s, %s, %s, %s, k, 1, %s FROM unnest(%s::bytea[]) AS k"
            " ON CONFLICT DO NOTHING",
            [tenant, scope, scope_id, applies_to, kind, reason, at, sorted(set(indexes))],
        )
        added = int(cursor.rowcount)
    if added:
        audit.record(tenant, "suppression.add", actor=actor, at=at, reason=str(reason), count=added)
    return added


def _rows(tenant: Tenant, index: bytes, *reasons: str) -> QuerySet[Suppression]:
    return Suppression.objects.of(tenant).filter(key=index, reason__in=reasons)


def _lift(tenant: Tenant, rows: QuerySet[Suppression], cause: str, actor: str, at: datetime) -> int:
    count, _ = rows.delete()
    if count:
        audit.record(tenant, "suppression.lift", actor=actor, at=at, cause=cause, count=count)
    return count
