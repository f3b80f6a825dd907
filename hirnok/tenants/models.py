"""The tenants and what belongs to a tenant before any subject: brands, images, the audit log."""

from typing import ClassVar

from django.db import models

from hirnok.tenants.rows import Access, TenantOwned


class Tenant(models.Model):
    """A controller: the operator (the first) or a customer of the operator."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=5, default="en")
    time_zone = models.CharField(max_length=50, default="Europe/Budapest")
    is_operator = models.BooleanField(default=False)
    accent = models.CharField(max_length=7, default="#066fd1")
    created_at = models.DateTimeField()

    only_brands: frozenset[int] | None = None
    """To which brands `.of(tenant)` is narrowed; the door sets it for a request, no column. None: all."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_operator"],
                condition=models.Q(is_operator=True),
                name="one_operator",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Measurement(models.TextChoices):
    """What a brand records of opens and clicks."""

    OFF = "off"
    AGGREGATE = "aggregate"
    INDIVIDUAL = "individual"


class Brand(TenantOwned):
    """The name under which a tenant writes: its sender, its language, its address."""

    name = models.CharField(max_length=200)
    sender_name = models.CharField(max_length=200)
    from_address = models.CharField(max_length=254)
    reply_to = models.CharField(max_length=254, blank=True, default="")
    language = models.CharField(max_length=5, default="en")
    postal_address = models.TextField()
    public_base_url = models.CharField(max_length=200, blank=True, default="")
    measurement = models.CharField(
        max_length=10, choices=Measurement.choices, default=Measurement.INDIVIDUAL
    )
    logo = models.ForeignKey(
        "tenants.Image",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    # The key with which its mail is signed (DKIM), when `signs`; sealed by lib.keys. Empty: there is none.
    signs = models.BooleanField(default=False)
    dkim_domain = models.CharField(max_length=253, blank=True, default="")
    dkim_selector = models.CharField(max_length=63, blank=True, default="")
    dkim_key = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    of_brand = "pk"
    db_on_delete: ClassVar[dict[str, str]] = {"logo": "SET NULL"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="brand_name_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.name


class Image(TenantOwned):
    """A picture for mails and pages, kept in the database so that any host can serve it; without a brand for all."""

    brand = models.ForeignKey(
        Brand,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    token = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    alternative_text = models.CharField(max_length=300)
    content_type = models.CharField(max_length=20)
    data = models.BinaryField()
    size = models.IntegerField()
    width = models.IntegerField()
    height = models.IntegerField()
    uploaded_at = models.DateTimeField()

    of_brand = "brand"
    shared_without_brand = True
    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"brand": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant", "-uploaded_at"], name="image_newest")]

    def __str__(self) -> str:
        return self.name


class AuditEntry(TenantOwned):
    """Who did what, when; ids and counts only, never personal data. Only ever added to."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=60)  # user:7, person, job:import, command:send
    action = models.CharField(max_length=60)  # campaign.launch
    object_kind = models.CharField(max_length=40, blank=True, default="")
    object_id = models.BigIntegerField(null=True, blank=True)
    details = models.JSONField(default=dict)

    access = Access(update=False)

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant", "-at"], name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action}"


class AuditSeal(TenantOwned):
    """One link of the chain over a tenant's audit log (`tenants.sealing`). Only ever added to."""

    number = models.BigIntegerField()  # 1, 2, 3 … without a gap
    entry_number = (
        models.BigIntegerField()
    )  # the entry's id; no foreign key, a seal outlives its entry
    salt = models.BinaryField(max_length=16)
    hash = models.BinaryField(max_length=32)

    access = Access(update=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="sealed_in_order"),
            models.UniqueConstraint(fields=["tenant", "entry_number"], name="sealed_once"),
        ]

    def __str__(self) -> str:
        return f"seal {self.number}"
