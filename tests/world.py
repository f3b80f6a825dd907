"""The cast that tests share: an operator, two tenants with the same people in them, their users and lists.

Alma is a small Hungarian garden shop, Barack a bigger firm; Dóra and Emil are contacts of both. Everything
happened at `NOON`. The fixture is in the root conftest; further objects are made in the test that needs them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.test import Client

from hirnok.accounts import people
from hirnok.accounts.models import Role, User
from hirnok.contacts.models import Contact, List, Subscription
from hirnok.register import founding, holdings
from hirnok.register.models import LegalBasis, Source
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand, Tenant

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
PASSWORD = "lila-hagyma-szürke-kavics"


@dataclass
class World:
    """Everybody in it, by name."""

    operator: Tenant
    alma: Tenant
    barack: Tenant
    alma_brand: Brand
    barack_brand: Brand
    alma_list: List
    barack_list: List
    olga: User  # the operator's
    anna: User  # owner of Alma
    mark: User  # marketer of Alma
    vera: User  # viewer of Alma
    bela: User  # owner of Barack
    nobody: User  # member of nothing
    dora: Contact  # of Alma
    emil: Contact  # of Alma
    barack_dora: Contact  # the same person, of Barack

    def client(self, user: User) -> Client:
        """Return a browser in which the user is signed in."""
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client


def build() -> World:
    """Make the whole cast; needs an empty database."""
    operator = founding.found(
        slug="hirnok",
        name="Hírnök Szolgáltató",
        language="hu",
        actor="command:setup",
        at=NOON,
        is_operator=True,
    )
    alma = founding.found(
        slug="alma", name="Alma Kertészet", language="hu", actor="command:setup", at=NOON
    )
    barack = founding.found(
        slug="barack", name="Barack Kft.", language="hu", actor="command:setup", at=NOON
    )
    users = {
        name: people.create_user(
            email=f"{name}@hirnok.example",
            name=name.title(),
            password=None,
            actor="command:setup",
            at=NOON,
        )
        for name in ("olga", "anna", "mark", "vera", "bela", "nobody")
    }
    for tenant, name, role in (
        (operator, "olga", Role.OWNER),
        (alma, "anna", Role.OWNER),
        (alma, "mark", Role.MARKETER),
        (alma, "vera", Role.VIEWER),
        (barack, "bela", Role.OWNER),
    ):
        with acting_for(tenant):
            people.join(tenant, users[name], role, actor="command:setup", at=NOON)
    alma_brand, alma_list = brand_with_list(alma, "Alma")
    barack_brand, barack_list = brand_with_list(barack, "Barack")
    return World(
        operator=operator,
        alma=alma,
        barack=barack,
        alma_brand=alma_brand,
        barack_brand=barack_brand,
        alma_list=alma_list,
        barack_list=barack_list,
        dora=contact(alma_list, "dora@example.hu", "Dóra", "Őri", language="hu"),
        emil=contact(alma_list, "emil@example.ro", "Emil", "Țuțea", language="ro"),
        barack_dora=contact(barack_list, "dora@example.hu", "Dóra", "Őri", language="hu"),
        **users,
    )


def brand_with_list(tenant: Tenant, name: str) -> tuple[Brand, List]:
    """Make a brand and one list of it."""
    brand = Brand.objects.create(
        tenant=tenant,
        name=name,
        sender_name=f"{name} hírlevél",
        from_address=f"hirlevel@{tenant.slug}.example",
        language="hu",
        postal_address="1011 Budapest, Fő utca 1.",
        created_at=NOON,
    )
    return brand, List.objects.create(tenant=tenant, brand=brand, name="Olvasók", created_at=NOON)


def contact(
    subscribed: List,
    email: str,
    first_name: str = "",
    last_name: str = "",
    *,
    language: str = "",
    **fields: object,
) -> Contact:
    """Make a contact on a list, with its person, holding and source, one by one."""
    tenant = Tenant.objects.get(pk=subscribed.tenant_id)
    brand = Brand.objects.get(pk=subscribed.brand_id)
    with acting_for(tenant):
        source, _ = Source.objects.get_or_create(
            tenant=tenant,
            kind=Source.Kind.PERSON,
            legal_basis=LegalBasis.CONSENT,
            defaults={"declared_by": "command:setup", "declared_at": NOON},
        )
        holding = holdings.open_holding(
            tenant,
            address=email,
            activity="newsletter",
            legal_basis=LegalBasis.CONSENT,
            at=NOON,
            brand=brand,
            source=source,
        )
        made = Contact.objects.create(
            holding=holding,
            tenant=tenant,
            brand=brand,
            activity=holding.activity,
            person=holding.person,
            email=email,
            first_name=first_name,
            last_name=last_name,
            language=language,
            fields=fields,
            created_at=NOON,
            updated_at=NOON,
        )
        Subscription.objects.create(tenant=tenant, contact=made, list=subscribed, since=NOON)
    return made
