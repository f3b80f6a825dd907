"""What the retention run may do by itself, and what each run did."""

from typing import ClassVar

from django.db import models

from hirnok.tenants.rows import Access, TenantOwned


class RetentionPolicy(TenantOwned):
    """From how many ends at once somebody has to agree, and to what somebody has."""

    approve_above = models.IntegerField(default=0)  # 0: never
    approved_through = models.DateTimeField(null=True, blank=True)  # all due until then may end
    approved_by = models.CharField(max_length=60, blank=True, default="")
    forecast_told_on = models.DateField(null=True, blank=True)
    failure_told_on = models.DateField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_retention_policy_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(approve_above__gte=0), name="threshold_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"approve above {self.approve_above}"


class DisposalRun(TenantOwned):
    """A retention run of one tenant that did something, waits for somebody, or failed."""

    class Status(models.TextChoices):
        DONE = "done"
        WAITING = "waiting"  # for somebody's approval
        FAILED = "failed"  # and is tried again

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status.choices)
    waiting = models.IntegerField(default=0)  # holdings
    retained = models.IntegerField(default=0)  # holdings held back

    access = Access(update=False)

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant", "-started_at"], name="disposal_run_newest")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.status}"


class DisposalItem(TenantOwned):
    """What a run did to one kind of data."""

    class Outcome(models.TextChoices):
        REMOVED = "removed"
        ANONYMISED = "anonymised"
        RETAINED = "retained"
        FAILED = "failed"

    run = models.ForeignKey(
        DisposalRun, models.DO_NOTHING, db_constraint=False, related_name="items"
    )
    model = models.CharField(max_length=80)  # label
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    count = models.IntegerField()
    article = models.CharField(max_length=60, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")

    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"run": "CASCADE"}

    def __str__(self) -> str:
        return f"{self.model} {self.outcome} {self.count}"
