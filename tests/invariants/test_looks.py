"""Whatever page or file of staff shows something of a person, the log of who looked says so: without exception.

Every address of the resolver is opened by the owner, with one row of every model that there is, whose personal
columns are filled with values found nowhere else; an answer that has one of them has to have an entry.
"""

import io
import zipfile
from typing import Any

import pytest
from django.db import connection

from hirnok.register import declarations, looking
from hirnok.register.models import Controller, Holding, Look
from hirnok.register.readymade import ACCOUNTS
from hirnok.tenants.rows import owned_models
from tests.invariants.making import Maker
from tests.invariants.test_canary import Canaries
from tests.invariants.test_every_url import OF_TENANTS, Page
from tests.world import World

pytestmark = pytest.mark.django_db
MINE = 800_001


@pytest.fixture
def canaries() -> Canaries:
    return Canaries(b"\x07" * 16)


@pytest.fixture
def filled(world: World, canaries: Canaries) -> Maker:
    """One row of every model of Alma, all with the same id; what is personal is a canary."""
    maker = Maker(
        world.alma,
        number=MINE,
        canary=canaries,
        **{
            "accounts.User": world.nobody,
            "register.Controller": Controller.objects.get(tenant=world.alma),
            "tenants.Brand": world.alma_brand,
        },
    )
    for model in owned_models():
        maker.of(model)
    # what is restricted is shown nowhere
    Holding.objects.filter(tenant=world.alma).update(restricted_at=None)
    return maker


def _told(answer: Any) -> str:
    content = answer.getvalue() if answer.streaming else answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    return str(content.decode("utf-8", "replace"))


def _words(page: Page, maker: Maker) -> str | None:
    if set(page.converters) - {"tenant"} - set(page.numbers):
        return None
    return page.url(maker.tenant.slug, **dict.fromkeys(page.numbers, MINE))


def test_every_page_that_shows_a_person_has_an_entry(
    world: World, canaries: Canaries, filled: Maker
) -> None:
    client = world.client(world.anna)
    silent: dict[str, object] = {}
    seen: set[str] = set()
    for page in OF_TENANTS:
        url = _words(page, filled)
        if url is None:
            continue
        client.raise_request_exception = False
        last = (
            Look.objects.exclude(pk=MINE).order_by("-pk").values_list("pk", flat=True).first() or 0
        )
        text = _told(client.get(url))
        of_persons = {
            where
            for where in canaries.found_in(text)
            if ACCOUNTS not in declarations.declared()[where.rsplit(".", 1)[0]].activities
        }
        if not of_persons:
            continue
        seen.add(page.name)
        looks = Look.objects.exclude(pk=MINE).filter(
            pk__gt=last, actor=f"user:{world.anna.pk}", room=page.name
        )
        activities = {code for look in looks for code in look.activities}
        wanted = {
            code
            for where in of_persons
            for code in declarations.declared()[where.rsplit(".", 1)[0]].activities
        }
        if not wanted <= activities or not any(look.rows for look in looks):
            silent[page.name] = (sorted(of_persons), sorted(activities))
    assert silent == {}
    assert {"contacts:contacts", "contacts:contact"} <= seen


def test_a_page_about_one_person_names_the_person(world: World) -> None:
    index = Holding.objects.get(pk=world.dora.pk).person.blind_index

    world.client(world.anna).get(f"/alma/contacts/{world.dora.pk}/")

    look = Look.objects.get(room="contacts:contact")
    assert (look.actor, look.channel) == (f"user:{world.anna.pk}", "page")
    assert [bytes(one) for one in look.persons] == [bytes(index)]
    assert "newsletter" in look.activities
    assert look.expires_at is not None and look.expires_at > look.at
    ((_at, channel, activities),) = looking.told_to(world.alma, bytes(index))
    assert (channel, activities) == ("page", look.activities)


def test_a_search_is_a_digest_and_never_the_words(world: World) -> None:
    client = world.client(world.anna)
    client.get("/alma/contacts/", {"q": "dora"})
    client.get("/alma/contacts/", {"q": "emil"})
    client.get("/alma/contacts/", {"q": "dora"})

    first, other, again = Look.objects.filter(room="contacts:contacts").order_by("pk")
    assert first.fingerprint and bytes(first.fingerprint) != bytes(other.fingerprint or b"")
    assert bytes(first.fingerprint) == bytes(again.fingerprint or b"")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(register_look::text, ' ') FROM register_look")
        assert "dora" not in cursor.fetchone()[0]


def test_a_page_without_persons_leaves_no_entry(world: World) -> None:
    world.client(world.anna).get("/alma/settings/")
    assert not Look.objects.exists()


def test_what_cannot_be_noted_is_not_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = world.client(world.anna)
    client.raise_request_exception = False
    monkeypatch.setattr(looking, "_WRITE", "INSERT INTO register_look (at) VALUES (NULL)")

    answer = client.get(f"/alma/contacts/{world.dora.pk}/")

    assert answer.status_code == 500
    assert world.dora.email not in answer.content.decode()


def test_an_export_says_that_it_begins_and_how_many_rows_left(world: World) -> None:
    answer = world.client(world.anna).get("/alma/contacts/export.csv")
    assert answer.status_code == 200, "the export of contacts"
    answer.getvalue() if answer.streaming else answer.content

    looks = list(Look.objects.filter(channel="export").order_by("pk"))
    assert looks[0].rows is None or not answer.streaming
    assert looks[-1].rows == 2


def test_the_role_web_only_adds(world: World) -> None:
    world.client(world.anna).get(f"/alma/contacts/{world.dora.pk}/")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT verb, has_table_privilege(current_database() || '_web', 'register_look', verb)"
            " FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) verb"
        )
        assert dict(cursor.fetchall()) == {
            "SELECT": True, "INSERT": True, "UPDATE": False, "DELETE": False, "TRUNCATE": False,
        }  # fmt: skip
