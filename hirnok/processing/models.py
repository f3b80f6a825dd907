"""Operator as processor: the agreement, instructions, sub-processors, audits, secrecy and training (GDPR 28)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from hirnok.tenants.rows import Access, TenantOwned


class AgreementVersion(TenantOwned):
    """The operator's text of the data-processing agreement from a day on; never changed."""

    number = models.IntegerField()
    clauses = models.JSONField()  # by language: [[heading, text], …]
    summary = models.JSONField(default=dict)  # what is new, by language
    objection_days = models.SmallIntegerField()  # against a change of sub-processors (N38)
    audit_days = models.SmallIntegerField()  # working days before an audit (N37)
    breach_hours = models.SmallIntegerField()  # within which the operator tells of a breach
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=60)
    effective_from = models.DateField()
    digest = models.BinaryField(max_length=32)  # SHA-256 of the canonical clauses

    access = Access(update=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="agreement_version_once")
        ]

    def __str__(self) -> str:
        return f"agreement {self.number}"


class Agreement(TenantOwned):
    """A tenant's owner has accepted a version, with the annexes as they were on that day; never changed."""

    version = models.IntegerField()  # AgreementVersion.number of the operator
    documents = models.JSONField()  # by language, as pages and PDF draw it
    digest = models.BinaryField(max_length=32)  # SHA-256 of the canonical documents
    language = models.CharField(max_length=5)  # in which it was read and accepted
    accepted_at = models.DateTimeField()
    accepted_by = models.CharField(max_length=60)
    accepted_name = models.CharField(max_length=200)

    access = Access(update=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "version"], name="agreement_once_a_version")
        ]

    def __str__(self) -> str:
        return f"accepted {self.version}"


class Instruction(TenantOwned):
    """A documented instruction of the controller (28 (3) a; N32)."""

    class Channel(models.TextChoices):
        PAGE = "page", pgettext_lazy("channel", "on this page")
        MAIL = "mail", pgettext_lazy("channel", "by e-mail")
        LETTER = "letter", pgettext_lazy("channel", "by letter")
        ORAL = "oral", pgettext_lazy("channel", "orally")

    number = models.IntegerField()
    text = models.TextField()
    given_by = models.CharField(max_length=200)
    channel = models.CharField(max_length=6, choices=Channel.choices)
    is_urgent = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)  # by the controller, in writing
    acknowledged_at = models.DateTimeField(null=True, blank=True)  # by the processor, in writing
    objected_at = models.DateTimeField(null=True, blank=True)  # as unlawful: suspended
    objection = models.TextField(blank=True, default="")
    upheld_at = models.DateTimeField(null=True, blank=True)  # the controller stands by it
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    executed_at = models.DateTimeField(null=True, blank=True)
    execution = models.TextField(blank=True, default="")  # what was done
    evidence_name = models.CharField(max_length=200, blank=True, default="")
    evidence = models.BinaryField(null=True, blank=True)
    evidence_digest = models.BinaryField(max_length=32, null=True, blank=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="instruction_numbered_once")
        ]

    def __str__(self) -> str:
        return f"instruction {self.number}"

    @property
    def is_suspended(self) -> bool:
        """Whether an objection as unlawful stands against it."""
        return self.objected_at is not None and self.upheld_at is None

    @property
    def state(self) -> str:
        """In one word: withdrawn, executed, suspended, unconfirmed, received or acknowledged."""
        if self.withdrawn_at:
            return "withdrawn"
        if self.executed_at:
            return "executed" if self.confirmed_at else "unconfirmed"
        if self.is_suspended:
            return "suspended"
        if self.confirmed_at is None:
            return "unconfirmed"
        return "acknowledged" if self.acknowledged_at else "received"


class InstructionEvent(TenantOwned):
    """One step of an instruction. Only ever added to."""

    instruction = models.ForeignKey(
        Instruction, models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    text = models.TextField(blank=True, default="")

    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"instruction": "RESTRICT"}

    def __str__(self) -> str:
        return f"{self.instruction_id} {self.kind}"


class SubProcessorChange(TenantOwned):
    """The operator tells every tenant of a change of its sub-processors (28 (2); N38)."""

    class Kind(models.TextChoices):
        ADD = "add", pgettext_lazy("sub-processor", "a new one")
        CHANGE = "change", pgettext_lazy("sub-processor", "a change")
        END = "end", pgettext_lazy("sub-processor", "one that ends")

    recipient = models.ForeignKey(
        "register.Recipient", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    number = models.IntegerField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    text = models.JSONField()  # by language
    announced_at = models.DateTimeField()
    announced_by = models.CharField(max_length=60)
    effective_from = models.DateField()  # until the day before, tenants may object

    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"recipient": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="announced_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Objection(TenantOwned):
    """A tenant objects to a sub-processor; what comes of it is written down by the operator."""

    announcement = (
        models.IntegerField()
    )  # SubProcessorChange.number of the operator; 0: at another time
    name = models.CharField(max_length=200)  # of the sub-processor
    reason = models.TextField()
    objected_at = models.DateTimeField()
    objected_by = models.CharField(max_length=60)
    consequence = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"objection to {self.name}"


class Commitment(TenantOwned):
    """A copy of what a sub-processor has committed itself to, for every tenant to take (N38)."""

    recipient = models.ForeignKey(
        "register.Recipient", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    name = models.CharField(max_length=200)
    size = models.IntegerField()
    digest = models.BinaryField(max_length=32)
    data = models.BinaryField()  # a PDF
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=60)

    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"recipient": "RESTRICT"}

    def __str__(self) -> str:
        return self.name


class Inspection(TenantOwned):
    """The controller looks at how the processor works (28 (3) h; N37)."""

    number = models.IntegerField()
    scope = models.TextField()
    auditor = models.CharField(max_length=200)
    is_urgent = models.BooleanField(default=False)
    reason = models.TextField(blank=True, default="")  # why it is urgent
    announced_at = models.DateTimeField()
    planned_on = models.DateField()
    performed_on = models.DateField(null=True, blank=True)
    result = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="inspection_numbered_once")
        ]

    def __str__(self) -> str:
        return f"audit {self.number}"


class Finding(TenantOwned):
    """What an audit found, and until when it is mended."""

    inspection = models.ForeignKey(
        Inspection, models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    text = models.TextField()
    due_on = models.DateField()
    answer = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)

    db_on_delete: ClassVar[dict[str, str]] = {"inspection": "RESTRICT"}

    def __str__(self) -> str:
        return f"finding {self.pk}"


class Undertaking(TenantOwned):
    """A user has undertaken to keep secrets, or was trained (N43); goes with the user's account."""

    class Kind(models.TextChoices):
        SECRECY = "secrecy", pgettext_lazy("undertaking", "secrecy undertaking")
        TRAINING = "training", pgettext_lazy("undertaking", "training")

    user = models.ForeignKey(
        "accounts.User", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=200)  # of the document or the course
    done_on = models.DateField()
    renewal_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)

    db_on_delete: ClassVar[dict[str, str]] = {"user": "CASCADE"}

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"
