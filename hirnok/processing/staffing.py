"""Secrecy undertakings and training of those who may see data (28 (3) b; N43)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from hirnok.accounts.models import Membership, User
from hirnok.processing.models import Undertaking
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant


class NotAMember(ValueError):
    """The user does not work in this tenant."""


class BadDates(ValueError):
    """The renewal is not after the day on which it was done, or that day is to come."""


@dataclass(frozen=True)
class Standing:
    """One member, the newest undertaking and training of each, and what is missing or due."""

    user: User
    secrecy: Undertaking | None
    training: Undertaking | None
    is_due: bool


@dataclass(frozen=True)
class Done:
    """What is written down: a kind of `Undertaking`, the document or course, when, and until when it holds."""

    kind: str
    name: str
    done_on: date
    renewal_on: date | None = None


@transaction.atomic
def record(tenant: Tenant, user: User, done: Done, *, actor: str, at: datetime) -> Undertaking:
    """Write down an undertaking or a training of a member; NotAMember, BadDates."""
    if not Membership.objects.of(tenant).filter(user=user).exists():
        raise NotAMember
    is_renewed_before = done.renewal_on is not None and done.renewal_on <= done.done_on
    if done.done_on > at.date() or is_renewed_before:
        raise BadDates
    made: Undertaking = Undertaking.objects.create(
        tenant=tenant,
        user=user,
        kind=done.kind,
        name=done.name,
        done_on=done.done_on,
        renewal_on=done.renewal_on,
        recorded_at=at,
        recorded_by=actor,
    )
    audit.record(tenant, "undertaking.record", actor=actor, at=at, about=made, kind=done.kind)
    return made


def standings(tenant: Tenant, on: date) -> list[Standing]:
    """Return every member with the newest of each kind, by name."""
    newest: dict[tuple[int, str], Undertaking] = {}
    for one in Undertaking.objects.of(tenant).order_by("done_on", "pk"):
        newest[one.user_id, one.kind] = one
    members = Membership.objects.of(tenant).filter(visit_until=None).select_related("user")
    return [_standing(member.user, newest, on) for member in members.order_by("user__name", "pk")]


def _standing(user: User, newest: dict[tuple[int, str], Undertaking], on: date) -> Standing:
    kinds = Undertaking.Kind
    both = newest.get((user.pk, kinds.SECRECY)), newest.get((user.pk, kinds.TRAINING))
    due = any(one is None or (one.renewal_on is not None and one.renewal_on <= on) for one in both)
    return Standing(user, *both, due)
