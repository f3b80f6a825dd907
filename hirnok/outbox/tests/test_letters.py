"""Letters: Django's mail backend in the caller's transaction, allauth's password reset on it."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, cast

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from hirnok.lib import clock
from hirnok.outbox import letters
from hirnok.outbox.models import Letter
from tests.world import NOON

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from tests.world import World

BACKEND = "hirnok.outbox.letters.LetterBackend"


def parsed(letter: Letter) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(bytes(letter.data), policy=policy.default))


def test_it_posts_under_a_holding_and_expires(world: "World") -> None:
    letter = letters.post(
        world.alma,
        world.dora.holding,
        recipient="dora@example.hu",
        return_path="hirlevel@alma.example",
        data=b"Subject: x\r\n\r\n",
        at=NOON,
    )
    assert (letter.next_at, letter.expires_at) == (NOON, NOON + timedelta(days=30))


def test_it_sends_a_password_reset_as_a_letter(world: "World", settings: "SettingsWrapper") -> None:
    settings.EMAIL_BACKEND = BACKEND
    before = clock.now()
    response = Client().post("/account/password/reset/", {"email": world.anna.email})
    assert response.status_code == 302
    letter = Letter.objects.get()
    assert letter.tenant_id == world.operator.pk
    assert letter.holding_id == world.anna.holding_id
    assert letter.recipient == world.anna.email
    assert letter.created_at >= before
    message = parsed(letter)
    assert message["To"] == world.anna.email
    assert message["Auto-Submitted"] == "auto-generated"
    body = message.get_body(("plain",))
    assert body is not None
    link = re.search(r"https?://\S+/account/password/reset/key/\S+", body.get_content())
    assert link


def test_it_says_nothing_to_addresses_without_a_user(
    world: "World", settings: "SettingsWrapper"
) -> None:
    settings.EMAIL_BACKEND = BACKEND
    Client().post("/account/password/reset/", {"email": "stranger@example.hu"})
    assert not Letter.objects.exists()


def test_it_is_seven_bit_with_accents_and_crlf(world: "World", settings: "SettingsWrapper") -> None:
    settings.EMAIL_BACKEND = BACKEND
    mail.send_mail("Árvíztűrő", "Tükörfúrógép șț " * 100, None, ["új@example.hu", "b@example.hu"])
    assert Letter.objects.count() == 2
    letter = Letter.objects.get(recipient="b@example.hu")
    data = bytes(letter.data)
    data.decode("ascii")
    assert b"\n" not in data.replace(b"\r\n", b"")
    message = parsed(letter)
    assert message["Subject"] == "Árvíztűrő"
    assert "Tükörfúrógép șț" in message.get_content()
    assert letter.holding.activity.code == "sending_log"
    assert letter.holding.expires_at is not None


def test_it_is_gone_when_the_transaction_fails(world: "World", settings: "SettingsWrapper") -> None:
    settings.EMAIL_BACKEND = BACKEND
    with pytest.raises(ValueError, match="later"), transaction.atomic():
        mail.send_mail("x", "y", None, [world.anna.email])
        raise ValueError("later")
    assert not Letter.objects.exists()
