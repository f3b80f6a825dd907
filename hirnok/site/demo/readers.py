"""The readers: they get what the mail sandbox got, and open, click and leave by real requests to tracker and web.

What a reader does follows from the address alone, so that a demo that was stopped goes on with the same people.
Machines are among them: mail proxies that fetch pictures, scanners that follow every link, a bot. Which country
a reader is in says X-Forwarded-For, as a proxy would (the demo trusts one).
"""

import email
import email.policy
import http.client
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from html import unescape
from random import Random
from urllib.parse import urlsplit

from hirnok.campaigns.models import Campaign
from hirnok.lib import env, keys, tokens
from hirnok.outbox.models import Hit

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 15; SM-A556B) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
)
PROXIES = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Mozilla/5.0",
)
SCANNER = "Mozilla/5.0 (compatible; Barracuda Sentinel)"
BOT = "python-requests/2.32"
ADDRESSES = {
    "hu": ("84.1.10.20", "84.2.100.7", "178.164.128.9"),
    "ro": ("86.120.5.6", "5.2.130.4"),
    "en": ("81.140.3.4", "87.138.20.3", "84.112.7.7"),
}
AT_ONCE = 4
_URL = re.compile(r"""(?:href|src)=["']([^"']+)["']""")


@dataclass(frozen=True)
class Received:
    """A mail of the sandbox: who got it, and where it leads."""

    recipient: str
    language: str
    pixel: str
    links: tuple[str, ...]
    leave: str


@dataclass(frozen=True)
class Step:
    """One request: what is counted, how, to where, as whom, from where."""

    what: str
    method: str
    url: str
    agent: str
    address: str
    body: bytes = b""


def received(campaign: Campaign) -> Iterator[Received]:
    """Yield the mails of a campaign that the sandbox accepted, each recipient once."""
    sandbox = _connected(_sandbox())
    newest = json.loads(_get(sandbox, "/api/messages"))["messages"]
    known = set()
    for number in range(1, newest[0]["id"] + 1 if newest else 1):
        message = email.message_from_bytes(
            _get(sandbox, f"/m/{number}/raw"), policy=email.policy.default
        )
        identity = str(message["Message-ID"])
        if f".m{campaign.message_id}@" in identity and identity not in known:
            known.add(identity)
            yield _taken_apart(message)
    sandbox.close()


def behave(campaign: Campaign, mails: Iterable[Received]) -> Counter[str]:
    """Let everybody do what they do; returns how often what was done."""
    seen = _seen(campaign)
    plans = [steps for mail in mails if _delivery(mail) not in seen and (steps := plan(mail))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = pool.map(_walk, [plans[number::AT_ONCE] for number in range(AT_ONCE)])
        return sum(done, Counter())


def plan(mail: Received) -> list[Step]:
    """Return what a reader does, and in which order. Pure, the same for the same address."""
    random = Random(mail.recipient)  # noqa: S311
    address = random.choice(ADDRESSES.get(mail.language, ADDRESSES["hu"]))
    agent = random.choice(BROWSERS)
    steps: list[Step] = []
    if random.random() < 0.05:
        steps += [Step("scan", "HEAD", link, SCANNER, address) for link in mail.links[:4]]
    if random.random() < 0.01:
        steps += [Step("bot", "GET", link, BOT, address) for link in mail.links[:2]]
    if random.random() < 0.14:
        steps.append(Step("proxied open", "GET", mail.pixel, random.choice(PROXIES), address))
    if random.random() < 0.36:
        steps.append(Step("open", "GET", mail.pixel, agent, address))
        if random.random() < 0.24 and mail.links:
            weights = [len(mail.links) + 2 - place for place in range(len(mail.links))]
            chosen = random.choices(mail.links, weights, k=random.choice((1, 1, 1, 2)))
            steps += [Step("click", "GET", link, agent, address) for link in chosen]
        if random.random() < 0.15:
            steps.append(Step("open", "GET", mail.pixel, agent, address))
    leaving = random.random()
    if leaving < 0.008:
        body = b"List-Unsubscribe=One-Click"
        steps.append(Step("one-click goodbye", "POST", mail.leave, agent, address, body))
    elif leaving < 0.012:
        steps.append(Step("look", "GET", mail.leave, agent, address))
        steps.append(Step("goodbye", "POST", mail.leave, agent, address))
    return steps


def _walk(plans: list[list[Step]]) -> Counter[str]:
    done: Counter[str] = Counter()
    connections: dict[str, http.client.HTTPConnection] = {}
    for step in (step for steps in plans for step in steps):
        parts = urlsplit(step.url)
        if parts.netloc not in connections:
            connections[parts.netloc] = _connected(parts.netloc)
        headers = {"User-Agent": step.agent, "X-Forwarded-For": step.address}
        if step.method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = connections[parts.netloc]
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(step.method, target, body=step.body or None, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 400:
            raise OSError(f"{step.method} {step.url} was answered with {answer.status}")
        done[step.what] += 1
    for connection in connections.values():
        connection.close()
    return done


def _taken_apart(message: EmailMessage) -> Received:
    html = message.get_body(("html",))
    addresses = [unescape(url) for url in _URL.findall(html.get_content() if html else "")]
    links = [url for url in addresses if "/c/" in urlsplit(url).path]
    pixels = [url for url in addresses if urlsplit(url).path.startswith("/o/")]
    recipient = str(message["To"].addresses[0].addr_spec)
    domain = recipient.rpartition("@")[2]
    language = "ro" if domain.startswith(("curier", "scrisoare", "posta-ta")) else "hu"
    return Received(
        recipient=recipient,
        language="en" if domain.startswith(("mail.", "letters.")) else language,
        pixel=pixels[0],
        links=tuple(dict.fromkeys(links)),
        leave=str(message["List-Unsubscribe"]).strip("<> "),
    )


def _seen(campaign: Campaign) -> set[int]:
    """The deliveries whose readers have done something already: an earlier run got so far."""
    hits = Hit.objects.filter(tenant_id=campaign.tenant_id, message_id=campaign.message_id or 0)
    return set(hits.exclude(delivery_id=None).values_list("delivery_id", flat=True).distinct())


def _delivery(mail: Received) -> int:
    token = urlsplit(mail.pixel).path.removeprefix("/o/").removesuffix(".gif")
    return tokens.read_recipient(keys.derive("track"), token)


def _sandbox() -> str:
    return f"{env.get('HIRNOK_BIND')}:{env.get('HIRNOK_SANDBOX_WEB_PORT')}"


def _connected(place: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(place, timeout=60)


def _get(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    return body if answer.status == 200 else b""
