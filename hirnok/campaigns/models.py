"""A newsletter from its draft to its report."""

from typing import ClassVar

from django.db import models

from hirnok.mail import merge
from hirnok.tenants.rows import Access, TenantOwned


class Campaign(TenantOwned):
    """One newsletter."""

    class Format(models.TextChoices):
        MARKDOWN = "markdown"
        HTML = "html"
        MJML = "mjml"

    class Status(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"
        STARTING = "starting"  # the worker writes the recipients
        SENDING = "sending"
        PAUSED = "paused"
        SENT = "sent"
        CANCELLED = "cancelled"

    brand = models.ForeignKey(
        "tenants.Brand", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    name = models.CharField(max_length=200)
    subject = models.CharField(max_length=300, blank=True, default="")
    preheader = models.CharField(max_length=300, blank=True, default="")
    format = models.CharField(max_length=8, choices=Format.choices, default=Format.MARKDOWN)
    body = models.TextField(blank=True, default="")
    text_body = models.TextField(
        blank=True, default=""
    )  # the author's own; empty: made from the body
    relay = models.ForeignKey(
        "outbox.Relay",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )  # empty: the tenant's default
    policy = models.CharField(max_length=6, default="repeat")  # outbox.Message.Policy
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=50, blank=True, default="")
    message = models.ForeignKey(
        "outbox.Message",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    audience_size = models.IntegerField(
        null=True, blank=True
    )  # at launch, with those left out below
    left_out = models.JSONField(default=dict)  # reason -> how many, at launch
    resent_from = models.ForeignKey(
        "campaigns.Campaign",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    of_brand = "brand"
    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {
        "brand": "RESTRICT",
        "relay": "SET NULL",
        "message": "RESTRICT",
        "resent_from": "SET NULL",
    }

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant", "-created_at"], name="campaign_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_subject(self) -> str:
        """The subject as a reader gets it of whom nothing is known: merge fields by what they fall back to."""
        if "{" not in self.subject:
            return self.subject
        brand = {
            "name": self.brand.name,
            "postal_address": self.brand.postal_address,
            "sender_name": self.brand.sender_name,
        }
        try:
            text = merge.render(self.subject, merge.scope({}, brand, "", ""))
        except merge.CannotRender:
            return self.subject  # unfinished: the editor says what is wrong
        return " ".join(text.split()) or self.subject


class CampaignList(TenantOwned):
    """A list whose members get the campaign, or do not."""

    campaign = models.ForeignKey(
        "campaigns.Campaign",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    list = models.ForeignKey(
        "contacts.List", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    excluded = models.BooleanField(default=False)

    of_brand = "campaign__brand"
    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"campaign": "CASCADE", "list": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["campaign", "list"], name="campaign_list_once")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {'-' if self.excluded else '+'}{self.list_id}"


class ReportShare(TenantOwned):
    """A link by which a client sees a report, without any contact data (A4)."""

    campaign = models.ForeignKey(
        "campaigns.Campaign", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    of_brand = "campaign__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"campaign": "CASCADE"}

    def __str__(self) -> str:
        return f"share of {self.campaign_id}"
