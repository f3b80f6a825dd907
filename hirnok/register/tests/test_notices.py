"""Notices are made from the register, and blocked where it would not be true."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from hirnok.register import consistency, documents, notices, readymade
from hirnok.register.models import Controller, Notice, NoticeVersion, Recipient
from hirnok.register.tests import filling
from hirnok.tenants.models import Tenant
from tests.world import NOON, World

TODAY = NOON.date()


@pytest.fixture
def tenant(world: World) -> Tenant:
    Controller.objects.of(world.alma).update(
        postal_address="1011 Budapest, Fő utca 1.", email="info@alma.example"
    )
    return world.alma


def said(tenant: Tenant, notice: Notice, on: date, language: str = "hu") -> str:
    return json.dumps(documents.compose(tenant, notice, language, on), ensure_ascii=False)


def rows_of(document: dict[str, Any], heading: str) -> list[list[str]]:
    return [
        row
        for section in document["sections"]
        if section["heading"] == heading
        for block in section["blocks"]
        if block["kind"] in {"table", "facts"}
        for row in block["rows"]
    ]


def kinds(tenant: Tenant, on: date, notice: Notice) -> set[str]:
    found = consistency.examine(tenant, on, codes=tuple(notice.activities))
    return {f"{one.code} {one.about}".strip() for one in found}


def test_what_a_tenant_is_founded_with_may_be_published(tenant: Tenant) -> None:
    assert consistency.examine(tenant, TODAY) == []


def test_the_notice_of_a_support_desk_says_all_of_it(tenant: Tenant) -> None:
    notice = filling.support_desk(tenant, guarantee="privacy_shield", since=date(2019, 1, 1))
    assert kinds(tenant, filling.SUPPORT_DAY, notice) == set()
    document = documents.compose(tenant, notice, "en", filling.SUPPORT_DAY)
    who = dict(rows_of(document, "The controller"))
    assert who["Seat"] == "1052 Budapest, Minta tér 3."
    assert who["Site"] == "7632 Pécs, Minta utca 5."
    assert who["Privacy officer"] == "none"
    table = {row[0]: row for row in rows_of(document, "Support desk")}
    assert "for customers under contract: Contract with the person" in table["company"][2]
    assert "otherwise: Consent of the person" in table["company"][2]
    assert table["company"][1] == "finding the contract"
    assert "Legitimate interest" in table["phone number"][2]
    assert table["technical data: IP address, approximate location"][1] == "running the system"
    kept = dict(row for row in rows_of(document, "Support desk") if len(row) == 2)["How long"]
    assert "5 years from the end of the contract" in kept
    assert "Until the consent is withdrawn" in kept
    assert len(rows_of(document, "Recipients and processors")) == 6
    transfers = rows_of(document, "Third countries")
    assert [row[:3] for row in transfers] == [
        [name, "US", "Privacy Shield"]
        for name in ("Calls Inc", "Crm Inc", "Mail Ireland Ltd.", "Ticket Inc")
    ]
    rights = {row[1]: row[0] for row in rows_of(document, "Your rights")}
    assert rights["Objection"] == "yes"
    assert rights["Review by a person"] == "no"
    authority = dict(rows_of(document, "Complaint and court"))
    assert authority["Address"] == "1125 Budapest, Szilágyi Erzsébet fasor 22/C"
    text = json.dumps(document)
    assert "no joint controllers" in text
    assert "no profiling" in text
    assert "ISO 27001" in text
    assert "bound to secrecy" in text


def test_privacy_shield_blocks_the_same_register_since_it_is_invalid(tenant: Tenant) -> None:
    notice = filling.support_desk(tenant, guarantee="privacy_shield", since=date(2019, 1, 1))
    last_day = date(2020, 7, 15)
    assert kinds(tenant, last_day, notice) == set()
    blocked = kinds(tenant, last_day + timedelta(days=1), notice)
    assert "guarantee_invalid Ticket Inc" in blocked
    with pytest.raises(notices.Blocked, match="guarantee_invalid Calls Inc"):
        notices.publish(tenant, notice, actor="user:1", at=NOON)
    Recipient.objects.of(tenant).filter(guarantee="privacy_shield").update(guarantee="dpf")
    assert kinds(tenant, TODAY, notice) == set()


def test_the_notice_of_a_web_site_says_all_of_it(tenant: Tenant) -> None:
    notice = filling.web_site(tenant)
    assert kinds(tenant, filling.SITE_DAY, notice) == set()
    document = documents.compose(tenant, notice, "en", filling.SITE_DAY)
    assert dict(rows_of(document, "The controller"))["Privacy officer"] == (
        "dr. Minta Lujza, adat@gepesz.example, +36 30 000 0000"
    )

    def how_long(heading: str) -> str:
        return dict(row for row in rows_of(document, heading) if len(row) == 2)["How long"]

    assert how_long("Log of visitors") == "30 days from the visit."
    assert how_long("Cookies") == "30 days from the consent."
    assert how_long("Requests for quotes") == "until the withdrawal of consent."
    assert how_long("Chat").startswith("until the withdrawal of consent.")
    assert how_long("Recorded calls").startswith("1 year from the recording.")
    assert how_long("Newsletter") == "until the withdrawal of consent."
    assert how_long("Applicants for later positions") == "1 year from the consent."
    assert how_long("Inquiries") == "5 years from the last message."
    (data,) = (row[0] for row in rows_of(document, "Job applications") if len(row) == 3)
    for kind in ("mother's name", "place and date of birth", "education", "work experience"):
        assert kind in data
    text = json.dumps(document)
    assert "The data do not leave the European Economic Area." in text
    assert "A recorded call cannot be corrected" in text
    assert "executives" in text
    rights = {row[1]: row[0] for row in rows_of(document, "Your rights")}
    assert rights["Portability"] == rights["Withdrawal of consent"] == "yes"
    assert "within 25 days, at the latest within 1 month" in text
    assert "extended by 2 months" in text
    assert "1055 Budapest, Falk Miksa utca 9-11" in said(tenant, notice, filling.SITE_DAY)


def test_nothing_leaves_the_eea_cannot_be_said_beside_american_analytics(tenant: Tenant) -> None:
    notice = filling.web_site(tenant, analytics_since=date(2020, 1, 1))
    assert "says_nothing_leaves_eea Analytics LLC" in kinds(tenant, TODAY, notice)
    Controller.objects.of(tenant).update(keeps_to_eea=False)
    assert kinds(tenant, TODAY, notice) == set()
    assert "standard contractual clauses" in said(tenant, notice, TODAY, "en")


def test_the_notice_of_an_agency_says_all_of_it(tenant: Tenant) -> None:
    notice = filling.agency(tenant)
    assert kinds(tenant, TODAY, notice) == set()
    document = documents.compose(tenant, notice, "ro", TODAY)
    text = json.dumps(document, ensure_ascii=False)
    assert "surse deschise" in text
    assert "serverele noastre" in text
    assert "str. Serghei Lazo 48" in text
    english = said(tenant, notice, TODAY, "en")
    assert "opens, clicks and their country" in english
    assert "so that the address can never be written to again" in english
    assert (
        "Nobody else gets the data, unless a court or an authority lawfully orders it." in english
    )


@pytest.mark.parametrize(
    ("code", "values", "expected"),
    [
        (readymade.NEWSLETTER, {"purposes": []}, "no_purpose newsletter"),
        (readymade.NEWSLETTER, {"purposes": [{"text": {}}]}, "malformed newsletter"),
        (readymade.NEWSLETTER, {"retention_start": "full_moon"}, "start_not_supplied newsletter"),
        (readymade.NEWSLETTER, {"retention_period": "a while"}, "malformed newsletter"),
        (readymade.NEWSLETTER, {"name": {"en": "Newsletter"}}, "text_missing newsletter"),
        (readymade.SIGN_UP_PROOF, {"retention_period": "P6Y"}, "kept_too_long sign_up_proof"),
        (readymade.SIGN_UP_PROOF, {"retention_period": ""}, "kept_too_long sign_up_proof"),
        (readymade.SIGN_UP_PROOF, {"retention_law": "x"}, "law_unknown sign_up_proof"),
        (readymade.CUSTOMERS, {"retention_period": "P7Y"}, "kept_too_short customers"),
        (readymade.ACCOUNTS, {"active": False}, "not_covered accounts"),
    ],
)
def test_each_inconsistency_is_found(
    tenant: Tenant, code: str, values: dict[str, Any], expected: str
) -> None:
    filling.change(tenant, code, **values)
    codes = (code,) if "not_covered" not in expected else ()
    found = consistency.examine(tenant, TODAY, codes=codes)
    assert expected in {f"{one.code} {one.about}" for one in found}


@pytest.mark.parametrize(
    ("ground", "special", "expected"),
    [
        ({"basis": "legal_obligation"}, False, "law_not_named"),
        ({"basis": "legitimate_interest", "balancing": "none"}, False, "not_balanced"),
        ({"basis": "curiosity"}, False, "no_basis"),
        ({"basis": "consent"}, True, "special_without_condition"),
    ],
)
def test_a_basis_needs_what_it_needs(
    tenant: Tenant, ground: dict[str, str], special: bool, expected: str
) -> None:
    item = {"category": "name", "special": special}
    purpose = {"text": filling.three("a", "b", "c"), "grounds": [ground], "items": [item]}
    filling.change(tenant, readymade.INQUIRIES, purposes=[purpose])
    found = consistency.examine(tenant, TODAY, codes=(readymade.INQUIRIES,))
    assert [one.code for one in found] == [expected]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"countries": ["US"], "guarantee": ""}, "no_guarantee"),
        ({"countries": ["US"], "guarantee": "adequacy"}, "guarantee_invalid"),
        ({"countries": ["CH"], "guarantee": "adequacy"}, None),
        ({"countries": ["MD"], "guarantee": "scc_2010"}, "guarantee_invalid"),
        ({"countries": ["MD"], "guarantee": "scc"}, None),
        ({"contract": ""}, "no_contract"),
        ({"contract_until": date(2026, 1, 1)}, "contract_ended"),
    ],
)
def test_a_recipient_needs_contract_and_guarantee(
    tenant: Tenant, values: dict[str, Any], expected: str | None
) -> None:
    filling.controller(tenant, keeps_to_eea=False)
    filling.recipient(tenant, "Partner", date(2020, 1, 1), **values)
    found = consistency.examine(tenant, TODAY)
    assert [one.code for one in found] == ([expected] if expected else [])


def test_a_promise_longer_than_the_law_is_refused(tenant: Tenant) -> None:
    filling.controller(tenant, answer_days=40)
    assert [one.code for one in consistency.examine(tenant, TODAY)] == ["answers_too_late"]


def published(tenant: Tenant, notice: Notice, at: datetime = NOON, **more: Any) -> NoticeVersion:
    return notices.publish(tenant, notice, actor="user:1", at=at, **more)


def test_versions_are_numbered_frozen_and_say_what_changed(tenant: Tenant) -> None:
    notice = filling.notice(tenant, "all", [])
    first = published(tenant, notice)
    assert (first.number, first.change, first.effective_from) == (1, "first", TODAY)
    with pytest.raises(notices.NothingChanged):
        published(tenant, notice)
    filling.change(tenant, readymade.SENDING_LOG, retention_period="P60D")
    with pytest.raises(notices.TooSoon):
        published(tenant, notice, effective_from=TODAY + timedelta(days=10))
    second = published(tenant, notice)
    assert second.change == "material"
    assert second.effective_from == TODAY + timedelta(days=11)
    assert [(one["kind"], one["about"]) for one in second.difference] == [("period", "sending_log")]
    assert notices.in_force(tenant, notice, TODAY + timedelta(days=10)) == first
    assert notices.in_force(tenant, notice, TODAY + timedelta(days=11)) == second
    first.refresh_from_db()
    assert "30 days" in json.dumps(first.documents["en"])
    assert "60 days" in json.dumps(second.documents["en"])
    assert bytes(first.digest) == notices.digest(first.documents)
    assert set(first.documents) == {"en", "hu", "ro"}


@pytest.mark.parametrize(
    ("values", "change", "kind"),
    [
        ({"retention_period": "P20D"}, "informative", "period"),
        ({"retention_period": ""}, "material", "period"),
        (
            {"seen_by": {"en": "all of us", "hu": "mindannyian", "ro": "noi toți"}},
            "editorial",
            "wording",
        ),
        ({"profiling": {"en": "yes", "hu": "van", "ro": "da"}}, "material", "profiling"),
    ],
)
def test_how_much_a_change_matters(
    tenant: Tenant, values: dict[str, Any], change: str, kind: str
) -> None:
    notice = filling.notice(tenant, "all", [])
    published(tenant, notice)
    filling.change(tenant, readymade.SENDING_LOG, **values)
    version = published(tenant, notice)
    assert version.change == change
    assert [one["kind"] for one in version.difference] == [kind]


def test_a_new_recipient_is_a_change_for_the_worse(tenant: Tenant) -> None:
    notice = filling.notice(tenant, "all", [])
    published(tenant, notice)
    partner = filling.recipient(tenant, "Partner", TODAY)
    version = published(tenant, notice)
    assert version.change == "material"
    assert version.difference[0]["what"] == "Partner (processor)"
    partner.until = TODAY
    partner.save()
    later = published(tenant, notice, NOON + timedelta(days=30))
    assert later.change == "informative"
