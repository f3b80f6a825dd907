"""Breaches of personal data and all that is recorded of them. Nothing of it can be deleted (GDPR 33 (5))."""

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from hirnok.tenants.rows import Access, TenantOwned


class Breach(TenantOwned):
    """A suspected or confirmed breach at one controller, with a clock of its own (GDPR 33, 34)."""

    class State(models.TextChoices):
        SUSPECTED = "suspected", pgettext_lazy("breach", "suspected")
        CONFIRMED = "confirmed", pgettext_lazy("breach", "confirmed")
        DISMISSED = "dismissed", pgettext_lazy("breach", "no breach")
        CLOSED = "closed", pgettext_lazy("breach", "closed")

    class Known(models.TextChoices):
        """How it became known."""

        STAFF = "staff", pgettext_lazy("breach", "noticed by our own staff")
        MONITORING = "monitoring", pgettext_lazy("breach", "noticed by a technical alarm")
        PROCESSOR = "processor", pgettext_lazy("breach", "told by a processor")
        CONTROLLER = "controller", pgettext_lazy("breach", "told by a controller whom we work for")
        PERSON = "person", pgettext_lazy("breach", "claimed by a person concerned")
        THIRD_PARTY = "third_party", pgettext_lazy("breach", "told by a third party")
        AUTHORITY = "authority", pgettext_lazy("breach", "told by an authority")

    class Exemption(models.TextChoices):
        """Why persons need not be told in spite of a high risk (GDPR 34 (3))."""

        NONE = "", pgettext_lazy("breach", "none")
        PROTECTED = (
            "a",
            pgettext_lazy(
                "breach", "34 (3) a: the data were unintelligible to others, for example encrypted"
            ),
        )
        AVERTED = (
            "b",
            pgettext_lazy("breach", "34 (3) b: what was done since has averted the high risk"),
        )
        EFFORT = (
            "c",
            pgettext_lazy(
                "breach", "34 (3) c: disproportionate effort; a public communication instead"
            ),
        )

    number = models.IntegerField()
    incident = models.CharField(max_length=32)  # the same at every tenant whom one incident affects
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUSPECTED)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    known_by = models.CharField(max_length=12, choices=Known.choices)
    processor = models.CharField(max_length=200, blank=True, default="")  # whose notice it was
    processor_knew_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(
        null=True, blank=True
    )  # when the notice of somebody else arrived
    happened_from = models.DateTimeField(null=True, blank=True)
    happened_until = models.DateTimeField(null=True, blank=True)
    suspected_at = models.DateTimeField()
    aware_at = models.DateTimeField(null=True, blank=True)  # knowledge: the 72 hours begin (33 (1))
    confidentiality = models.BooleanField(default=False)
    integrity = models.BooleanField(default=False)
    availability = models.BooleanField(default=False)
    activities = models.JSONField(default=list)  # of Activity.code: whose data
    categories = models.JSONField(default=list)  # of data
    special_categories = models.BooleanField(default=False)  # of Art. 9 or 10
    persons = models.IntegerField(null=True, blank=True)  # approximately
    records = models.IntegerField(null=True, blank=True)  # approximately
    consequences = models.TextField(blank=True, default="")
    measures_taken = models.TextField(blank=True, default="")
    measures_planned = models.TextField(blank=True, default="")
    factors = models.JSONField(default=dict)  # of enisa: what was chosen
    score = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True)
    level = models.CharField(max_length=10, blank=True, default="")  # of enisa, computed
    level_override = models.CharField(max_length=10, blank=True, default="")
    override_reason = models.TextField(blank=True, default="")
    notify_authority = models.BooleanField(null=True, blank=True)
    authority_reason = models.TextField(blank=True, default="")
    notify_persons = models.BooleanField(null=True, blank=True)
    exemption = models.CharField(max_length=1, choices=Exemption.choices, blank=True, default="")
    persons_reason = models.TextField(blank=True, default="")
    late_reason = models.TextField(blank=True, default="")
    letter = models.JSONField(default=dict)  # what persons are told: part -> language -> text
    lessons = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="breach_numbered_once"),
            models.UniqueConstraint(fields=["tenant", "incident"], name="breach_once_per_incident"),
            models.CheckConstraint(
                condition=~models.Q(state="closed")
                | models.Q(notify_authority__isnull=False, notify_persons__isnull=False),
                name="a_closed_breach_is_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"breach {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether something can still be changed."""
        return self.state in {self.State.SUSPECTED, self.State.CONFIRMED}

    @property
    def severity(self) -> str:
        """The level that holds: the one given with a reason, else the computed one, "" for none yet."""
        return self.level_override or self.level


class BreachEvent(TenantOwned):
    """One step in the story of a breach: who did what, when. Only ever added to."""

    breach = models.ForeignKey(Breach, models.DO_NOTHING, db_constraint=False, related_name="+")
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)  # as in the audit log
    kind = models.CharField(max_length=20)  # of wording.EVENTS
    hours = models.IntegerField(null=True, blank=True)  # of a reminder
    text = models.TextField(blank=True, default="")

    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"breach": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["breach", "hours"], name="reminded_once_an_hour")
        ]

    def __str__(self) -> str:
        return f"{self.breach_id} {self.kind}"


class BreachNotification(TenantOwned):
    """A notification as it left, never changed: to the authority (in phases, 33 (4)), or to persons (34)."""

    class To(models.TextChoices):
        AUTHORITY = "authority"
        PERSONS = "persons"

    breach = models.ForeignKey(Breach, models.DO_NOTHING, db_constraint=False, related_name="+")
    to = models.CharField(max_length=10, choices=To.choices)
    phase = models.IntegerField()
    is_final = models.BooleanField(default=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    channel = models.CharField(max_length=10)  # mail, form (the authority's own), post, public
    address = models.CharField(max_length=254, blank=True, default="")  # of the authority
    reference = models.CharField(max_length=100, blank=True, default="")  # that the authority gave
    documents = models.JSONField()  # by language
    digest = models.BinaryField(max_length=32)  # SHA-256 of the canonical documents

    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"breach": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["breach", "to", "phase"], name="breach_phase_once")
        ]

    def __str__(self) -> str:
        return f"{self.breach_id} {self.to} {self.phase}"


class ToldPerson(TenantOwned):
    """That one person was told of a breach; survives the person's erasure as a mere count."""

    notification = models.ForeignKey(
        BreachNotification, models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    holding = models.ForeignKey(
        "register.Holding",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    language = models.CharField(max_length=5)
    told_at = models.DateTimeField()

    of_brand = "holding__brand"
    shared_without_brand = True
    db_on_delete: ClassVar[dict[str, str]] = {"notification": "RESTRICT", "holding": "SET NULL"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["holding", "notification"], name="told_of_breach_once")
        ]

    def __str__(self) -> str:
        return f"told {self.pk}"


class ViolationClaim(TenantOwned):
    """Somebody says that rights were violated: a suspected breach (N35). Goes with its holding; the breach stays."""

    breach = models.ForeignKey(Breach, models.DO_NOTHING, db_constraint=False, related_name="+")
    holding = models.OneToOneField(
        "register.Holding", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    address = models.CharField(max_length=254)
    name = models.CharField(max_length=200, blank=True, default="")
    language = models.CharField(max_length=5)
    text = models.TextField()
    at = models.DateTimeField()

    of_brand = "holding__brand"
    shared_without_brand = True
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"breach": "RESTRICT", "holding": "CASCADE"}

    def __str__(self) -> str:
        return f"claim {self.pk}"


class BreachFile(TenantOwned):
    """A piece of evidence, as it was given in."""

    breach = models.ForeignKey(Breach, models.DO_NOTHING, db_constraint=False, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=60)
    size = models.IntegerField()
    digest = models.BinaryField(max_length=32)  # SHA-256
    data = models.BinaryField()
    about = models.CharField(max_length=300, blank=True, default="")
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=60)

    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"breach": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["breach", "digest"], name="evidence_once_per_breach")
        ]

    def __str__(self) -> str:
        return self.name
