"""Relay pages: settings that keep the password secret, a test that says what is wrong."""

import socket

import pytest

from hirnok.lib import keys
from hirnok.outbox import relays
from hirnok.outbox.models import Message, Relay
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World

RELAY = {
    "name": "Szolgáltató",
    "host": "smtp.example.hu",
    "port": "587",
    "security": "starttls",
    "verify_certificate": "on",
    "username": "alma",
    "password": " titok ",
    "connections": "5",
    "messages_per_connection": "100",
    "messages_per_second": "",
    "retry_first_minutes": "5",
    "retry_longest_minutes": "240",
    "retry_hours": "72",
    "is_default": "",
}


@pytest.fixture
def relay(world: World) -> Relay:
    return Relay.objects.create(
        tenant=world.alma, name="r", host="localhost", port=1, security="none", is_default=True
    )


def test_it_makes_a_relay_and_seals_its_password(world: World) -> None:
    client = world.client(world.anna)
    answer = client.post("/alma/settings/relays/new/", RELAY)
    made = Relay.objects.get()
    assert answer["Location"] == f"/alma/settings/relays/{made.pk}/"
    assert made.is_default  # the first one is
    assert "titok" not in made.password
    assert keys.unseal(made.password) == " titok "
    page = client.get(answer["Location"]).text
    assert "titok" not in page
    assert made.password not in page
    assert AuditEntry.objects.filter(action="relay.make").exists()


def test_it_keeps_the_password_when_none_is_typed(world: World, relay: Relay) -> None:
    client = world.client(world.anna)
    path = f"/alma/settings/relays/{relay.pk}/"
    client.post(path, RELAY)
    client.post(path, RELAY | {"password": "", "name": "other"})
    relay.refresh_from_db()
    assert keys.unseal(relay.password) == " titok "
    assert relay.name == "other"
    assert relay.is_default


@pytest.mark.parametrize(
    "change", [{"host": "evil.example"}, {"port": "25"}, {"security": "none"}, {"verify_certificate": ""}]
)  # fmt: skip
def test_it_asks_the_password_again_where_it_would_go_elsewhere_or_less_safely(
    world: World, relay: Relay, change: dict[str, str]
) -> None:
    client = world.client(world.anna)
    path = f"/alma/settings/relays/{relay.pk}/"
    client.post(path, RELAY)
    answer = client.post(path, RELAY | {"password": ""} | change)
    assert answer.status_code == 200
    assert "Type the password again" in answer.text
    relay.refresh_from_db()
    assert relay.host == "smtp.example.hu"
    assert client.post(path, RELAY | {"password": "new"} | change).status_code == 302


def test_it_offers_a_new_one_as_the_default_only_where_there_is_none(world: World) -> None:
    client = world.client(world.anna)
    offered = client.get("/alma/settings/relays/new/").context["form"]
    assert offered["is_default"].value()
    client.post("/alma/settings/relays/new/", RELAY)
    offered = client.get("/alma/settings/relays/new/").context["form"]
    assert not offered["is_default"].value()  # what works goes on


def test_it_has_one_default(world: World, relay: Relay) -> None:
    client = world.client(world.anna)
    client.post("/alma/settings/relays/new/", RELAY | {"is_default": "on"})
    relay.refresh_from_db()
    assert not relay.is_default
    found = relays.default_of(world.alma)
    assert found is not None
    assert found.name == "Szolgáltató"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "no host"),
        ("host", ""),
        ("port", "0"),
        ("port", "99999"),
        ("security", "ssl"),
        ("connections", "0"),
    ],
)
def test_it_says_what_is_wrong(world: World, field: str, value: str) -> None:
    answer = world.client(world.anna).post("/alma/settings/relays/new/", RELAY | {field: value})
    assert answer.context["form"].errors[field]
    assert not Relay.objects.exists()


def test_it_tells_where_a_connection_ends(
    world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.client(world.anna)
    path = f"/alma/settings/relays/{relay.pk}/test/"
    refused = client.post(path)
    assert [step.result for step in refused.context["steps"]] == ["failed"]
    assert "private network" in refused.text
    monkeypatch.setenv("HIRNOK_PRIVATE_RELAYS", "1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        Relay.objects.update(host="127.0.0.1", port=free.getsockname()[1])
        steps = client.post(path).context["steps"]
    assert [step.result for step in steps] == ["passed", "failed"]
    assert client.get(path).status_code == 405


def test_it_removes_only_what_was_never_used(world: World, relay: Relay) -> None:
    client = world.client(world.anna)
    Message.objects.create(
        tenant=world.alma,
        brand=world.alma_brand,
        relay=relay,
        return_path="r@alma.example",
        compiled=b"",
        measurement="off",
        created_at=NOON,
    )
    client.post(f"/alma/settings/relays/{relay.pk}/remove/")
    assert Relay.objects.filter(pk=relay.pk).exists()
    Message.objects.all().delete()
    client.post(f"/alma/settings/relays/{relay.pk}/remove/")
    assert not Relay.objects.filter(pk=relay.pk).exists()


def test_it_is_for_owners(world: World, relay: Relay) -> None:
    for user, status in ((world.anna, 200), (world.mark, 403), (world.bela, 404)):
        assert world.client(user).get("/alma/settings/relays/").status_code == status
    assert world.client(world.bela).get(f"/barack/settings/relays/{relay.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("noted", "words"),
    [
        ("connect: connection refused", "refuses connections at port"),
        ("connect: timed out", "No answer in time"),
        ("connect: unknown host", "There is no server of the name"),
        ("connect: private address", "inside a private network"),
        ("connect: Network is unreachable", "There is no way to this server"),
        ("auth: 535 5.7.8 Bad credentials", "User name or password is wrong, or the account may not send. (535"),
        ("auth: the stored password cannot be read", "cannot be read any more"),
        ("tls: STARTTLS is not offered", "offers no STARTTLS"),
        ("tls: certificate verify failed", "certificate is not valid"),
        ("closed: 421", "turns all mail away"),
        ("closed", "broke off the connection"),
        ("timeout", "No answer in time"),
    ],
)  # fmt: skip
def test_it_says_in_words_why_a_relay_fails(
    world: World, relay: Relay, noted: str, words: str
) -> None:
    Relay.objects.filter(pk=relay.pk).update(failing_since=NOON, last_error=noted)
    client = world.client(world.anna)
    assert words in client.get("/alma/settings/relays/").text
    assert words in client.get("/alma/queue/").text
