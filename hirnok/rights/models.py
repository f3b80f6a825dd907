"""Requests of persons and what became of them, opt-outs from everything, data handed to authorities.

A request must outlast what it was about, for it proves that the law was kept: it hangs from a holding of its own
(activity "rights"), knows the person by the keyed hash only, and goes when claims can no longer be made. Names,
addresses, the person's own words and the letters hang from a second one (activity "rights_letters") that ends
earlier.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hirnok.tenants.rows import Access, TenantOwned


class Right(models.TextChoices):
    """What may be asked (GDPR Art. 15 to 22, 7 (3))."""

    INFORMATION = "information", pgettext_lazy("right", "Information")
    ACCESS = "access", pgettext_lazy("right", "Access and copy")
    PORTABILITY = "portability", pgettext_lazy("right", "Portability")
    RECTIFICATION = "rectification", pgettext_lazy("right", "Rectification")
    ERASURE = "erasure", pgettext_lazy("right", "Erasure")
    RESTRICTION = "restriction", pgettext_lazy("right", "Restriction")
    OBJECTION = "objection", pgettext_lazy("right", "Objection")
    WITHDRAWAL = "withdrawal", pgettext_lazy("right", "Withdrawal of consent")
    REVIEW = "review", pgettext_lazy("right", "Review by a person")


class Request(TenantOwned):
    """A request of a person, from its receipt to its answer."""

    class Channel(models.TextChoices):
        PORTAL = "portal", pgettext_lazy("channel", "portal")
        MAIL = "mail", pgettext_lazy("channel", "e-mail")
        POST = "post", pgettext_lazy("channel", "letter")
        PHONE = "phone", pgettext_lazy("channel", "phone")
        IN_PERSON = "in_person", pgettext_lazy("channel", "in person")

    class Status(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("request", "received")
        IDENTITY = "identity_pending", pgettext_lazy("request", "identity to be proved")
        IN_PROGRESS = "in_progress", pgettext_lazy("request", "in progress")
        EXTENDED = "extended", pgettext_lazy("request", "extended")
        ANSWERED = "answered", pgettext_lazy("request", "answered in full")
        PARTLY = "answered_partly", pgettext_lazy("request", "answered in part")
        REFUSED = "refused", pgettext_lazy("request", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("request", "withdrawn")
        DUPLICATE = "duplicate", pgettext_lazy("request", "duplicate")
        PASSED_ON = "passed_on", pgettext_lazy("request", "passed on")

    class Identified(models.TextChoices):
        LINK = "link", _("by a link in a mail to the address")
        CALL_BACK = "call_back", _("by calling back a number that was known")
        DATA = "data", _("by data that only the person knows")
        DOCUMENT = "document", _("by showing a document, of which no copy was made")
        SIGNATURE = "signature", _("by a signed letter from a known address")
        REPRESENTATIVE = "representative", _("by the authorisation of a representative")

    OPEN: ClassVar[tuple[str, ...]] = ("received", "identity_pending", "in_progress", "extended")

    holding = models.OneToOneField(
        "register.Holding", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    brand = models.ForeignKey(
        "tenants.Brand",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    reference = models.CharField(max_length=24)  # what people read out on the phone
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=5)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RECEIVED)
    received_at = models.DateTimeField()
    taken_by = models.CharField(max_length=60)  # actor, as in the audit log
    identified_how = models.CharField(
        max_length=14, choices=Identified.choices, blank=True, default=""
    )
    identified_at = models.DateTimeField(null=True, blank=True)
    identity_asked_on = models.DateField(null=True, blank=True)  # Art. 12 (6)
    target_due = models.DateField()  # as the controller promises
    legal_due = models.DateField()  # as the law wants, with pauses and extension
    first_due = models.DateField()  # the law's first period: until then an extension is told
    extended_at = models.DateTimeField(null=True, blank=True)
    fee_amount = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    fee_currency = models.CharField(max_length=3, blank=True, default="")
    fee_ground = models.CharField(max_length=20, blank=True, default="")
    duplicate_of = models.ForeignKey(
        "rights.Request",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=60, blank=True, default="")
    copy_until = models.DateTimeField(null=True, blank=True)  # the copy can be downloaded
    reminded = models.SmallIntegerField(null=True, blank=True)  # days before the due date; -1: late

    of_brand = "brand"
    db_on_delete: ClassVar[dict[str, str]] = {
        "holding": "CASCADE",
        "brand": "RESTRICT",
        "duplicate_of": "SET NULL",
    }

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "reference"], name="request_reference_once_per_tenant"
            )
        ]
        indexes = [
            models.Index(
                fields=["legal_due"],
                condition=models.Q(closed_at__isnull=True),
                name="request_open",
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its answer."""
        return self.status in self.OPEN


class Correspondence(TenantOwned):
    """Who asks, in what words, and where the answer goes: kept shorter than the request."""

    holding = models.OneToOneField(
        "register.Holding", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    request = models.OneToOneField(
        Request, models.DO_NOTHING, db_constraint=False, related_name="correspondence"
    )
    name = models.CharField(max_length=200, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    postal_address = models.TextField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    words = models.TextField(blank=True, default="")  # what was written or said
    identity_note = models.TextField(blank=True, default="")  # why this identification was enough
    representative = models.TextField(blank=True, default="")  # who, and by what authorisation
    extension_reasons = models.TextField(blank=True, default="")
    passed_to = models.TextField(blank=True, default="")  # name and address of the right party

    of_brand = "request__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"holding": "CASCADE", "request": "CASCADE"}

    def __str__(self) -> str:
        return f"correspondence of {self.request_id}"


class Task(TenantOwned):
    """One right that a request asks for, and what was decided."""

    class Decision(models.TextChoices):
        PENDING = "pending", pgettext_lazy("decision", "to be decided")
        GRANTED = "granted", pgettext_lazy("decision", "granted")
        PARTLY = "partly", pgettext_lazy("decision", "granted in part")
        REFUSED = "refused", pgettext_lazy("decision", "refused")

    request = models.ForeignKey(
        Request, models.DO_NOTHING, db_constraint=False, related_name="tasks"
    )
    right = models.CharField(max_length=14, choices=Right.choices)
    details = models.JSONField(default=dict)  # codes: of activities, of a ground; "marketing": true
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.PENDING)
    ground = models.CharField(max_length=20, blank=True, default="")  # of a refusal
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=60, blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)  # every module has answered

    of_brand = "request__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"request": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["request", "right"], name="right_once_per_request")
        ]

    def __str__(self) -> str:
        return f"{self.right} of {self.request_id}"


class TaskWords(TenantOwned):
    """What goes with a right in words: what is to be corrected, and the reasons of a decision."""

    task = models.OneToOneField(Task, models.DO_NOTHING, db_constraint=False, related_name="told")
    correspondence = models.ForeignKey(
        Correspondence, models.DO_NOTHING, db_constraint=False, related_name="told"
    )
    changes = models.JSONField(default=dict)  # column -> value, for rectification
    asked = models.TextField(blank=True, default="")
    reasons = models.TextField(blank=True, default="")

    of_brand = "correspondence__request__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"task": "CASCADE", "correspondence": "CASCADE"}

    def __str__(self) -> str:
        return f"words of {self.task_id}"


class Outcome(TenantOwned):
    """What one module answered to one right: how many rows, done or kept, by which article, until when."""

    task = models.ForeignKey(Task, models.DO_NOTHING, db_constraint=False, related_name="outcomes")
    module = models.CharField(max_length=40)
    activity = models.CharField(max_length=40, blank=True, default="")  # Activity.code
    kind = models.CharField(max_length=20)  # outcomes.Kind
    count = models.IntegerField(default=0)
    article = models.CharField(max_length=40, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField()
    settled_by = models.CharField(max_length=60, blank=True, default="")  # done by hand, by whom

    of_brand = "task__request__brand"
    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"task": "CASCADE"}

    def __str__(self) -> str:
        return f"{self.module}: {self.kind} {self.count}"


class RequestEvent(TenantOwned):
    """What happened to a request, when, by whom; only ever added to."""

    request = models.ForeignKey(
        Request, models.DO_NOTHING, db_constraint=False, related_name="events"
    )
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    what = models.CharField(max_length=30)  # a key of wording.EVENTS
    code = models.CharField(max_length=60, blank=True, default="")

    of_brand = "request__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"request": "CASCADE"}

    def __str__(self) -> str:
        return f"{self.request_id} {self.what}"


class Document(TenantOwned):
    """A letter or a scan of a request: its hash outlasts the paper itself."""

    class Delivery(models.TextChoices):
        MAIL = "mail", pgettext_lazy("delivery of a letter", "by e-mail")
        POST = "post", pgettext_lazy("delivery of a letter", "by post")
        HAND = "hand", pgettext_lazy("delivery of a letter", "handed over")
        RECEIVED = "received", pgettext_lazy("delivery of a letter", "received")

    request = models.ForeignKey(
        Request, models.DO_NOTHING, db_constraint=False, related_name="documents"
    )
    kind = models.CharField(max_length=20)  # a key of wording.DOCUMENTS
    language = models.CharField(max_length=5, blank=True, default="")
    digest = models.CharField(max_length=64)  # SHA-256 of the paper, hexadecimal
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    delivery = models.CharField(max_length=10, choices=Delivery.choices, blank=True, default="")
    delivered_at = models.DateTimeField(null=True, blank=True)

    of_brand = "request__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"request": "CASCADE"}

    def __str__(self) -> str:
        return f"{self.kind} of {self.request_id}"


class Paper(TenantOwned):
    """The letter or the scan itself."""

    document = models.OneToOneField(
        Document, models.DO_NOTHING, db_constraint=False, related_name="paper"
    )
    correspondence = models.ForeignKey(
        Correspondence, models.DO_NOTHING, db_constraint=False, related_name="papers"
    )
    content_type = models.CharField(max_length=20, default="application/pdf")
    data = models.BinaryField()

    of_brand = "correspondence__request__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"document": "CASCADE", "correspondence": "CASCADE"}

    def __str__(self) -> str:
        return f"paper of {self.document_id}"


class Claim(TenantOwned):
    """A request from the portal whose address is still to be proved by a link; goes by itself."""

    brand = models.ForeignKey(
        "tenants.Brand",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    key = models.BinaryField(max_length=16)  # the blind index of the address
    email = models.CharField(max_length=254)
    right = models.CharField(max_length=14, choices=Right.choices)
    language = models.CharField(max_length=5)
    said = models.JSONField(default=dict)  # what was filled in beside the address
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    request = models.ForeignKey(
        Request,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )  # what became of it

    of_brand = "brand"
    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"brand": "RESTRICT", "request": "SET NULL"}

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["expires_at"], name="claim_expiring")]

    def __str__(self) -> str:
        return f"claim {self.pk}"


class PortalCount(TenantOwned):
    """How many submissions of the portal ended how, by day: all that is left of those that were refused."""

    day = models.DateField()
    outcome = models.CharField(max_length=20)  # portal.Answer
    count = models.IntegerField(default=0)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "day", "outcome"], name="portal_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.outcome}: {self.count}"


class OptOut(TenantOwned):
    """A signed request to get nothing any more from anybody who sends by this installation (A7).

    The operator's. What an opt-out does is a suppression under the installation's key; this is its proof.
    """

    class Who(models.TextChoices):
        COMPANY = "company", pgettext_lazy("opt-out", "Company")
        INDIVIDUAL = "individual", pgettext_lazy("opt-out", "Individual")

    class Decision(models.TextChoices):
        PENDING = "pending", pgettext_lazy("decision", "to be decided")
        GRANTED = "granted", pgettext_lazy("decision", "granted")
        REFUSED = "refused", pgettext_lazy("decision", "refused")

    holding = models.OneToOneField(
        "register.Holding", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    who = models.CharField(max_length=10, choices=Who.choices)
    name = models.CharField(max_length=200)
    addresses = models.JSONField(default=list)
    received_on = models.DateField()
    scan = models.BinaryField()
    scan_type = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)  # SHA-256 of the scan, hexadecimal
    letterhead = models.BooleanField(default=False)
    signature = models.BooleanField(default=False)
    stamp = models.BooleanField(default=False)
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.PENDING)
    reasons = models.TextField(blank=True, default="")
    taken_by = models.CharField(max_length=60)
    decided_by = models.CharField(max_length=60, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)

    of_brand = "holding__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"holding": "CASCADE"}

    def __str__(self) -> str:
        return f"opt-out {self.pk}"


class Order(TenantOwned):
    """Data of a person handed to an authority on its lawful order (A5, C13).

    While the law forbids telling the person, its holding is not the person's: no copy, page or erasure finds it.
    """

    holding = models.OneToOneField(
        "register.Holding", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    address = models.CharField(max_length=254, default="")  # of the person it is about
    authority = models.CharField(max_length=200)
    number = models.CharField(max_length=100)
    ordered_on = models.DateField()
    legal_basis = models.CharField(max_length=300)  # the law and its section
    categories = models.JSONField(default=list)  # of data that were handed out
    handed_out = models.TextField()  # in words
    handed_out_at = models.DateTimeField()
    handed_out_by = models.CharField(max_length=60)
    is_secret = models.BooleanField(default=False)  # the law forbids telling the person
    secret_reason = models.CharField(max_length=300, blank=True, default="")
    document = models.BinaryField()
    document_type = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)

    of_brand = "holding__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"holding": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_secret=False) | ~models.Q(secret_reason=""),
                name="secrecy_names_its_reason",
            )
        ]

    def __str__(self) -> str:
        return f"order {self.number}"
