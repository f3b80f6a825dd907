import json
from datetime import timedelta
from pathlib import Path

import pytest

from hirnok.contacts.models import Contact, Import, ImportRejection, Subscription
from hirnok.register import closing, ledger
from hirnok.register.closing import Reason
from hirnok.register.models import Hold, Holding, Person
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World


@pytest.fixture(autouse=True)
def fresh_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))


def _end(world: World, *ids: int, reason: Reason = Reason.ERASED) -> closing.Ended:
    return closing.end(world.alma, ids, reason=reason, actor="user:1", at=NOON)


def test_it_removes_all_that_hangs_from_a_holding_and_the_person_with_the_last_one(
    world: World,
) -> None:
    person = world.dora.person_id

    done = _end(world, world.dora.pk)

    assert done == closing.Ended(holdings=1, persons=1, held=())
    assert not Contact.objects.filter(pk=world.dora.pk).exists()
    assert not Subscription.objects.filter(contact_id=world.dora.pk).exists()
    assert not Person.objects.filter(pk=person).exists()


def test_it_leaves_other_persons_and_other_tenants_alone(world: World) -> None:
    done = _end(world, world.dora.pk, world.barack_dora.pk)

    assert done.holdings == 1
    assert Contact.objects.filter(pk__in=[world.emil.pk, world.barack_dora.pk]).count() == 2


def test_it_can_be_repeated(world: World) -> None:
    _end(world, world.dora.pk)

    assert _end(world, world.dora.pk) == closing.Ended(0, 0, ())


def test_it_keeps_what_a_legal_hold_keeps_and_says_so(world: World) -> None:
    Hold.objects.create(
        tenant=world.alma, holding_id=world.dora.pk, reason="court", ordered_by="user:1", since=NOON
    )

    done = _end(world, world.dora.pk, world.emil.pk)

    assert done == closing.Ended(holdings=1, persons=1, held=(world.dora.pk,))
    kept = Holding.objects.get(pk=world.dora.pk)
    assert (kept.restricted_at, kept.expires_at) == (NOON, NOON)


def test_it_writes_counts_into_the_audit_log(world: World) -> None:
    _end(world, world.dora.pk)

    entry = AuditEntry.objects.get(tenant=world.alma, action="holding.end")
    assert entry.details == {"reason": "erased", "holdings": 1, "persons": 1, "held": 0}


def test_it_has_the_erasure_on_the_disk_but_not_an_expiry(world: World) -> None:
    path = ledger.folder() / f"{NOON:%Y-%m}.jsonl"
    index = bytes(world.dora.person.blind_index)

    _end(world, world.dora.pk)
    _end(world, world.emil.pk, reason=Reason.EXPIRED)

    (line,) = path.read_text().split()
    entry = json.loads(line)
    assert entry["tenant"] == world.alma.pk
    assert entry["holdings"] == [world.dora.pk]
    assert entry["blind_indexes"] == [index.hex()]
    assert path.stat().st_mode & 0o077 == 0


def test_it_finds_the_person_in_the_rejected_rows_of_imports(world: World) -> None:
    run = Import.objects.create(
        tenant=world.alma,
        brand=world.alma_brand,
        file_name="a.csv",
        file_size=1,
        created_by="user:1",
        created_at=NOON,
        expires_at=NOON + timedelta(days=7),
    )
    for row, contact in enumerate((world.dora, world.emil)):
        ImportRejection.objects.create(
            tenant=world.alma,
            run=run,
            row=row,
            reason="duplicate",
            cells=[contact.email],
            blind_index=contact.person.blind_index,
        )

    _end(world, world.dora.pk)

    assert [rejection.cells for rejection in ImportRejection.objects.all()] == [[world.emil.email]]
