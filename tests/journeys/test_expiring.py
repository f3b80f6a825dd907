import json
import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from psycopg.errors import RestrictViolation

from hirnok.contacts.models import Contact, Import, ImportPart
from hirnok.lib import sql
from hirnok.outbox.models import Letter
from hirnok.register import expiring, holdings
from hirnok.register.models import Hold, Holding, LegalBasis, Person
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World

LATER = NOON + timedelta(days=40)


def _due(world: World, *contacts: Contact) -> None:
    Holding.objects.filter(pk__in=[contact.pk for contact in contacts]).update(expires_at=NOON)


def test_it_ends_what_has_passed_its_period_in_every_tenant(world: World) -> None:
    _due(world, world.dora, world.barack_dora)
    told: list[tuple[str, int]] = []

    done = expiring.expire(NOON, say=lambda tenant, holdings: told.append((tenant, holdings)))

    assert (done.holdings, done.persons) == (2, 2)
    assert [contact.email for contact in Contact.objects.all()] == ["emil@example.ro"]
    assert AuditEntry.objects.filter(action="holding.end", actor="job:retention").count() == 2


def test_it_leaves_what_has_not(world: World) -> None:
    Holding.objects.filter(pk=world.dora.pk).update(expires_at=NOON + timedelta(seconds=1))

    assert expiring.expire(NOON).holdings == 0


def test_it_tells_its_progress_batch_by_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "BATCH", 1)
    _due(world, world.dora, world.emil)
    told: list[tuple[str, int]] = []

    expiring.expire(NOON, say=lambda tenant, holdings: told.append((tenant, holdings)))

    assert told == [("alma", 1), ("alma", 2)]


def test_it_ends_the_held_ones_when_the_hold_is_over(world: World) -> None:
    _due(world, world.dora)
    Hold.objects.create(
        tenant=world.alma,
        holding_id=world.dora.pk,
        reason="court",
        ordered_by="user:1",
        since=NOON,
        until=LATER,
    )
    assert expiring.expire(NOON).holdings == 0

    assert expiring.expire(LATER).holdings == 1


def test_it_removes_letters_and_files_of_imports_at_their_own_end(world: World) -> None:
    holding = holdings.open_holding(
        world.alma,
        address="dora@example.hu",
        activity="sending_log",
        legal_basis=LegalBasis.LEGITIMATE_INTEREST,
        at=LATER,
    )
    for days in (30, 50):
        Letter.objects.create(
            tenant=world.alma,
            holding=holding,
            recipient="dora@example.hu",
            return_path="",
            data=b"",
            next_at=NOON,
            created_at=NOON,
            expires_at=NOON + timedelta(days=days),
        )
        run = Import.objects.create(
            tenant=world.alma,
            brand=world.alma_brand,
            file_name="a.csv",
            file_size=1,
            created_by="user:1",
            created_at=NOON,
            expires_at=NOON + timedelta(days=days),
        )
        ImportPart.objects.create(tenant=world.alma, run=run, number=0, data=b"x")

    done = expiring.expire(LATER)

    assert done.rows == 2
    assert Letter.objects.get().expires_at > LATER
    assert ImportPart.objects.get().run.expires_at > LATER


def test_it_has_the_rights_it_needs_as_the_role_of_the_worker(world: World) -> None:
    _due(world, world.dora)
    Hold.objects.create(
        tenant=world.alma,
        holding_id=world.dora.pk,
        reason="court",
        ordered_by="user:1",
        since=NOON,
        until=NOON,
    )
    Letter.objects.create(
        tenant=world.alma,
        holding_id=world.emil.pk,
        recipient="emil@example.ro",
        return_path="",
        data=b"",
        next_at=NOON,
        created_at=NOON,
        expires_at=NOON,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        cursor.execute(f'SET ROLE "{sql.role_name(cursor.fetchone()[0], "edge")}"')

    done = expiring.expire(NOON)

    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert (done.holdings, done.rows) == (1, 1)


def test_it_is_a_command(world: World) -> None:
    _due(world, world.dora)
    out = StringIO()

    call_command("retention", "--json", stdout=out, stderr=StringIO())

    told = json.loads(out.getvalue())
    assert told == {"holdings": 1, "persons": 1, "rows": 0, "waiting": 0, "failures": []}


@pytest.mark.django_db(transaction=True)
def test_it_never_takes_the_person_from_under_a_sign_up(
    world: World, database_url: Callable[[str], str]
) -> None:
    """A sign-up has a holding that is not committed; the clean-up of persons must not win."""
    person, alma = world.dora.person_id, world.alma.pk
    columns = "tenant_id, brand_id, person_id, activity_id, source_id, legal_basis, held_since"
    with psycopg.connect(database_url("owner")) as sign_up:
        sign_up.execute(
            f"INSERT INTO register_holding ({columns}) SELECT {columns} FROM register_holding WHERE id = %s",
            [world.dora.pk],
        )
        with psycopg.connect(database_url("edge")) as closing:
            closing.execute("SELECT * FROM register_end_holdings(%s, %s)", [alma, [world.dora.pk]])
            closing.commit()
        sign_up.commit()

    assert Holding.objects.filter(person_id=person).count() == 1
    assert Person.objects.filter(pk=person).exists()


@pytest.mark.django_db(transaction=True)
def test_it_is_refused_by_the_database_to_delete_a_person_who_got_a_holding_meanwhile(
    world: World, database_url: Callable[[str], str]
) -> None:
    person = world.dora.person_id
    columns = "tenant_id, brand_id, person_id, activity_id, source_id, legal_basis, held_since"
    Holding.objects.filter(pk=world.dora.pk).delete()
    refused: list[str] = []

    def clean_up() -> None:
        with psycopg.connect(database_url("owner")) as cleaner:
            try:
                cleaner.execute(
                    "DELETE FROM register_person p WHERE id = %s AND NOT EXISTS"
                    " (SELECT 1 FROM register_holding h WHERE h.person_id = p.id)",
                    [person],
                )
            except (RestrictViolation, psycopg.errors.ForeignKeyViolation) as refusal:
                refused.append(refusal.sqlstate or "")

    with psycopg.connect(database_url("owner")) as sign_up:
        sign_up.execute(
            f"INSERT INTO register_holding ({columns}) SELECT tenant_id, brand_id, %s, activity_id,"
            " source_id, legal_basis, held_since FROM register_holding WHERE id = %s",
            [person, world.emil.pk],
        )
        cleaner = threading.Thread(target=clean_up)
        cleaner.start()
        _wait_until_blocked(database_url("owner"), "DELETE FROM register_person%")
        sign_up.commit()
        cleaner.join(timeout=60)

    assert refused and refused[0] in {"23001", "23503"}
    assert Holding.objects.filter(person_id=person).exists()


def _wait_until_blocked(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as watcher:
        for _ in range(10_000):
            row = watcher.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s",
                [statement],
            ).fetchone()
            if row and row[0]:
                return
            watcher.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("the clean-up does not wait for the sign-up")
