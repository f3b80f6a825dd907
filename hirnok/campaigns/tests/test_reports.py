"""The report: figures that add up, pages by role, downloads, shared links without contact data."""

import json
import re
from datetime import timedelta

import pytest

from hirnok.campaigns import figures, recipients, shares
from hirnok.campaigns.models import Campaign, ReportShare
from hirnok.campaigns.reports import NotLaunched, summary
from hirnok.consent.models import Departure
from hirnok.outbox.models import (
    Delivery,
    DeliveryReply,
    Hit,
    HitClass,
    HitKind,
    Link,
    Message,
    Relay,
    Repetition,
    State,
)
from tests.world import NOON, World, contact

HUMAN, PROXY, SCANNER = HitClass.HUMAN, HitClass.PROXY, HitClass.SCANNER
OPEN, CLICK = HitKind.OPEN, HitKind.CLICK


@pytest.fixture
def campaign(world: World) -> Campaign:
    """A campaign of Alma: Dóra got it, opened and clicked; Emil's address bounced; Fanni waits."""
    fanni = contact(world.alma_list, "fanni@example.hu")
    tenant = world.alma
    relay = Relay.objects.create(tenant=tenant, name="r", host="smtp.example")
    message = Message.objects.create(
        tenant=tenant,
        brand=world.alma_brand,
        relay=relay,
        return_path="r@alma.example",
        compiled=b"",
        measurement="individual",
        created_at=NOON,
        launched_at=NOON,
        recipients=3,
    )
    made = Campaign.objects.create(
        tenant=tenant,
        brand=world.alma_brand,
        name="Tavaszi ültetés",
        subject="Itt a tavasz",
        status="sending",
        message=message,
        left_out={"suppressed": 2, "excluded": 1},
        created_by="user:1",
        created_at=NOON,
        updated_at=NOON,
        launched_at=NOON,
    )
    link = Link.objects.create(
        tenant=tenant, message=message, position=0, url="https://alma.example/", text="Bolt"
    )
    people = (world.dora, world.emil, fanni)
    for number, (person, state) in enumerate(
        zip(people, (State.SENT, State.BOUNCED, State.QUEUED), strict=True), start=11
    ):
        Delivery.objects.create(
            id=number, tenant=tenant, message=message, contact=person, state=state, sent_at=NOON
        )
    DeliveryReply.objects.create(
        tenant=tenant,
        contact=world.emil,
        delivery_id=12,
        at=NOON,
        code=550,
        text="5.1.1 no such user",
    )
    for kind, klass, minutes, country in (
        (OPEN, HUMAN, 1, "HU"),
        (OPEN, HUMAN, 70, "HU"),
        (OPEN, PROXY, 0, ""),
        (CLICK, HUMAN, 2, "HU"),
        (CLICK, SCANNER, 0, ""),
    ):
        Hit.objects.create(
            tenant=tenant,
            message=message,
            delivery_id=11,
            kind=kind,
            klass=klass,
            link=link if kind == CLICK else None,
            country=country,
            at=NOON + timedelta(minutes=minutes),
        )
    Departure.objects.create(tenant=tenant, message=message, at=NOON, surface="one_click")
    return made


def test_it_adds_up_to_the_audience(campaign: Campaign) -> None:
    report = summary(campaign)
    assert sum(report.states.values()) == report.recipients == 3
    assert report.audience == 6
    assert (report.states["sent"], report.states["bounced"], report.states["queued"]) == (1, 1, 1)


def test_it_tells_people_from_machines(campaign: Campaign) -> None:
    report = summary(campaign)
    assert (report.opens.total, report.opens.people, report.opens.people_unique) == (3, 2, 1)
    assert (report.clicks.total, report.clicks.people, report.clicks.machines) == (2, 1, 1)
    assert report.countries == [("HU", 2, 1), ("", 1, 0)]
    assert [(opens, clicks) for _, opens, clicks in report.hours] == [(1, 1), (1, 0)]
    assert [(link.url, link.clicks, link.people) for link in report.links] == [
        ("https://alma.example/", 2, 1)
    ]
    assert report.unsubscribed == 1


def test_it_knows_no_recipients_of_hits_in_aggregate(campaign: Campaign) -> None:
    Message.objects.update(measurement="aggregate")
    Hit.objects.update(delivery=None)
    report = summary(Campaign.objects.get(pk=campaign.pk))
    assert (report.opens.total, report.opens.people, report.opens.people_unique) == (3, 2, None)
    assert json.dumps(report.as_json())


def test_it_lists_who_is_in_doubt(campaign: Campaign) -> None:
    Repetition.objects.create(
        tenant=campaign.tenant, message=campaign.message, delivery_id=11, at=NOON
    )
    Delivery.objects.filter(pk=13).update(state=State.UNKNOWN)
    report = summary(campaign)
    assert (report.repeated, report.states["unknown"]) == (1, 1)
    assert [key for key, _ in figures.page(report).doubts] == ["repeated", "unknown"]
    assert ("repeated", "Perhaps got it twice", 1) in figures.state_filters(report)
    doubts = recipients.in_doubt(campaign)
    assert doubts["repeated_recipients"] == ["dora@example.hu"]
    assert len(doubts["unknown_recipients"]) == 1
    (row,) = recipients.deliveries(campaign, state="repeated")
    assert [line.repeated for line in recipients.outcomes(campaign.tenant, [row])] == [True]
    lines = list(recipients.table(campaign))
    assert lines[0][-1] == "Perhaps got it twice"
    assert [line[-1] for line in lines[1:]] == [True, False, False]


def test_it_has_no_report_of_a_draft(campaign: Campaign) -> None:
    campaign.message = None
    with pytest.raises(NotLaunched):
        summary(campaign)


def test_it_shows_figures_to_viewers_and_people_to_marketers(
    world: World, campaign: Campaign
) -> None:
    base = f"/alma/reports/{campaign.pk}/"
    viewer, marketer = world.client(world.vera), world.client(world.mark)
    page = viewer.get(base)
    assert page.status_code == 200
    assert "Tavaszi ültetés" in page.text
    assert "dora@example.hu" not in page.text
    assert viewer.get(f"{base}recipients/").status_code == 403
    assert viewer.get(f"{base}recipients.csv").status_code == 403
    people = marketer.get(f"{base}recipients/")
    assert "dora@example.hu" in people.text
    assert "5.1.1 no such user" in people.text
    missing = marketer.get(f"{base}recipients/?state=not_sent")
    assert "dora@example.hu" not in missing.text
    assert "emil@example.ro" in missing.text
    found = marketer.get(f"{base}recipients/?q=fanni")
    assert "fanni@example.hu" in found.text
    assert "emil@example.ro" not in found.text
    assert "Tavaszi ültetés" in viewer.get("/alma/reports/").text


def test_it_renews_the_figures_while_sending(world: World, campaign: Campaign) -> None:
    client = world.client(world.vera)
    part = client.get(f"/alma/reports/{campaign.pk}/?part=figures")
    assert "hx-trigger" in part.text
    assert "<html" not in part.text
    Campaign.objects.update(status="sent")
    assert "hx-trigger" not in client.get(f"/alma/reports/{campaign.pk}/?part=figures").text


def test_it_downloads_figures_and_recipients(world: World, campaign: Campaign) -> None:
    client = world.client(world.mark)
    table = client.get(f"/alma/reports/{campaign.pk}/figures.csv").content.decode("utf-8-sig")
    assert "Recipients,bounced,1" in table
    assert "example.hu" not in table
    people = client.get(f"/alma/reports/{campaign.pk}/recipients.csv").content.decode("utf-8-sig")
    assert "dora@example.hu,sent" in people
    assert "emil@example.ro,bounced" in people
    session = client.session
    session["language"] = "hu"
    session.save()
    answer = client.get(f"/alma/reports/{campaign.pk}/recipients.csv")
    head, *lines = answer.content.decode().splitlines()
    assert head.startswith("\ufeffE-mail;Állapot;")
    [dora] = [line for line in lines if line.startswith("dora@")]
    assert dora.split(";")[1] == "elküldve"
    assert re.fullmatch(r"2026-11-\d\d \d\d:\d\d:\d\d", dora.split(";")[3])


def test_it_shares_without_contact_data_until_revoked(world: World, campaign: Campaign) -> None:
    client = world.client(world.mark)
    made = client.post(f"/alma/reports/{campaign.pk}/shares/")
    link = made.context["link"]
    stranger = world.client(world.nobody)
    stranger.logout()
    page = stranger.get(link)
    assert page.status_code == 200
    assert "Tavaszi ültetés" in page.text
    for secret in ("dora@", "emil@", "fanni@", "5.1.1"):
        assert secret not in page.text
    shared = ReportShare.objects.get()
    assert shares.hash_of(link.rstrip("/").rsplit("/", 1)[1]) == shared.token_hash
    client.post(f"/alma/reports/{campaign.pk}/shares/{shared.pk}/end/")
    assert stranger.get(link).status_code == 404
    assert stranger.get("/r/guessed/").status_code == 404


def test_it_stops_showing_a_shared_report_when_it_expires(world: World, campaign: Campaign) -> None:
    token = shares.share(campaign, actor="user:1", at=NOON, expires_at=NOON + timedelta(days=1))
    assert shares.tenant_of(token, at=NOON) == world.alma.pk
    assert shares.tenant_of(token, at=NOON + timedelta(days=2)) is None


def test_it_writes_every_figure_into_the_file(campaign: Campaign) -> None:
    rows = list(figures.csv_rows(summary(campaign)))
    assert ["country_opens", "unknown", "1"] in rows
    assert ["opens", "people_unique", "1"] in rows


def test_it_tells_on_the_contact_what_was_written_to_it(world: World, campaign: Campaign) -> None:
    client = world.client(world.mark)
    opened = client.get(f"/alma/contacts/{world.dora.pk}/newsletters/")
    [(of, outcome)] = opened.context["newsletters"]
    assert (of, outcome.state, outcome.opened, outcome.clicked) == (campaign, "sent", True, True)
    assert "Tavaszi ültetés" in opened.text
    bounced = client.get(f"/alma/contacts/{world.emil.pk}/newsletters/")
    assert "5.1.1 no such user" in bounced.text
    assert (
        world.client(world.vera).get(f"/alma/contacts/{world.dora.pk}/newsletters/").status_code
        == 403
    )
    other = world.client(world.bela).get(f"/barack/contacts/{world.barack_dora.pk}/newsletters/")
    assert other.context["newsletters"] == []
    foreign = f"/barack/contacts/{world.dora.pk}/newsletters/"
    assert world.client(world.bela).get(foreign).status_code == 404
