"""Whether a register is true and lawful on a day: what must be mended before its notice may be published.

Each finding is a code with details; pages put it into words. Nothing here changes anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from hirnok.register import checks, describing, law, retention
from hirnok.register.describing import Purpose, Texts
from hirnok.register.models import Activity, Balancing, Controller, LegalBasis, Recipient
from hirnok.register.readymade import READYMADE
from hirnok.tenants.models import Tenant

# Beside those of the ready-made activities, what programs and people supply an instant for.
STARTS = frozenset({ready.retention_start for ready in READYMADE if ready.active} | {"collection"})


@dataclass(frozen=True)
class Finding:
    """Something that blocks publication. `about`: an activity's code or a recipient's name."""

    code: str
    about: str
    details: str = ""


def examine(tenant: Tenant, on: date, *, codes: tuple[str, ...] = ()) -> list[Finding]:
    """Return what is wrong with the active part of a register on a day; `codes`: of these activities only.

    The transaction acts for the tenant.
    """
    controller = Controller.objects.of(tenant).first()
    wanted = Activity.objects.of(tenant).order_by("pk")
    activities = [one for one in wanted if (one.code in codes if codes else one.active)]
    recipients = in_force(tenant, on, [one.code for one in activities])
    found = list(_controller(controller, on))
    if not codes:
        found += [Finding("not_covered", code, category) for code, category in checks.gaps(tenant)]
    weighed = {one.code: one for one in Balancing.objects.of(tenant)}
    jurisdiction = controller.jurisdiction if controller else "EU"
    for activity in activities:
        try:
            found += _activity(activity, weighed, jurisdiction, on)
        except (describing.Malformed, retention.NoDuration) as error:
            found.append(Finding("malformed", activity.code, str(error)))
    for recipient in recipients:
        found += _recipient(recipient, on)
    if controller is not None and controller.keeps_to_eea:
        found += [
            Finding("says_nothing_leaves_eea", one.name, country)
            for one in recipients
            for country in one.countries
            if not law.is_in_eea(country, on)
        ]
    return found


def in_force(tenant: Tenant, on: date, codes: list[str]) -> list[Recipient]:
    """Return the recipients that get data of these activities on a day."""
    rows = Recipient.objects.of(tenant).filter(since__lte=on).order_by("name", "pk")
    return [
        one
        for one in rows
        if (one.until is None or one.until >= on)
        and (not one.activities or set(one.activities) & set(codes))
    ]


def _controller(controller: Controller | None, on: date) -> Iterator[Finding]:
    if controller is None or not controller.name.strip():
        yield Finding("no_controller", "")
        return
    if not controller.postal_address.strip() or not controller.email.strip():
        yield Finding("controller_unreachable", controller.name)
    try:
        limit = law.rule(controller.jurisdiction, "answer", on).value
    except law.NoSuchRule:
        return
    promised = f"P{controller.answer_days}D"
    if retention.longest(promised, limit) == promised != limit:
        yield Finding("answers_too_late", controller.name, f"{promised} > {limit}")


def _activity(
    activity: Activity, weighed: dict[str, Balancing], jurisdiction: str, on: date
) -> Iterator[Finding]:
    purposes = describing.purposes(activity)
    yield from _texts(activity, purposes)
    if not purposes:
        yield Finding("no_purpose", activity.code)
    for purpose in purposes:
        yield from _grounds(activity.code, purpose, weighed)
        if not purpose.items:
            yield Finding("no_data", activity.code)
    for rule in describing.rules(activity):
        if activity.active and rule.start not in STARTS:
            yield Finding("start_not_supplied", activity.code, rule.start)
        yield from _period(activity, rule.period, jurisdiction, on)


def _texts(activity: Activity, purposes: list[Purpose]) -> Iterator[Finding]:
    """Every text that a notice needs, in every language of the installation."""
    told: list[Texts] = [activity.name, activity.description, *(one.text for one in purposes)]
    for code, _name in settings.LANGUAGES:
        if not all(texts.get(code, "").strip() for texts in told):
            yield Finding("text_missing", activity.code, code)


def _grounds(code: str, purpose: Purpose, weighed: dict[str, Balancing]) -> Iterator[Finding]:
    if not purpose.grounds:
        yield Finding("no_basis", code)
    special = any(item.special for item in purpose.items)
    for ground in purpose.grounds:
        if ground.basis not in LegalBasis.values:
            yield Finding("no_basis", code, ground.basis)
        if ground.basis in {LegalBasis.LEGAL_OBLIGATION, LegalBasis.PUBLIC_TASK} and not ground.law:
            yield Finding("law_not_named", code, ground.basis)
        if ground.basis == LegalBasis.LEGITIMATE_INTEREST:
            balancing = weighed.get(ground.balancing)
            if balancing is None or not balancing.prevails:
                yield Finding("not_balanced", code, ground.balancing)
        if special and not ground.condition:
            yield Finding("special_without_condition", code, ground.basis)


def _period(activity: Activity, period: str, jurisdiction: str, on: date) -> Iterator[Finding]:
    """A period is no ISO duration, or not within what the law that is named allows."""
    if period:
        retention.longest(period, period)  # NoDuration
    if not activity.retention_law:
        return
    try:
        rule = law.rule(jurisdiction, activity.retention_law, on)
    except law.NoSuchRule:
        yield Finding("law_unknown", activity.code, activity.retention_law)
        return
    longer = retention.longest(period, rule.value)
    if rule.bound == "at_most" and longer == period != rule.value:
        yield Finding("kept_too_long", activity.code, f"{period or '∞'} > {rule.value}")
    if rule.bound == "at_least" and longer == rule.value != period:
        yield Finding("kept_too_short", activity.code, f"{period} < {rule.value}")


def _recipient(recipient: Recipient, on: date) -> Iterator[Finding]:
    kinds = {Recipient.Kind.PROCESSOR, Recipient.Kind.SUB_PROCESSOR}
    if recipient.kind in kinds and not recipient.contract:
        yield Finding("no_contract", recipient.name)
    if recipient.contract_until is not None and recipient.contract_until < on:
        yield Finding("contract_ended", recipient.name, recipient.contract_until.isoformat())
    for country in recipient.countries:
        if law.is_in_eea(country, on):
            continue
        if not recipient.guarantee:
            yield Finding("no_guarantee", recipient.name, country)
        elif not law.makes_lawful(recipient.guarantee, country, on):
            yield Finding("guarantee_invalid", recipient.name, f"{recipient.guarantee} {country}")
