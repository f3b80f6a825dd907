"""Middleware: under maintenance every page is one of excuse, 503, in every language, without the database."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from hirnok.lib import maintenance

RETRY_AFTER = 300  # seconds


class MaintenanceMiddleware:
    """Answer 503 while `lib.maintenance` says so; files of the front end, served before this, still come."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if maintenance.current() is None:
            return self.get_response(request)
        texts = []
        for language, _ in settings.LANGUAGES:
            with translation.override(language):
                texts.append(
                    {
                        "language": language,
                        "title": translation.gettext("We are at work"),
                        "words": translation.gettext(
                            "This service is being repaired and will be back soon. Thank you for your patience."
                        ),
                    }
                )
        answer = HttpResponse(render_to_string("ui/maintenance.html", {"texts": texts}), status=503)
        answer["Retry-After"] = str(RETRY_AFTER)
        answer["Cache-Control"] = "no-store"
        return answer
