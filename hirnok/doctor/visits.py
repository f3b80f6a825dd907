"""Fetching what a newsletter leads to: links, pictures, and the rehearsal of the one-click POST.

The addresses come from authors, so each host is resolved once, judged as the engine judges relays
(`engine.guard`) and connected to by number, at each redirect again. Bounded in number, time and bytes.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.util import Timeout

from hirnok.doctor.findings import Finding, failed, passed, untested, warning
from hirnok.engine import guard
from hirnok.lib import env

MOST = 60  # addresses of one message
AT_ONCE = 8
REDIRECTS = 5
SECONDS = 6.0
BYTES = 64 * 1024  # read of a body, to be polite and to end the exchange
HEAVY = 1_000_000  # bytes of one picture
AGENT = "Hirnok-doctor (link check before a newsletter is sent)"
PORTS = frozenset({80, 443})


class _Stopped(Exception):
    """The address was not fetched, and why: a code and what was said."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(code)
        self.code, self.said = code, said


@dataclass(frozen=True)
class Visit:
    """What became of one address: `problem` "" when it answered below 400."""

    url: str
    status: int = 0
    problem: str = ""
    said: str = ""
    size: int = 0
    kind: str = ""
    end: str = ""  # where redirects led


def visit(url: str) -> Visit:
    """Fetch one address, following redirects; never raises."""
    try:
        return _followed(url)
    except _Stopped as stop:
        return Visit(url, problem=stop.code, said=stop.said)


def links(urls: Iterable[str]) -> Iterator[Finding]:
    """Look which links are dead. What is no web address is left out."""
    wanted = _wanted(urls)
    if not wanted:
        yield untested("links", "links_none")
        return
    visits = _all(wanted)
    dead = [one for one in visits if one.problem in {"status", "unknown_host", "refused"}]
    unclear = [one for one in visits if one.problem and one not in dead]
    count = len(visits)
    if dead:
        first = dead[0]
        said = str(first.status) if first.status else first.said or first.problem
        yield failed("links", "links_dead", count=len(dead), all=count, url=first.url, said=said)
    elif unclear:
        first = unclear[0]
        said = f"{first.status or ''} {first.said or first.problem}".strip()
        yield warning(
            "links", "links_unclear", count=len(unclear), all=count, url=first.url, said=said
        )
    else:
        yield passed("links", "links_alive", count=count)


def pictures(urls: Iterable[str]) -> Iterator[Finding]:
    """Look whether each picture is there, is a picture, and is no burden."""
    wanted = _wanted(urls)
    if not wanted:
        return
    visits = _all(wanted)
    lost = [one for one in visits if one.problem]
    other = [one for one in visits if not one.problem and not one.kind.startswith("image/")]
    heavy = [one for one in visits if one.size > HEAVY]
    if lost:
        first = lost[0]
        said = str(first.status) if first.status else first.said or first.problem
        yield failed("pictures", "pictures_lost", count=len(lost), url=first.url, said=said)
    elif other:
        yield failed("pictures", "pictures_other", url=other[0].url, kind=other[0].kind)
    elif heavy:
        size = round(heavy[0].size / 1_000_000, 1)
        yield warning("pictures", "pictures_heavy", url=heavy[0].url, megabytes=str(size))
    else:
        yield passed("pictures", "pictures_there", count=len(visits))


def one_click(url: str) -> Finding:
    """Rehearse RFC 8058: a POST without cookies must be accepted at once, without a redirect."""
    try:
        response = _exchange("POST", url, body=b"List-Unsubscribe=One-Click")
    except _Stopped as stop:
        state = untested if stop.code == "private" else failed
        return state("one_click", f"one_click_{stop.code}", url=url, said=stop.said)
    if 300 <= response.status < 400:
        return failed("one_click", "one_click_redirects", url=url)
    if not 200 <= response.status < 300:
        return failed("one_click", "one_click_status", url=url, status=response.status)
    return passed("one_click", "one_click_works", url=url)


def _wanted(urls: Iterable[str]) -> list[str]:
    web = (
        url for url in urls if urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname
    )
    return list(dict.fromkeys(url.partition("#")[0] for url in web))[:MOST]


def _all(urls: list[str]) -> list[Visit]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(visit, urls))


def _followed(url: str) -> Visit:
    here = url
    for _hop in range(REDIRECTS + 1):
        answer = _exchange("HEAD", here)
        if answer.status in {400, 403, 404, 405, 406, 429, 500, 501, 503}:
            answer = _exchange("GET", here)  # many servers treat HEAD as an enemy
        if not (300 <= answer.status < 400 and answer.location):
            problem = ""
            if answer.status >= 400:
                # These say that a program is not welcome, not that the page is gone.
                problem = "unclear" if answer.status in {401, 403, 429, 503} else "status"
            return Visit(url, answer.status, problem, size=answer.size, kind=answer.kind, end=here)
        here = urljoin(here, answer.location)
    raise _Stopped("redirects")


@dataclass(frozen=True)
class _Answer:
    status: int
    location: str
    kind: str
    size: int


def _exchange(method: str, url: str, body: bytes | None = None) -> _Answer:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise _Stopped("unknown_host", str(error)) from error
    if parts.scheme not in {"http", "https"} or not host:
        raise _Stopped("scheme", parts.scheme)
    if port not in PORTS and not env.flag("HIRNOK_PRIVATE_RELAYS"):
        raise _Stopped("private", str(port))
    number = _number(host, port)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc.rpartition("@")[2], "User-Agent": AGENT, "Accept": "*/*"}
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        with _pool(parts.scheme, host, number, port) as pool:
            response = pool.request(
                method, target, body=body, headers=headers, redirect=False, preload_content=False
            )
            response.read(BYTES)
            size = int(response.headers.get("Content-Length") or 0)
            answer = _Answer(
                response.status,
                response.headers.get("Location", ""),
                response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
                size,
            )
            response.close()
            return answer
    except urllib3.exceptions.NewConnectionError as error:
        raise _Stopped("refused", host) from error
    except urllib3.exceptions.SSLError as error:
        raise _Stopped("certificate", host) from error
    except urllib3.exceptions.TimeoutError as error:
        raise _Stopped("timed_out", host) from error
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise _Stopped("broken", type(error).__name__) from error


def _number(host: str, port: int) -> str:
    try:
        return guard.judged(host, guard.resolve(host, port))[0]
    except guard.UnknownHost as error:
        raise _Stopped("unknown_host", host) from error
    except guard.PrivateAddress as error:
        raise _Stopped("private", host) from error


def _pool(scheme: str, host: str, number: str, port: int) -> urllib3.HTTPConnectionPool:
    """A connection to the number that was judged, with the certificate checked for the name."""
    timeout = Timeout(connect=SECONDS, read=SECONDS, total=SECONDS)
    if scheme == "https":
        return urllib3.HTTPSConnectionPool(
            number,
            port,
            timeout=timeout,
            retries=False,
            server_hostname=host,
            assert_hostname=host,
        )
    return urllib3.HTTPConnectionPool(number, port, timeout=timeout, retries=False)
