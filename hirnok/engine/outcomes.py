"""What an SMTP answer means for a delivery: its next state, and what else has to be written. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from hirnok.engine.replies import Reply
from hirnok.engine.smtp import Stage
from hirnok.mail import replies, retry

QUEUED, SENT, DEFERRED, BOUNCED, FAILED, SUPPRESSED, UNKNOWN, CANCELLED, ERASED = range(9)

_ENDED = frozenset({BOUNCED, FAILED})
_TEXT_LIMIT = 1_000
_MOMENT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one attempt. `text` may contain the address; "" when it is not worth keeping."""

    state: int
    code: int | None = None
    next_at: datetime | None = None
    kind: str = ""
    text: str = ""
    tried: int = 1  # what the attempt adds to `attempts`
    provider: str | None = None  # as it may be kept; None: not known, or of no interest
    relay: int | None = None  # the only one that may send it again


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the verdict depends on besides the answer: attempts before this one, since when (None: not known, the
    waits so far count), now, and the relay's schedule."""

    before: int
    since: datetime | None
    at: datetime
    schedule: retry.Schedule = retry.USUAL


def is_sent(stage: Stage, reply: Reply) -> bool:
    """Whether an answer says that the message was taken: only one to its end does."""
    return stage == "end" and 200 <= reply.code < 300


@lru_cache(16)
def sent(code: int) -> Verdict:
    """Return the verdict on nearly every message."""
    return Verdict(SENT, code)


def of_reply(attempt: Attempt, stage: Stage, reply: Reply) -> Verdict:
    """Return the verdict on an answer: sent, deferred with the next time, bounced or failed."""
    # A positive answer ends the message only after its end; anywhere else it is a confused server.
    code = 451 if stage != "end" and reply.code < 400 else reply.code
    found = replies.outcome(code, reply.text, to_recipient=stage in {"rcpt", "end"})
    text, kind = found.text[:_TEXT_LIMIT], str(found.reply_class)
    match found:
        case replies.Delivered():
            return sent(found.code)
        case replies.Deferred():
            return deferred(attempt, found.code, kind, text)
        case replies.Bounced():
            return Verdict(BOUNCED, found.code, kind=kind, text=text)
        case replies.Failed():
            return Verdict(FAILED, found.code, kind=kind, text=text)


def deferred(attempt: Attempt, code: int | None, kind: str, text: str) -> Verdict:
    """Return "try again later", or failed when it has been tried for long enough."""
    next_at = attempt.schedule.next_attempt(attempt.before + 1, attempt.at, queued_at=attempt.since)
    if next_at is None:
        return Verdict(FAILED, code, kind=kind, text=text)
    return Verdict(DEFERRED, code, next_at=next_at, kind=kind, text=text)


def placed(at: datetime) -> Verdict:
    """Return "not before this instant", for what is paced by us: no attempt."""
    return Verdict(DEFERRED, next_at=at, kind="rate", tried=0)


def postponed(attempt: Attempt, text: str) -> Verdict:
    """Return "again in a moment": the relay could not be reached, which is no attempt; failed when too old."""
    since = attempt.since or attempt.at
    if attempt.at - since > attempt.schedule.maximum_age:
        return Verdict(FAILED, kind="network", text=text)
    next_at = attempt.at + _MOMENT
    return Verdict(DEFERRED, next_at=next_at, kind="network", text=text, tried=0)


@dataclass
class Outcomes:
    """The verdicts of a window, as the arrays of the window statement."""

    verdicts: dict[int, Verdict] = field(default_factory=dict)
    repeated: set[int] = field(default_factory=set)  # may arrive twice

    def values(self) -> dict[str, Any]:
        """Return the statement's parameters. Where all were sent and answered 250, the ids alone say so."""
        ids = sorted(self.verdicts)  # in the order in which others lock rows too
        usual = sent(250)
        given = [self.verdicts[number] for number in ids]
        if all(verdict is usual for verdict in given):
            given = []
        told = [(number, verdict) for number, verdict in self.verdicts.items() if verdict.text]
        ended = [(n, one) for n, one in told if one.state in _ENDED and one.kind in replies.COUNTED]
        return {
            "ids": f"{{{','.join(map(str, ids))}}}",  # a text costs less than a list
            "states": [verdict.state for verdict in given],
            "codes": [verdict.code for verdict in given],
            "tried": [verdict.tried for verdict in given],
            "next": [verdict.next_at for verdict in given],
            "provider": [verdict.provider for verdict in given],
            "pinned": [verdict.relay for verdict in given],
            "lowest": ids[0] if ids else 0,
            "highest": ids[-1] if ids else -1,
            "reply_ids": [number for number, _ in told],
            "reply_codes": [verdict.code or 0 for _, verdict in told],
            "reply_kinds": [verdict.kind for _, verdict in told],
            "reply_texts": [verdict.text for _, verdict in told],
            "failed_ids": [number for number, _ in ended],
            "failed_codes": [verdict.code or 0 for _, verdict in ended],
            "failed_kinds": [verdict.kind for _, verdict in ended],
            "repeated": sorted(self.repeated),
        }
