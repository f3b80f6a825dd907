"""A lost installation comes back from its encrypted backup, and nobody who was erased comes back with it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from hirnok.process import backing, database, postgres
from hirnok.process.layout import Cluster
from hirnok.process.tests.places import open_folder

CANARY = "dora@example.hu"  # of two tenants
STAYS = "emil@example.ro"
PREAMBLE = """
import os
from hirnok.process import database
os.environ |= {"DATABASE_URL": database.url(), "HIRNOK_ROLE": "owner"}
import django; django.setup()
from hirnok.lib import clock
from hirnok.contacts.models import Contact
from hirnok.register import closing, suppression, trailing
from hirnok.register.models import Hold
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
"""
BUILD = """
from tests import world
made = world.build()
Hold.objects.create(tenant=made.alma, holding_id=made.dora.pk, reason="court", ordered_by="user:1", since=clock.now())
"""
ERASE = """
Hold.objects.all().delete()
for one in Contact.objects.filter(email="dora@example.hu"):
    with acting_for(one.tenant_id):
        closing.end(one.tenant_id, [one.pk], reason=closing.Reason.ERASED, actor="user:1", at=clock.now())
alma = Tenant.objects.get(slug="alma")
with acting_for(alma):
    suppression.suppress(alma, [bytes(16)], reason="objection", actor="user:1", at=clock.now())
trailing.follow(clock.now())
"""


@dataclass
class Place:
    """An installation with an embedded server, without its processes."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HIRNOK_", "DATABASE_"))}
        return kept | {"HIRNOK_VAR": str(self.folder), "DJANGO_SETTINGS_MODULE": "hirnok.settings"}

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.folder / "postgres")

    def hirnok(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "hirnok", *words],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    def python(self, code: str) -> None:
        done = subprocess.run(
            [sys.executable, "-c", PREAMBLE + code],
            env=self.environment | {"PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def does(self, *words: str, **environment: str) -> str:
        done = self.hirnok(*words, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def dumped(self) -> str:
        """All data of the database, as text."""
        url = postgres.superuser_url(self.cluster, database.NAME)
        return subprocess.run(
            [
                backing.program("pg_dump", 180000),
                "--data-only",
                "--exclude-table-data=procrastinate*",
            ],
            env=backing.connection_environment(url),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        url = postgres.superuser_url(self.cluster, database.NAME)
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return list(cursor.fetchall()) if cursor.description else []

    @property
    def is_under_maintenance(self) -> bool:
        return (self.folder / "maintenance.json").exists()


@pytest.fixture(scope="module")
def folders() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def lost(folders: Path) -> Iterator[Place]:
    """An installation of which a backup was made before somebody was erased."""
    place = Place(folders / "lost")
    with postgres.running(place.cluster):
        place.does("migrate", "--verbosity", "0")
        place.python(BUILD)
        place.does("backup", "--to", str(folders / "backups"))
        place.python(ERASE)
        yield place


@pytest.fixture(scope="module")
def backup(lost: Place, folders: Path) -> Path:
    return backing.backups(folders / "backups")[-1][1]


@pytest.fixture
def fresh(lost: Place, folders: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A fresh cluster elsewhere; the secret has been changed there, the earlier one stands behind it."""
    place = Place(folders / request.node.name[-40:])
    place.folder.mkdir()
    shutil.copy(lost.folder / "secret.key", place.folder)
    place.does("rotate-secret")
    with postgres.running(place.cluster):
        yield place


def test_it_finds_nothing_of_who_was_erased_since_the_backup(
    lost: Place, fresh: Place, backup: Path
) -> None:
    assert CANARY.encode() not in b"".join(path.read_bytes() for path in backup.iterdir())

    said = fresh.does("restore", str(backup.parent), "--yes", "--ledger", str(lost.folder))

    assert "maintenance is over" in said and not fresh.is_under_maintenance
    data = fresh.dumped()
    assert STAYS in data
    for canary in (CANARY, "Dóra", "D\\xc3\\xb3ra"):
        assert canary not in data
    assert fresh.ask("SELECT count(*) FROM register_suppression WHERE reason = 'objection'") == [
        (1,)
    ]
    assert json.loads(fresh.does("audit", "verify", "--json"))["problems"] == []
    assert fresh.ask("SELECT bool_and(rolcanlogin) FROM pg_roles WHERE rolname LIKE 'hirnok%'") == [
        (True,)
    ]
    again = backing.backups(backup.parent)[-1][1]
    assert again == backup


def test_it_stays_under_maintenance_while_somebody_is_back_and_says_why(
    lost: Place, fresh: Place, backup: Path
) -> None:
    forged = fresh.folder / "erasures" / "2999-01.jsonl"
    forged.parent.mkdir()
    known = next((lost.folder / "erasures").glob("*.jsonl")).read_text()
    forged.write_text(known.replace('"reason":"erased"', '"reason":"no such reason"'))

    done = fresh.hirnok("restore", str(backup), "--yes")

    assert done.returncode == 1 and "NOT ERASED AGAIN" in done.stderr
    assert fresh.is_under_maintenance
    assert "hirnok retention" not in done.stdout
    for process in ("worker", "engine", "tracker"):
        refused = fresh.hirnok(process)
        assert refused.returncode == 1 and "under maintenance" in refused.stderr
    assert fresh.ask(
        "SELECT bool_or(rolcanlogin) FROM pg_roles WHERE rolname IN ('hirnok_web', 'hirnok_edge')"
    ) == [(False,)]

    forged.write_text(known)
    fresh.does("restore", "--finish", "--yes")

    assert not fresh.is_under_maintenance and CANARY not in fresh.dumped()


def test_it_refuses_a_backup_that_was_cut_off_or_altered_and_touches_nothing(
    lost: Place, backup: Path, tmp_path: Path
) -> None:
    for name, change in (
        (backing.DUMP, lambda data: data[:-1]),
        (backing.DUMP, lambda data: data[:500] + bytes([data[500] ^ 1]) + data[501:]),
        (backing.FILES, lambda data: b""),
        (backing.MANIFEST, lambda data: data.replace(b'"hirnok"', b'"hirnek"')),
        (backing.MANIFEST, lambda data: data[:40]),
    ):
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        copy = Path(shutil.copytree(backup, tmp_path / "copy"))
        (copy / name).write_bytes(change((copy / name).read_bytes()))

        done = lost.hirnok("restore", str(copy), "--yes")

        assert done.returncode == 1 and "not what was written" in done.stderr
        assert not lost.is_under_maintenance


def test_it_refuses_another_key_and_takes_the_earlier_one_when_it_is_given(
    lost: Place, backup: Path
) -> None:
    another = {"HIRNOK_SECRET_KEY": "another secret"}

    refused = lost.hirnok("backup", "--verify", str(backup), **another)
    assert refused.returncode == 1 and "another installation secret" in refused.stderr

    earlier = (lost.folder / "secret.key").read_text().strip()
    said = lost.does("backup", "--verify", str(backup), HIRNOK_OLD_SECRET_KEYS=earlier, **another)
    assert said.startswith("whole: hirnok")


def test_it_comes_back_over_what_is_there_and_keeps_its_own_ledger(
    lost: Place, backup: Path
) -> None:
    before = (lost.folder / "erasures").glob("*.jsonl")
    kept = {path.name: path.read_bytes() for path in before}

    lost.does("restore", str(backup), "--yes")

    data = lost.dumped()
    assert CANARY not in data and STAYS in data
    for name, content in kept.items():
        assert (lost.folder / "erasures" / name).read_bytes().startswith(content)


def test_a_restore_that_was_killed_can_be_begun_again(lost: Place, backup: Path) -> None:
    lost.ask("ALTER SCHEMA public RENAME TO before_restore")  # as far as the killed one came
    ((owner,),) = lost.ask(
        "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'before_restore'"
    )
    lost.ask(f"CREATE SCHEMA public AUTHORIZATION {owner}")

    lost.does("restore", str(backup), "--yes")

    assert STAYS in lost.dumped()
    assert lost.ask("SELECT to_regnamespace('before_restore')") == [(None,)]


def test_it_deletes_backups_by_their_age_only_and_none_that_is_young(tmp_path: Path) -> None:
    for name in ("hirnok-20261001T000000Z", "hirnok-20261101T000000Z", "hirnok-notes"):
        (tmp_path / name).mkdir()

    gone = backing.forget(tmp_path, datetime(2026, 10, 15, tzinfo=UTC))

    assert [path.name for path in gone] == ["hirnok-20261001T000000Z"]
    assert {path.name for path in tmp_path.iterdir()} == {"hirnok-20261101T000000Z", "hirnok-notes"}
