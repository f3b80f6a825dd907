from datetime import timedelta
from pathlib import Path

import pytest

from hirnok.register import backups, suppression, trailing
from hirnok.register.models import Activity, Suppression
from tests.world import NOON, World

LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))


def _suppress(world: World, number: int, reason: str = "objection") -> None:
    index = number.to_bytes(16, "big")
    suppression.suppress(world.alma, [index], reason=reason, actor="user:1", at=LATER)


def test_it_writes_each_suppression_once(world: World) -> None:
    _suppress(world, 1)
    assert trailing.follow(LATER) == 1
    assert trailing.follow(LATER) == 0
    _suppress(world, 2)
    assert trailing.follow(LATER) == 1


def test_it_brings_back_what_was_forgotten_since_the_backup_only(world: World) -> None:
    _suppress(world, 1)
    trailing.follow(LATER)
    Suppression.objects.all().delete()

    assert trailing.replay(LATER) == 0
    assert trailing.replay(NOON) == 1
    assert trailing.replay(NOON) == 0
    assert bytes(Suppression.objects.get().key) == (1).to_bytes(16, "big")


def test_it_writes_what_is_new_although_a_restore_has_set_the_numbers_back(world: World) -> None:
    for number in range(3):
        _suppress(world, number)
    trailing.follow(LATER)
    newest = Suppression.objects.order_by("-pk").values_list("pk", flat=True)[0]
    Suppression.objects.all().delete()
    _suppress(world, 9)
    Suppression.objects.update(id=newest - 1)

    assert trailing.follow(LATER) == 1


def test_it_keeps_backups_as_long_as_the_strictest_register_says(world: World) -> None:
    assert backups.oldest(NOON) == NOON - timedelta(days=35)
    Activity.objects.of(world.barack).filter(code="backups").update(retention_period="P7D")
    assert backups.oldest(NOON) == NOON - timedelta(days=7)
