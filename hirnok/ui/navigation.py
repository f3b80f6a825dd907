"""The rooms of the workplace and the other places of its frame, as data.

A place whose URL name does not resolve (yet) is not shown, so that pages can appear one by one.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Room:
    """A room: its word, icon, first page, the pages (patterns of URL names) that belong to it, and the roles
    that may not enter."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    pages: tuple[str, ...]
    closed_to: tuple[str, ...] = ()
    of_all_brands: bool = False  # closed to members of some brands only


@dataclass(frozen=True)
class Place:
    """A room as it is shown to one person on one page."""

    label: str | Promise
    icon: str
    url: str
    current: bool


ROOMS = (
    Room("overview", _("Overview"), "layout-dashboard", "site:overview", ("site:*",)),
    Room(
        "audience",
        _("Audience"),
        "users",
        "contacts:contacts",
        ("contacts:*", "consent:*", "campaigns:contact_*"),
        closed_to=("viewer",),
    ),
    Room("campaigns", _("Campaigns"), "send", "campaigns:campaigns", ("campaigns:*",)),
    Room("reports", _("Reports"), "chart-bar", "campaigns:reports", ("campaigns:report*",)),
    Room(
        "queue",
        _("Queue"),
        "stack-2",
        "outbox:queue",
        ("outbox:queue*",),
        closed_to=("viewer", "privacy_officer"),
        of_all_brands=True,
    ),
    Room("forms", _("Forms"), "forms", "consent:forms", ("consent:form*",)),
    Room(
        "privacy",
        _("Privacy"),
        "shield-check",
        "privacy:register",
        ("privacy:*", "rights:*", "processing:*", "breaches:*"),
        closed_to=("viewer", "marketer"),
    ),
    Room(
        "settings",
        _("Settings"),
        "settings",
        "accounts:settings",
        ("accounts:*", "outbox:*", "register:*", "consent:leaving_policy", "returns:*"),
    ),
)


def rooms(request: HttpRequest) -> list[Place]:
    """Return the rooms that exist and are open to the member, the one of this page marked; none without a tenant."""
    slug = tenant_slug(request)
    if slug is None:
        return []
    here = _current(request)
    role = getattr(getattr(request, "membership", None), "role", "")
    is_narrowed = getattr(getattr(request, "tenant", None), "only_brands", None) is not None
    return [
        Place(room.label, room.icon, url, room.key == here)
        for room in ROOMS
        if role not in room.closed_to
        and not (room.of_all_brands and is_narrowed)
        and (url := place(room.url_name, slug))
    ]


def place(url_name: str, slug: str | None = None) -> str:
    """Return the URL of a name, in the tenant if it takes one, "" where there is no such page."""
    for kwargs in ({"tenant": slug}, {}) if slug else ({},):
        try:
            return reverse(url_name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    return ""


def tenant_slug(request: HttpRequest) -> str | None:
    """Return the slug in whose pages this request is, None outside of them."""
    slug = getattr(getattr(request, "tenant", None), "slug", None)
    return slug if isinstance(slug, str) else None


def _current(request: HttpRequest) -> str | None:
    """Return the key of this page's room: the longest pattern that fits its URL name wins."""
    match = request.resolver_match
    if match is None:
        return None
    fitting = [
        (len(pattern), room.key)
        for room in ROOMS
        for pattern in room.pages
        if fnmatchcase(match.view_name, pattern)
    ]
    return max(fitting)[1] if fitting else None
