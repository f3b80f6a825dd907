"""Single mails: before all newsletters, to nobody who is dead, again when the relay was away."""

import socket
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import dkim

from hirnok.lib import clock
from hirnok.outbox import letters
from hirnok.outbox.models import Letter, Limit, Relay, State
from hirnok.register import holdings, suppression
from hirnok.register.models import Suppression
from hirnok.sandbox import server
from hirnok.tenants import signing
from tests.edge.sending import Sending, accepted, addresses, finished, states, wait_until
from tests.world import NOON

DATA = b"Subject: Jelszo\r\nMessage-ID: <l1@alma.example>\r\n\r\n.\r\n..ket pont\r\nSzia\r\n"


def post(sending: Sending, to: str, **changes: object) -> Letter:
    given = {
        "recipient": to,
        "return_path": "hirlevel@alma.example",
        "data": DATA,
        "at": clock.now(),
    }
    world = sending.world
    return letters.post(world.alma, world.dora.holding, **(given | changes))  # type: ignore[arg-type]


def in_state(letter: Letter, state: State) -> bool:
    letter.refresh_from_db()
    return letter.state == state


def test_it_sends_a_letter_as_it_was_written(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    letter = post(sending, "dora@example.hu")
    with sending.engine():
        wait_until(lambda: in_state(letter, State.SENT))
    assert letter.sent_at is not None
    assert (letter.attempts, letter.code) == (1, 250)
    assert sandbox.store.read(sandbox.store.newest()[0]) == DATA


def test_it_signs_the_letters_of_a_brand_that_signs(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    brand = sending.world.alma_brand
    brand.from_address = "hirlevel@alma.example"
    brand.save()
    signing.make_key(brand, actor="test", at=NOON)
    signing.start(brand, actor="test", at=NOON)
    record = signing.published(brand)
    assert record is not None
    sending.point_to(sandbox)
    ours = post(sending, "dora@example.hu", data=b"From: a@alma.example\n" + DATA)
    others = post(sending, "dora@example.hu", return_path="x@masik.example")
    without = post(
        sending, "dora@example.hu", return_path="", data=b"From: a@alma.example\n" + DATA
    )
    with sending.engine():
        wait_until(lambda: all(in_state(one, State.SENT) for one in (ours, others, without)))
    got = [sandbox.store.read(entry) for entry in sandbox.store.newest()]
    signed = [data for data in got if data.startswith(b"DKIM-Signature: ")]
    assert len(signed) == 2  # without a return path as the holding's brand
    for data in signed:
        assert data.endswith(DATA)
        assert dkim.verify(data, dnsfunc=lambda name, timeout=5: record.text.encode())
    assert DATA in got


def test_a_key_that_cannot_be_read_holds_letters_back(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    brand = sending.world.alma_brand
    brand.from_address = "hirlevel@alma.example"
    brand.save()
    signing.make_key(brand, actor="test", at=NOON)
    signing.start(brand, actor="test", at=NOON)
    type(brand).objects.filter(pk=brand.pk).update(dkim_key="of another secret")
    sending.point_to(sandbox)
    letter = post(sending, "dora@example.hu")
    with sending.engine():
        wait_until(lambda: in_state(letter, State.DEFERRED))
    assert accepted(sandbox) == []
    assert letter.reply == "The key that signs cannot be read"


def test_it_sends_letters_before_newsletters(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox, connections=1, messages_per_second=100)
    message = sending.launch(addresses(3000))
    with sending.engine():
        wait_until(lambda: len(accepted(sandbox)) > 10)
        letter = post(sending, "dora@example.hu")
        wait_until(lambda: in_state(letter, State.SENT))
        assert not finished(message)()


def test_it_tries_again_and_gives_up_as_the_relay_says(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    later = post(sending, "greylist-1@example.hu")
    never = post(sending, "no-such-1@example.hu")
    with sending.engine():
        wait_until(lambda: in_state(later, State.DEFERRED))
        wait_until(lambda: in_state(never, State.BOUNCED))
        assert "5.1.1" in never.reply
        assert later.next_at > clock.now()
        Letter.objects.filter(pk=later.pk).update(next_at=NOON)
        wait_until(lambda: in_state(later, State.SENT))
        assert later.attempts == 2


def test_it_writes_to_nobody_who_is_suppressed_for_all_mail(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    world = sending.world
    dora = holdings.index_of(world.alma.pk, "dora@example.hu")
    emil = holdings.index_of(world.alma.pk, "emil@example.ro")
    here = {"actor": "person", "at": NOON}
    suppression.suppress(world.alma, [dora], reason=Suppression.Reason.DEAD_ADDRESS, **here)
    suppression.suppress(world.alma, [emil], reason=Suppression.Reason.UNSUBSCRIBED, **here)
    dead = post(sending, "dora@example.hu")
    left = letters.post(
        world.alma, world.emil.holding, recipient="emil@example.ro",
        return_path="hirlevel@alma.example", data=DATA, at=clock.now(),
    )  # fmt: skip
    with sending.engine():
        wait_until(lambda: in_state(dead, State.SUPPRESSED))
        wait_until(lambda: in_state(left, State.SENT))
    assert {to for _, to in accepted(sandbox)} == {"emil@example.ro"}


def test_it_keeps_letters_while_the_relay_is_away(sending: Sending, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    sending.relay.port = port
    sending.relay.save()
    letter = post(sending, "dora@example.hu")
    with sending.engine():
        wait_until(lambda: in_state(letter, State.DEFERRED))
        assert letter.attempts == 0
        with server.start(tmp_path / "late", address=server.Address(smtp_port=port)) as late:
            Letter.objects.filter(pk=letter.pk).update(next_at=NOON)
            wait_until(lambda: in_state(letter, State.SENT) or _again(letter))
            assert len(accepted(late)) == 1


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def another_relay(sending: Sending, port: int, **changes: object) -> Relay:
    given = {"tenant": sending.world.alma, "name": "other", "host": "127.0.0.1", "port": port, "security": "none"}  # fmt: skip
    return Relay.objects.create(**(given | changes))


def test_another_relay_takes_letters_while_theirs_is_away_or_out_of_use(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.relay.port = closed_port()
    sending.relay.save()
    another_relay(sending, sandbox.port)
    letter = post(sending, "dora@example.hu")
    with sending.engine():
        wait_until(lambda: in_state(letter, State.DEFERRED) or in_state(letter, State.SENT))
        Letter.objects.filter(pk=letter.pk, state=State.DEFERRED).update(next_at=NOON)
        wait_until(lambda: in_state(letter, State.SENT) or _again(letter))
        Relay.objects.filter(pk=sending.relay.pk).update(held_at=NOON)
        held = post(sending, "emil@example.ro")
        wait_until(lambda: in_state(held, State.SENT) or _again(held))
    assert [to for _, to in accepted(sandbox)] == ["dora@example.hu", "emil@example.ro"]


def test_nobody_elses_relay_takes_them(sending: Sending, sandbox: server.Sandbox) -> None:
    Relay.objects.filter(pk=sending.relay.pk).update(held_at=NOON)
    another_relay(sending, sandbox.port, tenant=sending.world.barack, is_default=True)
    another_relay(sending, sandbox.port, held_at=NOON)
    letter = post(sending, "dora@example.hu")
    with sending.engine():
        wait_until(lambda: in_state(letter, State.DEFERRED))
    assert "no relay" in letter.reply
    assert accepted(sandbox) == []


def test_letters_obey_limits_and_pass_those_in_line(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    Limit.objects.create(tenant=sending.world.alma, relay=sending.relay, per_hour=20)
    message = sending.launch(addresses(40))
    with sending.engine():
        wait_until(lambda: states(message).get(State.DEFERRED, 0) == 38)  # a tenth at once
        waits = post(sending, "dora@example.hu")
        wait_until(lambda: in_state(waits, State.DEFERRED))
        assert (waits.attempts, waits.next_at <= clock.now() + timedelta(minutes=1)) == (0, True)
        Limit.objects.all().update(per_hour=2000)
        Letter.objects.filter(pk=waits.pk).update(next_at=NOON)
        wait_until(lambda: in_state(waits, State.SENT) or _again(waits))
        assert states(message)[State.DEFERRED] == 38  # they keep their places


def test_it_gives_up_when_it_is_too_old(sending: Sending) -> None:
    sending.relay.delete()
    old = post(sending, "dora@example.hu", at=clock.now() - timedelta(days=10))
    young = post(sending, "dora@example.hu")
    with sending.engine():
        wait_until(lambda: in_state(old, State.FAILED))
        wait_until(lambda: in_state(young, State.DEFERRED))
    assert "no relay" in young.reply


def test_it_uses_the_operators_relay_where_a_tenant_has_none(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.relay.delete()
    world = sending.world
    type(sending.relay).objects.create(
        tenant=world.operator, name="o", host="127.0.0.1", port=sandbox.port, security="none", is_default=True
    )  # fmt: skip
    letter = post(sending, "dora@example.hu")
    with sending.engine():
        wait_until(lambda: in_state(letter, State.SENT))
    kept = message_from_bytes(sandbox.store.read(sandbox.store.newest()[0]))
    assert kept["Subject"] == "Jelszo"


def test_a_killed_engine_leaves_letters_to_the_next(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    letter = post(sending, "slow-1@example.hu")
    with sending.engine() as engine:
        wait_until(lambda: _is_leased(letter))
        engine.kill()
        engine.wait(60)
    assert in_state(letter, State.QUEUED)
    Letter.objects.filter(pk=letter.pk).update(next_at=NOON)
    with sending.engine():
        wait_until(lambda: in_state(letter, State.SENT))
    assert states(sending.launch([])) == {}


def _is_leased(letter: Letter) -> bool:
    letter.refresh_from_db()
    return letter.attempts == 1


def _again(letter: Letter) -> bool:
    """The relay's pause may still have lasted: let it fall due once more."""
    Letter.objects.filter(pk=letter.pk, attempts=0, next_at__gt=clock.now()).update(next_at=NOON)
    return False
