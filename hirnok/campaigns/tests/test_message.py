"""A launched campaign as its reader gets it: parsed back by the standard library, header by header."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import TYPE_CHECKING, cast

import pytest
from django.utils import translation
from django.utils.translation import gettext

from hirnok.campaigns import composing, launch, problems
from hirnok.campaigns.models import Campaign
from hirnok.campaigns.tests.drafts import draft
from hirnok.lib import keys, tokens
from hirnok.mail import merge
from hirnok.mail.compile import date_of
from hirnok.mail.message import Compiled
from hirnok.outbox.models import Delivery, Link, Message
from tests.world import NOON

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from tests.world import World

MJML = """<mjml><mj-body><mj-section><mj-column>
<mj-text>Kedves {{ contact.first_name|default('Olvasó') }}!</mj-text>
<mj-button href="https://alma.example/bolt?u={{ contact.email|urlencode }}">Árvíztűrő</mj-button>
<mj-text><a href="https://alma.example/kert">a kert</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""
HTML = """<p>Kedves {{ contact.first_name|default('Olvasó') }}!</p>
<p>Árvíztűrő <a href="https://alma.example/bolt?u={{ contact.email|urlencode }}">a bolt</a>
<a href="https://alma.example/kert">a kert</a></p>"""


class Addresses(HTMLParser):
    """Collects where links and pictures lead."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if tag == "a":
            self.links.append(found["href"] or "")
        if tag == "img":
            self.pictures.append(found["src"] or "")


def sent(world: "World", campaign: Campaign) -> tuple[Delivery, bytes, str, str]:
    """Launch, and fill the message as the engine does."""
    launch.launch(world.alma, campaign.pk, actor="user:1", at=NOON)
    campaign.refresh_from_db()
    message = Message.objects.get(pk=campaign.message_id)
    delivery = Delivery.objects.get(message=message, contact=world.emil)
    track = tokens.recipient(keys.derive("track"), delivery.pk)
    leave = tokens.recipient(keys.derive("leave"), delivery.pk)
    data = Compiled.load(bytes(message.compiled)).render(
        composing.values_of(world.emil),
        track=track,
        leave=leave,
        delivery_id=delivery.pk,
        date=date_of(NOON),
    )
    return delivery, data, track, leave


def parsed(data: bytes) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(data, policy=policy.default))


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_it_has_the_headers_that_large_providers_want(
    world: "World", settings: "SettingsWrapper"
) -> None:
    settings.PUBLIC_URL = "https://hirnok.example"
    campaign = draft(world, subject="Őszi hírek – toamna în grădină, țară și știri")
    delivery, data, track, leave = sent(world, campaign)
    message = parsed(data)
    assert message["Subject"] == "Őszi hírek – toamna în grădină, țară și știri"
    assert b"Subject: =?utf-8?q?=C5=90szi" in data
    assert message["From"].addresses[0].display_name == "Alma hírlevél"
    assert message["From"].addresses[0].addr_spec == "hirlevel@alma.example"
    assert message["To"].addresses[0].display_name == "Emil Țuțea"
    assert message["Date"].datetime == NOON
    assert message["Message-ID"] == f"<{track}.m{campaign.message_id}@alma.example>"
    assert message["List-Id"] == f"Alma <brand-{world.alma_brand.pk}.alma.example>"
    assert message["List-Unsubscribe"] == f"<https://hirnok.example/u/{leave}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Precedence"] == "bulk"
    assert len(message["Feedback-ID"].split(":")) == 4
    assert message.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]
    assert max(len(line) for line in data.split(b"\r\n")) <= 78
    assert tokens.read_recipient(keys.derive("track"), track) == delivery.pk


@pytest.mark.parametrize(("form", "source"), [("markdown", None), ("html", HTML), ("mjml", MJML)])
def test_it_measures_every_link_and_shows_the_pixel(
    world: "World", settings: "SettingsWrapper", form: str, source: str | None
) -> None:
    settings.PUBLIC_URL = "https://hirnok.example"
    settings.TRACKER_URL = "https://track.example"
    campaign = draft(world, format=form, **({"body": source} if source else {}))
    _, data, track, leave = sent(world, campaign)
    message = parsed(data)
    found = Addresses()
    found.feed(body(message, "html"))
    ids = list(Link.objects.order_by("position").values_list("pk", flat=True))
    assert len(ids) == 2
    clicks = [f"https://track.example/c/{pk}/{track}" for pk in ids]
    own = [f"https://hirnok.example/{page}" for page in (f"u/{leave}", f"p/{leave}/")]
    assert found.links == [*clicks, *own]
    assert found.pictures[-1] == f"https://track.example/o/{track}.gif"
    text = body(message, "plain")
    assert "Kedves Emil!" in text
    assert re.findall(r"https://track\.example/c/\S+?(?=[)\s])", text) == clicks
    assert f"https://hirnok.example/u/{leave}" in text
    assert "1011 Budapest, Fő utca 1." in text
    assert "1011 Budapest, Fő utca 1." in body(message, "html")
    urls = Link.objects.order_by("position").values_list("url", flat=True)
    assert list(urls) == [
        "https://alma.example/bolt?u={{ contact.email|urlencode }}",
        "https://alma.example/kert",
    ]


def test_it_uses_the_brands_own_address(world: "World") -> None:
    world.alma_brand.public_base_url = "https://hirek.alma.example/"
    world.alma_brand.save()
    _, data, track, leave = sent(world, draft(world))
    html = body(parsed(data), "html")
    assert f"https://hirek.alma.example/o/{track}.gif" in html
    assert f"https://hirek.alma.example/u/{leave}" in html


def test_it_takes_the_authors_own_text(world: "World") -> None:
    campaign = draft(world, text_body="Csak szöveg, {{ contact.last_name }}: ăâîșț őű")
    _, data, _, _ = sent(world, campaign)
    assert body(parsed(data), "plain").startswith("Csak szöveg, Țuțea: ăâîșț őű")


def test_it_ends_in_the_brands_language_whatever_the_page_speaks(world: "World") -> None:
    for language in ("hu", "ro", "en", "xx"):
        world.alma_brand.language = language
        with translation.override("en" if language == "xx" else language):
            wanted = gettext("Unsubscribe")
        with translation.override("de"):
            assert composing.footer(world.alma_brand).unsubscribe == wanted


def test_it_says_problems_in_the_words_of_mail() -> None:
    assert {code: str(words) for code, words in problems.WORDS.items()} == merge.MESSAGES
