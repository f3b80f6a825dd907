"""Middleware: whether the user is still there (N7).

A session without a request ends after the minutes of the user's policy, any session after its hours. What a page
asks for by itself (htmx's GETs: progress, figures) does not count as being there. Who comes back to a session that
has ended is told why. After the user has proven once more who it is, the session has a new key.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from hirnok.accounts import factors, policy, sessions
from hirnok.accounts.models import Ended, User
from hirnok.lib import clock

WORDS: dict[Ended, str | Promise] = {
    Ended.IDLE: gettext_lazy("You were away for a while, so you were signed out."),
    Ended.ELSEWHERE: gettext_lazy(
        "You were signed out here, because you signed in elsewhere. If that was not you, change your password."
    ),
    Ended.PASSWORD: gettext_lazy("The password was changed, so you were signed out."),
    Ended.ADDRESS: gettext_lazy("The e-mail address was changed, so you were signed out."),
    Ended.BY_HAND: gettext_lazy("This session was ended from another one."),
    Ended.AGE: gettext_lazy("You were signed in for a long time, so please sign in again."),
    Ended.FACTOR: gettext_lazy("The second factor was changed, so you were signed out."),
    Ended.STAFF: gettext_lazy("An administrator ended your session. Please sign in again."),
}


class PresenceMiddleware:
    """Watch requests that come with a session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if key:
            _watch(request, key, clock.now())
        before = _proofs(request)
        response = self.get_response(request)
        if _proofs(request) > before and request.user.is_authenticated:
            sessions.renew(request)
        return response


def _watch(request: HttpRequest, key: str, at: datetime) -> None:
    user = request.user
    if not isinstance(user, User):
        _tell(request, key)
        return
    last = _moment(request, "seen")
    if last and at - last > timedelta(minutes=request.session.get("idle_minutes", 24)):
        _leave(request, key, Ended.IDLE)
    elif at - (_moment(request, "begun") or at) > timedelta(
        hours=request.session.get("life_hours", 12)
    ):
        _leave(request, key, Ended.AGE)
    elif last is None or (at - last >= sessions.NOTED_EVERY and _is_by_hand(request)):
        _note(request, user, key, at)


def _note(request: HttpRequest, user: User, key: str, at: datetime) -> None:
    """Note that the user is there, and what the policy of the tenants asks for now."""
    rules = policy.for_user(user)
    request.session["seen"] = at.timestamp()
    request.session.setdefault("begun", at.timestamp())
    request.session["idle_minutes"] = rules.idle_minutes
    request.session["life_hours"] = rules.life_hours
    request.session["needs_factor"] = rules.second_factor and not factors.has_one(user)
    sessions.seen(user, key, device=request.headers.get("User-Agent", ""), at=at)


def _tell(request: HttpRequest, key: str) -> None:
    """Say why the session is over, on the first page that is shown again."""
    if _is_fragment(request):
        return
    if why := sessions.why_ended(key):
        sessions.forget(key)
        messages.info(request, str(WORDS[why]))


def _leave(request: HttpRequest, key: str, why: Ended) -> None:
    language = request.session.get("language")
    logout(request)
    request.session["language"] = language
    sessions.forget(key)
    if not _is_fragment(request):
        messages.info(request, str(WORDS[why]))


def _moment(request: HttpRequest, name: str) -> datetime | None:
    stamp = request.session.get(name)
    return datetime.fromtimestamp(stamp, UTC) if stamp else None


def _proofs(request: HttpRequest) -> float:
    """When the user last proved again, by password or factor, who it is; 0 for never."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, ())
    return max((one["at"] for one in records if one.get("reauthenticated")), default=0.0)


def _is_by_hand(request: HttpRequest) -> bool:
    return request.method != "GET" or not _is_fragment(request)


def _is_fragment(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers
