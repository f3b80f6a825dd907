"""A backup brings erased people back; the ledger outside of it takes them away again."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from hirnok.consent import leaving
from hirnok.consent.tests.sent import delivery_to
from hirnok.contacts.models import Contact
from hirnok.register import closing, holdings, ledger, replaying, suppression
from hirnok.register.closing import Reason
from hirnok.register.models import Holding, LegalBasis, Person
from tests.world import NOON, World, contact

LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def fresh_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))


def _restore(world: World, number: int) -> None:
    """Put the row back as the backup has it: the same number, the same person, no suppression."""
    suppression.Suppression.objects.all().delete()
    back = contact(world.alma_list, "dora@example.hu")
    old = Holding.objects.get(pk=back.pk)
    fields = {f.attname: getattr(old, f.attname) for f in Holding._meta.concrete_fields}
    Holding.objects.create(**fields | {"id": number})


def test_it_erases_again_who_had_left_and_suppresses_again(world: World) -> None:
    number = world.dora.pk
    leaving.unsubscribe(delivery_to(world.dora), surface=leaving.Surface.PAGE, at=LATER)
    _restore(world, number)

    done = replaying.replay(LATER)

    assert (done.entries, done.holdings) == (1, 1)
    assert not Holding.objects.filter(pk=number).exists()
    index = holdings.index_of(world.alma.pk, "dora@example.hu")
    assert suppression.suppressed(world.alma, world.alma_brand, [index]) == {index}
    assert replaying.replay(LATER).holdings == 0


def test_it_leaves_somebody_who_was_given_the_same_number_later(world: World) -> None:
    number = world.dora.pk
    leaving.unsubscribe(delivery_to(world.dora), surface=leaving.Surface.PAGE, at=LATER)
    emil = Person.objects.get(pk=world.emil.person_id)
    other = holdings.open_for(emil, activity="newsletter", legal_basis=LegalBasis.CONSENT, at=NOON)
    Holding.objects.filter(pk=other.pk).update(id=number)

    assert replaying.replay(LATER).holdings == 0
    assert Contact.objects.filter(pk=world.emil.pk).exists()


def test_it_does_not_stumble_over_a_line_that_was_cut_off(world: World) -> None:
    leaving.unsubscribe(delivery_to(world.dora), surface=leaving.Surface.PAGE, at=LATER)
    (path,) = ledger.folder().glob("*.jsonl")
    with path.open("a") as file:
        file.write('{"at": "20')
    closing.end(world.alma, [world.emil.pk], reason=Reason.ERASED, actor="user:1", at=LATER)
    out = StringIO()

    call_command("replay_erasures", stdout=out)

    assert out.getvalue().startswith("2 entries in the ledger; 0 holdings")
