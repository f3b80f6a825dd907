"""Facts, severity, the two decisions, lessons, and closing when everything is decided (GDPR 33, 34)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from hirnok.breaches import enisa, reports, story
from hirnok.breaches.models import Breach
from hirnok.breaches.opening import NoReason

FACTS = (
    "title", "description", "known_by", "processor", "processor_knew_at", "told_at", "happened_from",
    "happened_until", "confidentiality", "integrity", "availability", "activities", "categories",
    "special_categories", "persons", "records", "consequences", "measures_taken", "measures_planned",
)  # fmt: skip


class NoExemption(ValueError):
    """A high risk is kept from the persons only under Art. 34 (3)."""


class NotDecided(Exception):
    """It cannot be closed yet; `missing` are codes of `reports.MISSING`."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


@transaction.atomic
def describe(breach: Breach, values: Mapping[str, Any], *, actor: str, at: datetime) -> Breach:
    """Say what is known of it: `values` are columns of `FACTS`; NotOpen."""
    found = story.locked(breach)
    for name in FACTS:
        if name in values:
            setattr(found, name, values[name])
    found.save()
    story.tell(found, "describe", actor=actor, at=at)
    return found


@transaction.atomic
def assess(
    breach: Breach,
    chosen: Mapping[str, Any],
    *,
    override: str = "",
    reason: str = "",
    actor: str,
    at: datetime,
) -> Breach:
    """Compute the severity from the factors, or override it with a reason; UnknownFactor, NoReason, NotOpen."""
    if override and (override not in enisa.LEVELS or not reason.strip()):
        raise NoReason
    found = story.locked(breach)
    severity = enisa.assess(chosen, persons=found.persons)
    found.factors = dict(chosen)
    found.score, found.level = severity.score, severity.level
    found.level_override, found.override_reason = override, reason if override else ""
    found.save()
    story.tell(found, "assess", actor=actor, at=at, level=found.severity)
    return found


@transaction.atomic
def decide_authority(
    breach: Breach, *, notify: bool, reason: str, actor: str, at: datetime
) -> Breach:
    """Decide whether the authority is notified; that a risk is unlikely needs reasons (33 (1)); NoReason, NotOpen."""
    if not notify and not reason.strip():
        raise NoReason
    found = story.locked(breach)
    found.notify_authority, found.authority_reason = notify, reason
    found.save()
    story.tell(found, "decide_authority", actor=actor, at=at, text=reason, notify=notify)
    return found


@transaction.atomic
def decide_persons(
    breach: Breach, *, notify: bool, exemption: str = "", reason: str, actor: str, at: datetime
) -> Breach:
    """Decide whether the persons are told; not to, at a high risk, only under 34 (3); NoReason, NoExemption, NotOpen."""
    if not notify and not reason.strip():
        raise NoReason
    found = story.locked(breach)
    if not notify and enisa.is_high(found.severity) and not exemption:
        raise NoExemption
    found.notify_persons = notify
    found.exemption = "" if notify else exemption
    found.persons_reason = reason
    found.save()
    story.tell(found, "decide_persons", actor=actor, at=at, text=reason, notify=notify)
    return found


@transaction.atomic
def explain_delay(breach: Breach, *, reason: str, actor: str, at: datetime) -> Breach:
    """Say why the authority is notified after the 72 hours (33 (1)); NoReason, NotOpen."""
    if not reason.strip():
        raise NoReason
    found = story.locked(breach)
    found.late_reason = reason
    found.save()
    story.tell(found, "explain_delay", actor=actor, at=at, text=reason)
    return found


@transaction.atomic
def learn(breach: Breach, *, lessons: str, actor: str, at: datetime) -> Breach:
    """Write down what is to be learnt from it; NotOpen."""
    found = story.locked(breach)
    found.lessons = lessons
    found.save()
    story.tell(found, "learn", actor=actor, at=at)
    return found


@transaction.atomic
def close(breach: Breach, *, actor: str, at: datetime) -> Breach:
    """End it, when all is decided, done and learnt; NotDecided says what is missing. It stays in the register."""
    found = story.locked(breach)
    missing = reports.missing(found, at)
    if missing:
        raise NotDecided(missing)
    found.state = Breach.State.CLOSED
    found.closed_at = at
    found.save()
    story.tell(found, "close", actor=actor, at=at)
    return found
