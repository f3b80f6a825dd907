"""Activities, sources, persons, holdings, legal holds and suppressions."""

from typing import ClassVar

from django.db import models

from hirnok.tenants.rows import Access, TenantOwned


class LegalBasis(models.TextChoices):
    """GDPR Art. 6 (1) a to f."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTEREST = "vital_interest"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTEREST = "legitimate_interest"


class Controller(TenantOwned):
    """Who answers for the tenant's data; published in every notice."""

    name = models.CharField(max_length=200)
    postal_address = models.TextField(blank=True, default="")
    registration_number = models.CharField(max_length=60, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    officer_name = models.CharField(max_length=200, blank=True, default="")
    officer_email = models.CharField(max_length=254, blank=True, default="")
    officer_phone = models.CharField(max_length=40, blank=True, default="")

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="one_controller_per_tenant")]

    def __str__(self) -> str:
        return self.name


class Activity(TenantOwned):
    """A processing activity of the tenant's register (GDPR Art. 30)."""

    class Role(models.TextChoices):
        CONTROLLER = "controller"
        JOINT = "joint"
        PROCESSOR = "processor"

    class Action(models.TextChoices):
        DELETE = "delete"
        ANONYMISE = "anonymise"
        ASK = "ask"

    code = models.CharField(max_length=40)
    name = models.JSONField(default=dict)  # by language
    description = models.JSONField(default=dict)  # by language
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.CONTROLLER)
    legal_bases = models.JSONField(default=list)  # of LegalBasis
    data_categories = models.JSONField(default=list)  # [{category, obligatory, if_refused}]
    recipients = models.JSONField(default=list)  # [{name, role, country, guarantee}]
    retention_start = models.CharField(max_length=40)  # the event the period counts from
    retention_period = models.CharField(
        max_length=20, blank=True, default=""
    )  # ISO 8601; empty: until ended
    retention_action = models.CharField(
        max_length=10, choices=Action.choices, default=Action.DELETE
    )
    automated_decisions = models.TextField(blank=True, default="")
    security_measures = models.TextField(blank=True, default="")
    active = models.BooleanField(default=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="activity_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.code


class Source(TenantOwned):
    """Where data came from, on what basis, and who declared so (N28, A1)."""

    class Kind(models.TextChoices):
        PERSON = "person"  # given by the person: a form, an order, a card
        CUSTOMER = "customer"  # the tenant's own customers
        CLIENT_LIST = "client_list"  # handed over by a client of an agency
        PUBLIC = "public"  # directories and public sites
        OTHER_SYSTEM = "other_system"  # moved from another newsletter program
        STAFF = "staff"  # typed in by a user

    kind = models.CharField(max_length=20, choices=Kind.choices)
    description = models.TextField(blank=True, default="")
    legal_basis = models.CharField(max_length=20, choices=LegalBasis.choices)
    declared_by = models.CharField(max_length=60)  # actor, as in the audit log
    declared_at = models.DateTimeField()
    document_name = models.CharField(max_length=200, blank=True, default="")
    document = models.BinaryField(
        null=True, blank=True
    )  # the balancing test, for legitimate interest

    class Meta(TenantOwned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(legal_basis="legitimate_interest")
                | models.Q(document__isnull=False)
                | ~models.Q(kind__in=["client_list", "public", "customer", "other_system"]),
                name="legitimate_interest_has_its_balancing_document",
            )
        ]

    def __str__(self) -> str:
        return self.kind


class Person(TenantOwned):
    """Somebody, known only by the keyed hash of an address; goes with the last holding."""

    blind_index = models.BinaryField(max_length=16)
    key_version = models.SmallIntegerField(default=1)

    access = Access(update=False)
    guarded: ClassVar[tuple[str, ...]] = ("tenant",)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["blind_index", "tenant"], name="person_once_per_tenant")
        ]

    def __str__(self) -> str:
        return f"person {self.pk}"


class Holding(TenantOwned):
    """This tenant holds data about this person, for this activity, on this basis, since, until."""

    brand = models.ForeignKey(
        "tenants.Brand",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    person = models.ForeignKey(Person, models.DO_NOTHING, db_constraint=False, related_name="+")
    activity = models.ForeignKey(
        Activity, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    source = models.ForeignKey(
        Source,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    legal_basis = models.CharField(max_length=20, choices=LegalBasis.choices)
    held_since = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    restricted_at = models.DateTimeField(null=True, blank=True)

    of_brand = "brand"
    db_on_delete: ClassVar[dict[str, str]] = {
        "person": "RESTRICT",
        "activity": "RESTRICT",
        "source": "RESTRICT",
        "brand": "RESTRICT",
    }
    guarded: ClassVar[tuple[str, ...]] = ("activity", "source", "brand")

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(expires_at__isnull=False),
                name="holding_due",
            )
        ]

    def __str__(self) -> str:
        return f"holding {self.pk}"


class Hold(TenantOwned):
    """A legal hold: while it stands the database refuses to end the holding."""

    holding = models.ForeignKey(Holding, models.DO_NOTHING, db_constraint=False, related_name="+")
    reason = models.TextField()
    ordered_by = models.CharField(max_length=60)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    of_brand = "holding__brand"
    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"holding": "RESTRICT"}

    def __str__(self) -> str:
        return f"hold on {self.holding_id}"


class LeavingPolicy(TenantOwned):
    """What leaving means at this tenant; one without a row has the defaults."""

    never_again = models.BooleanField(default=False)  # who left can never be added again (A6)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_leaving_policy_per_tenant")
        ]

    def __str__(self) -> str:
        return "never again" if self.never_again else "until a new sign-up"


class Suppression(TenantOwned):
    """Who must not be written to: a keyed hash, never an address (A6, A7, X6)."""

    class Scope(models.TextChoices):
        LIST = "list"
        BRAND = "brand"
        TENANT = "tenant"
        INSTALLATION = "installation"

    class AppliesTo(models.TextChoices):
        MARKETING = "marketing"
        ALL = "all"

    class Kind(models.TextChoices):
        ADDRESS = "address"
        DOMAIN = "domain"

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed"
        COMPLAINT = "complaint"
        OBJECTION = "objection"
        OPT_OUT = "opt_out"
        DEAD_ADDRESS = "dead_address"
        IMPORTED = "imported"
        STAFF = "staff"

    scope = models.CharField(max_length=12, choices=Scope.choices)
    scope_id = models.BigIntegerField(default=0)  # of the list or brand; 0 otherwise
    applies_to = models.CharField(max_length=10, choices=AppliesTo.choices)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.ADDRESS)
    reason = models.CharField(max_length=16, choices=Reason.choices)
    key = models.BinaryField(max_length=16)  # the blind index of the address or domain
    key_version = models.SmallIntegerField(default=1)
    since = models.DateTimeField()

    access = Access(update=False, delete=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["key", "tenant", "scope", "scope_id", "reason"], name="suppressed_once"
            ),
            models.CheckConstraint(
                condition=models.Q(applies_to="marketing") | models.Q(reason="dead_address"),
                name="only_dead_addresses_stop_all_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.reason}"
