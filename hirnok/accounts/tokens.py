"""Tokens by which programs act in a tenant: scoped, hashed, expiring, in the name of the member who made them.

A token is `hirnok_<tenant>_<secret>`; only its SHA-256 is stored (the secret has 256 bits, so a slow hash adds
nothing). It holds as long as its maker is a member with the role that the scope asks for.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from hirnok.accounts import reach
from hirnok.accounts.models import ApiToken, ApiTokenBrand, Membership, Role, User
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand, Tenant

SCOPES = {
    "contacts:read": Role.MARKETER,
    "contacts:write": Role.MARKETER,
    "campaigns:read": Role.MARKETER,
    "campaigns:write": Role.MARKETER,
    "reports:read": Role.VIEWER,
}
NOTED_EVERY = timedelta(minutes=1)
_FORM = re.compile(r"Bearer (hirnok_([0-9]{1,18})_[A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True)
class Bearer:
    """Who asks by a token: in which tenant (narrowed to the token's brands), whose token, for what it is good."""

    tenant: Tenant
    user: User
    token_id: int
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        """As the audit log writes it."""
        return f"token:{self.token_id}"


@transaction.atomic
def make(
    tenant: Tenant,
    user: User,
    *,
    name: str,
    scopes: list[str],
    days: int,
    at: datetime,
    brands: Collection[Brand] | None = None,
) -> str:
    """Make a token for these brands (None: for all) and return it; it cannot be shown again.

    KeyError for a scope there is not.
    """
    token = f"hirnok_{tenant.pk}_{secrets.token_urlsafe(32)}"
    made = ApiToken.objects.create(
        tenant=tenant,
        made_by=user,
        name=name,
        scopes=sorted(scope for scope in scopes if SCOPES[scope]),
        token_hash=_hash(token),
        made_at=at,
        expires_at=at + timedelta(days=days),
        all_brands=brands is None,
    )
    ApiTokenBrand.objects.bulk_create(
        ApiTokenBrand(tenant=tenant, token=made, brand=brand) for brand in brands or ()
    )
    audit.record(tenant, "token.make", actor=f"user:{user.pk}", at=at, about=made, days=days)
    return token


@transaction.atomic
def end(token: ApiToken, *, actor: str, at: datetime) -> None:
    """Make a token worthless."""
    audit.record(token.tenant_id, "token.end", actor=actor, at=at, about=token)
    token.delete()


def authenticate(header: str, *, at: datetime) -> Bearer | None:
    """Return who asks by an `Authorization` header, None when it is no token that holds now."""
    match = _FORM.fullmatch(header)
    if match is None:
        return None
    with acting_for(int(match[2])):
        rows = ApiToken.objects.filter(tenant_id=int(match[2]), token_hash=_hash(match[1]))
        token = rows.filter(expires_at__gt=at).select_related("tenant", "made_by").first()
        if token is None:
            return None
        scopes = _granted(token)
        if token.last_used_at is None or at - token.last_used_at >= NOTED_EVERY:
            token.last_used_at = at
            token.save(update_fields=["last_used_at"])
    if not scopes:
        return None
    return Bearer(token.tenant, token.made_by, token.pk, scopes)


def _granted(token: ApiToken) -> frozenset[str]:
    """What the token is good for, as far as its maker may still do it; narrows the tenant to its brands."""
    if not token.made_by.is_active:
        return frozenset()
    member = Membership.objects.filter(
        tenant_id=token.tenant_id, user=token.made_by, visit_until=None
    ).first()
    if member is None:
        return frozenset()
    token.tenant.only_brands = reach.of_token(token, member)
    role = Role(member.role)
    return frozenset(scope for scope in token.scopes if role.includes(SCOPES[scope]))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
