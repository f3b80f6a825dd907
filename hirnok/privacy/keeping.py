"""Changing the register: its controller, activities and recipients, one verb each, with the audit entry."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from hirnok.register.models import Activity, Controller, Notice, Recipient
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant


class CodeTaken(Exception):
    """There is already a notice of this code."""


@transaction.atomic
def change_controller(
    tenant: Tenant, values: Mapping[str, Any], *, actor: str, at: datetime
) -> Controller:
    """Say who answers for the tenant's data."""
    controller: Controller = Controller.objects.of(tenant).select_for_update().get()
    _set(controller, values)
    audit.record(tenant, "controller.change", actor=actor, at=at, about=controller)
    return controller


@transaction.atomic
def change_activity(
    activity: Activity, values: Mapping[str, Any], *, actor: str, at: datetime
) -> Activity:
    """Change what is told of an activity, how long it keeps, and whether it is one of the tenant's."""
    _set(activity, values)
    audit.record(
        activity.tenant_id,
        "activity.change",
        actor=actor,
        at=at,
        about=activity,
        code=activity.code,
    )
    return activity


@transaction.atomic
def keep_recipient(
    tenant: Tenant,
    recipient: Recipient | None,
    values: Mapping[str, Any],
    *,
    actor: str,
    at: datetime,
) -> Recipient:
    """Add a recipient, or change one."""
    action = "recipient.change" if recipient else "recipient.add"
    kept = recipient or Recipient(tenant=tenant)
    _set(kept, values)
    audit.record(tenant, action, actor=actor, at=at, about=kept)
    return kept


@transaction.atomic
def keep_notice(
    tenant: Tenant, notice: Notice | None, values: Mapping[str, Any], *, actor: str, at: datetime
) -> Notice:
    """Make a notice for an audience, with a permanent address, or change one. CodeTaken."""
    code = values.get("code", notice.code if notice else "")
    others = Notice.objects.of(tenant).filter(code=code)
    if others.exclude(pk=notice.pk if notice else None).exists():
        raise CodeTaken(code)
    action = "notice.change" if notice else "notice.make"
    kept = notice or Notice(tenant=tenant, token=secrets.token_urlsafe(12))
    _set(kept, values)
    audit.record(tenant, action, actor=actor, at=at, about=kept, code=code)
    return kept


def _set(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
