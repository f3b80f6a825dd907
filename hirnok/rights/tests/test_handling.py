"""What staff do with a request: identify, decide within the law, extend in time, answer, pass on, close."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hirnok.register import closing
from hirnok.register.models import Holding
from hirnok.rights import (
    answering,
    deciding,
    letters,
    outcomes,
    performing,
    receiving,
    refusing,
)
from hirnok.rights.letters import Party
from hirnok.rights.models import Correspondence, Document, Outcome, Paper, Request, Right
from hirnok.rights.receiving import Asker
from hirnok.rights.tests.asked import DORA, mails_to, taken, task_of, text_of
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

pytestmark = pytest.mark.django_db
BY = {"actor": "user:1", "at": NOON}
LATER: Any = {"actor": "user:1", "at": NOON + timedelta(days=3)}


def settle_all(request: Request, right: Right | None = None) -> None:
    """Write down an answer of every module, as people would by hand."""
    for task in request.tasks.filter(tenant_id=request.tenant_id):
        for module in outcomes.modules():
            Outcome.objects.create(
                tenant_id=request.tenant_id,
                task=task,
                module=module,
                kind="none_found",
                at=NOON,
                settled_by="user:1",
            )


def test_it_counts_from_the_day_of_receipt(world: World) -> None:
    made = taken(world.alma, Right.ACCESS, at=NOON)

    assert made.target_due == date(2026, 11, 27)
    assert made.legal_due == made.first_due == date(2026, 12, 2)
    assert len(made.reference) == 9


def test_it_counts_by_the_tenants_own_day(world: World) -> None:
    late_evening = NOON.replace(hour=23, minute=30)  # the next day in Budapest
    assert taken(world.alma, Right.ACCESS, at=late_evening).legal_due == date(2026, 12, 3)


def test_it_needs_somebody_to_answer(world: World) -> None:
    with pytest.raises(receiving.NobodyNamed):
        taken(world.alma, Right.ACCESS, at=NOON, asker=Asker(name="Dóra"))


def test_who_has_no_address_is_the_same_person_the_next_time(world: World) -> None:
    asker = Asker(name="Kiss  Ödön", postal_address="1011 Budapest,\nFő u. 2.")
    same = Asker(name="kiss ödön", postal_address="1011 Budapest, Fő u. 2.")
    first = taken(world.alma, Right.ACCESS, at=NOON, asker=asker)
    second = taken(world.alma, Right.ACCESS, at=NOON, asker=same)

    assert first.holding.person_id == second.holding.person_id


def test_the_clock_stands_while_it_is_not_known_who_asks(world: World) -> None:
    made = taken(world.alma, Right.ERASURE, at=NOON, identified=False)
    with acting_for(world.alma):
        receiving.pause_for_identity(made, **BY)
        with pytest.raises(performing.NotIdentified):
            performing.perform(task_of(made), **BY)
        receiving.identify(
            made, "call_back", actor="user:1", at=NOON + timedelta(days=5), reason="ismert szám"
        )
        with pytest.raises(receiving.AlreadyIdentified):
            receiving.identify(made, "call_back", **BY)

    assert made.status == "in_progress"
    assert made.legal_due == date(2026, 12, 7)
    assert Correspondence.objects.get(request=made).identity_note == "ismert szám"


@pytest.mark.parametrize("right", [one for one in Right if one != Right.REVIEW])
def test_nothing_is_granted_while_a_module_has_not_answered(world: World, right: Right) -> None:
    made = taken(world.alma, right, at=NOON)
    with acting_for(world.alma):
        with pytest.raises(performing.NotSettled) as fact:
            deciding.grant(task_of(made), **BY)
        assert {"contacts", "outbox", "consent"} <= set(fact.value.args)
        with pytest.raises(answering.Undecided):
            answering.answer(made, **BY)

        settle_all(made)
        Outcome.objects.filter(module="outbox").update(kind="failed")
        with pytest.raises(performing.NotSettled) as fact:
            deciding.grant(task_of(made), **BY)
        assert fact.value.args == ("outbox",)

        performing.settle(
            Outcome.objects.get(module="outbox"), "removed", reason="Kézzel töröltem.", **BY
        )
        deciding.grant(task_of(made), **BY)
        answering.answer(made, **BY)
    assert made.status == "answered"


def test_a_decision_that_was_granted_is_not_answered_when_a_module_fails_after_it(
    world: World,
) -> None:
    made = taken(world.alma, Right.ERASURE, at=NOON)
    with acting_for(world.alma):
        settle_all(made)
        deciding.grant(task_of(made), **BY)
        Outcome.objects.filter(module="contacts").update(kind="needs_human")
        with pytest.raises(performing.NotSettled):
            answering.answer(made, **BY)


@pytest.mark.parametrize(
    ("right", "ground", "is_lawful"),
    [
        (Right.ERASURE, "obligation", True),
        (Right.ERASURE, "accurate", False),
        (Right.RECTIFICATION, "accurate", True),
        (Right.ACCESS, "others", True),
        (Right.ACCESS, "claims", False),
        (Right.ACCESS, "excessive", True),
        (Right.WITHDRAWAL, "excessive", False),
        (Right.WITHDRAWAL, "not_identified", True),
        (Right.PORTABILITY, "not_portable", True),
        (Right.ACCESS, "because", False),
    ],
)
def test_it_refuses_on_the_laws_grounds_only(
    world: World, right: Right, ground: str, is_lawful: bool
) -> None:
    made = taken(world.alma, right, at=NOON)
    with acting_for(world.alma):
        if not is_lawful:
            with pytest.raises(refusing.NoLawfulGround):
                deciding.refuse(task_of(made), ground, "Mert.", **BY)
            return
        with pytest.raises(deciding.NoReasons):
            deciding.refuse(task_of(made), ground, "  ", **BY)
        deciding.refuse(task_of(made), ground, "Mert így van.", **BY)
        answering.answer(made, **BY)
    assert made.status == "refused"


def test_an_objection_to_advertising_is_never_refused(world: World) -> None:
    made = taken(world.alma, Right.OBJECTION, at=NOON, marketing=True)
    with acting_for(world.alma):
        for ground in refusing.GROUNDS:
            if ground != "not_identified":
                with pytest.raises(refusing.NoLawfulGround):
                    deciding.refuse(task_of(made), ground, "Mert.", **BY)


def test_a_refusal_names_ground_reasons_and_remedies(world: World) -> None:
    made = taken(world.alma, Right.ERASURE, at=NOON)
    with acting_for(world.alma):
        deciding.refuse(task_of(made), "obligation", "A számlát nyolc évig őrizzük.", **BY)
        answering.answer(made, **BY)

    text = text_of(mails_to(world.alma, DORA)[-1])
    assert "Kérését nem teljesíthetjük." in text
    assert "GDPR 17 (3) b" in text
    assert "A számlát nyolc évig őrizzük." in text
    assert "ugyfelszolgalat@naih.hu" in text
    assert "bírósághoz" in text
    assert "sérelemdíj" in text


def test_some_rights_granted_and_some_refused_is_an_answer_in_part(world: World) -> None:
    made = taken(world.alma, Right.ACCESS, Right.ERASURE, at=NOON)
    with acting_for(world.alma):
        settle_all(made)
        deciding.grant(made.tasks.get(right="access"), **BY)
        deciding.refuse(made.tasks.get(right="erasure"), "claims", "Per folyik.", **BY)
        answering.answer(made, **LATER)
    assert made.status == "answered_partly"
    assert made.copy_until == LATER["at"] + performing.COPY_KEPT


def test_it_extends_once_and_within_the_first_month(world: World) -> None:
    made = taken(world.alma, Right.ACCESS, at=NOON)
    with acting_for(world.alma):
        with pytest.raises(deciding.NoReasons):
            deciding.extend(made, "", **BY)
        deciding.extend(made, "Sok irat", actor="user:1", at=NOON + timedelta(days=30))
        with pytest.raises(deciding.AlreadyExtended):
            deciding.extend(made, "Még több irat", **BY)
    assert made.status == "extended"
    assert made.legal_due == made.target_due == date(2027, 2, 2)
    told = mails_to(world.alma, DORA)[-1]
    assert "Sok irat" in text_of(told)
    assert "2027. február 2." in text_of(told)


def test_it_refuses_to_extend_after_the_first_month(world: World) -> None:
    made = taken(world.alma, Right.ACCESS, at=NOON)
    with acting_for(world.alma), pytest.raises(deciding.TooLate):
        deciding.extend(made, "Sok irat", actor="user:1", at=NOON + timedelta(days=31))


def test_it_asks_for_a_fee_where_the_law_has_one_only(world: World) -> None:
    made = taken(world.alma, Right.ACCESS, at=NOON)
    with acting_for(world.alma):
        for ground, amount in (("claims", "10"), ("excessive", "0"), ("", "10")):
            with pytest.raises(deciding.NoFee):
                deciding.ask_fee(made, Decimal(amount), "HUF", ground, **BY)
        deciding.ask_fee(made, Decimal("1500"), "HUF", "excessive", **BY)
    assert "1500 HUF" in text_of(mails_to(world.alma, DORA)[-1]).replace("\xa0", "").replace(
        " HUF", " HUF"
    )


def test_a_request_that_reached_the_wrong_party_is_passed_on_in_writing(world: World) -> None:
    asker = Asker(email=DORA, name="Őri Dóra", words="Töröljék a nevemet!")
    made = taken(world.alma, Right.ERASURE, at=NOON, asker=asker)
    with acting_for(world.alma):
        with pytest.raises(answering.NoParty):
            answering.pass_on(made, Party("Barack Kft."), **BY)
        answering.pass_on(
            made, Party("Barack Kft.", "Kecskemét", "adatvedelem@barack.example"), **BY
        )

    assert made.status == "passed_on"
    to_party = text_of(mails_to(world.alma, "adatvedelem@barack.example")[-1])
    assert "Töröljék a nevemet!" in to_party
    assert DORA in to_party
    assert "/rights/" not in to_party
    to_person = text_of(mails_to(world.alma, DORA)[-1])
    assert "Barack Kft." in to_person
    assert Holding.objects.filter(tenant=world.alma, pk=world.dora.pk).exists()


def test_a_duplicate_is_of_the_same_person(world: World) -> None:
    first = taken(world.alma, Right.ACCESS, at=NOON)
    second = taken(world.alma, Right.ACCESS, at=NOON)
    other = taken(world.alma, Right.ACCESS, at=NOON, asker=Asker(email="emil@example.ro"))
    with acting_for(world.alma):
        for wrong in (second, other):
            with pytest.raises(answering.NotItself):
                answering.mark_duplicate(second, wrong, **BY)
        answering.mark_duplicate(second, first, **BY)
        with pytest.raises(receiving.NotOpen):
            answering.withdraw(second, **BY)
    assert second.duplicate_of_id == first.pk


def test_who_wrote_on_paper_gets_paper(world: World) -> None:
    asker = Asker(name="Kiss Ödön", postal_address="1011 Budapest, Fő u. 2.")
    made = taken(world.alma, Right.REVIEW, at=NOON, asker=asker)
    with acting_for(world.alma):
        deciding.grant(task_of(made), reasons="Megnéztük.", **BY)
        letter = answering.answer(made, **BY)
        assert letter.delivered_at is None
        answering.mark_delivered(letter, "post", **LATER)
        data = bytes(Paper.objects.get(document=letter).data)
    assert data.startswith(b"%PDF")
    assert Document.objects.get(pk=letter.pk).delivery == "post"


def test_the_request_outlasts_its_letters(world: World) -> None:
    made = taken(world.alma, Right.REVIEW, at=NOON)
    with acting_for(world.alma):
        deciding.grant(task_of(made), **BY)
        answering.answer(made, **BY)
        held = {one.activity.code: one for one in answering.holdings_of(made)}
        assert held["rights"].expires_at == NOON.replace(year=2031)
        assert held["rights_letters"].expires_at == NOON.replace(year=2027)
        closing.end(world.alma, [held["rights_letters"].pk], reason=closing.Reason.EXPIRED, **BY)
        assert Request.objects.get(pk=made.pk).status == "answered"
        assert not Paper.objects.exists()
        assert len(Document.objects.get().digest) == 64
        with pytest.raises(letters.NoLetters):
            letters.compose(made, "answer", at=NOON)


@pytest.mark.parametrize("language", ["hu", "ro", "en"])
@pytest.mark.parametrize(
    "kind", ["receipt", "identity", "extension", "fee", "answer", "passing_on", "passed_on"]
)
def test_every_letter_is_there_in_every_language(world: World, language: str, kind: str) -> None:
    made = taken(world.alma, Right.ERASURE, at=NOON)
    made.language, made.fee_ground, made.fee_amount = language, "excessive", Decimal(5)
    told = letters.compose(made, kind, at=NOON, party=Party("Barack Kft.", "Kecskemét"))

    assert told["language"] == language
    assert told["title"]
    assert len(told["sections"]) >= 2
