"""Long work on a page: count, rate, time left, cancel; polled by htmx, left and come back to at will."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# htmx ends its polling at this status (https://htmx.org/docs/#load_polling).
STOP_POLLING = 286


@dataclass(frozen=True)
class Progress:
    """How far long work has come. `seconds` is the time it has run; `total` None means not known yet."""

    label: str
    done: int
    total: int | None
    seconds: float = 0
    poll_url: str = ""
    cancel_url: str = ""
    finished: bool = False
    unit: str = ""

    @property
    def share(self) -> float | None:
        """Return the part that is done, 0…1, None while the total is unknown."""
        if not self.total:
            return None
        return min(1.0, self.done / self.total)

    @property
    def rate(self) -> float | None:
        """Return units per second, None before there is anything to measure."""
        return self.done / self.seconds if self.seconds >= 1 and self.done else None

    @property
    def rate_rounded(self) -> float | None:
        """Return the rate as it is shown: whole numbers from ten on."""
        return None if self.rate is None else round(self.rate, 0 if self.rate >= 10 else 1)

    @property
    def bar_total(self) -> int:
        """Return what a bar needs: a number above zero even where nothing is to be done."""
        return max(1, self.total or 0)

    @property
    def left(self) -> float | None:
        """Return the seconds that remain at this rate, None when nobody can know."""
        if self.finished or self.rate is None or self.total is None:
            return None
        return max(0, self.total - self.done) / self.rate

    @property
    def tenth(self) -> int | None:
        """Return the percentage in steps of ten, for what is said aloud."""
        return None if self.share is None else int(self.share * 10) * 10


def progress_response(request: HttpRequest, progress: Progress, *, then: str) -> HttpResponse:
    """Answer a poll: the new figures, or, once finished, the way to the page with the result."""
    response = render(request, "ui/progress.html", {"progress": progress})
    if progress.finished:
        response.status_code = STOP_POLLING
        response["HX-Redirect"] = then
    return response
