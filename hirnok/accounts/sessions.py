"""Sessions of users: begun by signing in, ended by idling, age, signing in elsewhere, a new password or factor, by
hand (N7).

Beside each session of Django, which holds what a browser is told, there is a row here that says whose it is and
why it ended; the browser that comes back after that is told. Ending deletes Django's session: it is over at once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from hirnok.accounts import policy
from hirnok.accounts.models import Ended, User, UserSession

NOTED_EVERY = timedelta(minutes=1)  # how exactly it is known when a user was last there
REMEMBERED = timedelta(days=1)  # for so long a browser that comes back is told why


def begin(user: User, key: str, *, device: str, at: datetime) -> None:
    """Note a sign-in; with one session per user, the others end."""
    with transaction.atomic():
        User.objects.select_for_update().get(
            pk=user.pk
        )  # two sign-ins at once: one after the other
        if policy.for_user(user).one_session:
            end_all(user, Ended.ELSEWHERE, but=key, at=at)
        seen(user, key, device=device, at=at)


def seen(user: User, key: str, *, device: str, at: datetime) -> None:
    """Note that the user is there."""
    length = UserSession._meta.get_field("device").max_length
    now = {"device": device[:length], "seen_at": at, "expires_at": at + REMEMBERED}
    UserSession.objects.update_or_create(
        session_key=key,
        defaults=now,
        create_defaults={"user": user, "begun_at": at, **now},
    )


def live(user: User, *, at: datetime) -> QuerySet[UserSession]:
    """Return the sessions that have not ended and are not idle for too long, the last seen first."""
    rules = policy.for_user(user)
    rows = UserSession.objects.filter(
        user=user,
        ended="",
        seen_at__gte=at - timedelta(minutes=rules.idle_minutes) - NOTED_EVERY,
        begun_at__gt=at - timedelta(hours=rules.life_hours),
    )
    rows = rows.order_by("-seen_at")
    return rows.filter(session_key__in=Session.objects.values("session_key"))


@transaction.atomic
def end(session: UserSession, why: Ended, *, at: datetime) -> None:
    """End a session; its browser is told why at its next request."""
    Session.objects.filter(session_key=session.session_key).delete()
    session.ended = why
    session.expires_at = at + REMEMBERED
    session.save(update_fields=["ended", "expires_at"])


@transaction.atomic
def end_all(user: User, why: Ended, *, at: datetime, but: str | None = None) -> None:
    """End all sessions of a user but one."""
    rows = UserSession.objects.filter(user=user, ended="").exclude(session_key=but or "")
    Session.objects.filter(session_key__in=rows.values("session_key")).delete()
    rows.update(ended=why, expires_at=at + REMEMBERED)


@transaction.atomic
def end_of_members(members: Iterable[User], *, but: User, at: datetime) -> int:
    """End every session of these users except those of one of them; return how many ended."""
    rows = UserSession.objects.filter(user__in=members, ended="").exclude(user=but)
    Session.objects.filter(session_key__in=rows.values("session_key")).delete()
    return rows.update(ended=Ended.STAFF, expires_at=at + REMEMBERED)


def renew(request: HttpRequest) -> None:
    """Give the session of this browser a new key and make the old one worthless (ASVS 7.2.4)."""
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(
        session_key=request.session.session_key or ""
    )


def forget(key: str) -> None:
    """Remove the row of a session that its user has ended, or of one that has been told."""
    UserSession.objects.filter(session_key=key).delete()


def why_ended(key: str) -> Ended | None:
    """Return why the session of a browser that comes back is over; None if there is nothing to tell."""
    row = UserSession.objects.filter(session_key=key).first()
    if row is None:
        return None
    return Ended(row.ended) if row.ended else Ended.IDLE
