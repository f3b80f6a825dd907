"""What users change of their own account: name, language, and the address by which they sign in.

A new address holds once the link in the letter to it is used by the user who asked, signed in: a letter that reaches
somebody else gives nothing away. The user's data are then held under the new address; the old one is told.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from hirnok.accounts import sessions
from hirnok.accounts.models import AddressChange, Ended, User
from hirnok.register import closing, holdings
from hirnok.register.models import Hold, LegalBasis
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for

LINK_HOLDS = timedelta(hours=24)


class LinkInvalid(Exception):
    """The link is old, was used, is of another user, or was never made."""


class AddressTaken(Exception):
    """Another user has the address by now."""


class UnderHold(Exception):
    """A legal hold stands on the account: what is held may not be replaced."""


@transaction.atomic
def change(user: User, *, name: str, language: str, at: datetime) -> None:
    """Change the own name and the language in which pages and letters speak to the user."""
    changed = [
        key
        for key, value in (("name", name), ("language", language))
        if getattr(user, key) != value
    ]
    if not changed:
        return
    user.name, user.language = name, language
    user.save(update_fields=changed)
    with acting_for(user.tenant_id):
        audit.record(
            user.tenant_id,
            "user.change",
            actor=f"user:{user.pk}",
            at=at,
            about=user,
            fields=", ".join(changed),
        )


@transaction.atomic
def ask_for_address(user: User, email: str, *, at: datetime) -> str | None:
    """Note that the user wants another (normalised) address; return the token of the link for the letter to it.

    None when somebody else has the address: then no letter goes there, and the page says the same. An earlier
    request ends.
    """
    AddressChange.objects.filter(user=user).delete()
    if User.objects.filter(email=email).exists():
        return None
    token = secrets.token_urlsafe(32)
    AddressChange.objects.create(
        user=user, email=email, token_hash=_hash(token), asked_at=at, expires_at=at + LINK_HOLDS
    )
    with acting_for(user.tenant_id):
        audit.record(user.tenant_id, "user.ask_address", actor=f"user:{user.pk}", at=at, about=user)
    return token


def asked(user: User, token: str, *, at: datetime) -> AddressChange:
    """Return what the link is about; LinkInvalid."""
    rows = AddressChange.objects.filter(user=user, token_hash=_hash(token), expires_at__gt=at)
    found = rows.first()
    if found is None:
        raise LinkInvalid
    return found


@transaction.atomic
def confirm_address(user: User, token: str, *, session: str, at: datetime) -> str:
    """Give the user the new address and return the old one; other sessions than the one with this key end.

    LinkInvalid, AddressTaken, UnderHold.
    """
    user = User.objects.select_for_update().select_related("tenant").get(pk=user.pk)
    new = asked(user, token, at=at).email
    if User.objects.filter(email=new).exists():
        raise AddressTaken
    old, actor = user.email, f"user:{user.pk}"
    with acting_for(user.tenant):
        _move_to(user, new, actor=actor, at=at)
        audit.record(user.tenant, "user.change_address", actor=actor, at=at, about=user)
    AddressChange.objects.filter(user=user).delete()
    sessions.end_all(user, Ended.ADDRESS, but=session, at=at)
    return old


def _move_to(user: User, email: str, *, actor: str, at: datetime) -> None:
    """Hold the user's data under the new address; what was held under the old one ends."""
    before = user.holding_id
    if Hold.objects.filter(tenant_id=user.tenant_id, holding_id=before).exists():
        raise UnderHold
    user.holding = holdings.open_holding(
        user.tenant, address=email, activity="accounts", legal_basis=LegalBasis.CONTRACT, at=at
    )
    user.email = email
    user.save(update_fields=["email", "holding"])
    closing.end(user.tenant, [before], reason=closing.Reason.REPLACED, actor=actor, at=at)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
