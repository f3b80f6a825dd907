"""What providers say, what follows from it, and that it passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirnok.mail.pacing import conditions, providers, ramps
from hirnok.mail.pacing.conditions import NORMAL, BadRule, Rule, after

START = 1_790_000_000.0

SAID = [
    ("gmail", 421, "4.7.28 Gmail has detected an unusual rate of unsolicited mail", "gmail-rate"),
    ("gmail", 421, "4.7.0 [1.2.3.4] Try again later, closing connection.", "gmail-later"),
    ("gmail", 450, "4.2.1 The user you are trying to contact is receiving mail at a rate that", "gmail-mailbox-rate"),
    ("gmail", 550, "5.7.1 [1.2.3.4] Our system has detected that this message is likely unsolicited mail", "gmail-unsolicited"),
    ("gmail", 421, "4.7.26 This mail is unauthenticated", "gmail-unauthenticated"),
    ("gmail", 550, "5.1.1 The email account that you tried to reach does not exist", None),
    ("microsoft", 451, "4.7.500 Server busy. Please try again later from [1.2.3.4]", "microsoft-busy"),
    ("microsoft", 550, "5.7.1 Unfortunately, messages from [1.2.3.4] weren't sent. part of their network is on our block list (S3150)", "microsoft-block"),
    ("microsoft", 451, "4.7.650 The mail server [1.2.3.4] has been temporarily rate limited due to IP reputation", "microsoft-reputation"),
    ("microsoft365", 550, "5.7.606 Access denied, banned sending IP", "microsoft365-banned"),
    ("yahoo", 421, "4.7.0 [TSS04] Messages from 1.2.3.4 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1", "yahoo-volume"),
    ("yahoo", 553, "5.7.1 [TSS09] All messages from 1.2.3.4 will be permanently deferred", "yahoo-complaints"),
    ("kis-ceg.hu", 451, "4.7.1 Too many messages, slow down", "any-rate"),
    ("kis-ceg.hu", 554, "5.7.1 Service unavailable; blocked using zen.spamhaus.org", "any-listed"),
    ("kis-ceg.hu", 451, "4.7.1 Greylisted, please try again later", None),
    ("freemail_hu", 452, "4.2.2 Mailbox full", None),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "code", "text", "rule"), SAID)
def test_it_knows_what_the_large_providers_say(
    provider: str, code: int, text: str, rule: str | None
) -> None:
    found = conditions.fitting(conditions.shipped(), provider, code, text)
    assert (found.id if found else None) == rule


rules = st.builds(
    Rule,
    id=st.just("r"),
    provider=st.just("*"),
    action=st.sampled_from(["suspend", "slow", "ignore"]),
    factor=st.floats(0.01, 1.0),
    seconds=st.floats(60, conditions.LONGEST),
)


@given(st.lists(st.tuples(st.floats(0, 90_000), rules), max_size=40))
def test_it_always_returns_to_normal_by_itself(said: list[tuple[float, Rule]]) -> None:
    condition, at = NORMAL, START
    for pause, rule in said:
        at += pause
        condition = after(condition, rule, at)
        assert conditions.SLOWEST <= condition.factor <= 1
        assert condition.suspended_until <= at + conditions.LONGEST
    end = condition.normal_from
    assert end <= at + 5 * conditions.LONGEST
    assert condition.is_normal(max(at, end) + 1)
    assert condition.factor_at(max(at, end) + 1) == 1


@given(rules, st.lists(st.floats(0, 10_000), max_size=20))
def test_the_speed_only_rises_while_nothing_more_is_said(rule: Rule, pauses: list[float]) -> None:
    condition, at = after(NORMAL, rule, START), START
    last = condition.factor_at(at)
    for pause in pauses:
        at += pause
        assert condition.factor_at(at) >= last
        last = condition.factor_at(at)


def test_what_is_said_again_at_once_is_one_event_and_later_counts_more() -> None:
    rule = Rule("r", "*", "suspend", factor=0.25, seconds=600)
    once = after(NORMAL, rule, START)
    assert after(once, rule, START + 5) == once
    again = after(once, rule, once.suspended_until + 10)
    assert again.strikes == 1
    assert again.suspended_until - (once.suspended_until + 10) == 1200
    forgotten = after(once, rule, once.normal_from + 86_400)
    assert forgotten.strikes == 0


def test_ignoring_is_an_answer() -> None:
    own = conditions.made(
        {"id": "own", "provider": "gmail", "contains": "try again * closing", "action": "ignore"}
    )
    text = "4.7.0 [1.2.3.4] Try again later, closing connection."
    assert conditions.fitting([own, *conditions.shipped()], "gmail", 421, text) is own
    assert after(NORMAL, own, START) == NORMAL


@pytest.mark.parametrize(
    "wrong",
    [
        {"contains": ""},
        {"contains": "a*b*c*d*e*f"},
        {"contains": "a", "factor": 0},
        {"contains": "a", "minutes": 0},
        {"contains": "a", "minutes": 1e9},
        {"class": "nonsense"},
        {"contains": "a", "action": "explode"},
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(wrong: dict[str, object]) -> None:
    row = {"id": "x", "provider": "*", "action": "suspend", "factor": 0.5, "minutes": 10} | wrong
    with pytest.raises(BadRule):
        conditions.made(row)
    assert conditions.all_made([row]) == ()


def test_words_of_a_tenant_are_no_regular_expression() -> None:
    rule = conditions.made(
        {"id": "x", "provider": "*", "contains": "(a+)+$", "action": "slow", "factor": 0.5, "minutes": 5}
    )  # fmt: skip
    assert rule.fits("any", "451 about (A+)+$ here", "other")
    assert not rule.fits("any", "451 aaaa", "other")


@pytest.mark.parametrize(
    ("domain", "provider"),
    [("gmail.com", "gmail"), ("yahoo.ro", "yahoo"), ("freemail.hu", "freemail_hu"), ("citromail.hu", "citromail"),
     ("indamail.hu", "indamail"), ("t-online.hu", "telekom_hu"), ("upcmail.hu", "vodafone_hu"), ("rdslink.ro", "digi_ro"),
     ("web.de", "gmx"), ("proton.me", "proton"), ("kis-ceg.hu", None)],
)  # fmt: skip
def test_domains_of_providers(domain: str, provider: str | None) -> None:
    assert providers.shipped().by_domain(domain) == provider


@pytest.mark.parametrize(
    ("hosts", "provider"),
    [(["aspmx.l.google.com"], "gmail"), (["kisceg-hu.mail.protection.outlook.com"], "microsoft365"),
     (["hotmail-com.olc.protection.outlook.com"], "microsoft"), (["MX.Zoho.eu."], "zoho"), (["mx.kisceg.hu"], None),
     (["mx.kisceg.hu", "alt1.aspmx.l.google.com"], "gmail"), (["notgoogle.com"], None), ([""], None), ([], None)],
)  # fmt: skip
def test_domains_are_rolled_up_by_their_mail_exchangers(
    hosts: list[str], provider: str | None
) -> None:
    assert providers.shipped().by_mail_servers(hosts) == provider


def test_what_is_kept_names_no_domain() -> None:
    table = providers.shipped()
    assert table.kept_as("gmail") == "gmail"
    assert table.kept_as("kovacs-janos.hu") == providers.OTHER
    assert table.name_of("kovacs-janos.hu") == "kovacs-janos.hu"


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=ramps.LONGEST))
def test_a_ramp_never_falls_and_ends(numbers: list[int]) -> None:
    days = ramps.checked(sorted(numbers))
    allowed = [ramps.allowed(days, START, START + hour * 3600.0) for hour in range(24 * len(days))]
    assert allowed == sorted(allowed, key=lambda number: number or 0)
    assert ramps.allowed(days, START, START + len(days) * ramps.DAY) is None
    assert ramps.allowed(days, START, START - 1) == 0


@pytest.mark.parametrize("text", ["", "0", "100, 50", "a", "1," * 200, "-5"])
def test_what_is_no_ramp_is_refused(text: str) -> None:
    with pytest.raises(ramps.NoRamp):
        ramps.read(text)


def test_shipped_ramps_can_be_read() -> None:
    assert set(ramps.shipped()) == {"careful", "usual", "known"}
    assert ramps.read("50, 100; 200") == (50, 100, 200)
