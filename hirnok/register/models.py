"""Activities, sources, persons, holdings, legal holds and suppressions."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from hirnok.register.disposal_models import DisposalItem as DisposalItem
from hirnok.register.disposal_models import DisposalRun as DisposalRun
from hirnok.register.disposal_models import RetentionPolicy as RetentionPolicy
from hirnok.register.notice_models import Authority as Authority
from hirnok.register.notice_models import GuaranteeKind as GuaranteeKind
from hirnok.register.notice_models import LegalRule as LegalRule
from hirnok.register.notice_models import Notice as Notice
from hirnok.register.notice_models import NoticeVersion as NoticeVersion
from hirnok.register.notice_models import RegisterVersion as RegisterVersion
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
    site_address = models.TextField(blank=True, default="")  # where else it works
    web_site = models.CharField(max_length=200, blank=True, default="")
    representative = models.TextField(blank=True, default="")  # in the EU (Art. 27)
    jurisdiction = models.CharField(max_length=2, default="HU")  # whose authority and law it is
    security_email = models.CharField(max_length=254, blank=True, default="")  # C14
    answer_days = models.SmallIntegerField(default=25)  # promised; the law's limit stands above it
    lead_days = models.SmallIntegerField(default=11)  # between announcement and effect (N5, C1)
    keeps_to_eea = models.BooleanField(default=True)  # says: nothing leaves the EEA

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
    purposes = models.JSONField(default=list)  # of describing.Purpose
    subjects = models.JSONField(default=dict)  # whose data, by language
    origin = models.JSONField(default=dict)  # where they come from, by language (Art. 14)
    seen_by = models.JSONField(default=dict)  # who inside sees them, by language (X22)
    retention_words = models.JSONField(default=dict)  # what the rules do not say, by language
    retention_law = models.CharField(max_length=40, blank=True, default="")  # LegalRule.code
    further_retention = models.JSONField(default=list)  # of describing.Rule, per legal basis
    profiling = models.JSONField(default=dict)  # by language; empty: none
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.CONTROLLER)
    retention_start = models.CharField(max_length=40)  # the event the period counts from
    retention_period = models.CharField(
        max_length=20, blank=True, default=""
    )  # ISO 8601; empty: until ended
    retention_action = models.CharField(
        max_length=10, choices=Action.choices, default=Action.DELETE
    )
    automated_decisions = models.JSONField(default=dict)  # by language; empty: none
    security_measures = models.JSONField(default=dict)  # by language
    impact_assessment = models.CharField(
        max_length=300, blank=True, default=""
    )  # Art. 35: where, when
    active = models.BooleanField(default=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="activity_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.code


class Recipient(TenantOwned):
    """Who else gets data: processors, their processors, other controllers, authorities (Art. 13, 28; D6, N38)."""

    class Kind(models.TextChoices):
        PROCESSOR = "processor"
        SUB_PROCESSOR = "sub_processor"
        CONTROLLER = "controller"
        AUTHORITY = "authority"
        JOINT = "joint"

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    address = models.TextField(blank=True, default="")
    task = models.JSONField(default=dict)  # what it does, by language
    activities = models.JSONField(default=list)  # of Activity.code
    countries = models.JSONField(default=list)  # ISO 3166-1 alpha-2, where the data goes
    guarantee = models.CharField(max_length=20, blank=True, default="")  # GuaranteeKind.code
    guarantee_details = models.CharField(max_length=300, blank=True, default="")
    transfer_reason = models.JSONField(default=dict)  # by language
    contract = models.CharField(max_length=300, blank=True, default="")  # name, date, place
    contract_until = models.DateField(null=True, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name", "kind", "since"], name="recipient_once_per_tenant"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Balancing(TenantOwned):
    """The three steps that a legitimate interest needs before it is one (Art. 6 (1) f, EDPB 1/2024)."""

    code = models.CharField(max_length=40)
    interest = models.JSONField(default=dict)  # by language
    necessity = models.JSONField(default=dict)  # by language
    balance = models.JSONField(default=dict)  # by language
    prevails = models.BooleanField()
    decided_by = models.CharField(max_length=60)  # actor, as in the audit log
    decided_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="balancing_once_per_tenant")
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
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(restricted_at__isnull=False),
                name="holding_restricted",
            ),
        ]

    def __str__(self) -> str:
        return f"holding {self.pk}"


class Hold(TenantOwned):
    """While it stands the database refuses to end the holding: a legal hold, or a restriction (Art. 18; X5, X14)."""

    class Kind(models.TextChoices):
        LEGAL = "legal"  # somebody needs the data for a claim, or an authority ordered it
        RESTRICTION = "restriction"  # the person asked that the data be frozen

    class Purpose(models.TextChoices):
        """What held data may be used for beside being stored (Art. 18 (2))."""

        CLAIMS = "claims"
        CONSENT = "consent"  # what the person agreed to
        OTHERS = "others"  # the rights of somebody else
        PUBLIC = "public"  # an important public interest

    holding = models.ForeignKey(Holding, models.DO_NOTHING, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.LEGAL)
    ground = models.CharField(max_length=20, blank=True, default="")  # of Art. 18 (1)
    reason = models.TextField()
    requester = models.CharField(max_length=200, blank=True, default="")  # who asked for it
    allowed = models.JSONField(default=list)  # of Purpose
    ordered_by = models.CharField(max_length=60)
    approved_by = models.CharField(max_length=60, blank=True, default="")
    document_name = models.CharField(max_length=200, blank=True, default="")
    document = models.BinaryField(null=True, blank=True)  # what shows the interest
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # that it will be lifted (Art. 18 (3))

    of_brand = "holding__brand"
    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"holding": "RESTRICT"}

    def __str__(self) -> str:
        return f"{self.kind} of {self.holding_id}"


class Disclosure(TenantOwned):
    """That data of a person were really handed to somebody, whom the person may name (Art. 15 (1) c, 19; X15)."""

    holding = models.ForeignKey(Holding, models.DO_NOTHING, db_constraint=False, related_name="+")
    recipient = models.CharField(max_length=200)
    address = models.CharField(max_length=254, blank=True, default="")
    categories = models.JSONField(default=list)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)

    of_brand = "holding__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"holding": "CASCADE"}

    def __str__(self) -> str:
        return f"disclosure {self.pk}"


class Look(TenantOwned):
    """That somebody was shown data of persons (`register.looking`). Only ever added to, until its own end.

    `rows` is empty for a download that has begun. `persons` are blind indexes, of the rows that name few enough.
    """

    class Channel(models.TextChoices):
        PAGE = "page"
        EXPORT = "export"
        API = "api"
        COMMAND = "command"

    at = models.DateTimeField()
    actor = models.CharField(max_length=60)  # user:7, token:3, command:export
    channel = models.CharField(max_length=12, choices=Channel.choices)
    room = models.CharField(max_length=100)  # contacts:contact
    activities = ArrayField(models.CharField(max_length=60), default=list)
    rows = models.IntegerField(null=True)
    fingerprint = models.BinaryField(max_length=16, null=True)
    persons = ArrayField(models.BinaryField(max_length=16), default=list)
    brands = ArrayField(models.BigIntegerField(), default=list)
    expires_at = models.DateTimeField(null=True)

    access = Access(update=False, edge_delete=True)

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant", "-at", "-id"], name="look_newest"),
            models.Index(fields=["expires_at"], name="look_due"),
            GinIndex(fields=["persons"], name="look_at_person"),
        ]

    def __str__(self) -> str:
        return f"look {self.pk}"


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
