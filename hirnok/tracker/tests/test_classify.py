"""Who opened: table tests of user agents as they are met."""

import pytest

from hirnok.tracker.classify import Class, classify
from hirnok.tracker.visitor import client_address, country_of

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


@pytest.mark.parametrize(
    ("agent", "method", "purpose", "expected"),
    [
        (FIREFOX, "GET", "", Class.HUMAN),
        (IPHONE, "GET", "", Class.HUMAN),
        ("Thunderbird/128.0", "GET", "", Class.HUMAN),
        ("Mozilla/5.0", "GET", "", Class.PROXY),
        (GMAIL, "GET", "", Class.PROXY),
        (
            "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
            "GET",
            "",
            Class.PROXY,
        ),
        ("Mozilla/5.0 (compatible; Barracuda Sentinel)", "GET", "", Class.SCANNER),
        (FIREFOX, "HEAD", "", Class.SCANNER),
        (FIREFOX, "GET", "prefetch;prerender", Class.SCANNER),
        ("curl/8.5.0", "GET", "", Class.BOT),
        ("python-requests/2.32", "GET", "", Class.BOT),
        (
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "GET",
            "",
            Class.BOT,
        ),
        ("", "GET", "", Class.BOT),
    ],
)
def test_it_tells_people_from_machines(
    agent: str, method: str, purpose: str, expected: Class
) -> None:
    assert classify(agent, method=method, purpose=purpose) is expected


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("10.0.0.1", "8.8.8.8", 0, "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6, 8.8.8.8", 1, "8.8.8.8"),
        ("10.0.0.1", "6.6.6.6, 8.8.8.8, 10.0.0.9", 2, "8.8.8.8"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "nonsense", 1, "10.0.0.1"),
    ],
)
def test_it_believes_only_its_own_proxies(
    peer: str, forwarded: str, proxies: int, expected: str
) -> None:
    assert client_address(peer, forwarded, proxies) == expected


def test_it_knows_countries_and_forgets_private_addresses() -> None:
    assert country_of("8.8.8.8") == "US"
    assert country_of("192.168.1.1") == ""
    assert country_of("no address") == ""
