"""The register's pages, and the notice that everybody may read."""

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.test import Client

from hirnok.register import readymade
from hirnok.register.models import Activity, Controller, Notice, NoticeVersion, Recipient
from hirnok.register.tests import filling
from hirnok.tenants.models import AuditEntry
from tests.world import NOON

if TYPE_CHECKING:
    from tests.world import World

CONTROLLER = {
    "name": "Alma Kft.",
    "postal_address": "1011 Budapest, Fő utca 1.",
    "email": "info@alma.example",
    "jurisdiction": "HU",
    "answer_days": "25",
    "lead_days": "11",
    "keeps_to_eea": "on",
    "officer_name": "dr. Minta Lujza",
}
RECIPIENT = {
    "name": "Tárhely Kft.",
    "kind": "processor",
    "countries": "hu, de",
    "contract": "Adatfeldolgozási szerződés, 2026-01-05",
    "since": "2026-01-05",
    "task_hu": "tárhelyszolgáltatás",
}


@pytest.fixture
def notice(world: "World") -> Notice:
    found: Notice = Notice.objects.of(world.alma).get()
    return found


def url(notice: Notice, more: str = "") -> str:
    return f"/alma/privacy/notices/{notice.pk}/{more}"


def filled(world: "World") -> Client:
    client = world.client(world.anna)
    assert client.post("/alma/privacy/controller/", CONTROLLER).status_code == 302
    return client


def test_the_controller_is_said(world: "World") -> None:
    client = world.client(world.anna)
    assert "The controller&#x27;s seat" in client.get("/alma/privacy/").content.decode()
    client.post("/alma/privacy/controller/", CONTROLLER)
    page = client.get("/alma/privacy/").content.decode()
    assert "Nothing stands against publishing" in page
    assert Controller.objects.of(world.alma).get().officer_name == "dr. Minta Lujza"
    assert AuditEntry.objects.of(world.alma).filter(action="controller.change").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"answer_days": "0"}, "answer_days"),
        ({"name": ""}, "name"),
        ({"jurisdiction": "XX"}, "jurisdiction"),
    ],
)
def test_the_controller_is_checked(world: "World", change: dict[str, str], field: str) -> None:
    answer = world.client(world.anna).post("/alma/privacy/controller/", {**CONTROLLER, **change})
    assert list(answer.context["form"].errors) == [field]


def test_only_officers_and_owners_see_it(world: "World", notice: Notice) -> None:
    for user in (world.mark, world.vera):
        for page in ("/alma/privacy/", "/alma/privacy/controller/", url(notice)):
            assert world.client(user).get(page).status_code == 403
    assert world.client(world.bela).get("/alma/privacy/").status_code == 404


def test_an_activity_is_changed(world: "World") -> None:
    client = filled(world)
    found = Activity.objects.of(world.alma).get(code=readymade.SENDING_LOG)
    page = f"/alma/privacy/activities/{found.pk}/"
    assert "mails sent and what became of them" in client.get(page).content.decode()
    form = client.get(page).context["form"]
    values = {name: form[name].value() or "" for name in form.fields} | {"active": "on"}
    bad = client.post(page, values | {"retention_period": "a month"})
    assert "This is no period" in bad.content.decode()
    assert client.post(page, values | {"retention_period": "p20d"}).status_code == 302
    found.refresh_from_db()
    assert found.retention_period == "P20D"
    assert set(found.description) == {"en", "hu", "ro"}


def test_a_recipient_is_added_and_changed(world: "World") -> None:
    client = filled(world)
    assert client.post("/alma/privacy/recipients/new/", RECIPIENT).status_code == 302
    found = Recipient.objects.of(world.alma).get()
    assert (found.countries, found.task["hu"]) == (["HU", "DE"], "tárhelyszolgáltatás")
    page = f"/alma/privacy/recipients/{found.pk}/"
    assert "tárhelyszolgáltatás" in client.get(page).content.decode()
    client.post(page, RECIPIENT | {"countries": "US"})
    said = client.get("/alma/privacy/").content.decode()
    assert "without a guarantee" in said
    assert "no data leave the EEA, but they go to US" in said


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"countries": "Hungary"}, "countries"),
        ({"countries": ","}, "countries"),
        ({"until": "2025-01-01"}, "until"),
        ({"activities": "nothing"}, "activities"),
        ({"kind": "friend"}, "kind"),
    ],
)
def test_a_recipient_is_checked(world: "World", change: dict[str, str], field: str) -> None:
    answer = world.client(world.anna).post("/alma/privacy/recipients/new/", RECIPIENT | change)
    assert list(answer.context["form"].errors) == [field]


def test_what_is_not_true_cannot_be_published(world: "World", notice: Notice) -> None:
    client = world.client(world.anna)
    page = client.get(url(notice)).content.decode()
    assert "must be mended" in page
    client.post(url(notice, "publish/"))
    assert not NoticeVersion.objects.of(world.alma).exists()
    assert Client().get(f"/n/{notice.token}/").status_code == 404


def test_from_draft_to_the_reader(world: "World", notice: Notice) -> None:
    client = filled(world)
    with time_machine.travel(NOON, tick=False):
        client.post(url(notice, "publish/"))
        reader = Client(headers={"accept-language": "hu"})
        page = reader.get(f"/n/{notice.token}/")
    said = page.content.decode()
    assert page.headers["Content-Language"] == "hu"
    assert "Adatkezelési tájékoztató" in said
    assert "dr. Minta Lujza" in said
    assert "A küldés időpontjától számított 30 nap".lower() in said.lower()
    assert "1055 Budapest, Falk Miksa utca 9-11" in said
    assert "session" not in page.cookies
    romanian = reader.get(f"/n/{notice.token}/1/?lang=ro").content.decode()
    assert "30 de zile de la trimitere" in romanian
    told = reader.get(f"/n/{notice.token}/1/notice.json?lang=en").json()
    assert told["number"] == 1
    assert told == NoticeVersion.objects.of(world.alma).get().documents["en"] | {
        "stand": told["stand"]
    }


def test_a_change_for_the_worse_is_announced(world: "World", notice: Notice) -> None:
    client = filled(world)
    with time_machine.travel(NOON, tick=False):
        client.post(url(notice, "publish/"))
        filling.change(world.alma, readymade.SENDING_LOG, retention_period="P90D")
        client.post(url(notice, "publish/"))
        versions = client.get(url(notice)).content.decode()
        now = Client().get(f"/n/{notice.token}/?lang=en").content.decode()
    assert "announced" in versions
    assert "Sending log: another period (90 days from the sending)" in versions
    assert "A new version is announced and holds from" in now
    assert "30 days" in now
    with time_machine.travel(NOON + timedelta(days=11), tick=False):
        later = Client().get(f"/n/{notice.token}/?lang=en").content.decode()
    assert "90 days" in later
    assert "Version 1, in force from" in later


@pytest.mark.parametrize("language", ["hu", "ro", "en"])
def test_the_pdf_can_be_read(world: "World", notice: Notice, language: str) -> None:
    client = filled(world)
    client.post(url(notice, "publish/"))
    answer = Client().get(f"/n/{notice.token}/1/notice.pdf?lang={language}")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    words = {"hu": "Az Ön jogai", "ro": "Drepturile", "en": "Your rights"}
    assert words[language] in text_of(answer.content)


def test_nothing_in_a_document_is_markup_for_the_printer(world: "World", notice: Notice) -> None:
    client = world.client(world.anna)
    nasty = '#panic("x") $ _a_ *b* <c> \\ `d` @e [f]'
    client.post("/alma/privacy/controller/", CONTROLLER | {"name": nasty})
    client.post(url(notice, "publish/"))
    answer = Client().get(f"/n/{notice.token}/1/notice.pdf?lang=en")
    assert '#panic("x")' in text_of(answer.content)
    page = Client().get(f"/n/{notice.token}/1/?lang=en").content.decode()
    assert "&lt;c&gt;" in page


@pytest.mark.parametrize("more", ["", "1/", "1/notice.pdf", "1/notice.json"])
def test_strangers_tokens_lead_nowhere(world: "World", notice: Notice, more: str) -> None:
    assert Client().get(f"/n/nothing/{more}").status_code == 404
    assert Client().get(f"/n/{notice.token}/{more}").status_code == 404  # nothing is published


def text_of(pdf: bytes) -> str:
    from pypdf import PdfReader

    pages: Any = PdfReader(io.BytesIO(pdf)).pages
    return "\n".join(page.extract_text() for page in pages)
