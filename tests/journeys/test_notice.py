"""A notice from the first draft to its second version: made in the browser, published, changed for the worse, announced
by mail eleven days before it holds, with the old versions at their addresses; and blocked where it is not true."""

import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import time_machine
from django.test import Client

from hirnok.consent import renewing
from hirnok.consent.models import Renewal
from hirnok.outbox.models import Letter
from hirnok.privacy import announcing, jobs
from hirnok.privacy.models import NoticeAnnouncement
from hirnok.register import suppression
from hirnok.register.models import Activity, Notice, NoticeVersion
from tests.world import NOON, World

CONTROLLER = {
    "name": "Alma Kft.",
    "postal_address": "1011 Budapest, Fő utca 1.",
    "email": "info@alma.example",
    "jurisdiction": "HU",
    "answer_days": "25",
    "lead_days": "11",
    "keeps_to_eea": "on",
}
NOTICE = {
    "code": "readers",
    "activities": ["newsletter", "measurement"],
    "title_hu": "Tájékoztató olvasóknak",
    "title_ro": "Notă pentru cititori",
    "title_en": "Notice for readers",
    "audience_hu": "A hírlevél olvasóinak.",
    "audience_ro": "Pentru cititorii newsletterului.",
    "audience_en": "For readers of the newsletter.",
}
ANALYTICS = {
    "name": "Analytics LLC",
    "kind": "processor",
    "address": "1 Main Street, Springfield",
    "countries": "US",
    "guarantee": "scc",
    "contract": "DPA 2026-10-01",
    "since": "2026-10-01",
    "activities": ["measurement"],
    "task_hu": "mérések kiértékelése",
    "task_ro": "evaluarea măsurătorilor",
    "task_en": "evaluating measurements",
    "transfer_reason_hu": "nincs európai",
    "transfer_reason_ro": "nu există unul european",
    "transfer_reason_en": "there is no European one",
}
DAY_2 = NOON + timedelta(days=1)


def test_a_notice_is_made_changed_and_announced(world: World) -> None:
    the_controller_says_who_it_is(world)
    notice = a_notice_for_readers_is_made(world)
    it_is_published(world, notice, at=NOON)
    readers_see(notice, "Notice for readers", "For readers of the newsletter.", at=NOON)
    nothing_is_announced()

    a_recipient_in_the_usa_is_added(world)
    publishing_is_blocked(world, notice, "no data leave the EEA, but they go to US", at=DAY_2)
    the_controller_says_who_it_is(world, keeps_to_eea="")
    it_is_published(world, notice, at=DAY_2)
    second = NoticeVersion.objects.get(notice=notice, number=2)
    assert second.change == "material"
    assert (second.effective_from - DAY_2.date()).days == 11

    the_worker_writes(at=DAY_2)
    everybody_concerned_is_told(world, notice)
    readers_see(notice, "A new version is announced", at=DAY_2)
    readers_see(notice, "new recipient: Analytics LLC (processor)", number=2, at=DAY_2)
    on_the_eleventh_day = DAY_2 + timedelta(days=11)
    readers_see(notice, "Version 2, in force from", at=on_the_eleventh_day)
    the_old_version_stays(notice)


def the_controller_says_who_it_is(world: World, **changed: str) -> None:
    told = {name: value for name, value in {**CONTROLLER, **changed}.items() if value}
    assert world.client(world.anna).post("/alma/privacy/controller/", told).status_code == 302


def a_notice_for_readers_is_made(world: World) -> Notice:
    client = world.client(world.anna)
    assert client.post("/alma/privacy/notices/new/", NOTICE | {"title_ro": ""}).status_code == 200
    assert client.post("/alma/privacy/notices/new/", NOTICE).status_code == 302
    assert client.post("/alma/privacy/notices/new/", NOTICE).status_code == 200, "taken"
    notice: Notice = Notice.objects.get(code="readers")
    page = client.get(f"/alma/privacy/notices/{notice.pk}/").content.decode()
    assert "Not published yet" in page
    assert "For readers of the newsletter." in page
    assert "Import of lists" not in page
    return notice


def it_is_published(world: World, notice: Notice, *, at: datetime) -> None:
    count = NoticeVersion.objects.filter(notice=notice).count()
    with time_machine.travel(at, tick=False):
        answer = world.client(world.anna).post(f"/alma/privacy/notices/{notice.pk}/publish/")
    assert answer.status_code == 302
    assert NoticeVersion.objects.filter(notice=notice).count() == count + 1


def publishing_is_blocked(world: World, notice: Notice, why: str, *, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        client = world.client(world.anna)
        answer = client.post(f"/alma/privacy/notices/{notice.pk}/publish/", follow=True)
    assert "It cannot be published" in answer.content.decode()
    assert why in " ".join(answer.content.decode().split())
    assert not NoticeVersion.objects.filter(notice=notice, number=2).exists()


def a_recipient_in_the_usa_is_added(world: World) -> None:
    client = world.client(world.anna)
    shield = {**ANALYTICS, "guarantee": "privacy_shield"}
    answer = client.post("/alma/privacy/recipients/new/", shield)
    assert "guarantee" in answer.context["form"].errors, "Privacy Shield is no guarantee any more"
    assert client.post("/alma/privacy/recipients/new/", ANALYTICS).status_code == 302


def readers_see(notice: Notice, *words: str, at: datetime, number: int | None = None) -> None:
    url = f"/n/{notice.token}/" + (f"{number}/" if number else "")
    with time_machine.travel(at, tick=False):
        page = " ".join(Client().get(f"{url}?lang=en").content.decode().split())
    for word in words:
        assert word in page


def nothing_is_announced() -> None:
    assert not NoticeAnnouncement.objects.exists()


def the_worker_writes(*, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        jobs.announce(0)
        jobs.announce(0)


def everybody_concerned_is_told(world: World, notice: Notice) -> None:
    run = NoticeAnnouncement.objects.get()
    assert (run.written, run.unreachable, run.finished_at is not None) == (2, 0, True)
    letters = {one.recipient: bytes(one.data) for one in Letter.objects.of(world.alma)}
    assert letters.keys() == {"dora@example.hu", "emil@example.ro"}
    subject, text = _read(letters["dora@example.hu"])
    assert subject.startswith("Tájékoztató olvasóknak")
    assert "• új címzett: Analytics LLC (adatfeldolgozó)" in text
    assert f"/n/{notice.token}/2/" in text
    assert "u/" not in re.findall(r"https?://\S+", text)[0].partition("//")[2].partition("/")[2]
    _subject, text = _read(letters["emil@example.ro"])
    assert "• destinatar nou: Analytics LLC (persoană împuternicită)" in text


def the_old_version_stays(notice: Notice) -> None:
    later = DAY_2 + timedelta(days=400)
    readers_see(notice, "Version 1, in force from", number=1, at=later)
    with time_machine.travel(later, tick=False):
        page = Client().get(f"/n/{notice.token}/1/?lang=en").content.decode()
        pdf = Client().get(f"/n/{notice.token}/1/notice.pdf?lang=hu")
    assert "Analytics LLC" not in page
    assert pdf.content.startswith(b"%PDF")


def published(world: World, code: str = "readers") -> Notice:
    """A notice with one version, ready to be changed."""
    the_controller_says_who_it_is(world, keeps_to_eea="")
    world.client(world.anna).post("/alma/privacy/notices/new/", NOTICE | {"code": code})
    notice: Notice = Notice.objects.get(code=code)
    it_is_published(world, notice, at=NOON)
    return notice


def test_who_objected_to_marketing_is_told_and_a_dead_address_is_not(world: World) -> None:
    notice = published(world)
    for contact, reason in ((world.dora, "objection"), (world.emil, "dead_address")):
        index = bytes(contact.person.blind_index)
        suppression.suppress(world.alma, [index], reason=reason, actor="user:1", at=NOON)
    a_recipient_in_the_usa_is_added(world)
    it_is_published(world, notice, at=DAY_2)
    the_worker_writes(at=DAY_2)
    assert [one.recipient for one in Letter.objects.of(world.alma)] == ["dora@example.hu"]
    assert NoticeAnnouncement.objects.get().unreachable == 1


def test_restricted_data_are_not_used_for_it(world: World) -> None:
    notice = published(world)
    world.dora.holding.restricted_at = NOON
    world.dora.holding.save(update_fields=["restricted_at"])
    a_recipient_in_the_usa_is_added(world)
    it_is_published(world, notice, at=DAY_2)
    the_worker_writes(at=DAY_2)
    assert [one.recipient for one in Letter.objects.of(world.alma)] == ["emil@example.ro"]


def test_who_is_not_concerned_is_not_told(world: World) -> None:
    notice = published(world)
    Activity.objects.of(world.alma).filter(code="support").update(active=True)
    world.client(world.anna).post(
        "/alma/privacy/recipients/new/", {**ANALYTICS, "activities": ["support"]}
    )
    with time_machine.travel(DAY_2, tick=False):
        world.client(world.anna).post(f"/alma/privacy/notices/{notice.pk}/publish/")
    assert NoticeVersion.objects.filter(notice=notice).count() == 1, "it does not tell of support"


def test_better_words_are_mailed_to_nobody(world: World) -> None:
    notice = published(world)
    activity = Activity.objects.of(world.alma).get(code="newsletter")
    activity.description = {**activity.description, "hu": "Más szavakkal ugyanaz."}
    activity.save()
    it_is_published(world, notice, at=DAY_2)
    assert NoticeVersion.objects.get(notice=notice, number=2).change == "editorial"
    nothing_is_announced()


def test_a_step_writes_so_many_and_the_next_goes_on(world: World, monkeypatch: object) -> None:
    notice = published(world)
    a_recipient_in_the_usa_is_added(world)
    it_is_published(world, notice, at=DAY_2)
    monkeypatch.setattr(announcing, "BATCH", 1)  # type: ignore[attr-defined]
    assert announcing.write_next(world.alma, at=DAY_2) == 1
    assert Letter.objects.of(world.alma).count() == 1
    assert announcing.write_next(world.alma, at=DAY_2) == 1
    assert announcing.write_next(world.alma, at=DAY_2) == 0
    assert announcing.write_next(world.alma, at=DAY_2) == 0
    assert NoticeAnnouncement.objects.get().written == 2


def test_a_new_purpose_asks_for_the_consent_anew(world: World) -> None:
    notice = published(world)
    activity = Activity.objects.of(world.alma).get(code="newsletter")
    more = {**activity.purposes[0], "text": dict.fromkeys(("hu", "ro", "en"), "offers of partners")}
    activity.purposes = [*activity.purposes, more]
    activity.save()
    with time_machine.travel(DAY_2, tick=False):
        client = world.client(world.anna)
        page = client.get(f"/alma/privacy/notices/{notice.pk}/").content.decode()
        assert 'name="renew"' in page
        client.post(f"/alma/privacy/notices/{notice.pk}/publish/", {"renew": "on"})
    assert set(Renewal.objects.of(world.alma).values_list("pk", flat=True)) == {
        world.dora.pk,
        world.emil.pk,
    }
    renewing.write_letters(world.alma, at=DAY_2)
    assert Renewal.objects.of(world.alma).filter(asked_at=DAY_2).count() == 2


def test_only_officers_and_owners_make_notices(world: World) -> None:
    for user in (world.mark, world.vera):
        client = world.client(user)
        assert client.get("/alma/privacy/notices/new/").status_code == 403
        assert client.post("/alma/privacy/notices/new/", NOTICE).status_code == 403
    assert world.client(world.bela).post("/alma/privacy/notices/new/", NOTICE).status_code == 404


def _read(data: bytes) -> tuple[str, str]:
    message = message_from_bytes(data, policy=policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    return str(message["Subject"]), part.get_content()
