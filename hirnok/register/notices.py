"""The privacy notice, made from the register: nothing is in it that the register does not say.

`documents.compose` makes the document of a notice for a day and a language. `publish` freezes register and documents as a version, unless something blocks
it (`consistency`), with the lead time that a change for the worse needs (N5, C1).
"""

import hashlib
import json
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from hirnok.register import changes, consistency
from hirnok.register.consistency import Finding
from hirnok.register.documents import compose
from hirnok.register.models import (
    Activity,
    Balancing,
    Controller,
    LegalBasis,
    Notice,
    NoticeVersion,
    RegisterVersion,
)
from hirnok.register.readymade import NEWSLETTER
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant


class Blocked(Exception):
    """The register is not true or not lawful on the day: `findings` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(", ".join(f"{one.code} {one.about}".strip() for one in findings))
        self.findings = findings


class NothingChanged(Exception):
    """The notice would say the same as its last version."""


class TooSoon(Exception):
    """A change for the worse takes effect at the earliest so many days after its announcement as the register says."""


def snapshot(tenant: Tenant, on: date, also: Collection[str] = ()) -> dict[str, Any]:
    """Return the whole register on a day, ready for JSON; the transaction acts for the tenant.

    `also`: activities by code that a notice tells of though they are switched off.
    """
    controller = Controller.objects.of(tenant).first()
    wanted = Q(active=True) | Q(code__in=list(also))
    activities = list(Activity.objects.of(tenant).filter(wanted).order_by("code"))
    codes = [one.code for one in activities]
    return {
        "controller": _row(controller) if controller else {},
        "activities": {one.code: _row(one) for one in activities},
        "recipients": {
            f"{one.name} ({one.kind})": _row(one) for one in consistency.in_force(tenant, on, codes)
        },
        "balancings": {
            one.code: _row(one) for one in Balancing.objects.of(tenant).order_by("code")
        },
    }


@transaction.atomic
def publish(
    tenant: Tenant, notice: Notice, *, actor: str, at: datetime, effective_from: date | None = None
) -> NoticeVersion:
    """Freeze what the register says into the notice's next version: Blocked, NothingChanged, TooSoon.

    `effective_from`: by default today, or after the lead time when something changes for the worse.
    """
    Notice.objects.of(tenant).select_for_update().get(pk=notice.pk)
    last = latest(tenant, notice)
    told = snapshot(tenant, at.date(), notice.activities)
    difference = (
        changes.difference(_of(notice, last.register.snapshot), _of(notice, told)) if last else []
    )
    change = changes.weight(difference) if last else NoticeVersion.Change.FIRST
    is_material = change == NoticeVersion.Change.MATERIAL
    earliest = at.date() + (lead(tenant) if is_material else timedelta())
    on = effective_from or earliest
    if on < earliest:
        raise TooSoon
    findings = consistency.examine(tenant, on, codes=tuple(notice.activities))
    if findings:
        raise Blocked(findings)
    number = last.number + 1 if last else 1
    documents = {
        code: compose(tenant, notice, code, on, number=number) for code, _name in settings.LANGUAGES
    }
    if last and not difference and digest(_bare(last.documents)) == digest(_bare(documents)):
        raise NothingChanged
    made: NoticeVersion = NoticeVersion.objects.create(
        tenant=tenant,
        notice=notice,
        register=_register_version(tenant, told, at),
        number=number,
        published_at=at,
        published_by=actor,
        effective_from=on,
        change=change,
        difference=[one.as_json() for one in difference],
        documents=documents,
        digest=digest(documents),
    )
    audit.record(
        tenant,
        "notice.publish",
        actor=actor,
        at=at,
        about=notice,
        number=number,
        change=str(change),
    )
    return made


def lead(tenant: Tenant) -> timedelta:
    """Return the time between the announcement of a change for the worse and its effect (N5, C1)."""
    controller = Controller.objects.of(tenant).first()
    return timedelta(days=controller.lead_days if controller else 0)


def changes_consent(tenant: Tenant, notice: Notice, on: date) -> bool:
    """Whether the newsletter, where it rests on consent, has other purposes or data than the last version said."""
    last = latest(tenant, notice)
    if last is None:
        return False
    before, after = (
        told.get("activities", {}).get(NEWSLETTER, {}).get("purposes", [])
        for told in (_of(notice, last.register.snapshot), _of(notice, snapshot(tenant, on)))
    )
    grounds = {ground["basis"] for one in after for ground in one["grounds"]}
    return bool(before) and LegalBasis.CONSENT in grounds and _meaning(before) != _meaning(after)


def tenant_of(token: str) -> int | None:
    """Return whose notice has this token."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT register_tenant_of_notice(%s)", [token])
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] is not None else None


def covering(tenant: Tenant, code: str, on: date) -> Notice | None:
    """Return the notice that tells of an activity and holds on a day, the most special first."""
    rows = [
        one
        for one in Notice.objects.of(tenant).order_by("pk")
        if (not one.activities or code in one.activities) and in_force(tenant, one, on) is not None
    ]
    return min(rows, key=lambda one: len(one.activities) or 1000, default=None)


def latest(tenant: Tenant, notice: Notice) -> NoticeVersion | None:
    """Return the newest version, in force or announced."""
    found: NoticeVersion | None = (
        NoticeVersion.objects.of(tenant)
        .filter(notice=notice)
        .select_related("register")
        .order_by("-number")
        .first()
    )
    return found


def in_force(tenant: Tenant, notice: Notice, on: date) -> NoticeVersion | None:
    """Return the version that holds on a day."""
    found: NoticeVersion | None = (
        NoticeVersion.objects.of(tenant)
        .filter(notice=notice, effective_from__lte=on)
        .order_by("-number")
        .first()
    )
    return found


def digest(content: object) -> bytes:
    """Return the SHA-256 of a value's canonical JSON."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def _of(notice: Notice, told: dict[str, Any]) -> dict[str, Any]:
    """The part of a snapshot that a notice tells of."""
    mine = set(notice.activities)
    if not mine:
        return told
    return {
        **told,
        "activities": {
            code: one for code, one in told.get("activities", {}).items() if code in mine
        },
        "recipients": {
            name: one
            for name, one in told.get("recipients", {}).items()
            if not one["activities"] or mine & set(one["activities"])
        },
    }


def _meaning(purposes: list[dict[str, Any]]) -> list[Any]:
    return [(one["text"], [item["category"] for item in one["items"]]) for one in purposes]


def _register_version(tenant: Tenant, told: dict[str, Any], at: datetime) -> RegisterVersion:
    last = RegisterVersion.objects.of(tenant).order_by("-number").first()
    if last is not None and bytes(last.digest) == digest(told):
        return last  # type: ignore[no-any-return]
    number = last.number + 1 if last else 1
    made: RegisterVersion = RegisterVersion.objects.create(
        tenant=tenant, number=number, at=at, snapshot=told, digest=digest(told)
    )
    return made


def _row(row: Any) -> dict[str, Any]:
    """A row's columns, without its keys."""
    return {
        column.name: _plain(getattr(row, column.name))
        for column in row._meta.concrete_fields
        if column.name not in {"id", "tenant"}
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _bare(documents: dict[str, Any]) -> dict[str, Any]:
    return {code: one["sections"] for code, one in documents.items()}
