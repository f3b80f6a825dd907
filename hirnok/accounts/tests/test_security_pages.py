"""The page of security, colleagues brought in by the owner, and the audit log narrowed and exported."""

import csv
import io
from datetime import timedelta

import pytest
from django.conf import LazySettings

from hirnok.accounts import policy
from hirnok.accounts.models import Membership, Policy, User
from hirnok.accounts.policy import Rules
from hirnok.outbox.models import Letter
from hirnok.tenants import audit
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World

SECURITY = "/alma/settings/security/"
NEW = "/alma/settings/members/new/"
GUEST = {
    "email": "Zita@alma.example",
    "name": "Zita",
    "language": "hu",
    "role": "marketer",
    "reach": "all",
}


@pytest.fixture(autouse=True)
def letters(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "hirnok.outbox.letters.LetterBackend"


def test_it_shows_the_defaults_and_keeps_what_is_set(world: World) -> None:
    client = world.client(world.anna)
    page = client.get(SECURITY)
    assert page.context["form"].initial == {
        "one_session": True,
        "idle_minutes": 24,
        "life_hours": 12,
        "second_factor": False,
        "owner_invites": False,
    }
    form = {"idle_minutes": "60", "life_hours": "8", "owner_invites": "on"}
    assert client.post(SECURITY, form).status_code == 302
    assert policy.of(world.alma) == Rules(
        one_session=False, idle_minutes=60, life_hours=8, second_factor=False, owner_invites=True
    )
    assert policy.of(world.barack) == Rules()
    entry = AuditEntry.objects.get(action="policy.change")
    assert (entry.tenant, entry.details["idle_minutes"]) == (world.alma, 60)


@pytest.mark.parametrize("minutes", ["", "4", "481", "soon"])
def test_it_says_which_minutes_are_possible(world: World, minutes: str) -> None:
    answer = world.client(world.anna).post(SECURITY, {"idle_minutes": minutes})
    assert answer.context["form"].errors["idle_minutes"]
    assert not Policy.objects.exists()


@pytest.mark.parametrize("hours", ["", "0", "25"])
def test_it_says_which_hours_are_possible(world: World, hours: str) -> None:
    form = {"idle_minutes": "24", "life_hours": hours}
    answer = world.client(world.anna).post(SECURITY, form)
    assert answer.context["form"].errors["life_hours"]
    assert not Policy.objects.exists()


def test_a_second_factor_holds_for_the_owner_who_asks_for_it_at_once(world: World) -> None:
    client = world.client(world.anna)
    client.post(SECURITY, {"idle_minutes": "24", "life_hours": "12", "second_factor": "on"})
    assert client.get(SECURITY)["Location"] == "/account/factors/"


@pytest.mark.parametrize("path", [SECURITY, NEW, "/alma/settings/audit/audit.csv"])
def test_it_is_for_owners(world: World, path: str) -> None:
    policy.change(world.alma, Rules(owner_invites=True), actor="command:test", at=NOON)
    for user, status in ((world.anna, 200), (world.mark, 403), (world.bela, 404)):
        assert world.client(user).get(path).status_code == status


def test_an_owner_brings_in_a_colleague_only_where_that_is_on(world: World) -> None:
    client = world.client(world.anna)
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, GUEST).status_code == 403
    assert "Give somebody access" not in client.get("/alma/settings/members/").text
    policy.change(world.alma, Rules(owner_invites=True), actor="command:test", at=NOON)
    assert "Give somebody access" in client.get("/alma/settings/members/").text
    assert client.post(NEW, GUEST).status_code == 302
    user = User.objects.get(email="zita@alma.example")
    assert Membership.objects.get(user=user).tenant == world.alma
    assert Letter.objects.get().recipient == user.email


def test_it_does_not_change_a_colleague_who_is_there(world: World) -> None:
    policy.change(world.alma, Rules(owner_invites=True), actor="command:test", at=NOON)
    guest = GUEST | {"email": world.anna.email, "role": "viewer"}
    answer = world.client(world.anna).post(NEW, guest)
    assert answer.context["form"].errors["email"]
    assert Membership.objects.get(user=world.anna).role == "owner"


def test_it_asks_for_a_name_even_of_somebody_with_an_account(world: World) -> None:
    policy.change(world.alma, Rules(owner_invites=True), actor="command:test", at=NOON)
    guest = GUEST | {"email": world.bela.email, "name": ""}
    answer = world.client(world.anna).post(NEW, guest)
    assert answer.context["form"].errors["name"]


@pytest.fixture
def past(world: World) -> None:
    """Three entries of Alma, one of Barack."""
    for days, actor, action in (
        (0, f"user:{world.anna.pk}", "brand.make"),
        (1, f"user:{world.mark.pk}", "campaign.launch"),
        (2, "visitor", "user.sign_in_failed"),
    ):
        at = NOON + timedelta(days=days, hours=11, minutes=30)  # past midnight in Budapest
        audit.record(world.alma, action, actor=actor, at=at, recipients=5)
    audit.record(world.barack, "barack.secret", actor="visitor", at=NOON)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("hu", "2026-11-04 00:30:00;Mark;Kampány indítása;;címzettek: 5;"),
        ("ro", "2026-11-04 00:30:00;Mark;A lansat o campanie;;destinatari: 5;"),
    ],
)
def test_it_exports_in_the_language_of_the_person(
    world: World, past: None, language: str, line: str
) -> None:
    client = world.client(world.anna)
    session = client.session
    session["language"] = language
    session.save()
    text = client.get("/alma/settings/audit/audit.csv?what=campaign.launch").getvalue().decode()
    assert text.startswith("\ufeff")
    assert text.splitlines()[1].startswith(line)
    page = client.get("/alma/settings/audit/?what=campaign.launch").text
    assert line.split(";")[2] in page
    assert "campaign.launch" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("who={anna}", {"brand.make"}),
        ("who=visitor", {"user.sign_in_failed"}),
        ("what=campaign.launch", {"campaign.launch"}),
        ("since=2026-11-04", {"campaign.launch", "user.sign_in_failed"}),
        ("since=2026-11-03&until=2026-11-03", {"brand.make"}),
        ("since=yesterday&who=user:99999", {"brand.make", "campaign.launch"}),
    ],
)
def test_it_narrows_the_audit_log(world: World, past: None, query: str, shown: set[str]) -> None:
    query = query.format(anna=f"user:{world.anna.pk}")
    client = world.client(world.anna)
    page = client.get(f"/alma/settings/audit/?{query}")
    assert shown <= {entry.action for entry in page.context["page"].rows}
    known = {"brand.make", "campaign.launch", "user.sign_in_failed"}
    if "yesterday" not in query:
        assert {entry.action for entry in page.context["page"].rows} & known == shown


def test_it_exports_what_is_shown(world: World, past: None) -> None:
    client = world.client(world.anna)
    answer = client.get("/alma/settings/audit/audit.csv?what=campaign.launch")
    header, line = csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    assert header == ["When", "Who", "What", "About", "Details", "Code of who", "Code"]
    said = ["2026-11-04 00:30:00", "Mark", "Launched a campaign", "", "recipients: 5"]
    assert line == [*said, f"user:{world.mark.pk}", "campaign.launch"]
    assert "barack" not in client.get("/alma/settings/audit/audit.csv").getvalue().decode()
    assert AuditEntry.objects.of(world.alma).filter(action="audit.export").count() == 2
