"""Withdrawal of consent (GDPR Art. 7 (3); C9, X18): as easy as giving it, and at once."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from hirnok.consent import leaving, preferring
from hirnok.contacts.models import Contact
from hirnok.register import closing
from hirnok.register.models import Holding, LegalBasis
from hirnok.register.readymade import MEASUREMENT, NEWSLETTER, SIGN_UP_PROOF
from hirnok.rights import outcomes
from hirnok.rights.outcomes import Kind, Outcome
from hirnok.tenants.models import Brand, Tenant


@transaction.atomic
def withdraw(
    tenant: Tenant,
    index: bytes,
    activities: Collection[str],
    *,
    actor: str,
    at: datetime,
    brand: Brand | None = None,
) -> list[Outcome]:
    """Take back the consent to these activities (by code; none: to all of them); what rests on it alone is gone.

    The newsletter is left as by its own link, so that the proof of the consent stays; measurement is refused while the
    newsletter goes on.
    """
    held = list(outcomes.held_of(tenant, index, brand))
    numbers = outcomes.rows_below(tenant, held)
    found: list[Outcome] = []
    left = [one for one in outcomes.newsletters(held) if _asked(NEWSLETTER, activities)]
    for one in left:
        done = leaving.leave_all(one.pk, tenant=tenant.pk, at=at)
        kind = Kind.RETAINED if done.held else Kind.REMOVED

        article, reason = ("18(2)", "restricted") if done.held else ("", "")
        found += outcomes.of_holdings(numbers, [one], kind, article=article, reason=reason)
    if MEASUREMENT in activities and NEWSLETTER not in activities:
        found += _refuse_measurement(tenant, held, at)
    ending = [
        one
        for one in held
        if one not in left
        and one.legal_basis == LegalBasis.CONSENT
        and _asked(one.activity.code, activities)
        and Holding.objects.of(tenant).filter(pk=one.pk).exists()
    ]
    ended = closing.end(
        tenant, [one.pk for one in ending], reason=closing.Reason.WITHDRAWN, actor=actor, at=at
    )
    gone = [one for one in ending if one.pk not in ended.held]
    found += outcomes.of_holdings(numbers, gone, Kind.REMOVED)
    kept_back = [one for one in ending if one.pk in ended.held]
    found += outcomes.of_holdings(
        numbers, kept_back, Kind.RETAINED, article="17(3)(e)", reason="legal_hold"
    )
    if ended.holdings or left:
        found += _proofs(tenant, index, brand)
    return outcomes.complete(found)


def _proofs(tenant: Tenant, index: bytes, brand: Brand | None) -> list[Outcome]:
    """That the proof of what was consented to stays for claims until its period ends, without the address."""
    held = [
        one for one in outcomes.held_of(tenant, index, brand) if one.activity.code == SIGN_UP_PROOF
    ]
    return outcomes.of_holdings(
        outcomes.rows_below(tenant, held),
        held,
        Kind.RETAINED,
        article="17(3)(e)",
        reason="legal_claims",
    )


def _asked(code: str, activities: Collection[str]) -> bool:
    return not activities or code in activities


def _refuse_measurement(tenant: Tenant, held: list[Holding], at: datetime) -> list[Outcome]:
    contacts = Contact.objects.of(tenant).filter(pk__in=[one.pk for one in held])
    for contact in contacts:
        preferring.set_measured(contact, measured=False, at=at)
    if not contacts:
        return []
    return [Outcome("consent", Kind.RECTIFIED, MEASUREMENT, len(contacts))]
