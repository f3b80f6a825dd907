"""The pages: setting up the roads, the rules, sorting by hand."""

import pytest

from hirnok.consent.tests.sent import delivery_to
from hirnok.lib import clock
from hirnok.outbox.models import Delivery, State
from hirnok.returns import domains, rules, storing
from hirnok.returns.models import Mailbox, ReturnDomain, Returned, Webhook
from tests.world import NOON, World

pytestmark = pytest.mark.django_db
ROOT = "/alma/settings/returns/"


def test_an_owner_chooses_a_return_domain(world: World) -> None:
    client = world.client(world.anna)
    name = f"brand-{world.alma_brand.pk}-domain"
    assert client.post(ROOT, {name: "Vissza.Alma.example."}).status_code == 302
    assert domains.return_path(world.alma_brand) == "@vissza.alma.example"
    assert "This is no domain name" in client.post(ROOT, {name: "no domain"}).content.decode()
    assert (
        world.client(world.bela)
        .post(
            "/barack/settings/returns/",
            {f"brand-{world.barack_brand.pk}-domain": "vissza.alma.example"},
        )
        .status_code
        == 200
    )  # taken
    client.post(ROOT, {name: ""})
    assert not ReturnDomain.objects.exists()
    assert domains.return_path(world.alma_brand) == world.alma_brand.from_address


def test_an_owner_sets_up_a_mailbox_and_a_webhook(world: World) -> None:
    client = world.client(world.anna)
    given = {
        "name": "box",
        "protocol": "imap",
        "host": "127.0.0.1",
        "port": 1,
        "security": "tls",
        "username": "a",
        "password": "p",
        "folder": "INBOX",
    }
    assert client.post(f"{ROOT}mailboxes/new/", given).status_code == 302
    box = Mailbox.objects.get()
    page = client.post(f"{ROOT}mailboxes/{box.pk}/test/", follow=True).content.decode()
    assert "private network" in page
    client.post(f"{ROOT}mailboxes/{box.pk}/", given | {"password": "", "name": "other"})
    assert Mailbox.objects.get().password == box.password
    client.post(f"{ROOT}mailboxes/{box.pk}/remove/")
    assert (
        client.post(f"{ROOT}webhooks/new/", {"provider": "sendgrid", "key": "x"}).status_code == 200
    )
    assert client.post(f"{ROOT}webhooks/new/", {"provider": "postmark"}).status_code == 302
    hook = Webhook.objects.get()
    page = client.get(f"{ROOT}webhooks/{hook.pk}/").content.decode()
    assert f"/e/{hook.token}" in page and "Postmark" in page
    client.post(f"{ROOT}webhooks/{hook.pk}/remove/")
    assert not Mailbox.objects.exists() and not Webhook.objects.exists()


def test_an_owner_changes_the_rules(world: World) -> None:
    client = world.client(world.anna)
    page = client.get(f"{ROOT}rules/").context["lines"]
    data = {"form-TOTAL_FORMS": len(page), "form-INITIAL_FORMS": len(page)}
    for number, form in enumerate(page):
        data |= {
            f"form-{number}-{name}": form.initial.get(name) or ""
            for name in ("kind", "permanence", "count", "days", "lasts_days")
        }
    data |= {"form-0-count": 2, "form-0-days": 10, "form-0-lasts_days": 30}
    assert client.post(f"{ROOT}rules/", data).status_code == 302
    assert rules.Line("address", "permanent", 2, 10, 30) in rules.of(world.alma)
    assert "never" in client.post(f"{ROOT}rules/", data | {"form-0-days": ""}).content.decode()
    assert client.post(f"{ROOT}rules/", data | {"form-0-kind": "policy"}).status_code == 200
    assert rules.of(world.barack) == list(rules.READYMADE)


def test_staff_sort_by_hand_and_see_text_only(world: World) -> None:
    delivery = delivery_to(world.dora)
    storing.keep(
        world.alma, [b"Subject: <script>alert(1)</script>\n\nNobody here."], road="imap", at=NOON
    )
    row = Returned.objects.get()
    Returned.objects.update(state="unknown")
    client = world.client(world.mark)
    assert "not understood" in client.get(f"{ROOT}mails/?state=unknown").content.decode()
    page = client.get(f"{ROOT}mails/{row.pk}/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    assert client.post(f"{ROOT}mails/{row.pk}/", {"kind": "permanent"}).status_code == 200
    wrong = {"kind": "permanent", "recipient": "x@example.hu"}
    assert (
        "No newsletter of the last weeks"
        in client.post(f"{ROOT}mails/{row.pk}/", wrong).content.decode()
    )
    Delivery.objects.update(sent_at=clock.now())
    right = {"kind": "permanent", "recipient": "dora@example.hu"}
    assert client.post(f"{ROOT}mails/{row.pk}/", right).status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == State.BOUNCED
    assert world.client(world.vera).get(f"{ROOT}mails/").status_code == 403
    assert world.client(world.bela).get(f"{ROOT}mails/{row.pk}/").status_code == 404
