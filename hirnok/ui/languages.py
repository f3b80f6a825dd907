"""In which language a page speaks: the signed-in user's, else what the browser asks for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation


class LanguageMiddleware:
    """Set the language for the request; pages of readers set their own (the brand's or the person's)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(_language(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response


def _language(request: HttpRequest) -> str:
    chosen = request.session.get("language") if hasattr(request, "session") else None
    return str(chosen) if chosen else translation.get_language_from_request(request)
