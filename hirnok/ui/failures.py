"""Error pages: what happened, why, what to do next, and for a 500 the reference that the log has too.

For `handler400` … `handler500` of the root URLconf, and allauth's `handler429`; what has no handler (405) comes by
`hirnok.ui.http`. They read neither database nor session, because those may be what broke. A view that is marked
`for_readers` gets them in the frame of public pages, with its brand where it has said it (`request.brand`).
"""

import logging
import secrets
import sys
from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

log = logging.getLogger("hirnok.errors")
TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
View = TypeVar("View", bound=Callable[..., HttpResponse])


def for_readers(view: View) -> View:
    """Mark a view whose failures are told as public pages tell things."""
    view.for_readers = True  # type: ignore[attr-defined]
    return view


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be understood; 413 where it was too large to be read."""
    if isinstance(exception, TOO_LARGE):
        return too_large(request)
    return _page(request, 400, _("The request could not be read"), _bad_request_hint())


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: a member without the role."""
    hint = _("Your role does not include this page. An owner of the account can change your role.")
    return _page(request, 403, _("You may not do this"), hint)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of the CSRF check (`CSRF_FAILURE_VIEW`)."""
    hint = _(
        "The form was open for too long, or cookies are blocked. "
        "Go back, load the page again, and send the form once more."
    )
    return _page(request, 403, _("The form could not be accepted"), hint)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or not for this person."""
    hint = _("The address may be mistyped, or what was here has been removed.")
    return _page(request, 404, _("There is no such page"), hint)


def not_allowed(request: HttpRequest) -> HttpResponse:
    """405: a form's address was opened as a page, or the other way round."""
    hint = _(
        "This address takes what a form sends and shows nothing by itself. Go back to the page before it."
    )
    return _page(request, 405, _("There is nothing to see here"), hint)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more than a form may send."""
    hint = _(
        "What you sent is larger than a form may be. Go back, shorten it, and send it once more."
    )
    return _page(request, 413, _("This was too much at once"), hint)


def too_many(request: HttpRequest) -> HttpResponse:
    """429: more attempts than a person makes."""
    hint = _("There were too many attempts in a short time. Wait a few minutes and try again.")
    return _page(request, 429, _("Too many attempts"), hint)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; the reference is logged with the traceback."""
    reference = secrets.token_hex(4)
    failure = sys.exc_info()
    log.error("Error %s at %s %s", reference, request.method, request.path, exc_info=failure)
    hint = _(
        "What you sent may not have been saved. Try again in a minute. "
        "If it happens again, tell your provider the reference below."
    )
    return _page(request, 500, _("Something went wrong on our side"), hint, reference)


def _bad_request_hint() -> str:
    return _(
        "A part of it was missing or damaged. Go back, load the page again, and try once more."
    )


def _page(
    request: HttpRequest, status: int, title: str, hint: str, reference: str = ""
) -> HttpResponse:
    context = {"status": status, "heading": title, "hint": hint, "reference": reference}
    match = getattr(request, "resolver_match", None)
    if match is not None and getattr(match.func, "for_readers", False):
        context["brand"] = getattr(request, "brand", None)
        return HttpResponse(render_to_string("ui/error_for_readers.html", context), status=status)
    return HttpResponse(render_to_string("ui/error.html", context), status=status)
