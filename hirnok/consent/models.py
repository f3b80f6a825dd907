"""What remains of a consent after it was withdrawn."""

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

    access = Access(update=False)
    db_on_delete: ClassVar[dict[str, str]] = {"message": "CASCADE"}

    def __str__(self) -> str:
        return f"departure {self.pk}"
