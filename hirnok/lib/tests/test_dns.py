"""Questions to a real name server on loopback."""

from collections.abc import Iterator

import pytest

from hirnok.lib.dns import Resolver, Unanswered
from tests.name_server import NameServer, name_server


@pytest.fixture
def server() -> Iterator[NameServer]:
    with name_server(
        {
            ("firma.hu", "TXT"): ['"v=spf1 " "-all"', '"other"'],
            ("firma.hu", "MX"): ["20 b.firma.hu.", "10 a.firma.hu."],
            ("none.hu", "MX"): ["0 ."],
            ("a.firma.hu", "A"): ["192.0.2.1"],
            ("a.firma.hu", "AAAA"): ["2001:db8::1"],
            ("1.2.0.192.in-addr.arpa", "PTR"): ["A.Firma.hu."],
        }
    ) as running:
        yield running


def test_each_kind_of_record(server: NameServer) -> None:
    resolver = Resolver(server.address)
    assert sorted(resolver.texts("firma.hu")) == ["other", "v=spf1 -all"]
    assert resolver.mail_servers("firma.hu") == [(10, "a.firma.hu"), (20, "b.firma.hu")]
    assert resolver.mail_servers("none.hu") == [(0, "")]
    assert resolver.numbers("a.firma.hu") == ["192.0.2.1", "2001:db8::1"]
    assert resolver.names_of("192.0.2.1") == ["a.firma.hu"]


def test_nothing_is_an_answer(server: NameServer) -> None:
    resolver = Resolver(server.address)
    assert resolver.texts("a.firma.hu") == []
    assert resolver.mail_servers("nobody.hu") == []
    assert resolver.numbers("x" * 64 + ".hu") == []
    assert resolver.numbers("a..hu") == []


def test_a_failing_server_is_not_an_answer(server: NameServer) -> None:
    server.failing.add("firma.hu")
    with pytest.raises(Unanswered):
        Resolver(server.address).texts("firma.hu")


def test_silence_is_not_an_answer() -> None:
    with pytest.raises(Unanswered):
        Resolver("127.0.0.1:9", patience=0.3).texts("firma.hu")


def test_the_setting_names_the_server(server: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_RESOLVER", server.address)
    assert Resolver().numbers("a.firma.hu") == ["192.0.2.1", "2001:db8::1"]


def test_answers_are_kept_while_they_live(server: NameServer) -> None:
    resolver = Resolver(server.address)
    assert resolver.texts("firma.hu") == resolver.texts("firma.hu")
    assert server.asked.count(("firma.hu", "TXT")) == 1
