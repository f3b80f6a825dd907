"""A browser of text: cookies, links and forms over real HTTP, filled by the names of their fields."""

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

import lxml.html

PATIENCE = 120.0


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follow nothing: what a link leads to is what the test asks."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Page:
    """An answer."""

    url: str
    status: int
    body: bytes
    headers: Any

    @property
    def text(self) -> str:
        """The words on the page."""
        tree: Any = lxml.html.fromstring(self.body)
        for gone in tree.xpath("//script|//style"):
            gone.drop_tree()
        return " ".join(tree.text_content().split())

    @property
    def figures(self) -> dict[str, int]:
        """The rows of the page's tables that are a heading and a number."""
        tree: Any = lxml.html.fromstring(self.body)
        found = {}
        for row in tree.xpath("//tr[th and td]"):
            value = row.xpath("td")[0].text_content().strip().replace(",", "")
            if value.isdecimal():
                found[row.xpath("th")[0].text_content().strip()] = int(value)
        return found

    def link(self, ending: str) -> str:
        """The first link whose address ends so."""
        tree: Any = lxml.html.fromstring(self.body)
        found = [url for url in tree.xpath("//a/@href") if url.endswith(ending)]
        assert found, f"no link to …{ending} on {self.url}: {self.text[:1000]}"
        return urllib.parse.urljoin(self.url, found[0])


class Visitor:
    """Somebody with a browser. `headers` go with every request."""

    def __init__(self, base: str, **headers: str) -> None:
        self.base = base
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._follow = urllib.request.build_opener(jar)
        self._stay = urllib.request.build_opener(jar, _Stay())

    def get(self, url: str, *, follow: bool = True, method: str = "GET") -> Page:
        """Open an address."""
        return self._ask(url, None, {}, follow, method)

    def post(self, url: str, body: bytes, kind: str = "application/x-www-form-urlencoded") -> Page:
        """Post without a form, as machines do."""
        return self._ask(url, body, {"Content-Type": kind}, True, "POST")

    def submit(self, page: Page, *, button: tuple[str, str] | None = None, **values: Any) -> Page:
        """Fill the form that has all these fields and send it. A tuple of name and bytes is a file."""
        form = _form_with(page, set(values))
        given: list[tuple[str, Any]] = [
            (name, value) for name, value in form.form_values() if name not in values
        ]
        given += [button] if button else []
        for name, value in values.items():
            many = value if isinstance(value, list) else [value]
            given += [(name, one) for one in many]
        url = urllib.parse.urljoin(page.url, form.action or page.url)
        body, kind = _multipart(given)
        return self._ask(url, body, {"Content-Type": kind, "Referer": page.url}, True, "POST")

    def _ask(
        self, url: str, body: bytes | None, headers: dict[str, str], follow: bool, method: str
    ) -> Page:
        request = urllib.request.Request(
            urllib.parse.urljoin(self.base, url),
            data=body,
            headers=self.headers | headers,
            method=method,
        )
        try:
            opener = self._follow if follow else self._stay
            answer = opener.open(request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Page(answer.url, answer.status, answer.read(), answer.headers)


def _form_with(page: Page, names: set[str]) -> Any:
    tree: Any = lxml.html.fromstring(page.body)
    main = tree.find(".//main")
    posting = [
        form for form in (tree if main is None else main).iter("form") if form.method == "POST"
    ]
    for form in sorted(posting, key=lambda form: bool(form.action)):  # the page's own one first
        if names <= set(form.fields):
            return form
    shown = [sorted(form.fields) for form in posting]
    raise AssertionError(f"no form with {names} on {page.url} ({page.status}): {shown}")


def _multipart(values: list[tuple[str, Any]]) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    parts = []
    for name, value in values:
        file_name, content = value if isinstance(value, tuple) else ("", str(value).encode())
        extra = f'; filename="{file_name}"' if file_name else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), (
        f"multipart/form-data; boundary={boundary}"
    )
