"""Test sends: the bytes of the preview, as a letter to people of the tenant."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from hirnok.accounts.models import User
from hirnok.campaigns import composing, launch
from hirnok.campaigns.models import Campaign
from hirnok.contacts.models import Contact
from hirnok.outbox import letters
from hirnok.register import holdings
from hirnok.register.models import Holding, LegalBasis
from hirnok.register.readymade import SENDING_LOG
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant


@transaction.atomic
def send_test(
    tenant: Tenant,
    campaign: Campaign,
    to: Iterable[User],
    values: Mapping[str, Any],
    *,
    about: Contact | None = None,
    actor: str,
    at: datetime,
) -> int:
    """Send the campaign as `values` (a contact) would get it, to users: HasProblems, NoRelay, CannotRender.

    Only the address is the user's own. What was filled in from a contact, `about`, goes with that contact.
    Returns how many letters are on their way.
    """
    made = composing.compose_campaign(campaign)
    if made.errors:
        raise launch.HasProblems(made.errors)
    relay = launch.relay_of(campaign)
    if relay is None:
        raise launch.NoRelay
    sent = 0
    for user in to:
        data = composing.rendered(made, campaign, {**values, "email": user.email}, at=at)
        letters.post(
            tenant,
            about.holding if about is not None else _holding(tenant, user, at),
            recipient=user.email,
            return_path=made.envelope.from_address,
            data=data,
            at=at,
            relay=relay,
        )
        sent += 1
    audit.record(tenant, "campaign.test", actor=actor, at=at, about=campaign, letters=sent)
    return sent


def _holding(tenant: Tenant, user: User, at: datetime) -> Holding:
    """A user is the operator's; what the tenant holds of a test ends with its sending log."""
    return holdings.open_holding(
        tenant,
        address=user.email,
        activity=SENDING_LOG,
        legal_basis=LegalBasis.LEGITIMATE_INTEREST,
        at=at,
    )
