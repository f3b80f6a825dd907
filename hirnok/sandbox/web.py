"""The pages of the sandbox over HTTP, in threads beside the SMTP server, and the same as JSON.

Answers only requests whose Host is a loopback name or the address it listens on, so that no foreign web
page can read the mail through a name that resolves to here.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit

from hirnok.sandbox import pages
from hirnok.sandbox.parse import Parsed, decoded, parse
from hirnok.sandbox.store import Entry, Store

_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
_MOST_JSON = 1_000


@dataclass(frozen=True)
class Answer:
    """What goes back: status, media type, body and further headers."""

    body: bytes
    kind: str = "text/html; charset=utf-8"
    status: HTTPStatus = HTTPStatus.OK
    policy: str = pages.PAGE_POLICY
    disposition: str = ""


def serve(store: Store, host: str, port: int) -> ThreadingHTTPServer:
    """Return a listening server for a store; the caller runs `serve_forever` in a thread."""

    class Bound(_Handler):
        pages_of = store
        names = frozenset(_LOOPBACK | {host})

    return _Server((host, port), Bound)


def answer(store: Store, target: str) -> Answer:
    """Return the answer to a GET of a path with its query."""
    parts = urlsplit(target)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    steps = [unquote(step) for step in parts.path.strip("/").split("/")]
    match steps:
        case [""]:
            return _index(store, query)
        case ["style.css"]:
            return Answer(pages.STYLE.encode(), "text/css; charset=utf-8")
        case ["favicon.ico"]:
            return Answer(b"", status=HTTPStatus.NO_CONTENT)
        case ["api", "messages"]:
            return _json(store, query)
        case ["m", number, *rest] if number.isascii() and number.isdigit():
            entry = store.find(int(number))
            return _message(store, entry, rest, query) if entry else _missing()
        case _:
            return _missing()


def _index(store: Store, query: dict[str, str]) -> Answer:
    words = query.get("q", "")
    found = _found(store, words)
    page = _number(query.get("page", ""), 1)
    shown = found[(page - 1) * pages.PAGE_SIZE : page * pages.PAGE_SIZE]
    return Answer(pages.index(shown, query=words, page=page, total=len(found)).encode())


def _found(store: Store, words: str) -> list[Entry]:
    wanted = words.lower().split()
    return [entry for entry in store.newest() if all(word in _haystack(entry) for word in wanted)]


def _haystack(entry: Entry) -> str:
    return f"{entry.sender} {' '.join(entry.recipients)} {decoded(entry.subject)} {entry.message_id}".lower()


def _json(store: Store, query: dict[str, str]) -> Answer:
    after = _number(query.get("after", ""), 0)
    found = [entry for entry in _found(store, query.get("q", "")) if entry.id > after]
    listed = [asdict(entry) | {"subject": decoded(entry.subject)} for entry in found[:_MOST_JSON]]
    return Answer(
        json.dumps({"total": len(found), "messages": listed}).encode(), "application/json"
    )


def _message(store: Store, entry: Entry, rest: list[str], query: dict[str, str]) -> Answer:
    try:
        source = store.read(entry)
    except FileNotFoundError:
        return _missing()
    if rest == ["raw"]:
        return Answer(source, "message/rfc822", disposition=_attachment(f"{entry.id}.eml"))
    parsed = parse(source)
    if rest:
        return _piece(parsed, entry.id, rest)
    tab = query.get("tab", "html" if parsed.html else "text")
    if tab not in pages.TABS:
        return _missing()
    text = source.decode("utf-8", "replace")
    return Answer(pages.message(entry, parsed, tab=tab, source=text).encode("utf-8", "replace"))


def _piece(parsed: Parsed, number: int, rest: list[str]) -> Answer:
    match rest:
        case ["html"]:
            page = pages.framed(parsed.html, number)
            return Answer(page.encode("utf-8", "replace"), policy=pages.FRAME_POLICY)
        case ["part", index] if index.isdigit() and int(index) < len(parsed.parts):
            part = parsed.parts[int(index)]
            name = _attachment(part.name)
            return Answer(part.content, "application/octet-stream", disposition=name)
        case ["cid", name]:
            for part in parsed.parts:
                if part.content_id == name and part.kind.startswith("image/"):
                    return Answer(part.content, part.kind, policy=pages.FRAME_POLICY)
    return _missing()


def _missing() -> Answer:
    return Answer(pages.missing().encode(), status=HTTPStatus.NOT_FOUND)


def _attachment(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name or 'part')}"


def _number(text: str, otherwise: int) -> int:
    return int(text[:9]) if text.isascii() and text.isdigit() and int(text[:9]) else otherwise


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of browsers that go away in the middle; everything else as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = (
        True  # head and body go in two writes; the second must not wait for an answer
    )
    pages_of: Store
    names: frozenset[str]
    server_version = "sandbox"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._respond(lambda given: self.wfile.write(given.body))

    def do_HEAD(self) -> None:
        self._respond(lambda _: 0)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: addresses may stand in the query."""

    def _respond(self, write: Callable[[Answer], int]) -> None:
        host = self.headers.get("Host", "").rsplit(":", 1)
        name = host[0] if len(host) == 2 and host[1].isdigit() else ":".join(host)
        if name.lower() in self.names:
            given = answer(self.pages_of, self.path)
        else:
            given = Answer(b"Unknown host\n", "text/plain", HTTPStatus.MISDIRECTED_REQUEST)
        self.send_response(given.status)
        self.send_header("Content-Type", given.kind)
        self.send_header("Content-Length", str(len(given.body)))
        self.send_header("Content-Security-Policy", given.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        if given.disposition:
            self.send_header("Content-Disposition", given.disposition)
        self.end_headers()
        write(given)
