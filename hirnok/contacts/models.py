"""Lists, contacts, typed fields, tags, and the imports that brought them."""

from typing import ClassVar

from django.db import models

from hirnok.mail.person_names import full_name
from hirnok.tenants.rows import Access, TenantOwned


def _nothing() -> list[str]:
    return []


class List(TenantOwned):
    """A list of a brand, to which contacts are subscribed."""

    brand = models.ForeignKey(
        "tenants.Brand", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    of_brand = "brand"
    db_on_delete: ClassVar[dict[str, str]] = {"brand": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "brand", "name"], name="list_once_per_brand")
        ]

    def __str__(self) -> str:
        return self.name


class Field(TenantOwned):
    """A custom field of the tenant's contacts; values lie in `Contact.fields` under `key`."""

    class Type(models.TextChoices):
        TEXT = "text"
        NUMBER = "number"
        DATE = "date"
        BOOLEAN = "boolean"
        CHOICE = "choice"

    key = models.CharField(max_length=40)  # [a-z][a-z0-9_]*
    label = models.CharField(max_length=100)
    type = models.CharField(max_length=8, choices=Type.choices, default=Type.TEXT)
    choices = models.JSONField(default=list, blank=True)
    position = models.IntegerField(default=0)

    access = Access(delete=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="field_once_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(key__regex=r"^[a-z][a-z0-9_]{0,39}$"), name="field_key_is_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Tag(TenantOwned):
    """A word by which contacts are grouped."""

    name = models.CharField(max_length=60)

    access = Access(delete=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="tag_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.name


class Contact(TenantOwned):
    """What is known of a person for one brand and activity. Shares the id of its holding."""

    holding = models.OneToOneField(
        "register.Holding",
        models.DO_NOTHING,
        primary_key=True,
        db_column="id",
        db_constraint=False,
        related_name="+",
    )
    brand = models.ForeignKey(
        "tenants.Brand", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    activity = models.ForeignKey(
        "register.Activity",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    person = models.ForeignKey(
        "register.Person", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    email = models.CharField(
        max_length=254, db_collation="C"
    )  # normalised for identity and sending
    first_name = models.CharField(max_length=100, blank=True, default="")
    last_name = models.CharField(max_length=100, blank=True, default="")
    language = models.CharField(max_length=5, blank=True, default="")
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    of_brand = "brand"
    access = Access()
    db_on_delete: ClassVar[dict[str, str]] = {"holding": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["person", "brand", "activity"], name="contact_once")
        ]
        indexes = [  # none that a foreign key's check could take for the primary key (docs/decisions/0007)
            models.Index(
                fields=["tenant", "email"],
                condition=models.Q(email__gt=""),
                name="contact_email",
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def full_name(self) -> str:
        """The name in the order of the contact's language, else of the brand's (Hungarian: family name first)."""
        own = self.language
        return full_name(self.first_name, self.last_name, own, "" if own else self.brand.language)


class Letters(models.Field):  # type: ignore[type-arg]
    """integer[]: an array of numbers."""

    def db_type(self, connection: object) -> str:
        """Return the column's type."""
        return "integer[]"


class SearchKey(TenantOwned):
    """By which a contact is found: what letters and pairs of letters its address and names have (`searching`)."""

    contact = models.OneToOneField(
        "contacts.Contact",
        models.DO_NOTHING,
        primary_key=True,
        db_column="id",
        db_constraint=False,
        related_name="+",
    )
    letters = Letters(default=list)

    of_brand = "contact__brand"
    access = Access()
    db_on_delete: ClassVar[dict[str, str]] = {"contact": "CASCADE"}

    def __str__(self) -> str:
        return f"search key of {self.contact_id}"


class Unsearched(TenantOwned):
    """A contact that is new or has changed and waits for its search key; a trigger writes it."""

    contact_id = models.BigIntegerField()

    access = Access(delete=True)  # rows are taken FOR UPDATE, which asks for that right

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant"], name="unsearched_tenant")]

    def __str__(self) -> str:
        return f"{self.contact_id} waits for its search key"


class Subscription(TenantOwned):
    """A contact is on a list."""

    pk = models.CompositePrimaryKey("contact_id", "list_id")
    contact = models.ForeignKey(
        "contacts.Contact", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    list = models.ForeignKey(
        "contacts.List", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    since = models.DateTimeField()

    of_brand = "contact__brand"
    access = Access(update=False, delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"contact": "CASCADE", "list": "CASCADE"}
    guarded: ClassVar[tuple[str, ...]] = ("list",)

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["list", "contact"], name="subscription_list")]

    def __str__(self) -> str:
        return f"{self.contact_id} on {self.list_id}"


class ContactTag(TenantOwned):
    """A contact carries a tag."""

    pk = models.CompositePrimaryKey("contact_id", "tag_id")
    contact = models.ForeignKey(
        "contacts.Contact", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    tag = models.ForeignKey(
        "contacts.Tag", models.DO_NOTHING, db_constraint=False, related_name="+"
    )

    of_brand = "contact__brand"
    access = Access(update=False, delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"contact": "CASCADE", "tag": "CASCADE"}

    def __str__(self) -> str:
        return f"{self.contact_id} tagged {self.tag_id}"


class Evidence(TenantOwned):
    """What another system recorded of the sign-up: when, where, from which IP address."""

    contact = models.ForeignKey(
        "contacts.Contact", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    given_at = models.DateTimeField(null=True, blank=True)
    surface = models.CharField(max_length=200, blank=True, default="")
    ip_address = models.CharField(max_length=45, blank=True, default="")
    recorded_at = models.DateTimeField()

    of_brand = "contact__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"contact": "CASCADE"}

    def __str__(self) -> str:
        return f"evidence of {self.contact_id}"


class Import(TenantOwned):
    """One import, from the uploaded file to the result page whose numbers add up."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded"  # waits for mapping and declaration
        WAITING = "waiting"  # for a worker
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"
        FAILED = "failed"

    class Kind(models.TextChoices):
        CONTACTS = "contacts"
        SUPPRESSIONS = "suppressions"

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.CONTACTS)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UPLOADED)
    brand = models.ForeignKey(
        "tenants.Brand", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    list = models.ForeignKey(
        "contacts.List",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    source = models.ForeignKey(
        "register.Source",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    file_name = models.CharField(max_length=200, blank=True)  # empty when its time is over
    file_size = models.BigIntegerField()
    settings = models.JSONField(default=dict)  # encoding, delimiter, sheet, header
    mapping = models.JSONField(default=_nothing)  # a target for each column
    counts = models.JSONField(
        default=dict
    )  # rows, new, changed, unchanged, duplicate, suppressed, rejected …
    problem = models.JSONField(default=dict)  # code and details, when it failed
    rows_done = models.IntegerField(default=0)
    rows_total = models.IntegerField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()  # file and rejected rows go at the latest then

    of_brand = "brand"
    db_on_delete: ClassVar[dict[str, str]] = {
        "brand": "RESTRICT",
        "list": "SET NULL",
        "source": "SET NULL",
    }

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant", "-created_at"], name="import_newest")]

    def __str__(self) -> str:
        return self.file_name


class ImportPart(TenantOwned):
    """A piece of the uploaded file; removed as soon as the import has ended."""

    run = models.ForeignKey(
        "contacts.Import", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    number = models.IntegerField()
    data = models.BinaryField()

    of_brand = "run__brand"
    access = Access(update=False, delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"run": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="import_part_once")]

    def __str__(self) -> str:
        return f"part {self.number} of {self.run_id}"


class ImportRejection(TenantOwned):
    """A row that was not taken, with the reason; for the file of rejected rows."""

    run = models.ForeignKey(
        "contacts.Import", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    row = models.IntegerField()
    reason = models.CharField(max_length=60)
    details = models.JSONField(default=dict)
    cells = models.JSONField(default=list)
    blind_index = models.BinaryField(
        max_length=16, null=True, blank=True
    )  # finds it when the person is erased

    of_brand = "run__brand"
    access = Access(update=False, delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"run": "CASCADE"}

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["run", "row"], name="rejection_by_run"),
            models.Index(fields=["tenant", "blind_index"], name="rejection_by_person"),
        ]

    def __str__(self) -> str:
        return f"row {self.row}: {self.reason}"
