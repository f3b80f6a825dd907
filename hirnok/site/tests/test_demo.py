"""The pure parts of the demo: its file, its readers, its newsletter. The whole is tried in `tests/journeys`."""

import csv
import io
from collections import Counter

from hirnok.campaigns import composing, drafting
from hirnok.campaigns.models import Campaign
from hirnok.contacts import lists
from hirnok.mail.addresses import Address, normalise
from hirnok.site.demo import newsletter, people, picture, readers
from hirnok.site.demo.readers import Received
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World


def rows() -> list[list[str]]:
    text = people.file().decode("cp1250")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_it_makes_the_same_file_every_time() -> None:
    assert people.file() == people.file()
    assert people.file(seed=1) != people.file()
    assert len(rows()) == 1 + people.ROWS
    assert {len(row) for row in rows()} == {len(people.HEADER)}


def test_it_has_repeated_people_and_addresses_that_are_none() -> None:
    read = [normalise(row[2]) for row in rows()[1:]]
    known = Counter(one.key for one in read if isinstance(one, Address))
    assert sum(known.values()) - len(known) == people.REPEATED
    assert people.ROWS - sum(known.values()) == 11
    assert sum(1 for one in known if ".no-such@" in one) == people.REFUSED


def test_it_gives_readers_the_same_ways_every_time() -> None:
    mails = [
        Received(
            f"olvaso{number}@level.example",
            "hu",
            "http://t/o/x.gif",
            ("http://t/c/1/x",),
            "http://w/u/x",
        )
        for number in range(2000)
    ]
    plans = [readers.plan(mail) for mail in mails]
    assert plans == [readers.plan(mail) for mail in mails]
    done = Counter(step.what for plan in plans for step in plan)
    assert set(done) == {
        "open", "proxied open", "click", "scan", "bot", "one-click goodbye", "look", "goodbye",
    }  # fmt: skip
    assert done["goodbye"] == done["look"]


def test_it_writes_letters_without_problems(world: World) -> None:
    with acting_for(world.alma):
        for label, kind in (("Település", "text"), ("Törzsvevő", "boolean"), ("Pontok", "number")):
            lists.create_field(world.alma, label=label, type=kind, actor="user:1", at=NOON)
        campaign = drafting.create(world.alma, world.alma_brand, name="x", actor="user:1", at=NOON)
        for body, kind in (
            (newsletter.body("https://alma.example/m/1"), Campaign.Format.MJML),
            (newsletter.draft_body(), Campaign.Format.MARKDOWN),
        ):
            campaign.subject, campaign.preheader = newsletter.SUBJECT, newsletter.PREHEADER
            campaign.format, campaign.body = kind, body
            assert composing.compose_campaign(campaign).findings == []


def test_it_draws_a_small_picture() -> None:
    assert len(picture.garden()) < 60_000
