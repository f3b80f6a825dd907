"""What comes back is forwarded if the tenant wants it: never in a loop, and never longer than the reader's data stay."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from hirnok.consent.tests.sent import delivery_to
from hirnok.lib import sql
from hirnok.mail import letters as mail_letters
from hirnok.mail.tests import returned as mails
from hirnok.outbox import counting
from hirnok.outbox.models import Delivery, Letter, State
from hirnok.register import closing, holdings
from hirnok.register.closing import Reason
from hirnok.register.models import Holding
from hirnok.returns import applying, domains, forwarding, storing
from hirnok.returns.models import Forwarded, Forwarding, Mailbox, Returned
from tests.world import NOON, World

OFFICE = "iroda@alma.example"
PAGE = "/alma/settings/returns/forwarding/"
VACATION = mails.notice(
    "I am out of office until Monday.",
    sender="dora@example.hu",
    subject="Out of office",
    more="Auto-Submitted: auto-replied\n",
)
COMPLAINT = mails.report(
    "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1", kind="feedback-report"
)


def bounce(said: str = "550 5.1.1 No such user", **more: str) -> bytes:
    return mails.report(mails.status("dora@example.hu", code="5.1.1", said=said, **more))


def wish(world: World, **more: object) -> None:
    chosen = forwarding.Wish(OFFICE, **more)  # type: ignore[arg-type]
    forwarding.choose(world.alma, chosen, actor="user:1", at=NOON)


def came(world: World, raw: bytes, delivery: Delivery | None, *, road: str = "smtp") -> Returned | None:  # fmt: skip
    storing.keep(world.alma, [raw], road=road, at=NOON)
    row = Returned.objects.of(world.alma).order_by("pk").last()
    Returned.objects.filter(pk=row.pk).update(delivery=delivery)
    applying.apply_new(world.alma, at=NOON)
    return Returned.objects.filter(pk=row.pk).first()


def parsed(data: bytes) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(bytes(data), policy=policy.default))


@pytest.mark.django_db
def test_nothing_is_forwarded_unless_it_is_wanted(world: World) -> None:
    came(world, bounce(), delivery_to(world.dora))
    assert not Letter.objects.exists()


@pytest.mark.django_db
def test_a_failure_is_forwarded_as_it_came(world: World) -> None:
    wish(world)
    raw = bounce()
    row = came(world, raw, delivery_to(world.dora))
    letter = Letter.objects.get()
    assert (letter.recipient, letter.return_path, letter.is_forwarded) == (OFFICE, "", True)
    assert bytes(letter.holding.person.blind_index) == holdings.index_of(world.alma.pk, OFFICE)
    assert letter.expires_at == NOON + timedelta(days=30)
    message = parsed(letter.data)
    assert (message["To"], message["Auto-Submitted"]) == (OFFICE, "auto-generated")
    assert message["Subject"] == "Visszajött levél: Alma"
    text, attached = message.iter_parts()
    assert "Alma" in text.get_content()
    assert attached.get_content_type() == "message/rfc822"
    inner = attached.get_content()
    assert inner.get_content_type() == "multipart/report"
    assert inner["Subject"] == "Undelivered Mail Returned to Sender"
    assert b"No such user" in bytes(letter.data)
    assert Forwarded.objects.get().returned_id == row.pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("raw", "chosen", "expected"),
    [
        (bounce(), {}, 1),
        (bounce(said="421 busy", action="delayed"), {}, 0),
        (VACATION, {}, 0),
        (VACATION, {"autoreplies": True}, 1),
    ],
)
def test_it_forwards_what_was_chosen(world: World, raw: bytes, chosen: dict[str, bool], expected: int) -> None:  # fmt: skip
    wish(world, **chosen)
    came(world, raw, delivery_to(world.dora))
    assert Letter.objects.filter(is_forwarded=True).count() == expected


@pytest.mark.django_db
def test_a_complaint_goes_with_who_complains(world: World) -> None:
    wish(world, autoreplies=True)
    assert came(world, COMPLAINT, delivery_to(world.emil)) is None
    virus = COMPLAINT.replace(b"abuse", b"virus")  # no complaint of a reader: nobody leaves
    assert came(world, virus, delivery_to(world.dora, 2)) is not None
    assert not Letter.objects.filter(is_forwarded=True).exists()


@pytest.mark.django_db
def test_a_copy_never_loops(world: World) -> None:
    wish(world, autoreplies=True)
    delivery = delivery_to(world.dora)
    came(world, bounce(), delivery)
    copy = bytes(Letter.objects.get().data)
    refused_copy = mails.report(mails.status(OFFICE, code="5.1.1"), original=copy.decode())
    quoted = mails.notice(
        "".join(f"> {line}\n" for line in copy.decode().splitlines()), sender=OFFICE, more="Auto-Submitted: auto-replied\n"
    )  # fmt: skip
    for raw in (copy, refused_copy, quoted):
        for road in ("imap", "smtp"):
            row = came(world, raw + road.encode(), delivery, road=road)
            assert row is not None
            assert (row.state, row.kind) == ("applied", "none")
    own = mails.report(mails.status(OFFICE, code="5.1.1"))  # the mark was cut off
    came(world, own, delivery)
    assert Letter.objects.count() == 1


@pytest.mark.django_db
def test_no_more_than_so_many_an_hour(world: World) -> None:
    wish(world, per_hour=1)
    came(world, bounce(), delivery_to(world.dora))
    came(world, bounce(said="550 5.1.1 Who?"), delivery_to(world.emil, 2))
    assert Letter.objects.count() == 1
    assert Forwarding.objects.get().left_out == 1
    Forwarded.objects.update(at=NOON - timedelta(hours=1))
    came(world, bounce(said="550 5.1.1 Still nobody"), delivery_to(world.emil, 3))
    assert Letter.objects.count() == 2
    assert Holding.objects.filter(pk__in=Letter.objects.values("holding_id")).count() == 1
    page = world.client(world.anna).get(PAGE).content.decode()
    assert "1 mail was not forwarded" in page


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.QUEUED, State.SENT])
def test_a_copy_goes_with_the_reader(world: World, state: State) -> None:
    wish(world)
    came(world, bounce(), delivery_to(world.dora))
    Letter.objects.update(state=state)
    ids = list(Holding.objects.of(world.alma).filter(person=world.dora.person).values_list("pk", flat=True))  # fmt: skip
    closing.end(world.alma, ids, reason=Reason.ERASED, actor="user:1", at=NOON)
    assert not Returned.objects.exists()
    assert not Letter.objects.exists()
    assert not Forwarded.objects.exists()
    assert Forwarding.objects.get().address == OFFICE


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["web", "edge"])
def test_the_roles_that_do_it_may(world: World, role: str) -> None:
    wish(world)
    storing.keep(world.alma, [bounce()], road="smtp", at=NOON)
    Returned.objects.update(delivery=delivery_to(world.dora))
    with connection.cursor() as cursor:
        name = sql.role_name(connection.settings_dict["NAME"], role)
        cursor.execute(f'SET ROLE "{name}"')
        applying.apply_new(world.alma, at=NOON)
        cursor.execute("RESET ROLE")
    Letter.objects.update(state=State.SENT, sent_at=NOON)
    world.client(world.mark).post(f"/alma/contacts/{world.dora.pk}/erase/", {"suppress": "on"})
    assert not Returned.objects.exists()
    assert not Letter.objects.exists()
    assert counting.sent_in_month(world.alma, NOON).forwarded == 1


@pytest.mark.django_db
def test_an_owner_chooses_an_address_to_which_mail_can_go(world: World) -> None:
    client = world.client(world.anna)
    domains.choose(world.alma, world.alma_brand, "vissza.alma.example", actor="user:1", at=NOON)
    Mailbox.objects.create(
        tenant=world.alma, name="b", protocol="imap", host="h", port=993, username="Box@alma.example"
    )  # fmt: skip
    for bad, said in (
        ("nobody", "This is no e-mail address"),
        ("x@vissza.alma.example", "comes back to Hírnök itself"),
        ("box@alma.example", "comes back to Hírnök itself"),
    ):
        answer = client.post(PAGE, {"address": bad, "per_hour": 5})
        assert said in answer.content.decode()
    assert client.post(PAGE, {"address": OFFICE, "per_hour": 0}).status_code == 200
    assert not Forwarding.objects.exists()
    assert (
        client.post(PAGE, {"address": OFFICE, "per_hour": 5, "autoreplies": "on"}).status_code
        == 302
    )
    chosen = Forwarding.objects.get()
    assert (chosen.address, chosen.per_hour, chosen.autoreplies) == (OFFICE, 5, True)  # fmt: skip
    assert client.post(PAGE, {"address": "", "per_hour": 5}).status_code == 302
    assert not Forwarding.objects.exists()
    assert world.client(world.mark).get(PAGE).status_code in {403, 404}


@pytest.mark.django_db
def test_what_was_forwarded_counts_as_sent(world: World) -> None:
    wish(world)
    came(world, bounce(), delivery_to(world.dora))
    assert counting.sent_in_month(world.alma, NOON).forwarded == 0
    Letter.objects.update(state=State.SENT, sent_at=NOON)
    Letter.objects.all().delete()
    assert counting.sent_in_month(world.alma, NOON) == counting.Sent(NOON.date().replace(day=1), 1, 0, 1)  # fmt: skip


@given(
    st.binary(max_size=2000)
    | st.text(max_size=500).map(lambda text: b"Subject: x\n\n" + text.encode())
)
def test_whatever_came_can_be_attached(raw: bytes) -> None:
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = "x"
    message.set_content("x")
    message.make_mixed()
    message.attach(forwarding.attachment(raw))
    data = mail_letters.as_bytes(message)
    assert data.isascii()
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert len(list(parsed(data).iter_parts())) == 2
