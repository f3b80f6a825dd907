"""The beginning of an installation: its operator, and somebody who may sign in."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from hirnok.accounts import people, sessions
from hirnok.accounts.models import Ended, Membership, Role, User
from hirnok.register import founding
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

ACTOR = "command:setup"
SLUG = "operator"
FIRST_PASSWORD = timedelta(days=3)  # so long the one that was made up holds
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads like something else


@dataclass(frozen=True)
class Owner:
    """Who will own the operator's workplace; without a password one is made up."""

    email: str
    name: str
    password: str = ""
    language: str = "en"


@dataclass(frozen=True)
class Begun:
    """What was made: `password` is only there when it was made up here, to be shown once."""

    operator: Tenant
    owner: User
    password: str


def has_owner() -> bool:
    """Whether there is an operator whom somebody owns: then nothing has to be set up."""
    operator = operator_of()
    return (
        operator is not None
        and Membership.objects.filter(tenant=operator, role=Role.OWNER).exists()
    )


def operator_of() -> Tenant | None:
    """Return the installation's operator, None on an empty one."""
    return Tenant.objects.filter(is_operator=True).first()


@transaction.atomic
def first_password_again(user: User, *, at: datetime) -> str:
    """Make up a password for somebody who cannot sign in any more, by whoever has the machine: it holds for three
    days, has to be replaced at once, and ends every session."""
    password = made_up_password()
    user.set_password(password)
    user.password_until = at + FIRST_PASSWORD
    user.save(update_fields=["password", "password_until"])
    sessions.end_all(user, Ended.PASSWORD, at=at)
    with acting_for(user.tenant_id):
        audit.record(user.tenant_id, "user.first_password", actor=ACTOR, at=at, about=user)
    return password


def made_up_address() -> str:
    """Return an address for an owner of whom none was given: never the same one in two installations."""
    return "owner-" + "".join(secrets.choice(ALPHABET) for _ in range(6)) + "@localhost"


@transaction.atomic
def begin(owner: Owner, *, operator_name: str, at: datetime) -> Begun | None:
    """Make the operator if there is none, and this person its owner. None: the person has an account already,
    which is left as it is; only a missing membership is added."""
    operator = operator_of() or founding.found(
        slug=SLUG,
        name=operator_name,
        language=owner.language,
        actor=ACTOR,
        at=at,
        is_operator=True,
    )
    with acting_for(operator):
        user = User.objects.filter(email=owner.email.strip().lower()).first()
        if user is not None:
            if not Membership.objects.filter(tenant=operator, user=user).exists():
                people.join(operator, user, Role.OWNER, actor=ACTOR, at=at)
            return None
        password = owner.password or made_up_password()
        user = people.create_user(
            email=owner.email,
            name=owner.name,
            password=password,
            actor=ACTOR,
            at=at,
            language=owner.language,
            password_until=None if owner.password else at + FIRST_PASSWORD,
        )
        people.join(operator, user, Role.OWNER, actor=ACTOR, at=at)
    return Begun(operator, user, "" if owner.password else password)


def made_up_password() -> str:
    """Return a password that nobody guesses and anybody can type: four groups of four letters, 79 bits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
