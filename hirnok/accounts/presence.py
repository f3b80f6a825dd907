"""Middleware: whether the user is still there (N7).

A session without a request ends after the minutes of the user's policy. What a page asks for by itself (htmx's
GETs: progress, figures) does not count as being there. Who comes back to a session that has ended is told why.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

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
}


class PresenceMiddleware:
    """Watch requests that come with a session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if key:
            _watch(request, key, clock.now())
        return self.get_response(request)


def _watch(request: HttpRequest, key: str, at: datetime) -> None:
    user = request.user
    if not isinstance(user, User):
        _tell(request, key)
        return
    last = _last_seen(request)
    if last and at - last > timedelta(minutes=request.session.get("idle_minutes", 24)):
        _leave(request, key)
    elif last is None or (at - last >= sessions.NOTED_EVERY and _is_by_hand(request)):
        _note(request, user, key, at)


def _note(request: HttpRequest, user: User, key: str, at: datetime) -> None:
    """Note that the user is there, and what the policy of the tenants asks for now."""
    rules = policy.for_user(user)
    request.session["seen"] = at.timestamp()
    request.session["idle_minutes"] = rules.idle_minutes
    request.session["needs_factor"] = rules.second_factor and not factors.has_one(user)
    sessions.seen(user, key, device=request.headers.get("User-Agent", ""), at=at)


def _tell(request: HttpRequest, key: str) -> None:
    """Say why the session is over, on the first page that is shown again."""
    if _is_fragment(request):
        return
    if why := sessions.why_ended(key):
        sessions.forget(key)
        messages.info(request, str(WORDS[why]))


def _leave(request: HttpRequest, key: str) -> None:
    language = request.session.get("language")
    logout(request)
    request.session["language"] = language
    sessions.forget(key)
    if not _is_fragment(request):
        messages.info(request, gettext("You were away for a while, so you were signed out."))


def _last_seen(request: HttpRequest) -> datetime | None:
    stamp = request.session.get("seen")
    return datetime.fromtimestamp(stamp, UTC) if stamp else None


def _is_by_hand(request: HttpRequest) -> bool:
    return request.method != "GET" or not _is_fragment(request)


def _is_fragment(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers
