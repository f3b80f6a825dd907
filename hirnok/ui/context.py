"""The context processor of the frame: rooms, places, tenants to switch to. Nothing is asked of the database
before a template shows it."""

from typing import Any

from django.http import HttpRequest

from hirnok.ui import navigation


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give `frame` to every template; lazy, so that fragments and public pages pay nothing."""
    return {"frame": Frame(request)}


class Frame:
    """What the frame around a page shows to the person who asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._slug = navigation.tenant_slug(request)

    def rooms(self) -> list[navigation.Place]:
        """Return the rooms that exist."""
        return navigation.rooms(self._request)

    def tenant(self) -> Any:
        """Return the tenant of the page, None outside of one."""
        return getattr(self._request, "tenant", None)

    def tenants(self) -> list[tuple[Any, str]]:
        """Return the tenants the person may go to, with their first pages; [] when there is one only."""
        found = [
            (tenant, url)
            for tenant in getattr(self._request, "tenants", ())
            if (url := navigation.place("site:overview", tenant.slug))
        ]
        return found if len(found) > 1 else []

    def visits(self) -> Any:
        """Return who of the operator is in the tenant for maintenance (N8)."""
        return getattr(self._request, "visits", ())

    def leave_visit(self) -> str:
        """Return where leaving after maintenance is posted to."""
        return navigation.place("accounts:visit_leave", self._slug)

    def brand(self) -> Any:
        """Return the brand of the page where it is about one."""
        return getattr(self._request, "brand", None)

    def person(self) -> Any:
        """Return the user who is signed in, None for a stranger."""
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    def home(self) -> str:
        """Return the first page of the tenant, else the root."""
        return navigation.place("site:overview", self._slug) or "/"

    def running(self) -> str:
        """Return the fragment that says what runs; a visitor (of the gallery) has none."""
        return navigation.place("site:running", self._slug) if self.person() else ""

    def help(self) -> str:
        """Return the help page."""
        return navigation.place("site:help", self._slug)

    def search(self) -> str:
        """Return the search page."""
        return navigation.place("site:search", self._slug)

    def password(self) -> str:
        """Return the page that changes the password."""
        return navigation.place("account_change_password")

    def sign_out(self) -> str:
        """Return where signing out is posted to."""
        return navigation.place("account_logout")
