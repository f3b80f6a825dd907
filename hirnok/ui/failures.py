"""Error pages: what happened, why, what to do next, and for a 500 the reference that the log has too.

For `handler400` … `handler500` of the root URLconf, and allauth's `handler429`. They read neither database nor
session, because those may be what broke.
"""

import logging
import secrets
import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

log = logging.getLogger("hirnok.errors")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be understood."""
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
    return HttpResponse(render_to_string("ui/error.html", context), status=status)
