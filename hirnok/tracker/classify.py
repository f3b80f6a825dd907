"""Who seems to have opened or clicked: a person, a mail proxy, a security scanner or a bot. Pure.

Apple's Mail Privacy Protection fetches every picture with the user agent `Mozilla/5.0` alone; Gmail and Yahoo
fetch through proxies when a person opens (no country, no device). Scanners follow links before the reader
does, often by HEAD. Patterns are data; what none of them knows is a person.
"""

import re
from enum import IntEnum
from functools import lru_cache


class Class(IntEnum):
    """As outbox.HitClass."""

    HUMAN = 0
    PROXY = 1
    SCANNER = 2
    BOT = 3


_PROXIES = re.compile(
    r"GoogleImageProxy|ggpht\.com|YahooMailProxy|yahoo.*slurp mail|SnapchatAds Proxy"
    r"|DuckDuckGo-Email|Outlook-ImageProxy|OutlookMobileImageProxy|HeyImageProxy|ZohoMailProxy",
    re.IGNORECASE,
)
_SCANNERS = re.compile(
    r"Barracuda|Mimecast|Proofpoint|urldefense|SafeLinks|Symantec|MessageLabs|FireEye|Trend ?Micro"
    r"|Sophos|IronPort|Forcepoint|Cloudmark|Bitdefender|ESET|Kaspersky|Avanan|Vade|Hornetsecurity"
    r"|Zscaler|TrustedSource|BrightCloud|WebSense|link ?check|urlscan|VirusTotal",
    re.IGNORECASE,
)
_BOTS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|curl/|wget|python-|aiohttp|httpx|libwww|Go-http-client|okhttp"
    r"|Java/|Apache-HttpClient|axios|node-fetch|undici|HeadlessChrome|PhantomJS|Puppeteer|Playwright"
    r"|facebookexternalhit|WhatsApp|TelegramBot|Slackbot|Discordbot|Embedly|Bytespider|monitor|preview",
    re.IGNORECASE,
)


@lru_cache(1024)  # readers have the same few programs
def classify(user_agent: str, *, method: str = "GET", purpose: str = "") -> Class:
    """Return the class of a request by its user agent, method and Purpose / Sec-Purpose header.

    >>> classify("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0") is Class.HUMAN
    True
    """
    agent = user_agent.strip()
    if agent == "Mozilla/5.0" or _PROXIES.search(agent):
        return Class.PROXY
    if _SCANNERS.search(agent) or "prefetch" in purpose.lower() or "preview" in purpose.lower():
        return Class.SCANNER
    if method == "HEAD":
        return Class.SCANNER
    if not agent or _BOTS.search(agent):
        return Class.BOT
    return Class.HUMAN
