"""The tables that engine and tracker share with the rest (research: one window statement, HOT updates)."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from hirnok.outbox.pace_models import Engine as Engine
from hirnok.outbox.pace_models import Limit as Limit
from hirnok.outbox.pace_models import Queue as Queue
from hirnok.outbox.pace_models import ReplyRule as ReplyRule
from hirnok.outbox.pace_models import Route as Route
from hirnok.tenants.rows import Access, TenantOwned


class Relay(TenantOwned):
    """An SMTP server that takes our mail."""

    class Security(models.TextChoices):
        NONE = "none"
        STARTTLS = "starttls"
        TLS = "tls"

    name = models.CharField(max_length=100)
    host = models.CharField(max_length=253)
    port = models.IntegerField(default=587)
    security = models.CharField(max_length=8, choices=Security.choices, default=Security.STARTTLS)
    verify_certificate = models.BooleanField(default=True)
    username = models.CharField(max_length=200, blank=True, default="")
    password = models.TextField(blank=True, default="")  # sealed by lib.keys
    connections = models.SmallIntegerField(default=10)
    messages_per_connection = models.IntegerField(default=1000)
    messages_per_second = models.IntegerField(null=True, blank=True)
    is_default = models.BooleanField(default=False)
    retry_first_minutes = models.IntegerField(default=5)
    retry_longest_minutes = models.IntegerField(default=240)
    retry_hours = models.IntegerField(default=72)  # for so long a refusal for now is tried again
    held_at = models.DateTimeField(null=True, blank=True)  # taken out of use by hand
    probe_at = models.DateTimeField(null=True, blank=True)  # asked for by hand: try at once
    failing_since = models.DateTimeField(null=True, blank=True)  # written by the engine
    last_error = models.TextField(blank=True, default="")  # written by the engine

    access = Access(delete=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(is_default=True), name="one_default_relay"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Message(TenantOwned):
    """One compiled newsletter and how far it has got."""

    class Policy(models.TextChoices):
        REPEAT = "repeat"  # uncertain ones are sent again, with the same Message-ID
        REPORT = "report"  # uncertain ones are only reported

    brand = models.ForeignKey(
        "tenants.Brand", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    relay = models.ForeignKey(
        "outbox.Relay", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    return_path = models.CharField(max_length=254)
    compiled = models.BinaryField()  # mail.compile.Compiled.dump()
    policy = models.CharField(max_length=6, choices=Policy.choices, default=Policy.REPEAT)
    measurement = models.CharField(max_length=10)  # tenants.Measurement at launch
    is_routed = models.BooleanField(default=False, db_default=False)  # `relay` is where routes end
    lists = ArrayField(
        models.BigIntegerField(), default=list, db_default=[]
    )  # whose members get it
    created_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    recipients = models.IntegerField(default=0)

    of_brand = "brand"
    db_on_delete: ClassVar[dict[str, str]] = {"brand": "RESTRICT", "relay": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(launched_at__isnull=False, finished_at__isnull=True),
                name="message_open",
            )
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Link(TenantOwned):
    """A link of a message, one per occurrence; the target may have holes that are filled at the click."""

    message = models.ForeignKey(
        "outbox.Message", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    position = models.IntegerField()
    url = models.TextField()
    text = models.CharField(max_length=200, blank=True, default="")

    of_brand = "message__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"message": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="link_once")]

    def __str__(self) -> str:
        return self.url


class Batch(TenantOwned):
    """A dense range of deliveries: what an engine leases, window by window (fenced)."""

    message = models.ForeignKey(
        "outbox.Message", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    first_delivery_id = models.BigIntegerField()
    last_delivery_id = models.BigIntegerField()
    first_contact_id = models.BigIntegerField()  # only to bound the plans
    last_contact_id = models.BigIntegerField()
    lease_owner = models.CharField(max_length=80, null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.IntegerField(default=0)
    window_from = models.BigIntegerField(null=True, blank=True)
    window_to = models.BigIntegerField(null=True, blank=True)
    window_relays = ArrayField(models.BigIntegerField(), null=True, blank=True)  # usable then
    done = models.BooleanField(default=False)

    of_brand = "message__brand"
    storage: ClassVar[dict[str, int]] = {"fillfactor": 20}
    db_on_delete: ClassVar[dict[str, str]] = {"message": "CASCADE"}

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["id"], condition=models.Q(done=False), name="batch_open"),
            models.Index(fields=["first_delivery_id"], name="batch_first_delivery"),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"


class State(models.IntegerChoices):
    """Where a delivery stands; all of them add up to the audience."""

    QUEUED = 0
    SENT = 1
    DEFERRED = 2
    BOUNCED = 3
    FAILED = 4
    SUPPRESSED = 5
    UNKNOWN = 6
    CANCELLED = 7
    ERASED = 8


class Delivery(TenantOwned):
    """One recipient of one message; holds no address, survives the contact's erasure."""

    id = models.BigIntegerField(
        primary_key=True
    )  # dense block per message, from outbox_delivery_ids
    contact = models.ForeignKey(
        "contacts.Contact",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    message = models.ForeignKey(
        "outbox.Message", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    state = models.SmallIntegerField(choices=State.choices, db_default=0)
    attempts = models.SmallIntegerField(db_default=0)
    code = models.SmallIntegerField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    provider = models.CharField(
        max_length=20, null=True, blank=True
    )  # of what was not sent at once
    pinned_relay_id = models.BigIntegerField(null=True, blank=True)  # it may have it: no other

    of_brand = "message__brand"
    storage: ClassVar[dict[str, int]] = {"fillfactor": 50}
    db_on_delete: ClassVar[dict[str, str]] = {"contact": "SET NULL", "message": "CASCADE"}
    guarded: ClassVar[tuple[str, ...]] = ("message",)

    class Meta(TenantOwned.Meta):
        constraints = [  # without the tenant, which a foreign key's check could take for its key
            models.UniqueConstraint(fields=["contact", "message"], name="delivered_once")
        ]
        indexes = [  # never a predicate on `state`: it would end HOT updates
            models.Index(
                fields=["next_at"], condition=models.Q(next_at__isnull=False), name="delivery_due"
            ),
            models.Index(fields=["message", "id"], name="delivery_message"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class DeliveryReply(TenantOwned):
    """What the relay said of a recipient; such texts contain addresses, so they go with the contact."""

    contact = models.ForeignKey(
        "contacts.Contact", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    delivery = models.ForeignKey(
        "outbox.Delivery", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    at = models.DateTimeField()
    code = models.SmallIntegerField()
    kind = models.CharField(max_length=20, blank=True, default="")  # class of refusal, mail.replies
    text = models.TextField()

    of_brand = "contact__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"contact": "CASCADE", "delivery": "CASCADE"}

    def __str__(self) -> str:
        return f"{self.code} for {self.delivery_id}"


class Repetition(TenantOwned):
    """A delivery that was to be sent again because nobody knows whether the first time had arrived (same Message-ID).

    Written by the engine with policy "repeat": for the window that a dead engine had open, and for a message whose
    connection was lost behind the final dot. Whoever got a message twice is among these.
    """

    message = models.ForeignKey(
        "outbox.Message", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    delivery = models.ForeignKey(
        "outbox.Delivery", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    at = models.DateTimeField()

    of_brand = "delivery__message__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"message": "CASCADE", "delivery": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["delivery"], name="repetition_once")]

    def __str__(self) -> str:
        return f"delivery {self.delivery_id} again"


class HitKind(models.IntegerChoices):
    """What the reader's program did."""

    OPEN = 1
    CLICK = 2


class HitClass(models.IntegerChoices):
    """Who seems to have done it."""

    HUMAN = 0
    PROXY = 1
    SCANNER = 2
    BOT = 3


class Hit(TenantOwned):
    """An open or a click. Without a delivery where the brand measures only in aggregate."""

    message = models.ForeignKey(
        "outbox.Message", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    delivery = models.ForeignKey(
        "outbox.Delivery",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    kind = models.SmallIntegerField(choices=HitKind.choices)
    klass = models.SmallIntegerField(choices=HitClass.choices, db_column="class")
    link = models.ForeignKey(
        "outbox.Link",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    country = models.CharField(max_length=2, blank=True, default="")  # '' is unknown
    at = models.DateTimeField()

    of_brand = "message__brand"
    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {
        "message": "CASCADE",
        "delivery": "CASCADE",
        "link": "CASCADE",
    }

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["message", "id"], name="hit_message")]

    def __str__(self) -> str:
        return f"hit {self.pk}"


class Tally(TenantOwned):
    """The hits of a message up to `upto`, counted (`tallies`): numbers without anybody, which outlive the readers."""

    message = models.OneToOneField(
        "outbox.Message", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    upto = models.BigIntegerField()
    counts = models.JSONField(default=dict)

    of_brand = "message__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"message": "CASCADE"}

    def __str__(self) -> str:
        return f"hits of {self.message_id} up to {self.upto}"


class StateChange(TenantOwned):
    """How many more (or fewer) deliveries of a message are in a state; a trigger writes it, the sum is the count."""

    message = models.ForeignKey(
        "outbox.Message", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    state = models.SmallIntegerField(choices=State.choices)
    change = models.IntegerField()

    access = Access(delete=True, update=False)
    of_brand = "message__brand"
    db_on_delete: ClassVar[dict[str, str]] = {"message": "CASCADE"}

    def __str__(self) -> str:
        return f"{self.change:+} {self.state} of {self.message_id}"


class Letter(TenantOwned):
    """Every other mail: password reset, confirmation, notice. Under the holding of its cause."""

    holding = models.ForeignKey(
        "register.Holding", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    relay = models.ForeignKey(
        "outbox.Relay",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )  # empty: the tenant's default
    recipient = models.CharField(max_length=254)
    return_path = models.CharField(max_length=254)
    data = models.BinaryField()  # the whole message, CRLF
    state = models.SmallIntegerField(choices=State.choices, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    code = models.SmallIntegerField(null=True, blank=True)
    reply = models.TextField(blank=True, default="")
    next_at = models.DateTimeField()  # due; moved on as a lease while an engine has it
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    is_forwarded = models.BooleanField(default=False, db_default=False)  # mail that came back (N13)

    of_brand = "holding__brand"
    access = Access(edge_delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"holding": "CASCADE", "relay": "SET NULL"}

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(
                fields=["next_at"], condition=models.Q(state__in=[0, 2]), name="letter_due"
            ),
            models.Index(fields=["expires_at"], name="letter_expiring"),
        ]

    def __str__(self) -> str:
        return f"letter {self.pk}"


class SentLetters(TenantOwned):
    """How many letters a tenant has sent in a month of its own time zone; a trigger counts (migration 0010), for letters
    themselves are kept for some weeks only."""

    month = models.DateField()  # its first day
    is_forwarded = models.BooleanField()
    count = models.IntegerField()

    access = Access(insert=False, update=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["month", "is_forwarded", "tenant"], name="sent_letters_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} in {self.month:%Y-%m}"
