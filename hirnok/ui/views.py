"""The gallery: every component on a page, for authors of pages and for tests. Shown with `DEBUG` only."""

from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from hirnok.ui import gallery as samples
from hirnok.ui.progress import progress_response


def gallery(request: HttpRequest, page: str = "components") -> HttpResponse:
    """Show one page of the gallery."""
    if not settings.DEBUG:
        raise Http404
    if page == "poll":
        return progress_response(request, samples.PROGRESS, then="/gallery/")
    if page not in samples.FRAMES:
        raise Http404
    stand_in: Any = request
    stand_in.tenant = SimpleNamespace(name="Kovács Kertészet", slug="kovacs", accent="#2f9e44")
    if page == "components" and hasattr(request, "_messages"):
        messages.success(request, "Saved.")
        messages.error(request, "The relay did not answer. Look at its host and port.")
    return render(request, samples.FRAMES[page], samples.context(request, page))
