"""Forms, what was agreed to and when, and what remains of a consent after it was withdrawn."""

from typing import ClassVar

from django.db import models

from hirnok.tenants.rows import Access, TenantOwned


class Proof(TenantOwned):
    """That somebody had agreed, and until when: no address, its own holding and period."""

    holding = models.OneToOneField(
        "register.Holding",
        models.DO_NOTHING,
        primary_key=True,
        db_column="id",
        db_constraint=False,
        related_name="+",
    )
    text = models.CharField(
        max_length=60, blank=True, default=""
    )  # id of the text that was agreed to
    given_at = models.DateTimeField(null=True, blank=True)
    held_since = models.DateTimeField()
    withdrawn_at = models.DateTimeField()
    surface = models.CharField(max_length=40)  # where it was withdrawn: one_click, page

    of_brand = "holding__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"holding": "CASCADE"}

    def __str__(self) -> str:
        return f"proof {self.pk}"


class Departure(TenantOwned):
    """That a recipient of a message left by it; counts only, no person."""

    message = models.ForeignKey(
        "outbox.Message", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    at = models.DateTimeField()
    surface = models.CharField(max_length=40)

    of_brand = "message__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"message": "CASCADE"}

    def __str__(self) -> str:
        return f"departure {self.pk}"


class Form(TenantOwned):
    """A sign-up form of a list: what it asks for. Its address is `/f/<token>/`."""

    list = models.ForeignKey(
        "contacts.List", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    source = models.ForeignKey(
        "register.Source",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )  # of those who sign up by it
    token = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=200)  # for the workplace
    fields = models.JSONField(default=dict)  # key of a field: whether it is obligatory
    proof_of_work = models.BooleanField(default=False)  # asked of browsers with JavaScript
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    of_brand = "list__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"list": "RESTRICT", "source": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="form_name_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.name


class FormText(TenantOwned):
    """What a form and its mails say in one language; what is empty is said in Hirnok's own words."""

    form = models.ForeignKey(
        "consent.Form", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    language = models.CharField(max_length=5)
    title = models.CharField(max_length=200, blank=True, default="")
    introduction = models.TextField(blank=True, default="")
    thanks = models.TextField(blank=True, default="")  # after sending: look into your mailbox
    confirmed = models.TextField(blank=True, default="")  # after confirming
    confirm_subject = models.CharField(max_length=200, blank=True, default="")
    confirm_body = models.TextField(blank=True, default="")
    known_subject = models.CharField(max_length=200, blank=True, default="")  # subscribed already
    known_body = models.TextField(blank=True, default="")
    welcome_subject = models.CharField(max_length=200, blank=True, default="")
    welcome_body = models.TextField(blank=True, default="")

    of_brand = "form__list__brand"
    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"form": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["form", "language"], name="form_text_once_per_language")
        ]

    def __str__(self) -> str:
        return f"{self.form_id} in {self.language}"


class FormTransfer(TenantOwned):
    """A form asks, in a box of its own, whether data may be handed to this recipient (C4)."""

    form = models.ForeignKey(
        "consent.Form", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    recipient = models.ForeignKey(
        "register.Recipient",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    of_brand = "form__list__brand"
    access = Access(update=False, delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"form": "CASCADE", "recipient": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["form", "recipient"], name="form_transfer_once")
        ]

    def __str__(self) -> str:
        return f"{self.form_id} to {self.recipient_id}"


class ConsentText(TenantOwned):
    """The exact words beside a box, one row a version; never changed, only followed by the next.

    Those of the newsletter's box name no recipient; those of a transfer do.
    """

    form = models.ForeignKey(
        "consent.Form", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    recipient = models.ForeignKey(
        "register.Recipient",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    language = models.CharField(max_length=5)
    version = models.IntegerField()
    text = models.TextField()
    hash = models.CharField(max_length=64)  # SHA-256 of the text, hexadecimal
    covers_welcome = models.BooleanField(default=False)  # the words speak of a welcome mail (C10)
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=60)  # actor, as in the audit log

    of_brand = "form__list__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"form": "RESTRICT", "recipient": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["form", "language", "version", "recipient"],
                nulls_distinct=False,
                name="consent_text_once_per_version",
            )
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.language} {self.version}"


class PendingSignUp(TenantOwned):
    """A sign-up that waits for its confirmation: what was typed, under a holding that ends by itself."""

    holding = models.OneToOneField(
        "register.Holding",
        models.DO_NOTHING,
        primary_key=True,
        db_column="id",
        db_constraint=False,
        related_name="+",
    )
    form = models.ForeignKey(
        "consent.Form", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    text = models.ForeignKey(
        "consent.ConsentText",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    email = models.CharField(max_length=254)
    first_name = models.CharField(max_length=100, blank=True, default="")
    last_name = models.CharField(max_length=100, blank=True, default="")
    language = models.CharField(max_length=5)
    fields = models.JSONField(default=dict)
    transfers = models.JSONField(
        default=list
    )  # of ConsentText.pk: the further boxes that were ticked
    surface = models.CharField(max_length=40)
    agreed_at = models.DateTimeField()

    of_brand = "form__list__brand"
    db_on_delete: ClassVar[dict[str, str]] = {
        "holding": "CASCADE",
        "form": "RESTRICT",
        "text": "RESTRICT",
    }

    def __str__(self) -> str:
        return f"sign-up {self.pk}"


class ConsentEntry(TenantOwned):
    """What a contact agreed to or took back, one row each time; only ever added to, and goes with the contact."""

    class Event(models.TextChoices):
        GIVEN = "given"
        LIST_LEFT = "list_left"
        MEASUREMENT_REFUSED = "measurement_refused"
        MEASUREMENT_ALLOWED = "measurement_allowed"
        TRANSFER_GIVEN = "transfer_given"  # the recipient is that of the text
        TRANSFER_WITHDRAWN = "transfer_withdrawn"
        RENEWAL_ASKED = "renewal_asked"
        RENEWED = "renewed"

    contact = models.ForeignKey(
        "contacts.Contact", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    event = models.CharField(max_length=20, choices=Event.choices)
    list = models.ForeignKey(
        "contacts.List",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    text = models.ForeignKey(
        "consent.ConsentText",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    text_hash = models.CharField(max_length=64, blank=True, default="")
    language = models.CharField(max_length=5, blank=True, default="")
    surface = models.CharField(max_length=40)
    agreed_at = models.DateTimeField(null=True, blank=True)  # the form was sent
    at = models.DateTimeField()  # confirmed, or taken back

    of_brand = "contact__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {
        "contact": "CASCADE",
        "list": "SET NULL",
        "text": "RESTRICT",
    }

    def __str__(self) -> str:
        return f"{self.contact_id} {self.event}"


class Renewal(TenantOwned):
    """What was agreed to has changed in substance: this contact is asked anew, and is held until then only."""

    contact = models.OneToOneField(
        "contacts.Contact",
        models.DO_NOTHING,
        primary_key=True,
        db_column="id",
        db_constraint=False,
        related_name="+",
    )
    text = models.ForeignKey(
        "consent.ConsentText",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )  # the new words; None: no form of ours has words for it, the notice has changed
    begun_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)  # the letter was written
    until = models.DateTimeField(null=True, blank=True)  # ends then, unless renewed

    of_brand = "contact__brand"
    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"contact": "CASCADE", "text": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant", "asked_at"], name="renewal_to_ask"),
            models.Index(fields=["tenant", "until"], name="renewal_due"),
        ]

    def __str__(self) -> str:
        return f"renewal of {self.pk}"


class RenewalPolicy(TenantOwned):
    """How long somebody who is asked to renew a consent is kept meanwhile; without a row the default."""

    days = models.SmallIntegerField(default=30)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_renewal_policy_per_tenant")
        ]

    def __str__(self) -> str:
        return f"{self.days} days"


class Withdrawal(TenantOwned):
    """A consent that staff ended at the person's word: how it came, who took it, what shows it; no address."""

    class Way(models.TextChoices):
        LETTER = "letter"
        MAIL = "mail"
        PHONE = "phone"
        IN_PERSON = "in_person"

    holding = models.OneToOneField(
        "register.Holding",
        models.DO_NOTHING,
        primary_key=True,
        db_column="id",
        db_constraint=False,
        related_name="+",
    )  # under the proof of sign-up, with its period
    way = models.CharField(max_length=10, choices=Way.choices)
    note = models.TextField(blank=True, default="")
    document_name = models.CharField(max_length=200, blank=True, default="")
    document = models.BinaryField(null=True, blank=True)
    received_at = models.DateTimeField()
    taken_by = models.CharField(max_length=60)  # actor, as in the audit log
    at = models.DateTimeField()

    of_brand = "holding__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"holding": "CASCADE"}

    def __str__(self) -> str:
        return f"withdrawal {self.pk}"


class MeasurementRefusal(TenantOwned):
    """This contact does not want opens and clicks to be recorded; the tracker heeds it."""

    contact = models.OneToOneField(
        "contacts.Contact",
        models.DO_NOTHING,
        primary_key=True,
        db_column="id",
        db_constraint=False,
        related_name="+",
    )
    since = models.DateTimeField()

    of_brand = "contact__brand"
    access = Access(update=False, delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"contact": "CASCADE"}

    def __str__(self) -> str:
        return f"refusal of {self.pk}"


class Throttle(TenantOwned):
    """How often something was asked for by a network or for an address, known by a keyed hash, for a short time."""

    class Kind(models.TextChoices):
        NETWORK = "network"  # submissions from one network
        CONFIRMATION = "confirmation"  # mails to one address that ask for confirmation
        NOTICE = "notice"  # mails to one address that it is subscribed already
        RIGHTS_NETWORK = "rights_net"  # requests of persons from one network
        RIGHTS_MAIL = "rights_mail"  # mails to one address that ask who it is

    kind = models.CharField(max_length=12, choices=Kind.choices)
    key = models.BinaryField(max_length=16)
    count = models.IntegerField(default=0)
    last_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    access = Access(delete=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "key"], name="throttle_once")
        ]
        indexes = [models.Index(fields=["expires_at"], name="throttle_expiring")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.count}"


class FormCount(TenantOwned):
    """How many submissions of a form ended how, by day: all that is left of those that were refused."""

    form = models.ForeignKey(
        "consent.Form", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    day = models.DateField()
    outcome = models.CharField(max_length=20)  # signing_up.Outcome
    count = models.IntegerField(default=0)

    of_brand = "form__list__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"form": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["form", "day", "outcome"], name="form_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.day} {self.outcome}: {self.count}"
