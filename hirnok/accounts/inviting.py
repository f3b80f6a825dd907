"""Bringing somebody into a tenant: a user is made if needed and gets a mail to choose a password (N7)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import override

from hirnok.accounts import people
from hirnok.accounts.models import Membership, Role, User
from hirnok.accounts.sign_in_forms import ResetForm
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand, Tenant


class NameMissing(Exception):
    """Somebody without an account needs a name."""


@dataclass(frozen=True)
class Guest:
    """Whom to bring in: `name` and `language` matter only for somebody without an account."""

    email: str
    name: str
    language: str
    role: Role
    brands: tuple[Brand, ...] | None = None  # None: all


@transaction.atomic
def invite(
    request: HttpRequest, tenant: Tenant, guest: Guest, *, actor: str, at: datetime
) -> Membership:
    """Make the person a member; a new user gets the letter in which a password is chosen."""
    user = User.objects.filter(email=guest.email).first()
    fresh = user is None
    if user is None:
        if not guest.name:
            raise NameMissing
        operator = Tenant.objects.get(is_operator=True)
        with acting_for(operator):
            user = people.create_user(
                email=guest.email,
                name=guest.name,
                password=None,
                actor=actor,
                at=at,
                language=guest.language,
            )
    with acting_for(tenant):
        membership = people.join(tenant, user, guest.role, brands=guest.brands, actor=actor, at=at)
    if fresh:
        send_password_letter(request, user)
    return membership


def send_password_letter(request: HttpRequest, user: User) -> None:
    """Write the letter with the link where a password is chosen, in the user's language."""
    form = ResetForm({"email": user.email})
    if form.is_valid():
        with override(user.language):
            form.save(request)
