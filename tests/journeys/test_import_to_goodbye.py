"""From an imported list to a goodbye, over HTTP and SMTP, with every process real and the engine killed on the way."""

import email
import email.policy
import json
import re
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hirnok.process.tests.places import eventually
from tests.journeys.installation import Installation, installation
from tests.journeys.visitor import Page, Visitor
from tests.world import PASSWORD

READERS = [f"olvaso{number:03}@level.example" for number in range(160)]
UNKNOWN = [f"no-such{number}@level.example" for number in range(3)]
GREYLISTED = [f"greylist{number}@level.example" for number in range(2)]
EVERYBODY = [*READERS, *UNKNOWN, *GREYLISTED]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLE = "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"
IN_HUNGARY = "84.1.10.20"
SHOP = "https://kert.example"
BODY = f"""\
# Őszi ajánlat

Kedves {{{{ contact.first_name|default('kertbarát') }}}}! Árvíztűrő tükörfúrógép, și mulțumim.

[Megnézem az almafákat]({SHOP}/alma?nyelv={{{{ contact.language|default('hu') }}}}) vagy [a körtéket]({SHOP}/korte).
"""


@pytest.fixture
def running(tmp_path: Path, database_url: Any) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        yield made


def test_it_leads_from_a_list_to_a_report_and_a_goodbye(running: Installation) -> None:
    owner = signed_in(running)
    a_workplace_is_prepared(owner, running)
    a_list_is_imported(owner, list_file(), new=len(EVERYBODY), duplicate=1, rejected=1)
    campaign = a_newsletter_is_launched(owner)
    the_engine_is_killed_in_the_middle(running)
    nothing_is_lost(running, campaign)
    # beside them may lie the letter to the owner about the new password
    mails = [as_read_by_others(mail) for mail in running.mails() if b"@level.example" in mail]
    assert len(mails) == len(READERS) + len(GREYLISTED)
    dora, emil = mails[0], mails[1]
    everything_in_it_leads_somewhere(running, dora)
    what_readers_do_is_reported(owner, running, campaign, (dora, emil))
    one_click_is_enough_to_leave(owner, running, campaign, dora)
    nobody_can_be_brought_back(owner, running, address_of(dora))


def signed_in(running: Installation) -> Visitor:
    owner = Visitor(running.base)
    address, password = running.sign_in
    page = owner.submit(owner.get("/account/sign-in/"), login=address, password=password)
    assert urlsplit(page.url).path == "/account/password/change/"  # before anything else
    owner.submit(page, oldpassword=password, password1=PASSWORD, password2=PASSWORD)
    page = owner.submit(owner.get("/account/sign-in/"), login=address, password=PASSWORD)
    assert page.status == 200
    assert urlsplit(page.url).path == "/operator/"
    return owner


def a_workplace_is_prepared(owner: Visitor, running: Installation) -> None:
    brand = owner.get("/operator/settings/brands/new/")
    owner.submit(
        brand,
        name="Alma Kertészet",
        sender_name="Alma Kertészet",
        from_address="hirlevel@alma.example",
        language="hu",
        postal_address="9730 Kőszeg, Kertész utca 12.",
        measurement="individual",
    )
    relay = owner.get("/operator/settings/relays/new/")
    owner.submit(
        relay,
        name="sandbox",
        host="127.0.0.1",
        port=running.smtp_port,
        security="none",
        connections=2,
        messages_per_second=25,
    )
    page = owner.submit(owner.get("/operator/lists/new/"), name="Vásárlók")
    assert page.status == 200
    assert running.query("SELECT name FROM contacts_list") == [("Vásárlók",)]
    assert running.query("SELECT is_default FROM outbox_relay") == [(True,)]


def list_file() -> tuple[str, bytes]:
    rows = ["Vezetéknév;Keresztnév;E-mail cím;Nyelv"]
    rows += [f"Őri;Ödön{number};{address};hu" for number, address in enumerate(EVERYBODY)]
    rows += [f"Őri;Ödön;{READERS[0].upper()};hu", "Nincs;Címe;nincs;hu", ""]
    return "vasarlok.csv", "\r\n".join(rows).encode("cp1250")


def a_list_is_imported(owner: Visitor, file: tuple[str, bytes], **expected: int) -> None:
    """The wizard, step by step; `expected` are outcomes of rows, all others are none."""
    columns = owner.submit(owner.get("/operator/imports/new/"), file=file)
    assert "1250" in columns.text
    origin = owner.submit(columns, mapping="1")
    check = owner.submit(origin, kind="person", legal_basis="consent", description="Webáruház")
    assert check.figures["Rows"] == sum(expected.values()), check.text
    progress = owner.submit(check)
    number = re.search(r"/imports/(\d+)/", progress.url)
    assert number, progress.text
    result = f"/operator/imports/{number[1]}/result/"
    page = eventually(lambda: arrived(owner.get(result), "/result/"))
    outcomes = {WORDS[outcome]: count for outcome, count in expected.items()}
    none = dict.fromkeys(WORDS.values(), 0)
    assert page.figures | none | outcomes == page.figures, page.text
    assert page.figures["Rows"] == sum(expected.values())


WORDS = {
    "new": "New contacts",
    "changed": "Changed contacts",
    "unchanged": "Unchanged contacts",
    "duplicate": "The same address again",
    "suppressed": "Left out: left or suppressed",
    "rejected": "Rejected rows",
}


def arrived(page: Page, ending: str) -> Page | None:
    return page if urlsplit(page.url).path.endswith(ending) else None


def a_newsletter_is_launched(owner: Visitor) -> int:
    new = owner.get("/operator/campaigns/new/")
    edit = owner.submit(new, name="Őszi ajánlat")
    send = owner.submit(
        edit,
        subject="{{ contact.first_name|default('Kertbarát') }}, őszi ajánlat: alma és körte",
        preheader="Szabad gyökérrel most a legolcsóbb",
        format="markdown",
        body=BODY,
        button=("then", "send_campaign"),
    )
    assert send.url.endswith("/send/"), send.text
    launched = owner.submit(send, word="SEND")
    number = re.search(r"/campaigns/(\d+)/$", urlsplit(launched.url).path)
    assert number, launched.text
    assert "on its way" in launched.text
    return int(number[1])


def the_engine_is_killed_in_the_middle(running: Installation) -> None:
    eventually(lambda: len(running.accepted) >= 20)
    running.kill("engine")
    assert len(running.accepted) < len(READERS), "it was faster than its relay allows"
    eventually(lambda: "engine ended (signal 9)" in running.said)
    # as it will be some time later: nobody holds what the dead engine had leased
    running.query("UPDATE outbox_batch SET lease_until = '2026-11-02 12:00Z' WHERE NOT done")


def nothing_is_lost(running: Installation, campaign: int) -> None:
    """The report's states are those that the sandbox's own files tell."""
    eventually(lambda: not running.query("SELECT 1 FROM outbox_delivery WHERE state = 0"))
    figures = report_of(running, campaign)
    # one that was put off in the window of the kill was taken when it was repeated
    assert figures["deferred"] <= len(GREYLISTED), figures
    assert figures["sent"] + figures["deferred"] == len(READERS) + len(GREYLISTED), figures
    running.query("UPDATE outbox_delivery SET next_at = '2026-11-02 12:00Z' WHERE state = 2")
    eventually(lambda: running.query("SELECT status FROM campaigns_campaign") == [("sent",)])
    figures = report_of(running, campaign)
    got = {one for _, one in running.accepted if one.endswith("@level.example")}
    assert got == {*READERS, *GREYLISTED}
    assert figures["sent"] == len(got)
    assert figures["bounced"] == len(UNKNOWN)
    states = ("queued", "deferred", "failed", "suppressed", "unknown", "cancelled", "erased")
    assert [figures[state] for state in states] == [0] * len(states)
    assert figures["audience"] == figures["recipients"] == len(EVERYBODY)
    identities = Counter(recipient for _, recipient in set(running.accepted))
    assert set(identities.values()) == {1}, "what was sent again is the same message"


def report_of(running: Installation, campaign: int) -> dict[str, Any]:
    printed = running.command("report", str(campaign), "--tenant", "operator", "--json")
    figures: dict[str, Any] = json.loads(printed)
    return figures


def as_read_by_others(source: bytes) -> EmailMessage:
    """A message as the standard library reads it, with what every message must have."""
    assert max(map(len, source.split(b"\r\n"))) <= 998
    assert b"\n" not in source.replace(b"\r\n", b"")
    assert source.isascii()
    message = email.message_from_bytes(source, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    number = address_of(message).removeprefix("olvaso").partition("@")[0].lstrip("0") or "0"
    name = f"Ödön{number}" if number.isdecimal() else "Ödön"
    assert str(message["Subject"]).startswith(name), message["Subject"]
    assert str(message["Subject"]).endswith(", őszi ajánlat: alma és körte")
    assert message["From"].addresses[0].display_name == "Alma Kertészet"
    assert message["From"].addresses[0].addr_spec == "hirlevel@alma.example"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert all(message[name] for name in ("Date", "Message-ID", "List-Id", "Feedback-ID"))
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert isinstance(part, EmailMessage)
        assert "Árvíztűrő tükörfúrógép, și mulțumim." in part.get_content()
        assert "Kertész utca 12" in part.get_content()
    return message


def address_of(message: EmailMessage) -> str:
    return str(message["To"].addresses[0].addr_spec)


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def addresses_in(message: EmailMessage) -> list[str]:
    return [unescape(url) for url in re.findall(r'(?:href|src)="([^"]+)"', html_of(message))]


def links_of(message: EmailMessage) -> list[str]:
    return [url for url in addresses_in(message) if "/c/" in url]


def pixel_of(message: EmailMessage) -> str:
    return next(url for url in addresses_in(message) if "/o/" in url)


def way_out_of(message: EmailMessage) -> str:
    return str(message["List-Unsubscribe"]).strip("<>")


def everything_in_it_leads_somewhere(running: Installation, message: EmailMessage) -> None:
    scanner = Visitor(running.base, User_Agent="Barracuda Sentinel")
    apples, pears = links_of(message)
    answer = scanner.get(apples, follow=False, method="HEAD")
    assert (answer.status, answer.headers["Location"]) == (302, f"{SHOP}/alma?nyelv=hu")
    answer = scanner.get(pears, follow=False, method="HEAD")
    assert (answer.status, answer.headers["Location"]) == (302, f"{SHOP}/korte")
    others = [url for url in addresses_in(message) if url.startswith("http")]
    assert way_out_of(message) in others
    for url in {*others} - {apples, pears, pixel_of(message)}:
        assert scanner.get(url).status == 200, url


def what_readers_do_is_reported(
    owner: Visitor, running: Installation, campaign: int, readers: tuple[EmailMessage, EmailMessage]
) -> None:
    first, second = readers
    at_home = Visitor(running.base, User_Agent=FIREFOX, X_Forwarded_For=IN_HUNGARY)
    for _ in range(2):
        pixel = at_home.get(pixel_of(first))
        assert (pixel.status, pixel.headers["Content-Type"]) == (200, "image/gif")
    assert at_home.get(links_of(first)[0], follow=False).status == 302
    proxy = Visitor(running.base, User_Agent=GOOGLE, X_Forwarded_For="66.249.84.1")
    assert proxy.get(pixel_of(second)).status == 200
    eventually(lambda: running.query("SELECT count(*) FROM outbox_hit") == [(6,)])
    figures = report_of(running, campaign)
    assert figures["opens"] == {
        "total": 3, "unique": 2, "people": 2, "people_unique": 1, "machines": 1,
    }  # fmt: skip
    assert figures["clicks"]["people_unique"] == 1
    assert figures["clicks"]["machines"] == 2
    assert [link["people"] for link in figures["links"]] == [1, 0]
    assert {"country": "HU", "opens": 2, "clicks": 1} in figures["countries"]
    page = owner.get(f"/operator/reports/{campaign}/")
    assert page.status == 200
    assert "Hungary" in page.text
    assert f"{SHOP}/korte" in page.text


def one_click_is_enough_to_leave(
    owner: Visitor, running: Installation, campaign: int, message: EmailMessage
) -> None:
    address, way_out = address_of(message), way_out_of(message)
    mail_program = Visitor(running.base, User_Agent=GOOGLE)
    assert mail_program.get(way_out).status == 200
    assert address in owner.get(f"/operator/contacts/?q={address}").text
    for _ in range(2):  # asking twice is no error
        assert mail_program.post(way_out, b"List-Unsubscribe=One-Click").status == 200
    page = owner.get(f"/operator/contacts/?q={address}")
    assert address not in page.text
    assert running.query("SELECT 1 FROM contacts_contact WHERE email = %s", address) == []
    assert report_of(running, campaign)["unsubscribed"] == 1
    assert mail_program.get(way_out).status == 200


def nobody_can_be_brought_back(owner: Visitor, running: Installation, address: str) -> None:
    again = "vissza.csv", f"E-mail cím;Keresztnév\r\n{address};Ödön\r\n".encode("cp1250")
    a_list_is_imported(owner, again, suppressed=1)
    assert running.query("SELECT 1 FROM contacts_contact WHERE email = %s", address) == []
    everybody = list_file()
    a_list_is_imported(
        owner,
        everybody,
        suppressed=1 + len(UNKNOWN),
        duplicate=1,
        unchanged=len(EVERYBODY) - 1 - len(UNKNOWN),
        rejected=1,
    )
