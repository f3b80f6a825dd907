"""Frozen registers, notices with their versions, and the law's own dated rows."""

from typing import ClassVar

from django.db import models

from hirnok.tenants.rows import Access, TenantOwned


class RegisterVersion(TenantOwned):
    """The whole register at an instant, as it was; never changed."""

    number = models.IntegerField()
    at = models.DateTimeField()
    snapshot = models.JSONField()
    digest = models.BinaryField(max_length=32)  # SHA-256 of the canonical snapshot

    access = Access(update=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="register_version_once")
        ]

    def __str__(self) -> str:
        return f"register {self.number}"


class Notice(TenantOwned):
    """A privacy notice for one audience: which activities it tells of, and its permanent address."""

    code = models.CharField(max_length=40)
    title = models.JSONField(default=dict)  # by language
    audience = models.JSONField(default=dict)  # whom it is written for, by language
    activities = models.JSONField(default=list)  # of Activity.code; empty: all active ones
    token = models.CharField(max_length=32, unique=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="notice_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.code


class NoticeVersion(TenantOwned):
    """What a notice says from a day on, in every language; never changed (N5, C1)."""

    class Change(models.TextChoices):
        FIRST = "first"
        EDITORIAL = "editorial"  # the same facts in other words
        INFORMATIVE = "informative"  # less, shorter, safer
        MATERIAL = "material"  # more data, purposes, recipients, time, countries

    notice = models.ForeignKey(
        Notice, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    register = models.ForeignKey(
        RegisterVersion, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    number = models.IntegerField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=60)
    effective_from = models.DateField()
    change = models.CharField(max_length=12, choices=Change.choices)
    difference = models.JSONField(default=list)  # of changes.Change
    documents = models.JSONField()  # by language: describing the notice section by section
    digest = models.BinaryField(max_length=32)  # SHA-256 of the canonical documents

    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"notice": "RESTRICT", "register": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "notice", "number"], name="notice_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} v{self.number}"


class LegalRule(models.Model):
    """A number of the law, as it holds from a day to a day; a tenant may only be stricter."""

    jurisdiction = models.CharField(max_length=2)  # EU, HU, RO
    code = models.CharField(max_length=40)  # answer, extension, breach, retention.visitor_log
    value = models.CharField(max_length=20)  # ISO 8601 duration
    bound = models.CharField(max_length=8)  # at_most, at_least
    source = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)  # the last day

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "code", "valid_from"], name="legal_rule_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.code} {self.value}"


class Authority(models.Model):
    """A supervisory authority's data, as they hold from a day to a day."""

    jurisdiction = models.CharField(max_length=2)
    name = models.JSONField()  # by language
    address = models.CharField(max_length=200)
    email = models.CharField(max_length=254)
    phone = models.CharField(max_length=40)
    web_site = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "valid_from"], name="authority_once")
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.valid_from}"


class GuaranteeKind(models.Model):
    """What makes a transfer out of the EEA lawful (Chapter V), for which countries, from when to when."""

    code = models.CharField(max_length=20)
    countries = models.JSONField(default=list)  # empty: any
    source = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="guarantee_kind_once")
        ]

    def __str__(self) -> str:
        return self.code
