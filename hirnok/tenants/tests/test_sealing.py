"""The chain over the audit log: what is altered, removed, cut off or rewritten is found."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from hirnok.tenants import audit, jobs, sealing
from hirnok.tenants.models import AuditEntry, AuditSeal
from tests.world import NOON

if TYPE_CHECKING:
    from tests.world import World

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_SECRET_KEY", "a secret of this test")
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))


@pytest.fixture
def sealed(world: "World", own_folder: None) -> "World":
    for number in range(6):
        audit.record(world.alma, "test.thing", actor="user:1", at=NOON, number=number)
    sealing.seal(world.alma)
    return world


def kinds(world: "World") -> list[tuple[str, int]]:
    return [(one.kind, one.number) for one in sealing.verify(world.alma, LATER)]


def run(statement: str, *arguments: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)


def entry_of(world: "World", number: int) -> int:
    return int(AuditSeal.objects.of(world.alma).get(number=number).entry_number)


def test_what_nobody_touched_is_right(sealed: "World") -> None:
    assert kinds(sealed) == []
    assert AuditSeal.objects.of(sealed.alma).count() == AuditEntry.objects.of(sealed.alma).count()
    assert not AuditSeal.objects.of(sealed.barack).exists()


def test_sealing_goes_on_where_it_ended(sealed: "World") -> None:
    assert sealing.seal(sealed.alma) == 0
    audit.record(sealed.alma, "test.more", actor="user:1", at=LATER)
    audit.record(sealed.alma, "test.late", actor="user:1", at=NOON - timedelta(days=40))
    assert sealing.seal(sealed.alma) == 2
    assert kinds(sealed) == []


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'user:2'",
        "action = 'test.other'",
        "at = at + interval '1 microsecond'",
        "object_id = 7",
        "details = '{\"number\": 99}'",
    ],
)
def test_an_altered_entry_is_found(sealed: "World", change: str) -> None:
    run(f"UPDATE tenants_auditentry SET {change} WHERE id = %s", entry_of(sealed, 3))
    assert kinds(sealed) == [("altered", 3)]


def test_a_removed_entry_is_found(sealed: "World") -> None:
    run("DELETE FROM tenants_auditentry WHERE id = %s", entry_of(sealed, 2))
    assert kinds(sealed) == [("removed", 2)]


def test_an_entry_removed_with_its_seal_is_found(sealed: "World") -> None:
    run("DELETE FROM tenants_auditentry WHERE id = %s", entry_of(sealed, 2))
    run("DELETE FROM tenants_auditseal WHERE number = 2 AND tenant_id = %s", sealed.alma.pk)
    assert kinds(sealed) == [("gap", 2)]


def test_the_end_cannot_be_cut_off(sealed: "World") -> None:
    number = AuditSeal.objects.of(sealed.alma).count()
    assert sealing.checkpoint(NOON) == 1
    run("DELETE FROM tenants_auditentry WHERE id = %s", entry_of(sealed, number))
    run("DELETE FROM tenants_auditseal WHERE number = %s", number)
    assert kinds(sealed) == [("cut_off", number)]


def test_the_chain_cannot_be_rewritten(sealed: "World") -> None:
    sealing.checkpoint(NOON)
    number = AuditSeal.objects.of(sealed.alma).count()
    run("UPDATE tenants_auditentry SET actor = 'user:9' WHERE id = %s", entry_of(sealed, 1))
    run("DELETE FROM tenants_auditseal")
    sealing.seal(sealed.alma)
    assert kinds(sealed) == [("rewritten", number)]


def test_a_forged_checkpoint_is_found(sealed: "World", tmp_path: Path) -> None:
    sealing.checkpoint(NOON)
    (path,) = sealing.folder().glob("*.jsonl")
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "number": 1}) + "\n")
    assert kinds(sealed) == [("forged", 1)]


def test_what_was_never_sealed_is_found(sealed: "World") -> None:
    audit.record(sealed.alma, "test.more", actor="user:1", at=NOON)
    entry = AuditEntry.objects.of(sealed.alma).latest("pk")
    assert kinds(sealed) == [("unsealed", entry.pk)]


def test_only_owners_could_touch_it(world: "World", database_url: Callable[[str], str]) -> None:
    for role in ("web", "edge"):
        with psycopg.connect(database_url(role)) as reaching:
            for statement in (
                "UPDATE tenants_auditseal SET number = 1",
                "DELETE FROM tenants_auditseal",
                "UPDATE tenants_auditentry SET actor = 'x'",
                "DELETE FROM tenants_auditentry",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reaching.execute(statement)
                reaching.rollback()


def test_the_jobs_and_the_command(sealed: "World", capsys: pytest.CaptureFixture[str]) -> None:
    audit.record(sealed.barack, "test.thing", actor="user:1", at=NOON)
    jobs.seal(0)
    jobs.checkpoint(0)
    signed_for = {one.tenant for one in sealing.checkpoints()}
    assert {sealed.alma.pk, sealed.barack.pk} <= signed_for
    call_command("audit", "verify", "--tenant", "alma", "--json")
    assert json.loads(capsys.readouterr().out) == {"tenants": ["alma"], "problems": []}
    run("UPDATE tenants_auditentry SET actor = 'user:2' WHERE id = %s", entry_of(sealed, 3))
    with pytest.raises(SystemExit) as end:
        call_command("audit", "verify")
    assert end.value.code == 1
    assert "alma 3: altered" in capsys.readouterr().out
    call_command("audit", "key")
    assert len(capsys.readouterr().out.strip()) == 64
    call_command("audit", "checkpoint")
    assert f"{len(signed_for)} heads signed" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no tenant"):
        call_command("audit", "verify", "--tenant", "nobody")


@pytest.mark.django_db(transaction=True)
def test_two_sealers_make_one_chain() -> None:
    from tests.world import build

    world = build()
    for number in range(200):
        audit.record(world.alma, "test.thing", actor="user:1", at=NOON, number=number)

    def work() -> None:
        try:
            sealing.seal(world.alma)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds(world) == []
    assert AuditSeal.objects.of(world.alma).count() == AuditEntry.objects.of(world.alma).count()
