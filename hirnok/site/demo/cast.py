"""Who is in the demo: the operator, a garden shop in Hungary, an orchard in Romania, their people and settings.

Made by the functions that the pages call. Safe to repeat: what is there stays, but for the relay's port, which
follows the mail sandbox.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from hirnok.accounts import people, policy
from hirnok.accounts.models import Role, User
from hirnok.consent import forming
from hirnok.consent.models import Form
from hirnok.contacts import lists
from hirnok.contacts.models import Field, List
from hirnok.lib import env
from hirnok.outbox import relays
from hirnok.outbox.models import Relay
from hirnok.register import founding
from hirnok.site import beginning
from hirnok.site.demo.password import password
from hirnok.tenants import brands
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand, Tenant

ACTOR = "command:demo"
RELAY = "Mail sandbox"


@dataclass(frozen=True)
class Member:
    """Somebody who can sign in."""

    email: str
    name: str
    language: str
    role: Role
    slug: str


@dataclass(frozen=True)
class Shop:
    """A tenant with its brand and list."""

    tenant: Tenant
    brand: Brand
    list: List


MEMBERS = (
    Member("olga@hirnok.example", "Őri Olga", "hu", Role.OWNER, "hirnok"),
    Member("anna@alma.example", "Alma Anna", "hu", Role.OWNER, "alma"),
    Member("mark@alma.example", "Mark Field", "en", Role.MARKETER, "alma"),
    Member("vera@alma.example", "Vass Vera", "hu", Role.VIEWER, "alma"),
    Member("ioana@livada.example", "Ioana Țăranu", "ro", Role.OWNER, "livada"),
)
_ALMA = brands.Details(
    name="Alma Kertészet",
    sender_name="Alma Kertészet",
    from_address="hirlevel@alma.example",
    reply_to="anna@alma.example",
    language="hu",
    postal_address="Alma Kertészet Kft.\n9730 Kőszeg, Kertész utca 12.",
    public_base_url="",
    measurement="individual",
)
_LIVADA = replace(
    _ALMA,
    name="Livada Piersic",
    sender_name="Livada Piersic",
    from_address="noutati@livada.example",
    reply_to="",
    language="ro",
    postal_address="Livada Piersic SRL\nStr. Livezii 8, 410001 Oradea",
)


def make(at: datetime) -> Shop:
    """Make everybody and everything that is missing; return the shop that sends."""
    with transaction.atomic():
        operator = beginning.operator_of() or _tenant(
            "hirnok", "Hírnök Szolgáltató", "hu", at, is_operator=True
        )
        alma = _shop(_tenant("alma", "Alma Kertészet", "hu", at), _ALMA, "Vásárlók", at)
        livada = _shop(_tenant("livada", "Livada Piersic SRL", "ro", at), _LIVADA, "Clienți", at)
        _fields(alma.tenant, at)
        for shop in (alma, livada):
            _form(shop, at)
        for member in MEMBERS:
            _member(member, operator, at)
        for tenant in (operator, alma.tenant, livada.tenant):
            _relay(tenant, at)
            _easy_sign_in(tenant, at)
    return alma


def _tenant(
    slug: str, name: str, language: str, at: datetime, *, is_operator: bool = False
) -> Tenant:
    found = Tenant.objects.filter(slug=slug).first()
    return found or founding.found(
        slug=slug, name=name, language=language, actor=ACTOR, at=at, is_operator=is_operator
    )


def _easy_sign_in(tenant: Tenant, at: datetime) -> None:
    """Ask for no second factor: whoever tries the demo has the password from the screen."""
    with acting_for(tenant):
        if policy.of(tenant).second_factor:
            policy.change(tenant, policy.Rules(second_factor=False), actor=ACTOR, at=at)


def _shop(tenant: Tenant, details: brands.Details, list_name: str, at: datetime) -> Shop:
    with acting_for(tenant):
        brand = Brand.objects.of(tenant).filter(name=details.name).first() or brands.make(
            tenant, details, actor=ACTOR, at=at
        )
        made = List.objects.of(tenant).filter(name=list_name).first() or lists.create_list(
            tenant, brand, name=list_name, actor=ACTOR, at=at
        )
    return Shop(tenant, brand, made)


def _form(shop: Shop, at: datetime) -> None:
    with acting_for(shop.tenant):
        if not Form.objects.of(shop.tenant).exists():
            asked = forming.Asked("Web", {"first_name": False})
            languages = ("hu", "ro", "en")
            forming.create(shop.tenant, shop.list, asked, languages=languages, actor=ACTOR, at=at)


def _fields(tenant: Tenant, at: datetime) -> None:
    with acting_for(tenant):
        for label, kind in _wanted_fields(tenant):
            lists.create_field(tenant, label=label, type=kind, actor=ACTOR, at=at)


def _wanted_fields(tenant: Tenant) -> Iterator[tuple[str, str]]:
    present = set(Field.objects.of(tenant).values_list("label", flat=True))
    for label, kind in (
        ("Település", Field.Type.TEXT),
        ("Törzsvevő", Field.Type.BOOLEAN),
        ("Pontok", Field.Type.NUMBER),
        ("Utolsó vásárlás", Field.Type.DATE),
    ):
        if label not in present:
            yield label, kind


def _member(member: Member, operator: Tenant, at: datetime) -> None:
    if User.objects.filter(email=member.email).exists():
        return
    with acting_for(operator):
        user = people.create_user(
            email=member.email,
            name=member.name,
            password=password(),
            actor=ACTOR,
            at=at,
            language=member.language,
        )
    tenant = operator if member.slug == "hirnok" else Tenant.objects.get(slug=member.slug)
    with acting_for(tenant):
        people.join(tenant, user, member.role, actor=ACTOR, at=at)


def _relay(tenant: Tenant, at: datetime) -> None:
    details = relays.Details(
        name=RELAY,
        host=env.get("HIRNOK_BIND"),
        port=env.number("HIRNOK_SANDBOX_SMTP_PORT"),
        security=Relay.Security.NONE,
        verify_certificate=False,
        username="",
        password=None,
        connections=4,
        messages_per_connection=1000,
        messages_per_second=None,
        is_default=True,
    )
    with acting_for(tenant):
        relay = Relay.objects.of(tenant).filter(name=RELAY).first()
        if relay is None:
            relays.make(tenant, details, actor=ACTOR, at=at)
        elif (relay.host, relay.port) != (details.host, details.port):
            relays.change(relay, details, actor=ACTOR, at=at)
