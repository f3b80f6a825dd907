"""Users and members: made under the operator's holding for the activity "accounts"."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from hirnok.accounts import reach
from hirnok.accounts.models import Membership, Role, User
from hirnok.register import holdings
from hirnok.register.models import LegalBasis
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant


class EmailTaken(Exception):
    """There is already a user with this e-mail address."""


class LastOwner(Exception):
    """A tenant keeps at least one owner."""


class NoOperator(Exception):
    """The installation has no operator yet; `hirnok setup` makes one."""


@transaction.atomic
def create_user(
    *,
    email: str,
    name: str,
    password: str | None,
    actor: str,
    at: datetime,
    language: str = "en",
    password_until: datetime | None = None,
) -> User:
    """Make a user; EmailTaken if the address has one. A password of None cannot sign in; one that the program
    made up holds until a moment and has to be replaced at the first sign-in."""
    address = email.strip().lower()
    if User.objects.filter(email=address).exists():
        raise EmailTaken
    operator = Tenant.objects.filter(is_operator=True).first()
    if operator is None:
        raise NoOperator
    holding = holdings.open_holding(
        operator, address=address, activity="accounts", legal_basis=LegalBasis.CONTRACT, at=at
    )
    user = User(
        tenant=operator,
        holding=holding,
        email=address,
        name=name,
        language=language,
        created_at=at,
        password_until=password_until,
    )
    user.set_password(password)
    user.save()
    audit.record(operator, "user.create", actor=actor, at=at, about=user)
    return user


@transaction.atomic
def join(
    tenant: Tenant,
    user: User,
    role: Role,
    *,
    brands: Collection[Brand] | None = None,
    actor: str,
    at: datetime,
) -> Membership:
    """Give a user a role in a tenant, or change the role held; `brands` of None: for all of them."""
    membership, _ = Membership.objects.update_or_create(
        tenant=tenant,
        user=user,
        defaults={"role": role, "visit_until": None, "all_brands": True},
        create_defaults={"role": role, "since": at},
    )
    reach.set_for(membership, brands)
    audit.record(
        tenant,
        "member.join",
        actor=actor,
        at=at,
        about=membership,
        role=str(role),
        brands=_numbers(membership, brands),
    )
    return membership


@transaction.atomic
def change_role(
    membership: Membership,
    role: Role,
    *,
    brands: Collection[Brand] | None = None,
    actor: str,
    at: datetime,
) -> None:
    """Give a member another role and brands (None: all); LastOwner when nobody would be left to own the tenant."""
    if membership.role == Role.OWNER and role != Role.OWNER and not membership.visit_until:
        _must_have_another_owner(membership)
    membership.role = role
    reach.set_for(membership, brands)
    audit.record(
        membership.tenant_id,
        "member.change_role",
        actor=actor,
        at=at,
        about=membership,
        role=str(role),
        brands=_numbers(membership, brands),
    )


@transaction.atomic
def leave(membership: Membership, *, actor: str, at: datetime) -> None:
    """End a membership; the user keeps the account. LastOwner."""
    if membership.role == Role.OWNER and not membership.visit_until:
        _must_have_another_owner(membership)
    audit.record(membership.tenant_id, "member.leave", actor=actor, at=at, about=membership)
    membership.delete()


def _must_have_another_owner(membership: Membership) -> None:
    others = Membership.objects.select_for_update().filter(
        tenant_id=membership.tenant_id, role=Role.OWNER, visit_until=None
    )
    if not any(other.pk != membership.pk for other in others):
        raise LastOwner


def _numbers(membership: Membership, brands: Collection[Brand] | None) -> list[int] | None:
    """As the audit log has it: the ids of the brands, None for all."""
    return None if membership.all_brands else sorted(brand.pk for brand in brands or ())
