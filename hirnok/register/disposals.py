"""What the retention run would do, may do and has done: forecast, approval above a threshold, report.

A tenant sets from how many ends at once somebody has to agree (`RetentionPolicy`); what is above waits until somebody
approves, up to an instant. Activities whose action is to ask wait always. Each run that does something, and each that
could not, leaves a `DisposalRun` with its outcomes per kind of data; a run with a failure is not done and is tried again.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from hirnok.register import declarations, describing
from hirnok.register.declarations import Declaration
from hirnok.register.models import (
    Activity,
    DisposalItem,
    DisposalRun,
    Hold,
    Holding,
    RetentionPolicy,
)
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant

Outcome = DisposalItem.Outcome
HELD = "GDPR Art. 17 (3) e, 18 (2)"


@dataclass(frozen=True)
class Line:
    """A kind of data: how much is due, how much of that waits for somebody's word, how much is held back."""

    activity: Activity | None
    model: str
    due: int
    waiting: int = 0
    held: int = 0


def policy_of(tenant: Tenant) -> RetentionPolicy:
    """Return a tenant's policy; one that was never set asks nobody."""
    found: RetentionPolicy | None = RetentionPolicy.objects.of(tenant).first()
    return found or RetentionPolicy(tenant=tenant)


@transaction.atomic
def set_threshold(tenant: Tenant, approve_above: int, *, actor: str, at: datetime) -> None:
    """Say from how many ends at once somebody has to agree; 0: never."""
    RetentionPolicy.objects.update_or_create(
        tenant=tenant, defaults={"approve_above": approve_above}
    )
    audit.record(tenant, "retention.threshold", actor=actor, at=at, count=approve_above)


@transaction.atomic
def approve(tenant: Tenant, through: datetime, *, actor: str, at: datetime) -> int:
    """Agree that all that is due until an instant ends; how many holdings that is now."""
    count = due(tenant, through).count()
    RetentionPolicy.objects.update_or_create(
        tenant=tenant, defaults={"approved_through": through, "approved_by": actor}
    )
    audit.record(tenant, "retention.approve", actor=actor, at=at, count=count)
    return count


def first_today(tenant: Tenant, name: str, at: datetime) -> bool:
    """Whether something (`forecast_told_on`, `failure_told_on`) was not told today; from now on it was."""
    policy, _ = RetentionPolicy.objects.select_for_update().get_or_create(tenant=tenant)
    if getattr(policy, name) == at.date():
        return False
    RetentionPolicy.objects.of(tenant).update(**{name: at.date()})
    return True


def due(tenant: Tenant, at: datetime) -> "QuerySet[Holding]":
    """Return what is due and not held back."""
    held = Hold.objects.filter(tenant_id=tenant.pk, holding_id=OuterRef("pk"))
    rows: QuerySet[Holding] = Holding.objects.of(tenant).filter(~Exists(held), expires_at__lte=at)
    return rows


def allowed(tenant: Tenant, at: datetime) -> "QuerySet[Holding]":
    """Return what is due and may end: all of it, or what somebody has agreed to."""
    policy = policy_of(tenant)
    rows = due(tenant, at)
    approved = Q(expires_at__lte=policy.approved_through) if policy.approved_through else Q(pk=None)
    if policy.approve_above and rows[: policy.approve_above + 1].count() > policy.approve_above:
        return rows.filter(approved)
    asking = _asking(tenant)
    return rows.filter(~asking | approved) if asking else rows


def forecast(tenant: Tenant, at: datetime) -> list[Line]:
    """Return what a run at that instant would do, the most first."""
    counted: Counter[int] = Counter(_by_activity(due(tenant, at)))
    may = Counter(_by_activity(allowed(tenant, at)))
    held = Counter(_by_activity(_held(tenant, at)))
    activities = Activity.objects.of(tenant).in_bulk(list(counted | held))
    lines = [
        Line(one, "", counted[pk], counted[pk] - may[pk], held[pk])
        for pk, one in activities.items()
    ]
    for model, path in declarations.expiring():
        if declarations.has_tenant(model):
            count = model._default_manager.filter(
                **{"tenant_id": tenant.pk, f"{path}__lte": at}
            ).count()
            if count:
                lines.append(Line(None, model._meta.label, count))
    return sorted(lines, key=lambda line: -line.due)


def counted_models(tenant: Tenant) -> list[Declaration]:
    """Return what hangs from holdings and has rows in the tenant, or belongs to none; asked once for a run."""
    found = []
    for declared in declarations.below_holdings():
        model = declared.of_model()
        if (
            not declarations.has_tenant(model)
            or model._default_manager.filter(tenant_id=tenant.pk).exists()
        ):
            found.append(declared)
    return found


def count_rows(
    tenant: Tenant, ids: list[int], among: Iterable[Declaration]
) -> Counter[tuple[str, str]]:
    """Return by (model, outcome) the rows that go, or lose their person, with these holdings."""
    found: Counter[tuple[str, str]] = Counter()
    wanted = Holding.objects.filter(tenant_id=tenant.pk, pk__in=ids)
    codes = set(wanted.values_list("activity__code", flat=True).distinct())
    for declared in among:
        model = declared.of_model()
        if not declarations.has_tenant(model) and not codes & set(declared.activities):
            continue
        path = "pk" if declared.holding == "self" else declared.holding
        within = {"tenant_id": tenant.pk} if declarations.has_tenant(model) else {}
        rows = model._default_manager.filter(**within, **{f"{path}__in": ids})
        outcome = Outcome.ANONYMISED if declared.anonymised_by else Outcome.REMOVED
        if count := rows.order_by().count():
            found[model._meta.label, str(outcome)] += count
    return found


@transaction.atomic
def report(
    tenant: Tenant,
    *,
    started_at: datetime,
    ended_at: datetime,
    counts: Counter[tuple[str, str]],
    waiting: int,
    failures: Iterable[str],
) -> DisposalRun | None:
    """Write down a run that did something, waits or failed; the same state of waiting is said once a day."""
    failed = list(failures)
    retained = _held(tenant, started_at).aggregate(count=Count("pk"), until=Min("hold_until"))
    if not counts and not failed and _was_said(tenant, started_at, waiting, retained["count"]):
        return None
    status = DisposalRun.Status.DONE
    if failed:
        status = DisposalRun.Status.FAILED
    elif waiting:
        status = DisposalRun.Status.WAITING
    run: DisposalRun = DisposalRun.objects.create(
        tenant=tenant,
        started_at=started_at,
        ended_at=ended_at,
        status=status,
        waiting=waiting,
        retained=retained["count"],
    )
    items = [
        DisposalItem(tenant=tenant, run=run, model=model, outcome=outcome, count=count)
        for (model, outcome), count in sorted(counts.items())
    ]
    if retained["count"]:
        items.append(
            DisposalItem(
                tenant=tenant, run=run, model=Holding._meta.label, outcome=Outcome.RETAINED,
                count=retained["count"], article=HELD, until=retained["until"],
            )
        )  # fmt: skip
    items += [
        DisposalItem(
            tenant=tenant, run=run, model=Holding._meta.label, outcome=Outcome.FAILED,
            count=1, reason=reason[:500],
        )
        for reason in failed[:100]
    ]  # fmt: skip
    DisposalItem.objects.bulk_create(items)
    return run


def _was_said(tenant: Tenant, at: datetime, waiting: int, retained: int) -> bool:
    last = DisposalRun.objects.of(tenant).order_by("-started_at", "-pk").first()
    if not waiting and not retained:
        return last is None or last.status == DisposalRun.Status.DONE
    return (
        last is not None
        and last.started_at.date() == at.date()
        and (last.waiting, last.retained) == (waiting, retained)
        and last.status != DisposalRun.Status.FAILED
    )


def _held(tenant: Tenant, at: datetime) -> "QuerySet[Holding]":
    """What is due and held back, with the latest end of its holds."""
    holds = Hold.objects.filter(tenant_id=tenant.pk, holding_id=OuterRef("pk"))
    rows: QuerySet[Holding] = (
        Holding.objects.of(tenant)
        .filter(Exists(holds), expires_at__lte=at)
        .annotate(hold_until=holds.order_by(F("until").desc(nulls_first=True)).values("until")[:1])
    )
    return rows


def _asking(tenant: Tenant) -> Q:
    """Which holdings' rule is to ask somebody."""
    asked = Q()
    for activity in Activity.objects.of(tenant):
        main, *further = describing.rules(activity)
        bases = {rule.basis for rule in further if rule.action == Activity.Action.ASK}
        if main.action == Activity.Action.ASK:
            others = [rule.basis for rule in further if rule.action != Activity.Action.ASK]
            asked |= Q(activity_id=activity.pk) & ~Q(legal_basis__in=others)
        elif bases:
            asked |= Q(activity_id=activity.pk, legal_basis__in=bases)
    return asked


def _by_activity(rows: "QuerySet[Holding]") -> dict[int, int]:
    counted = rows.order_by().values("activity_id").annotate(count=Count("pk"))
    return {row["activity_id"]: row["count"] for row in counted}
