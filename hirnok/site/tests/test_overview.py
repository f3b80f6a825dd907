"""The overview: what to do first, what runs, what came of the last campaigns."""

import pytest
from django.test import Client

from hirnok.campaigns import drafting, launch
from hirnok.campaigns.models import Campaign
from hirnok.contacts.models import Import
from hirnok.outbox.models import Delivery, Hit, HitClass, HitKind, Relay
from hirnok.register.models import Suppression
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World


@pytest.fixture
def sent(world: World) -> Campaign:
    """A campaign of Alma of which one delivery of two has arrived."""
    with acting_for(world.alma):
        Relay.objects.create(
            tenant=world.alma, name="relay", host="localhost", security="none", is_default=True
        )
        draft = drafting.create(
            world.alma, world.alma_brand, name="Őszi levél", actor="user:1", at=NOON
        )
        values = {"subject": "Ősz", "body": "# Ősz\n\n[Bolt](https://alma.example)"}
        drafting.save(world.alma, draft.pk, values, actor="user:1", at=NOON)
        campaign = launch.launch(world.alma, draft.pk, actor="user:1", at=NOON)
    arrived = Delivery.objects.get(message=campaign.message, contact=world.dora)
    Delivery.objects.filter(pk=arrived.pk).update(state=1, sent_at=NOON)
    for kind, klass in ((HitKind.OPEN, HitClass.HUMAN), (HitKind.CLICK, HitClass.SCANNER)):
        Hit.objects.create(
            tenant=world.alma,
            message=campaign.message,
            delivery=arrived,
            kind=kind,
            klass=klass,
            at=NOON,
        )
    return campaign


def text(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


def test_it_leads_a_new_tenant_to_the_first_newsletter(world: World) -> None:
    page = text(world.client(world.anna), "/alma/")
    assert "To your first newsletter" in page
    assert 'href="/alma/settings/relays/new/"' in page
    assert 'href="/alma/lists/new/"' not in page, "there is a list already"
    assert "Olvasók" in page


def test_it_offers_only_what_the_role_may_do(world: World) -> None:
    page = text(world.client(world.vera), "/alma/")
    assert "To your first newsletter" in page
    assert 'href="/alma/settings/relays/new/"' not in page
    assert 'href="/alma/campaigns/new/"' not in page


def test_it_shows_the_last_campaigns_with_figures_of_people(world: World, sent: Campaign) -> None:
    page = text(world.client(world.vera), "/alma/")
    assert "To your first newsletter" not in page
    assert f'href="/alma/reports/{sent.pk}/"' in page
    assert "100%" in page
    assert "Őszi levél" not in text(world.client(world.bela), "/barack/")


def test_it_counts_contacts_and_addresses_that_get_no_more(world: World) -> None:
    for reason in ("unsubscribed", "complaint"):
        Suppression.objects.create(
            tenant=world.alma,
            scope="tenant",
            applies_to="marketing",
            reason=reason,
            key=b"0" * 16,
            since=NOON,
        )
    response = world.client(world.vera).get("/alma/")
    assert response.context["counts"] == {"contacts": 2, "suppressed": 1}


def test_it_says_in_the_top_bar_what_runs(world: World, sent: Campaign) -> None:
    Import.objects.create(
        tenant=world.alma,
        brand=world.alma_brand,
        list=world.alma_list,
        status="running",
        file_name="vasarlok.csv",
        file_size=10,
        rows_done=30,
        rows_total=120,
        created_by="user:1",
        created_at=NOON,
        expires_at=NOON,
    )
    fragment = text(world.client(world.mark), "/alma/running/")
    assert "Importing vasarlok.csv" in fragment
    assert "25.0%" in fragment
    assert "Sending Őszi levél" in fragment
    assert "50.0%" in fragment
    assert "/imports/" not in text(world.client(world.vera), "/alma/running/")
    assert "vasarlok" not in text(world.client(world.bela), "/barack/running/")


def test_it_says_nothing_in_the_top_bar_when_nothing_runs(world: World) -> None:
    assert text(world.client(world.mark), "/alma/running/") == ""
