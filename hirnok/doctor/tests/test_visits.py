"""Fetching, against a real server on loopback."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hirnok.doctor import visits


class Site(BaseHTTPRequestHandler):
    """Answers by the path."""

    posted: list[tuple[str, bytes, str]]

    def do_HEAD(self) -> None:
        if self.path == "/only-get":
            self.send_error(405)
        else:
            self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).posted.append((self.path, body, self.headers["Content-Type"]))
        self._answer()

    def log_message(self, *arguments: object) -> None:
        pass

    def _answer(self) -> None:
        status = {"/gone": 410, "/broken": 500, "/shy": 403, "/moved": 302, "/round": 302}
        kinds = {"/a.png": "image/png", "/heavy.png": "image/png"}
        self.send_response(status.get(self.path.partition("?")[0], 200))
        self.send_header("Content-Type", kinds.get(self.path, "text/html; charset=utf-8"))
        if self.path == "/moved":
            self.send_header("Location", "/fine")
        if self.path == "/round":
            self.send_header("Location", "/round")
        length = 5_000_000 if self.path == "/heavy.png" and self.command == "HEAD" else 0
        self.send_header("Content-Length", str(length))
        self.end_headers()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("HIRNOK_PRIVATE_RELAYS", "1")
    Site.posted = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def code(found: Iterator[visits.Finding]) -> str:
    only = list(found)
    return f"{only[0].state} {only[0].code}" if only else ""


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["/fine", "/moved", "/only-get", "/fine#part"], "passed links_alive"),
        (["/fine", "/gone"], "failed links_dead"),
        (["/broken"], "failed links_dead"),
        (["/shy"], "warning links_unclear"),
        (["/round"], "warning links_unclear"),
        ([], "untested links_none"),
    ],
)
def test_links(site: str, paths: list[str], expected: str) -> None:
    assert code(visits.links([site + path for path in paths])) == expected


def test_no_links_of_other_kinds(site: str) -> None:
    assert (
        code(visits.links(["mailto:a@b.hu", "tel:+36", "#top", "https:///x"]))
        == "untested links_none"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://no-such-host.invalid/", "failed links_dead"),
        ("http://localhost:1/", "failed links_dead"),
        ("http://localhost:99999/", "failed links_dead"),
    ],
)
def test_links_that_lead_nowhere(site: str, url: str, expected: str) -> None:
    assert code(visits.links([url])) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a.png", "passed pictures_there"),
        ("/heavy.png", "warning pictures_heavy"),
        ("/fine", "failed pictures_other"),
        ("/gone", "failed pictures_lost"),
    ],
)
def test_pictures(site: str, path: str, expected: str) -> None:
    assert code(visits.pictures([site + path])) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/fine", "passed one_click_works"),
        ("/moved", "failed one_click_redirects"),
        ("/gone", "failed one_click_status"),
    ],
)
def test_the_rehearsal_of_one_click(site: str, path: str, expected: str) -> None:
    found = visits.one_click(site + path)
    assert f"{found.state} {found.code}" == expected
    assert Site.posted == [
        (path, b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
    ]


def test_nothing_inside_the_own_network_is_fetched(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIRNOK_PRIVATE_RELAYS", "0")
    assert visits.visit("http://localhost/").problem == "private"
    assert visits.visit("http://169.254.169.254/latest/").problem == "private"
    assert visits.visit("http://[::ffff:10.0.0.1]/").problem == "private"
    assert visits.visit("https://alma.hu:8443/").problem == "private"  # an unusual port
    assert visits.one_click("http://127.0.0.1/u/x").code == "one_click_private"
    assert Site.posted == []


def test_a_redirect_into_the_own_network_is_not_followed(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def judged(host: str, numbers: list[str]) -> list[str]:
        asked.append(host)
        if len(asked) > 2:  # HEAD leads to the redirect, its target is judged again
            raise visits.guard.PrivateAddress(host)
        return numbers

    monkeypatch.setattr(visits.guard, "judged", judged)
    assert visits.visit(f"{site}/round").problem == "private"
    assert len(asked) == 3


def test_a_wrong_certificate(site: str) -> None:
    found = visits.one_click(site.replace("http:", "https:") + "/fine")
    assert found.code in {"one_click_certificate", "one_click_broken"}
