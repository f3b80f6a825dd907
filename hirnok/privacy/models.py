"""That a version of a notice is being announced to those whom it concerns, and how far that is."""

from typing import ClassVar

from django.db import models

from hirnok.tenants.rows import TenantOwned


class NoticeAnnouncement(TenantOwned):
    """The mails about one version: written in small steps, in the order of contacts and then of users."""

    version = models.ForeignKey(
        "register.NoticeVersion",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=60)  # actor, as in the audit log
    last_contact = models.BigIntegerField(default=0)
    last_user = models.BigIntegerField(default=0)
    written = models.IntegerField(default=0)
    unreachable = models.IntegerField(default=0)  # no mail can go there, or the data are restricted
    finished_at = models.DateTimeField(null=True, blank=True)

    db_on_delete: ClassVar[dict[str, str]] = {"version": "RESTRICT"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "version"], name="notice_announcement_once")
        ]

    def __str__(self) -> str:
        return f"announcement of {self.version_id}"
