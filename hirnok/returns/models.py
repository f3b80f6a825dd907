"""The tables of what comes back. The receiver writes `Returned` too; `hirnok/receiver/statements.py` is its contract."""

from typing import ClassVar

from django.db import models

from hirnok.tenants.rows import Access, TenantOwned


class ReturnDomain(TenantOwned):
    """The domain under which a brand's mail comes back; its MX leads to the receiver."""

    brand = models.ForeignKey(
        "tenants.Brand", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    domain = models.CharField(max_length=190, unique=True)
    created_at = models.DateTimeField()

    of_brand = "brand"
    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"brand": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["brand"], name="return_domain_once")]

    def __str__(self) -> str:
        return self.domain


class Returned(TenantOwned):
    """One thing that came back, as it came, and what was made of it."""

    class State(models.TextChoices):
        NEW = "new"
        APPLIED = "applied"
        UNKNOWN = "unknown"  # waits for a person
        DISMISSED = "dismissed"  # a person said that it means nothing

    class Purpose(models.TextChoices):
        REPORT = "report"
        LEAVE = "leave"

    delivery = models.ForeignKey(
        "outbox.Delivery",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )  # named by a signed address
    road = models.CharField(max_length=20)  # smtp, lmtp, imap, pop, or the provider of a webhook
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.REPORT)
    digest = models.BinaryField(max_length=16)  # the same thing is stored once
    raw = models.BinaryField()
    person_key = models.BinaryField(max_length=16, null=True, blank=True)  # blind index, once known
    state = models.CharField(max_length=9, choices=State.choices, default=State.NEW)
    kind = models.CharField(max_length=12, blank=True, default="")  # mail.sort.Kind
    received_at = models.DateTimeField()
    sorted_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    access = Access(delete=True)  # web too: who leaves takes along what came back
    db_on_delete: ClassVar[dict[str, str]] = {"delivery": "SET NULL"}

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["digest", "tenant"], name="returned_once")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="new"), name="returned_new"),
            models.Index(fields=["tenant", "state", "-id"], name="returned_newest"),
            models.Index(fields=["expires_at"], name="returned_expiring"),
            models.Index(
                fields=["person_key", "tenant"],
                condition=models.Q(person_key__isnull=False),
                name="returned_person",
            ),
        ]

    def __str__(self) -> str:
        return f"returned {self.pk}"


class Heard(TenantOwned):
    """That an event of a provider was heard; it outlives what was stored of it, which goes with the person, so that an
    event sent again counts nothing twice and brings nobody back. A keyed digest, no words."""

    digest = models.BinaryField(max_length=16)
    expires_at = models.DateTimeField()

    access = Access(update=False, delete=True)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["digest", "tenant"], name="heard_once")]
        indexes = [models.Index(fields=["expires_at"], name="heard_expiring")]

    def __str__(self) -> str:
        return f"heard {self.pk}"


class Failure(TenantOwned):
    """That a delivery failed, in the session (written by the engine) or later; counted by the rules. Goes with the contact."""

    contact = models.ForeignKey(
        "contacts.Contact", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    delivery = models.ForeignKey(
        "outbox.Delivery", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)  # mail.replies.ReplyClass
    permanence = models.CharField(max_length=9)  # mail.verdicts.Permanence
    is_judged = models.BooleanField(default=True)  # false: the rules have not looked at it yet

    of_brand = "contact__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"contact": "CASCADE", "delivery": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["delivery"], name="failed_once")]
        indexes = [
            models.Index(
                fields=["tenant", "id"],
                condition=models.Q(is_judged=False),
                name="failure_unjudged",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.delivery_id}"


class Complaint(TenantOwned):
    """That a recipient of a message complained of it; counts only, no person."""

    message = models.ForeignKey(
        "outbox.Message", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    delivery = models.ForeignKey(
        "outbox.Delivery", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    at = models.DateTimeField()
    feedback = models.CharField(max_length=20)  # RFC 5965 §7.3

    of_brand = "message__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"message": "CASCADE", "delivery": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["delivery"], name="complained_once")]

    def __str__(self) -> str:
        return f"complaint {self.pk}"


class Rule(TenantOwned):
    """From how many failures on an address is dead: `count` of a class within `days`; for how long: `lasts_days`."""

    kind = models.CharField(max_length=20)
    permanence = models.CharField(max_length=9)
    count = models.SmallIntegerField()
    days = models.SmallIntegerField()
    lasts_days = models.SmallIntegerField(null=True, blank=True)  # empty: for good

    access = Access(delete=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "permanence"], name="rule_once"),
            models.CheckConstraint(
                condition=models.Q(count__gte=1, days__gte=1), name="rule_counts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.permanence} {self.kind}"


class Lapse(TenantOwned):
    """When a dead address may be tried again."""

    key = models.BinaryField(max_length=16)  # the blind index
    at = models.DateTimeField()

    access = Access(delete=True)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["key", "tenant"], name="lapse_once")]
        indexes = [models.Index(fields=["at"], name="lapse_due")]

    def __str__(self) -> str:
        return f"lapse {self.pk}"


class Mailbox(TenantOwned):
    """A mailbox at a provider in which mail comes back; looked into by the worker."""

    class Protocol(models.TextChoices):
        IMAP = "imap"
        POP = "pop"

    class Security(models.TextChoices):
        TLS = "tls"
        STARTTLS = "starttls"
        NONE = "none"

    name = models.CharField(max_length=100)
    protocol = models.CharField(max_length=4, choices=Protocol.choices)
    host = models.CharField(max_length=253)
    port = models.IntegerField()
    security = models.CharField(max_length=8, choices=Security.choices, default=Security.TLS)
    verify_certificate = models.BooleanField(default=True)
    username = models.CharField(max_length=200)
    password = models.TextField(blank=True, default="")  # sealed by lib.keys
    folder = models.CharField(max_length=200, default="INBOX")
    deletes = models.BooleanField(default=False)  # what was taken over is deleted there
    position = models.CharField(max_length=60, blank=True, default="")  # IMAP: UIDVALIDITY:UID
    looked_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")

    access = Access(delete=True)

    def __str__(self) -> str:
        return self.name


class Webhook(TenantOwned):
    """Where a provider reports events: an address that is a secret, and the key that proves who writes."""

    class Provider(models.TextChoices):
        AMAZON = "amazon"
        BREVO = "brevo"
        MAILGUN = "mailgun"
        MAILJET = "mailjet"
        POSTMARK = "postmark"
        SENDGRID = "sendgrid"
        GENERIC = "generic"

    provider = models.CharField(max_length=10, choices=Provider.choices)
    token = models.CharField(max_length=43, unique=True)
    secret = models.TextField(blank=True, default="")  # key or password, sealed by lib.keys
    created_at = models.DateTimeField()
    accepted = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    accepted_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(
        max_length=20, blank=True, default=""
    )  # why the last one was refused

    access = Access(delete=True)

    def __str__(self) -> str:
        return f"{self.provider} {self.pk}"


class Forwarding(TenantOwned):
    """That mail which comes back is forwarded to an address of the tenant's own (`N13`); without this row none is."""

    address = models.CharField(max_length=254)
    autoreplies = models.BooleanField(default=False)  # these too
    per_hour = models.SmallIntegerField(default=60)
    left_out = models.IntegerField(default=0)  # over the limit
    left_out_at = models.DateTimeField(null=True, blank=True)

    access = Access(delete=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="forwarding_once"),
            models.CheckConstraint(
                condition=models.Q(per_hour__gte=1), name="forwarding_some_per_hour"
            ),
        ]

    def __str__(self) -> str:
        return self.address


class Forwarded(TenantOwned):
    """That something which came back was forwarded. When what came back goes, also with the person, the copy in the outbox
    goes by a trigger (migration 0005), waiting or sent."""

    returned = models.ForeignKey(
        "returns.Returned", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    letter = models.ForeignKey(
        "outbox.Letter", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    at = models.DateTimeField()

    of_brand = "letter__holding__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"returned": "CASCADE", "letter": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["letter"], name="forwarded_once")]
        indexes = [
            models.Index(fields=["tenant", "at"], name="forwarded_newest"),
            models.Index(fields=["returned"], name="forwarded_returned"),
        ]

    def __str__(self) -> str:
        return f"returned {self.returned_id} as letter {self.letter_id}"
