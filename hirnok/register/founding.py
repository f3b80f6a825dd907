"""Founding a tenant: itself, its controller data, its register."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from hirnok.register import inscribing, readymade
from hirnok.register.models import Activity, Balancing, Controller, Notice
from hirnok.register.readymade import READYMADE
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

PROGRAM = "program"
# First words of addresses that are no tenant's.
RESERVED = frozenset(
    {
        ".well-known",
        "account",
        "api",
        "c",
        "e",
        "f",
        "gallery",
        "health",
        "i",
        "k",
        "m",
        "n",
        "o",
        "p",
        "r",
        "rights",
        "static",
        "u",
    }
)


class SlugReserved(Exception):
    """This short name is the beginning of other addresses."""


class SlugTaken(Exception):
    """Another tenant has this short name."""


@transaction.atomic
def found(
    *, slug: str, name: str, language: str, actor: str, at: datetime, is_operator: bool = False
) -> Tenant:
    """Make a tenant with a controller and the ready-made activities."""
    if slug in RESERVED:
        raise SlugReserved(slug)
    if Tenant.objects.filter(slug=slug).exists():
        raise SlugTaken(slug)
    tenant = Tenant.objects.create(
        slug=slug, name=name, language=language, is_operator=is_operator, created_at=at
    )
    with acting_for(tenant):
        Controller.objects.create(tenant=tenant, name=name)
        complete(tenant, at=at)
        audit.record(tenant, "tenant.found", actor=actor, at=at, about=tenant)
    return tenant


def complete(tenant: Tenant, *, at: datetime) -> int:
    """Add the ready-made activities that the tenant's register lacks, and their balancings; return how many.

    One that has no texts yet, from an earlier version of the program, gets them.
    """
    known = {one.code: one for one in Activity.objects.of(tenant)}
    missing = [ready for ready in READYMADE if ready.code not in known]
    for ready in READYMADE:
        if ready.code in known and not known[ready.code].description:
            told = inscribing.activity(ready)
            texts = {name: told[name] for name in ("description", "subjects", "origin", "seen_by")}
            purposes = known[ready.code].purposes
            if len(purposes) == 1:
                purposes[0]["text"] = told["purposes"][0]["text"]
            Activity.objects.of(tenant).filter(pk=known[ready.code].pk).update(
                **texts, purposes=purposes
            )
    Activity.objects.bulk_create(
        Activity(tenant=tenant, **inscribing.activity(ready)) for ready in missing
    )
    languages = {language for language, _name in settings.LANGUAGES}
    weighed = {one.code: one for one in Balancing.objects.of(tenant)}
    for code, (interest, necessity, balance) in inscribing.BALANCINGS.items():
        one = weighed.get(code)
        if one and one.decided_by == PROGRAM and not languages <= one.interest.keys():
            Balancing.objects.of(tenant).filter(pk=one.pk).update(
                interest=inscribing.texts(interest),
                necessity=inscribing.texts(necessity),
                balance=inscribing.texts(balance),
            )
    Balancing.objects.bulk_create(
        Balancing(
            tenant=tenant,
            code=code,
            interest=inscribing.texts(interest),
            necessity=inscribing.texts(necessity),
            balance=inscribing.texts(balance),
            prevails=True,
            decided_by=PROGRAM,
            decided_at=at,
        )
        for code, (interest, necessity, balance) in inscribing.BALANCINGS.items()
        if code not in weighed
    )
    if not Notice.objects.of(tenant).exists():
        Notice.objects.create(
            tenant=tenant,
            code="privacy",
            title=inscribing.texts(readymade.NOTICE_TITLE),
            token=secrets.token_urlsafe(12),
        )
    return len(missing)
