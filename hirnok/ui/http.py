"""Middleware: what no request may hold, and what every answer says.

A NUL byte cannot stand in any text of the database, so an address with one is refused (400) before a page asks
for it. Pages are of one person: neither a proxy nor the browser's disk keeps them, unless the page itself says
how long it may be kept (pictures do).
"""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from hirnok.ui import failures


class HttpMiddleware:
    """Refuse addresses with a NUL byte, and keep answers out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest
        response = self.get_response(request)
        if response.status_code == 405 and request.method != "HEAD":
            page = failures.not_allowed(request)
            page["Allow"] = response.get("Allow", "")
            response = page
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
