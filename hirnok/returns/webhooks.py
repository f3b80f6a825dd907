"""Webhooks of providers: setting them up, and taking what they report."""

import json
import logging
import secrets
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F

from hirnok.lib import keys
from hirnok.mail import notices
from hirnok.returns import signatures, storing
from hirnok.returns.models import Webhook
from hirnok.returns.signatures import Fetch, Headers, Refused
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant

logger = logging.getLogger(__name__)

LARGEST: Final = 5 * 1024 * 1024
# Whose key is a password that we make; the others have one of the provider's.
OWN_PASSWORD: Final = frozenset({"postmark", "brevo", "mailjet", "generic"})


def tenant_of(token: str) -> int | None:
    """Return whose webhook this is; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT returns_tenant_of_webhook(%s)", [token])
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] is not None else None


@transaction.atomic
def make(tenant: Tenant, provider: str, key: str, *, actor: str, at: datetime) -> Webhook:
    """Make a webhook. `key`: the provider's (public key, signing key, topic); ignored where we make the password."""
    secret = secrets.token_urlsafe(24) if provider in OWN_PASSWORD else key.strip()
    hook: Webhook = Webhook.objects.create(
        tenant=tenant,
        provider=provider,
        token=secrets.token_urlsafe(32),
        secret=keys.seal(secret),
        created_at=at,
    )
    audit.record(tenant, "webhook.make", actor=actor, at=at, about=hook)
    return hook


@transaction.atomic
def remove(hook: Webhook, *, actor: str, at: datetime) -> None:
    """Remove a webhook: its address and key cease to work."""
    audit.record(hook.tenant_id, "webhook.remove", actor=actor, at=at, about=hook)
    hook.delete()


def secret_of(hook: Webhook) -> str:
    """Return the key or password; empty when it cannot be read any more."""
    try:
        return keys.unseal(hook.secret)
    except keys.CannotDecrypt:
        return ""


def take(hook: Webhook, body: bytes, headers: Headers, *, at: datetime, fetch: Fetch | None = None) -> int:  # fmt: skip
    """Store the events of a call, once each; return how many are new. Refused when it is not the provider's; both are
    counted, a call that repeats what is known counts nothing."""
    try:
        signatures.check(hook.provider, body, headers, secret_of(hook), at=at, fetch=fetch)
        found = _events(hook, body, fetch or signatures.fetched)
    except Refused as fact:
        Webhook.objects.filter(tenant_id=hook.tenant_id, pk=hook.pk).update(
            refused=F("refused") + 1, refused_at=at, refusal=fact.reason
        )
        raise
    raws = [notices.dump(notice) for notice in found]
    new = storing.hear(Tenant.objects.get(pk=hook.tenant_id), raws, road=hook.provider, at=at)
    if new or not raws:
        Webhook.objects.filter(tenant_id=hook.tenant_id, pk=hook.pk).update(
            accepted=F("accepted") + 1, accepted_at=at
        )
    return new


def _events(hook: Webhook, body: bytes, fetch: Fetch) -> list[notices.Notice]:
    try:
        value: Any = json.loads(body)
        if hook.provider == Webhook.Provider.AMAZON:
            if value["Type"] == "SubscriptionConfirmation":
                fetch(str(value["SubscribeURL"]))
                return []
            value = json.loads(value["Message"])
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise Refused("unreadable") from error
    return notices.read(hook.provider, value)
