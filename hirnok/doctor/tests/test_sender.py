"""Who writes, as receivers check it: against a real name server on loopback."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hirnok.doctor import sender
from hirnok.doctor.findings import Finding
from hirnok.doctor.sender import Road
from hirnok.lib.dns import Resolver
from tests.name_server import NameServer, Zone, name_server

RELAY = "192.0.2.10"
ROAD = Road("alma.hu", "alma.hu", "mx.relay.hu", [RELAY])
GOOD: Zone = {
    ("alma.hu", "TXT"): ['"v=spf1 include:relay.hu -all"', '"some other text"'],
    ("relay.hu", "TXT"): ['"v=spf1 a:mx.relay.hu ip4:198.51.100.0/24 -all"'],
    ("mx.relay.hu", "A"): [RELAY],
    ("10.2.0.192.in-addr.arpa", "PTR"): ["mx.relay.hu."],
    ("alma.hu", "MX"): ["10 mx.alma.hu."],
    ("mx.alma.hu", "A"): ["192.0.2.20"],
    ("_dmarc.alma.hu", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:d@alma.hu"'],
    ("h1._domainkey.alma.hu", "TXT"): ['"v=DKIM1; k=rsa; p=MIIB" "AAAA"'],
}


@pytest.fixture
def server() -> Iterator[NameServer]:
    with name_server(GOOD) as running:
        yield running


def looked(server: NameServer, road: Road = ROAD) -> dict[str, Finding]:
    return {one.check: one for one in sender.examine(Resolver(server.address), road)}


def codes(server: NameServer, road: Road = ROAD) -> dict[str, str]:
    return {check: f"{one.state} {one.code}" for check, one in looked(server, road).items()}


def test_all_is_right(server: NameServer) -> None:
    signing = replace(ROAD, signs=("h1", "alma.hu", "MIIBAAAA"))
    assert codes(server, signing) == {
        "spf": "passed spf_passes",
        "dkim": "passed dkim_published",
        "dmarc": "passed dmarc_protects",
        "alignment": "passed aligned_both",
        "pointer": "passed pointer_confirmed",
        "return_path": "passed return_path_found",
    }


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], "failed spf_missing"),
        (['"v=spf1 -all"', '"v=spf1 mx -all"'], "failed spf_several"),
        (['"v=spf1 ip4:192.0.2.0/24 -all"'], "passed spf_passes"),
        (['"v=spf1 ip4:198.51.100.1 -all"'], "failed spf_fails"),
        (['"v=spf1 ip4:198.51.100.1 ~all"'], "warning spf_softly"),
        (['"v=spf1 ?all"'], "warning spf_softly"),
        (['"v=spf1 ip4:not-a-number -all"'], "failed spf_broken"),
        (['"v=spf1 include:alma.hu -all"'], "failed spf_broken"),  # a loop
        (['"v=spf1 mx -all"'], "failed spf_fails"),
        (['"v=spf1 redirect=relay.hu"'], "passed spf_passes"),
        (['"v=spf1 exists:%{i}.ok.hu -all"'], "failed spf_fails"),
    ],
)
def test_spf(server: NameServer, records: list[str], expected: str) -> None:
    server.records["alma.hu", "TXT"] = records
    assert codes(server)["spf"] == expected


def test_the_worst_address_of_the_relay_counts(server: NameServer) -> None:
    road = replace(ROAD, numbers=[RELAY, "203.0.113.9"])
    found = looked(server, road)["spf"]
    assert (found.code, found.details["number"]) == ("spf_fails", "203.0.113.9")


def test_too_many_questions_break_spf(server: NameServer) -> None:
    server.records["alma.hu", "TXT"] = [
        '"v=spf1 ' + " ".join(f"include:i{n}.hu" for n in range(12)) + ' -all"'
    ]
    for n in range(12):
        server.records[f"i{n}.hu", "TXT"] = ['"v=spf1 ip4:203.0.113.1 -all"']
    assert codes(server)["spf"] == "failed spf_broken"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ('"v=spf1 include:amazonses.com ~all"', "passed spf_includes"),
        ('"v=spf1 include:all.hu ~all"', "passed spf_includes"),
        ('"v=spf1 include:relay.hu ~all"', "warning spf_not_included"),
    ],
)
def test_known_providers_are_found_by_their_include(
    server: NameServer, record: str, expected: str
) -> None:
    server.records["alma.hu", "TXT"] = [record]
    server.records["all.hu", "TXT"] = ['"v=spf1 include:amazonses.com -all"']
    road = replace(ROAD, relay_host="email-smtp.eu-central-1.amazonaws.com", numbers=[])
    assert codes(server, road)["spf"] == expected


def test_a_relay_inside_hides_its_address(server: NameServer) -> None:
    found = codes(server, replace(ROAD, numbers=[]))
    assert found["spf"] == "untested spf_unknown_way"
    assert found["pointer"] == "untested pointer_unknown_way"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (None, "failed dkim_missing"),
        ('"v=DKIM1; p="', "failed dkim_missing"),
        ('"v=DKIM1; p=OTHER"', "failed dkim_differs"),
        ('"k=rsa; p=MIIB AAAA"', "passed dkim_published"),
    ],
)
def test_our_own_key(server: NameServer, record: str | None, expected: str) -> None:
    if record is None:
        del server.records["h1._domainkey.alma.hu", "TXT"]
    else:
        server.records["h1._domainkey.alma.hu", "TXT"] = [record]
    signing = replace(ROAD, signs=("h1", "alma.hu", "MIIBAAAA"))
    assert codes(server, signing)["dkim"] == expected


def test_the_relays_key_is_looked_for_under_usual_names(server: NameServer) -> None:
    assert codes(server)["dkim"] == "warning dkim_left_to_relay"
    server.records["selector1._domainkey.alma.hu", "TXT"] = ['"v=DKIM1; p=AAAA"']
    found = looked(server)["dkim"]
    assert (found.code, found.details["selectors"]) == ("dkim_some_key", "selector1")


@pytest.mark.parametrize(
    ("place", "records", "expected"),
    [
        ("alma.hu", [], "failed dmarc_missing"),
        ("alma.hu", ['"v=DMARC1; p=none; rua=mailto:a@b.hu"'], "warning dmarc_only_watches"),
        ("alma.hu", ['"v=DMARC1; p=quarantine"'], "warning dmarc_no_reports"),
        ("alma.hu", ['"v=DMARC1; p=perhaps"'], "failed dmarc_broken"),
        ("alma.hu", ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"'], "failed dmarc_broken"),
        ("alma.hu", ['"v = DMARC1 ; p = reject ; rua = mailto:a@b.hu"'], "passed dmarc_protects"),
    ],
)
def test_dmarc(server: NameServer, place: str, records: list[str], expected: str) -> None:
    server.records[f"_dmarc.{place}", "TXT"] = records
    assert codes(server)["dmarc"] == expected


def test_the_organisations_policy_holds_below_it(server: NameServer) -> None:
    server.records["_dmarc.alma.hu", "TXT"] = ['"v=DMARC1; p=reject; sp=none; rua=mailto:a@b.hu"']
    road = replace(ROAD, from_domain="news.alma.hu")
    assert codes(server, road)["dmarc"] == "warning dmarc_only_watches"


@pytest.mark.parametrize(
    ("road", "policy", "expected"),
    [
        (ROAD, "p=reject", "warning aligned_by_spf"),
        (replace(ROAD, return_domain="bounce.alma.hu"), "p=reject", "warning aligned_by_spf"),
        (
            replace(ROAD, return_domain="bounce.alma.hu"),
            "p=reject; aspf=s",
            "warning aligned_perhaps",
        ),
        (replace(ROAD, return_domain="relay.hu"), "p=reject", "warning aligned_perhaps"),
        (
            replace(ROAD, return_domain="relay.hu", signs=("h1", "alma.hu", "A")),
            "p=reject",
            "passed aligned_by_dkim",
        ),
        (
            replace(ROAD, return_domain="relay.hu", signs=("h1", "relay.hu", "A")),
            "p=reject",
            "failed aligned_not",
        ),
    ],
)
def test_alignment(server: NameServer, road: Road, policy: str, expected: str) -> None:
    server.records["_dmarc.alma.hu", "TXT"] = [f'"v=DMARC1; {policy}"']
    assert codes(server, road)["alignment"] == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], "failed pointer_missing"),
        (["elsewhere.hu."], "failed pointer_one_way"),
        (["elsewhere.hu.", "mx.relay.hu."], "passed pointer_confirmed"),
    ],
)
def test_reverse_names(server: NameServer, names: list[str], expected: str) -> None:
    server.records["10.2.0.192.in-addr.arpa", "PTR"] = names
    assert codes(server)["pointer"] == expected


@pytest.mark.parametrize(
    ("servers", "numbers", "expected"),
    [
        (["0 ."], [], "failed return_path_null"),
        (["10 gone.hu."], [], "failed return_path_lost"),
        (["5 gone.hu.", "10 mx.alma.hu."], [], "passed return_path_found"),
        ([], ["192.0.2.1"], "warning return_path_implicit"),
        ([], [], "failed return_path_missing"),
    ],
)
def test_return_path(
    server: NameServer, servers: list[str], numbers: list[str], expected: str
) -> None:
    server.records["alma.hu", "MX"] = servers
    server.records["alma.hu", "A"] = numbers
    assert codes(server)["return_path"] == expected


def test_a_failing_name_server_is_no_verdict(server: NameServer) -> None:
    server.failing |= {"alma.hu", "_dmarc.alma.hu"}
    found = looked(server)
    assert {one.state for check, one in found.items() if check in {"spf", "dmarc"}} == {"untested"}
    assert found["pointer"].state == "passed"


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("mail.alma.hu", "alma.hu"),
        ("a.b.firma.co.hu", "firma.co.hu"),
        ("firma.com.ro", "firma.com.ro"),
        ("localhost", "localhost"),
        ("hu", "hu"),
    ],
)
def test_organisational_domains(domain: str, expected: str) -> None:
    assert sender.organisation(domain) == expected
