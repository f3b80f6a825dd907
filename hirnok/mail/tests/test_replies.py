import pytest

from hirnok.mail import replies
from hirnok.mail.replies import (
    Bounced,
    Deferred,
    Delivered,
    Failed,
    ReplyClass,
    enhanced_code,
    outcome,
)

SUPPRESSED = [
    (550, "5.1.1 <x@y.example> mail refused by policy of the domain", ReplyClass.ADDRESS),
    (550, "5.1.1 <x@y.example>: Recipient address rejected: User unknown in virtual mailbox table", ReplyClass.ADDRESS),
    (550, "5.1.1 The email account that you tried to reach does not exist. Please try double-checking", ReplyClass.ADDRESS),
    (550, "No such user here", ReplyClass.ADDRESS),
    (550, "5.5.0 Requested action not taken: mailbox unavailable", ReplyClass.ADDRESS),
    (550, "5.4.1 Recipient address rejected: Access denied. AS(201806281)", ReplyClass.ADDRESS),
    (554, "delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.example) [0]", ReplyClass.ADDRESS),
    (550, "5.2.1 The email account that you tried to reach is disabled", ReplyClass.MAILBOX_DISABLED),
    (550, "5.1.2 Host unknown", ReplyClass.DOMAIN),
    (556, "5.1.10 Recipient address has null MX", ReplyClass.DOMAIN),
    (553, "sorry, that domain isn't in my list; domain does not exist", ReplyClass.DOMAIN),
]  # fmt: skip
NOT_THEIR_FAULT = [
    (553, "5.1.8 <hirek@b.example>... Domain of sender address hirek@b.example does not exist", ReplyClass.POLICY),
    (550, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using Spamhaus", ReplyClass.REPUTATION),
    (550, "5.7.1 [192.0.2.1 12] Our system has detected that this message is likely unsolicited mail", ReplyClass.CONTENT),
    (550, "5.7.26 This mail has been blocked because the sender is unauthenticated. DMARC policy", ReplyClass.AUTHENTICATION),
    (550, "5.7.515 Access denied, sending domain does not meet the required authentication level", ReplyClass.AUTHENTICATION),
    (550, "5.1.1 <x@y.example> rejected: your IP is listed in our blacklist", ReplyClass.REPUTATION),
    (554, "5.7.1 <x@y.example>: Relay access denied", ReplyClass.RELAY),
    (554, "Message rejected due to content restrictions: spam", ReplyClass.CONTENT),
    (552, "5.3.4 Message size exceeds fixed limit", ReplyClass.TOO_LARGE),
    (550, "5.7.1 Message rejected by local policy", ReplyClass.POLICY),
    (501, "5.5.4 Syntax error in parameters", ReplyClass.PROTOCOL),
    (550, "no", ReplyClass.OTHER),
]  # fmt: skip
DEFERRED = [
    (451, "4.7.1 Greylisting in action, please come back later", ReplyClass.GREYLISTING),
    (450, "4.2.0 <x@y.example>: Recipient address rejected: Greylisted", ReplyClass.GREYLISTING),
    (452, "4.2.2 The email account that you tried to reach is over quota", ReplyClass.MAILBOX_FULL),
    (421, "4.7.0 Too many connections, slow down", ReplyClass.RATE),
    (421, "Service not available, closing channel", ReplyClass.NETWORK),
    (450, "4.1.1 <x@y.example>: user unknown in local table (temporary)", ReplyClass.ADDRESS),
]


@pytest.mark.parametrize(("code", "text", "found"), SUPPRESSED)
def test_it_suppresses_dead_addresses(code: int, text: str, found: ReplyClass) -> None:
    result = outcome(code, text)
    assert isinstance(result, Bounced)
    assert (result.reply_class, result.suppress) == (found, True)


@pytest.mark.parametrize(("code", "text", "found"), NOT_THEIR_FAULT)
def test_it_never_blames_the_recipient_for_others(code: int, text: str, found: ReplyClass) -> None:
    assert outcome(code, text) == Failed(code, enhanced_code(code, text), text, found)


@pytest.mark.parametrize(("code", "text", "found"), DEFERRED)
def test_it_defers_every_4xx(code: int, text: str, found: ReplyClass) -> None:
    assert outcome(code, text) == Deferred(code, enhanced_code(code, text), text, found)


def test_it_bounces_full_mailboxes_without_suppressing() -> None:
    result = outcome(552, "5.2.2 Mailbox full")
    assert isinstance(result, Bounced)
    assert (result.reply_class, result.suppress) == (ReplyClass.MAILBOX_FULL, False)


def test_it_delivers_2xx() -> None:
    assert outcome(250, "2.0.0 Ok:\n queued as 1") == Delivered(
        250, "2.0.0", "2.0.0 Ok: queued as 1"
    )


def test_it_does_not_blame_the_recipient_before_rcpt() -> None:
    assert isinstance(outcome(550, "5.1.1 user unknown", to_recipient=False), Failed)


@pytest.mark.parametrize("code", [0, 354, 699])
def test_it_tries_again_after_nonsense(code: int) -> None:
    assert outcome(code, "?") == Deferred(code, "", "?", ReplyClass.PROTOCOL)


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [(550, "5.1.1 x", "5.1.1"), (550, "#5.1.1", ""), (550, "x (5.7.1) y", "5.7.1"), (450, "5.1.1 x 4.2.1 y", "4.2.1"), (550, "192.0.2.5.1.1", "")],
)  # fmt: skip
def test_it_finds_enhanced_codes(code: int, text: str, expected: str) -> None:
    assert enhanced_code(code, text) == expected


def test_each_class_of_refusal_has_the_name_that_others_give_it() -> None:
    assert set(replies.KUMO_NAMES) == set(ReplyClass) - {ReplyClass.OK}


@pytest.mark.parametrize(
    "text",
    [
        "5.7.1 Message refused by policy for user@example.hu",
        "5.7.1 Service unavailable; client host blocked using zen.spamhaus.org",
        "5.1.1 sender rejected because of bad reputation",
        "5.7.26 This mail is unauthenticated",
    ],
)
def test_policy_and_reputation_never_suppress_a_person(text: str) -> None:
    assert isinstance(replies.outcome(550, text), replies.Failed)
