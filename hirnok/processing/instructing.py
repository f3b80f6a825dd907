"""Instructions of the controller (28 (3) a; N32): given, confirmed, acknowledged, objected to, carried out.

The tenant's steps are made in its own transaction, the operator's in one that acts for the tenant; the other side is
told of each by mail.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from hirnok.processing import agreeing, letters, texts
from hirnok.processing.models import Instruction, InstructionEvent
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

Channel = Instruction.Channel


class NotNow(Exception):
    """The instruction is not in a state in which this can be done."""


class NoReason(ValueError):
    """An objection, and carrying out, need words."""


@dataclass(frozen=True)
class Given:
    """An instruction as it came."""

    text: str
    given_by: str
    channel: str = Channel.PAGE
    is_urgent: bool = False


@transaction.atomic
def give(tenant: Tenant, given: Given, *, actor: str, at: datetime) -> Instruction:
    """Take down an instruction. One that did not come in writing waits for the controller's confirmation.

    By the tenant (`actor` user:…) the operator is told, by the operator (`actor` operator:…) the tenant.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('processing.number'), %s)", [tenant.pk]
        )
    last = Instruction.objects.of(tenant).aggregate(Max("number"))["number__max"] or 0
    made: Instruction = Instruction.objects.create(
        tenant=tenant,
        number=last + 1,
        text=given.text,
        given_by=given.given_by,
        channel=given.channel,
        is_urgent=given.is_urgent,
        received_at=at,
        confirmed_at=None if given.channel == Channel.ORAL else at,
    )
    _tell(made, "give", actor, at, given.text)
    return made


@transaction.atomic
def confirm(instruction: Instruction, *, actor: str, at: datetime) -> Instruction:
    """Confirm in writing, for the controller, what was said; NotNow."""
    found = _locked(instruction)
    if found.confirmed_at or found.withdrawn_at:
        raise NotNow
    found.confirmed_at = at
    found.save(update_fields=["confirmed_at"])
    _tell(found, "confirm", actor, at)
    return found


@transaction.atomic
def acknowledge(instruction: Instruction, *, actor: str, at: datetime) -> Instruction:
    """Confirm in writing, for the processor, that it has arrived and is understood; NotNow."""
    found = _locked(instruction)
    if found.acknowledged_at or found.withdrawn_at:
        raise NotNow
    found.acknowledged_at = at
    found.save(update_fields=["acknowledged_at"])
    _tell(found, "acknowledge", actor, at)
    return found


@transaction.atomic
def object_to(instruction: Instruction, *, reason: str, actor: str, at: datetime) -> Instruction:
    """Say, for the processor, that it is unlawful: it is suspended until the controller stands by it; NoReason, NotNow."""
    if not reason.strip():
        raise NoReason
    found = _locked(instruction)
    if found.executed_at or found.withdrawn_at or found.is_suspended:
        raise NotNow
    found.objected_at, found.objection, found.upheld_at = at, reason, None
    found.save(update_fields=["objected_at", "objection", "upheld_at"])
    _tell(found, "object", actor, at, reason)
    return found


@transaction.atomic
def uphold(instruction: Instruction, *, actor: str, at: datetime) -> Instruction:
    """Stand by it, for the controller, in spite of the objection; NotNow."""
    found = _locked(instruction)
    if not found.is_suspended or found.withdrawn_at:
        raise NotNow
    found.upheld_at = at
    found.save(update_fields=["upheld_at"])
    _tell(found, "uphold", actor, at)
    return found


@transaction.atomic
def withdraw(instruction: Instruction, *, actor: str, at: datetime) -> Instruction:
    """Take it back, for the controller; NotNow once it was carried out."""
    found = _locked(instruction)
    if found.executed_at or found.withdrawn_at:
        raise NotNow
    found.withdrawn_at = at
    found.save(update_fields=["withdrawn_at"])
    _tell(found, "withdraw", actor, at)
    return found


@transaction.atomic
def execute(
    instruction: Instruction,
    *,
    done: str,
    evidence: tuple[str, bytes] | None = None,
    actor: str,
    at: datetime,
) -> Instruction:
    """Say, for the processor, that it is carried out, with a file as evidence; NoReason.

    NotNow while it is suspended, and for an oral one that is not confirmed unless it is urgent.
    """
    if not done.strip():
        raise NoReason
    found = _locked(instruction)
    unconfirmed = found.confirmed_at is None and not found.is_urgent
    if found.executed_at or found.withdrawn_at or found.is_suspended or unconfirmed:
        raise NotNow
    found.executed_at, found.execution = at, done
    if evidence is not None:
        found.evidence_name, found.evidence = evidence
        found.evidence_digest = hashlib.sha256(evidence[1]).digest()
    found.save()
    _tell(found, "execute", actor, at, done)
    return found


def _locked(instruction: Instruction) -> Instruction:
    rows = Instruction.objects.filter(tenant_id=instruction.tenant_id)
    found: Instruction = rows.select_for_update().get(pk=instruction.pk)
    return found


def _tell(found: Instruction, kind: str, actor: str, at: datetime, text: str = "") -> None:
    InstructionEvent.objects.create(
        tenant_id=found.tenant_id, instruction=found, at=at, actor=actor, kind=kind, text=text
    )
    audit.record(
        found.tenant_id, f"instruction.{kind}", actor=actor, at=at, about=found, number=found.number
    )
    tenant = Tenant.objects.get(pk=found.tenant_id)

    def said() -> tuple[str, str]:
        subject = _("Instruction %(number)s of %(name)s: %(step)s") % {
            "number": found.number,
            "name": tenant.name,
            "step": texts.EVENTS[kind],
        }
        return subject, "\n\n".join(filter(None, (found.text, text if text != found.text else "")))

    if actor.startswith("operator"):
        letters.write(tenant, said)
    else:
        by = agreeing.operator()
        with acting_for(by):
            letters.write(by, said)
