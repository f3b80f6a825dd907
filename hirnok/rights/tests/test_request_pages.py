"""Staff's pages of requests, from a phone call to the letter."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from hirnok.rights import outcomes
from hirnok.rights.models import Document, Outcome, Request, Right
from hirnok.rights.tests.asked import DORA, PDF, mails_to, taken, task_of, text_of
from tests.world import NOON, World

pytestmark = pytest.mark.django_db
NEW = "/alma/privacy/requests/new/"


@pytest.fixture(autouse=True)
def at_noon() -> object:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def form(**changes: Any) -> dict[str, Any]:
    given = {
        "channel": "phone",
        "received_on": "2026-11-01",
        "rights": ["review"],
        "email": DORA,
        "name": "Őri Dóra",
        "language": "hu",
        "words": "Miért kaptam rossz pontot?",
    }
    return given | changes


def url_of(request: Request) -> str:
    return f"/alma/privacy/requests/{request.pk}/"


def test_a_request_is_taken_by_phone_and_confirmed_by_mail(world: World) -> None:
    answer = world.client(world.anna).post(NEW, form())
    assert answer.status_code == 302, answer.context["form"].errors
    made = Request.objects.get()
    assert made.legal_due.isoformat() == "2026-12-01"
    assert made.status == "received"
    assert made.reference in mails_to(world.alma, DORA)[-1]["Subject"]


def test_a_letter_is_taken_with_its_scan(world: World) -> None:
    given = form(
        channel="post", email="", postal_address="Bp", scan=SimpleUploadedFile("a.pdf", PDF)
    )
    assert world.client(world.anna).post(NEW, given).status_code == 302
    kinds = list(Document.objects.order_by("pk").values_list("kind", "delivery"))
    assert kinds == [("incoming", "received"), ("receipt", "")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "", "name": ""}, "email"),
        ({"email": "no address"}, "email"),
        ({"rights": []}, "rights"),
        ({"received_on": "2026-11-03"}, "received_on"),
        ({"channel": "portal"}, "channel"),
        ({"scan": SimpleUploadedFile("a.pdf", b"no scan")}, "scan"),
    ],
)
def test_it_takes_nothing_that_is_wrong(world: World, changes: dict[str, Any], field: str) -> None:
    answer = world.client(world.anna).post(NEW, form(**changes))
    assert field in answer.context["form"].errors
    assert not Request.objects.exists()


def test_from_the_call_to_the_letter(world: World) -> None:
    client = world.client(world.anna)
    client.post(NEW, form())
    made = Request.objects.get()
    url, task = url_of(made), task_of(made)

    assert client.post(f"{url}ask-identity/").status_code == 302
    assert Request.objects.get().status == "identity_pending"
    assert client.post(f"{url}identify/", {"how": "link", "reason": "x"}).status_code == 200
    client.post(f"{url}identify/", {"how": "call_back", "reason": "Visszahívtuk."})
    assert Request.objects.get().status == "in_progress"
    client.post(f"{url}rights/{task.pk}/decide/", {"reasons": "Ember nézte meg: marad."})
    page = client.get(f"{url}answer/")
    assert "Ember nézte meg: marad." in page.text
    client.post(f"{url}answer/")
    assert Request.objects.get().status == "answered"
    assert "Ember nézte meg: marad." in text_of(mails_to(world.alma, DORA)[-1])
    page = client.get(url)
    assert "Call back" not in page.text
    assert "Answered" in page.text
    letter = Document.objects.get(kind="answer")
    assert client.get(f"{url}letters/{letter.pk}/")["Content-Type"] == "application/pdf"


def test_it_says_why_it_cannot_be_answered_yet(world: World) -> None:
    client = world.client(world.anna)
    made = taken(world.alma, Right.ERASURE, at=NOON, identified=False)
    task = task_of(made)
    page = client.post(f"{url_of(made)}rights/{task.pk}/do/", follow=True)
    assert "First record how the person was identified." in page.text
    page = client.post(f"{url_of(made)}rights/{task.pk}/decide/", {}, follow=True)
    assert "Not every module has answered" in page.text
    page = client.post(f"{url_of(made)}answer/", follow=True)
    assert "Decide on every right first." in page.text


def test_what_failed_is_settled_by_hand(world: World) -> None:
    client = world.client(world.anna)
    made = taken(world.alma, Right.ERASURE, at=NOON)
    task = task_of(made)
    for module in sorted(outcomes.modules()):
        Outcome.objects.create(tenant=world.alma, task=task, module=module, kind="failed", at=NOON)
    for outcome in Outcome.objects.all():
        path = f"{url_of(made)}outcomes/{outcome.pk}/"
        assert client.get(path).status_code == 200
        client.post(path, {"kind": "removed", "reason": "Kézzel."})
        assert client.get(path).status_code == 404
    assert client.post(f"{url_of(made)}rights/{task.pk}/decide/", {}).status_code == 302
    assert task_of(made).decision == "granted"


def test_it_is_extended_refused_and_charged_within_the_law(
    world: World, at_noon: time_machine.Traveller
) -> None:
    client = world.client(world.anna)
    made = taken(world.alma, Right.ACCESS, at=NOON)
    url = url_of(made)
    grounds = client.get(f"{url}rights/{task_of(made).pk}/refuse/").context["form"]
    assert "claims" not in dict(grounds.fields["ground"].choices)
    client.post(f"{url}fee/", {"ground": "excessive", "amount": "1500", "currency": "HUF"})
    assert Request.objects.get().fee_currency == "HUF"
    at_noon.shift(timedelta(days=31))
    client = world.client(world.anna)
    assert "Extend the time" not in client.get(url).text
    page = client.post(f"{url}extend/", {"reasons": "Sok"}, follow=True)
    assert "An extension has to be told within the first month." in page.text


def test_the_list_says_what_is_due_and_late(world: World, at_noon: time_machine.Traveller) -> None:
    made = taken(world.alma, Right.ACCESS, at=NOON)
    client = world.client(world.anna)
    assert "tone-green" in client.get("/alma/privacy/requests/").text
    at_noon.shift(timedelta(days=22))
    assert "tone-amber" in world.client(world.anna).get("/alma/privacy/requests/").text
    at_noon.shift(timedelta(days=5))
    client = world.client(world.anna)
    page = client.get("/alma/privacy/requests/")
    assert made.reference in page.text and "tone-red" in page.text
    assert page.context["counts"].late == 1
    assert made.reference not in client.get("/alma/privacy/requests/?state=closed").text


def test_officers_only(world: World) -> None:
    for user in (world.mark, world.vera):
        assert world.client(user).get("/alma/privacy/requests/").status_code == 403
