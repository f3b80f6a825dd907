from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import ResolverMatch, include, path

from hirnok.ui import navigation
from hirnok.ui.context import Frame


def page(request: HttpRequest, tenant: str = "") -> None:
    """Stand in for a page."""


def urls(names: list[str], app: str) -> Any:
    return include(([path(f"<slug:tenant>/{name}/", page, name=name) for name in names], app))


class Urlconf:
    """Some rooms exist, others do not yet."""

    urlpatterns = [
        path("", urls(["overview"], "site")),
        path("", urls(["contacts", "import"], "contacts")),
        path("", urls(["campaigns", "reports"], "campaigns")),
    ]


@pytest.fixture(autouse=True)
def some_rooms(settings: Any) -> None:
    settings.ROOT_URLCONF = Urlconf


def request_at(view_name: str, tenant: str | None = "kovacs") -> Any:
    request: Any = RequestFactory().get("/")
    namespace, _, name = view_name.rpartition(":")
    request.resolver_match = ResolverMatch(
        page, (), {}, url_name=name, app_names=[namespace], namespaces=[namespace]
    )
    if tenant:
        request.tenant = SimpleNamespace(slug=tenant, name=tenant)
    return request


def test_it_shows_only_rooms_whose_page_exists() -> None:
    found = navigation.rooms(request_at("site:overview"))
    assert [(str(room.label), room.url) for room in found] == [
        ("Overview", "/kovacs/overview/"),
        ("Audience", "/kovacs/contacts/"),
        ("Campaigns", "/kovacs/campaigns/"),
        ("Reports", "/kovacs/reports/"),
    ]


def test_it_shows_viewers_no_room_of_people() -> None:
    request = request_at("site:overview")
    request.membership = SimpleNamespace(role="viewer")
    assert "Audience" not in [str(room.label) for room in navigation.rooms(request)]


@pytest.mark.parametrize(
    ("view_name", "room"),
    [
        ("contacts:import", "Audience"),
        ("campaigns:campaigns", "Campaigns"),
        ("campaigns:reports", "Reports"),
        ("campaigns:report_csv", "Reports"),
        ("site:overview", "Overview"),
    ],
)
def test_it_marks_the_room_of_the_page(view_name: str, room: str) -> None:
    found = navigation.rooms(request_at(view_name))
    assert [str(one.label) for one in found if one.current] == [room]


def test_it_shows_no_rooms_to_strangers() -> None:
    assert navigation.rooms(request_at("site:overview", tenant=None)) == []


def test_it_offers_other_tenants_only_where_there_are_some() -> None:
    request = request_at("site:overview")
    assert Frame(request).tenants() == []
    request.tenants = [SimpleNamespace(slug="kovacs"), SimpleNamespace(slug="szabo")]
    assert [url for _, url in Frame(request).tenants()] == ["/kovacs/overview/", "/szabo/overview/"]


def test_it_leaves_out_places_that_do_not_exist() -> None:
    frame = Frame(request_at("site:overview"))
    assert (frame.running(), frame.help(), frame.search()) == ("", "", "")
    assert frame.home() == "/kovacs/overview/"
