"""Browsers in which a user has signed in before: a signed cookie says so, nothing is stored here about devices."""

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from hirnok.accounts.models import User
from hirnok.lib import keys

COOKIE = "known_here"
KEPT = timedelta(days=180)
_MOST = 5  # users of one browser


def is_known(request: HttpRequest, user: User) -> bool:
    """Whether the user has signed in in this browser within half a year."""
    return _mark(user) in _marks(request)


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Let the browser keep the mark of the user."""
    others = [mark for mark in _marks(request) if mark != _mark(user)]
    response.set_cookie(
        COOKIE,
        ".".join([_mark(user), *others][:_MOST]),
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path="/account/",
    )


def _marks(request: HttpRequest) -> list[str]:
    return request.COOKIES.get(COOKIE, "").split(".")


def _mark(user: User) -> str:
    """A mark that only we can make: a keyed hash of who it is; it signs nobody in."""
    return hmac.digest(keys.derive("known-here"), str(user.pk).encode(), hashlib.sha256).hex()
