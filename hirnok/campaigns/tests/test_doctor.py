"""The doctor: its words, its command, its pages; against a real name server and the own web pages."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

import hirnok.doctor
from hirnok.campaigns import doctoring
from hirnok.campaigns.models import Campaign
from hirnok.campaigns.tests.drafts import draft
from hirnok.returns import domains
from hirnok.tenants import signing
from hirnok.tenants.models import AuditEntry
from tests.name_server import NameServer, name_server
from tests.world import NOON

if TYPE_CHECKING:
    from tests.world import World

KINDS = {"passed", "warning", "failed", "untested"}


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    with name_server(
        {
            ("alma.example", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"'],
            ("alma.example", "MX"): ["10 mx.alma.example."],
            ("mx.alma.example", "A"): ["192.0.2.1"],
            ("_dmarc.alma.example", "TXT"): ['"v=DMARC1; p=none; rua=mailto:d@alma.example"'],
        }
    ) as server:
        monkeypatch.setenv("HIRNOK_RESOLVER", server.address)
        yield server


def codes(found: doctoring.Examination) -> dict[str, str]:
    return {line.check: f"{line.state} {line.code}" for line in found.lines}


def made_calls() -> Iterator[tuple[str, str, set[str], bool]]:
    """Yield (check, code, details, whether others are added) of each finding that the code can make."""
    folder = Path(hirnok.doctor.__file__).parent
    for path in [*folder.glob("*.py"), Path(doctoring.__file__)]:
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            given = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if node.func.id in KINDS and len(given) == 2:
                named = {word.arg for word in node.keywords if word.arg}
                yield str(given[0]), str(given[1]), named, any(not w.arg for w in node.keywords)


def test_every_finding_has_its_words() -> None:
    found = list(made_calls())
    assert len(found) > 60
    for check, code, details, has_more in found:
        assert check in doctoring.CHECKS
        wanted = set(re.findall(r"%\((\w+)\)s", str(doctoring.WORDS[code])))
        assert has_more or wanted <= details, code
    assert {group for group, _label in doctoring.CHECKS.values()} == set(doctoring.GROUPS)


def test_a_draft_is_looked_at(world: "World", names: NameServer) -> None:
    found = codes(doctoring.examine_campaign(draft(world), at=NOON))
    assert found["return_path"] == "passed return_path_found"
    assert found["dmarc"] == "warning dmarc_only_watches"
    assert found["spf"] == "untested spf_unknown_way"  # the relay is on loopback
    assert found["relay"] == "failed relay_stops"  # and nothing listens there
    assert found["encryption"] == "warning encryption_off"
    assert found["made"] == "passed made_right"
    assert found["fields"] == "passed fields_filled"
    assert found["one_click_headers"] == "warning one_click_not_https"
    assert set(found) == set(doctoring.CHECKS) - {"spam", "pictures"}


def test_our_own_signature_and_return_domain_count(world: "World", names: NameServer) -> None:
    campaign = draft(world)
    signing.make_key(world.alma_brand, actor="user:1", at=NOON)
    signing.start(world.alma_brand, actor="user:1", at=NOON)
    domains.choose(world.alma, world.alma_brand, "back.other.example", actor="user:1", at=NOON)
    record = signing.published(world.alma_brand)
    assert record
    found = codes(doctoring.examine_campaign(campaign, at=NOON))
    assert found["dkim"] == "failed dkim_missing"
    assert found["alignment"] == "passed aligned_by_dkim"
    assert found["return_path"] == "failed return_path_missing"
    names.records[record.name, "TXT"] = [f'"{record.text[:200]}" "{record.text[200:]}"']
    assert codes(doctoring.examine_campaign(campaign, at=NOON))["dkim"] == "passed dkim_published"


def test_the_public_address_of_a_relay_is_judged(
    world: "World", names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = draft(world)
    monkeypatch.setattr(doctoring, "_public_numbers", lambda _relay: ["203.0.113.7"])
    assert codes(doctoring.examine_campaign(campaign, at=NOON))["spf"] == "failed spf_fails"


def test_fields_that_real_readers_lack(world: "World", names: NameServer) -> None:
    world.emil.first_name = ""
    world.emil.save()
    campaign = draft(world, body="Kedves {{ contact.first_name }}!", subject="Hírek")
    found = doctoring.examine_campaign(campaign, at=NOON)
    line = next(line for line in found.lines if line.check == "fields")
    assert line.code == "fields_empty"
    assert "contact.first_name for 1 of them" in line.text


def test_what_cannot_be_made_says_so(world: "World", names: NameServer) -> None:
    found = codes(doctoring.examine_campaign(draft(world, body="{{ nonsense"), at=NOON))
    assert found["made"] == "failed made_errors"
    assert "text" not in found


def test_without_a_relay(world: "World", names: NameServer) -> None:
    campaign = draft(world)
    doctoring.Relay.objects.all().delete()
    assert codes(doctoring.examine_campaign(campaign, at=NOON))["relay"] == "failed relay_missing"


def test_the_command(world: "World", names: NameServer, capsys: pytest.CaptureFixture[str]) -> None:
    campaign = draft(world)
    with pytest.raises(SystemExit) as end:
        call_command("doctor", campaign.name, "--tenant", "alma", "--json")
    assert end.value.code == 1
    said = json.loads(capsys.readouterr().out)
    assert said["campaign"] == "November"
    assert said["failed"] == sum(one["state"] == "failed" for one in said["findings"]) > 0
    with pytest.raises(SystemExit):
        call_command("doctor", str(campaign.pk), "--tenant", "alma")
    assert "DMARC: The DMARC policy of alma.example is none" in capsys.readouterr().out


def test_the_command_says_what_it_does_not_find(world: "World") -> None:
    with pytest.raises(CommandError, match="no tenant"):
        call_command("doctor", "x", "--tenant", "nobody")
    with pytest.raises(CommandError, match="no campaign"):
        call_command("doctor", "x", "--tenant", "alma")


def page_of(campaign: Campaign) -> str:
    return f"/alma/campaigns/{campaign.pk}/doctor/"


def test_the_page_looks_only_when_asked_and_changes_nothing(
    world: "World", names: NameServer
) -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    before = AuditEntry.objects.count()
    assert "Look now" in client.get(page_of(campaign)).content.decode()
    assert names.asked == []
    page = client.post(page_of(campaign)).content.decode()
    assert names.asked
    assert "would hurt delivery" in page
    assert "Alignment with the sender" in page
    assert AuditEntry.objects.count() == before


def test_the_page_of_a_brand(world: "World", names: NameServer) -> None:
    draft(world)
    url = f"/alma/settings/brands/{world.alma_brand.pk}/doctor/"
    page = world.client(world.anna).post(url).content.decode()
    assert "Return path" in page
    assert "Text part" not in page
    assert world.client(world.mark).get(url).status_code in {403, 404}


@pytest.mark.parametrize("language", ["en", "hu", "ro"])
def test_every_wording_can_be_filled_in_every_language(language: str) -> None:
    with translation.override(language):
        for words in doctoring.WORDS.values():
            names_used = re.findall(r"%\((\w+)\)s", str(words))
            assert str(words) % dict.fromkeys(names_used, "x")
