"""The tables of pace: limits, rules for replies, routes, what each queue waits for, which engines live."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from hirnok.tenants.rows import Access, TenantOwned


class Limit(TenantOwned):
    """What may go at most: through a relay or (without one) in the whole tenant, to a provider, to each, or in all.

    Those of the operator without a relay hold in every tenant that has none for the same.
    """

    ALL, EACH = "", "*"

    relay = models.ForeignKey(
        "outbox.Relay",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    provider = models.CharField(max_length=253, blank=True, default="")
    connections = models.IntegerField(null=True, blank=True)
    per_minute = models.IntegerField(null=True, blank=True)
    per_hour = models.IntegerField(null=True, blank=True)
    per_day = models.IntegerField(null=True, blank=True)
    ramp = ArrayField(
        models.IntegerField(), default=list, blank=True
    )  # messages a day, day 1 first
    ramp_from = models.DateTimeField(null=True, blank=True)

    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"relay": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "relay", "provider"], name="limit_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"limit for {self.provider or 'all'}"


class ReplyRule(TenantOwned):
    """What follows from a reply, asked before the rules that come with the program (mail.pacing.conditions)."""

    class Action(models.TextChoices):
        SUSPEND = "suspend"
        SLOW = "slow"
        IGNORE = "ignore"

    position = models.IntegerField()
    provider = models.CharField(max_length=253, default="*")
    contains = models.CharField(max_length=200)  # words with * between them
    action = models.CharField(max_length=7, choices=Action.choices)
    factor = models.FloatField(default=0.5)
    minutes = models.IntegerField(default=15)

    access = Access(delete=True)

    def __str__(self) -> str:
        return f"{self.action} at {self.contains}"


class Route(TenantOwned):
    """Which relay takes the mail of a brand (none: of each) to a provider or domain ("": to each)."""

    position = models.IntegerField()
    brand = models.ForeignKey(
        "tenants.Brand",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    to = models.CharField(max_length=253, blank=True, default="")
    relay = models.ForeignKey(
        "outbox.Relay", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    weight = models.IntegerField(default=1)

    of_brand = "brand"
    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"brand": "CASCADE", "relay": "CASCADE"}

    def __str__(self) -> str:
        return f"route {self.position} to {self.to or 'all'}"


class Queue(TenantOwned):
    """What engines share about a relay and a provider: how full its buckets are, what the provider said.

    Without a relay and with provider "" it is the bucket of the tenant, with a relay and "" that of the relay.
    A domain stands here only while it is slowed down or counted.
    """

    relay = models.ForeignKey(
        "outbox.Relay",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    provider = models.CharField(max_length=253, blank=True, default="")
    version = models.BigIntegerField(default=0, db_default=0)
    full_at = ArrayField(models.FloatField(), size=3, db_default=[0.0, 0.0, 0.0], default=list)
    promised = models.FloatField(default=0, db_default=0.0)
    condition = models.JSONField(default=dict, db_default={})  # mail.pacing.conditions.Condition
    normal_at = models.DateTimeField(null=True, blank=True)  # when the condition has passed
    last_reply = models.TextField(blank=True, default="", db_default="")  # without addresses
    last_reply_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)  # suspended by hand
    used_at = models.DateTimeField(null=True, blank=True)

    access = Access(delete=True)
    storage: ClassVar[dict[str, int]] = {"fillfactor": 50}
    db_on_delete: ClassVar[dict[str, str]] = {"relay": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "relay", "provider"], name="queue_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"queue for {self.provider or 'all'}"


class Engine(models.Model):
    """An engine that is alive; so many share what a relay allows."""

    owner = models.CharField(primary_key=True, max_length=120)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.owner
