"""Sub-processors (28 (2), (4); N38): changes announced to all tenants, objections with what comes of them, and copies
of what the sub-processors have committed themselves to. Who they are is in the operator's register (`Recipient`)."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from hirnok.processing import agreeing, letters
from hirnok.processing.agreeing import NotTheOperator, TooSoon
from hirnok.processing.models import Commitment, Objection, SubProcessorChange
from hirnok.register import describing
from hirnok.register.models import Recipient
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.ui.words import day

LARGEST = 10_000_000  # bytes of a commitment


class NoSubProcessor(ValueError):
    """The recipient is none of the operator's sub-processors."""


class NoReason(ValueError):
    """An objection, and what comes of it, need words."""


class NoPdf(ValueError):
    """The file is no PDF, or too large."""


@transaction.atomic
def announce(
    recipient: Recipient,
    kind: str,
    told: Mapping[str, str],
    effective_from: date,
    *,
    actor: str,
    at: datetime,
) -> SubProcessorChange:
    """Tell every tenant of a change; NotTheOperator, NoSubProcessor, TooSoon inside of the period for objections."""
    by = Tenant.objects.get(pk=recipient.tenant_id)
    if not by.is_operator:
        raise NotTheOperator
    if recipient.kind != Recipient.Kind.SUB_PROCESSOR:
        raise NoSubProcessor
    if effective_from < at.date() + timedelta(days=agreeing.offered().objection_days):
        raise TooSoon
    last = SubProcessorChange.objects.of(by).aggregate(Max("number"))["number__max"] or 0
    made: SubProcessorChange = SubProcessorChange.objects.create(
        tenant=by,
        recipient=recipient,
        number=last + 1,
        name=recipient.name,
        kind=kind,
        text=dict(told),
        announced_at=at,
        announced_by=actor,
        effective_from=effective_from,
    )
    audit.record(by, "sub_processor.announce", actor=actor, at=at, about=made, number=made.number)
    for tenant in Tenant.objects.filter(is_operator=False).order_by("pk"):
        with acting_for(tenant):
            letters.write(tenant, lambda: _announcement(made))
    return made


@transaction.atomic
def object_to(
    tenant: Tenant, name: str, reason: str, *, announcement: int = 0, actor: str, at: datetime
) -> Objection:
    """Object to a sub-processor, announced or in use (N38: at any time); the operator is told; NoReason."""
    if not reason.strip():
        raise NoReason
    made: Objection = Objection.objects.create(
        tenant=tenant,
        announcement=announcement,
        name=name,
        reason=reason,
        objected_at=at,
        objected_by=actor,
    )
    audit.record(tenant, "sub_processor.object", actor=actor, at=at, about=made)
    by = agreeing.operator()
    with acting_for(by):
        letters.write(by, lambda: _objection(tenant, made))
    return made


@transaction.atomic
def decide(objection: Objection, *, consequence: str, actor: str, at: datetime) -> Objection:
    """Write down, for the operator, what comes of an objection, and tell the tenant; NoReason."""
    if not consequence.strip():
        raise NoReason
    rows = Objection.objects.filter(tenant_id=objection.tenant_id)
    found: Objection = rows.select_for_update().get(pk=objection.pk)
    found.consequence, found.decided_at = consequence, at
    found.save(update_fields=["consequence", "decided_at"])
    audit.record(found.tenant_id, "sub_processor.decide", actor=actor, at=at, about=found)
    tenant = Tenant.objects.get(pk=found.tenant_id)
    letters.write(
        tenant,
        lambda: (_("Your objection to %(name)s") % {"name": found.name}, consequence),
    )
    return found


@transaction.atomic
def commit(recipient: Recipient, name: str, data: bytes, *, actor: str, at: datetime) -> Commitment:
    """Keep a copy of what a sub-processor has committed itself to; NoSubProcessor, NoPdf."""
    if recipient.kind != Recipient.Kind.SUB_PROCESSOR:
        raise NoSubProcessor
    if not data.startswith(b"%PDF-") or len(data) > LARGEST:
        raise NoPdf
    made: Commitment = Commitment.objects.create(
        tenant_id=recipient.tenant_id,
        recipient=recipient,
        name=name.replace("\\", "/").rpartition("/")[2][:200] or "commitment.pdf",
        size=len(data),
        digest=hashlib.sha256(data).digest(),
        data=data,
        added_at=at,
        added_by=actor,
    )
    audit.record(recipient.tenant_id, "sub_processor.commit", actor=actor, at=at, about=made)
    return made


def _announcement(made: SubProcessorChange) -> tuple[str, str]:
    language = translation.get_language() or "en"
    subject = _("Sub-processor %(name)s: %(kind)s") % {
        "name": made.name,
        "kind": made.get_kind_display(),
    }
    until = _("It takes effect on %(day)s; until then you can object on the page.") % {
        "day": day(made.effective_from)
    }
    return subject, f"{describing.in_language(made.text, language)}\n\n{until}"


def _objection(tenant: Tenant, made: Objection) -> tuple[str, str]:
    subject = _("%(tenant)s objects to the sub-processor %(name)s") % {
        "tenant": tenant.name,
        "name": made.name,
    }
    return subject, made.reason
