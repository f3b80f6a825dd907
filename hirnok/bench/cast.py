"""Who is in a measure: a tenant with a brand, a list and as many contacts as wanted, all made as the role `edge`."""

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from hirnok.bench import newsletter
from hirnok.bench.place import Place
from hirnok.contacts import lists, searching
from hirnok.contacts.models import Field, List
from hirnok.lib import clock, keys
from hirnok.mail.addresses import Indexer
from hirnok.outbox import relays
from hirnok.outbox.models import Relay
from hirnok.register import founding
from hirnok.register.models import Activity
from hirnok.register.readymade import NEWSLETTER
from hirnok.tenants import brands
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand, Tenant

ACTOR = "command:bench"
_AT_ONCE = 50_000
_FIRST = ["Ágnes", "Réka", "Dóra", "Balázs", "Örs", "Ioana", "Ştefan", "Olivia", "George", "Zsófia"]
_LAST = ["Őri", "Nagy", "Szűcs", "Varga", "Ţăranu", "Smith", "O'Neill", "Kiss", "Popescu", "Győri"]
_TOWNS = ["Pécs", "Kőszeg", "Hódmezővásárhely", "Oradea", "Târgu-Mureş", "Leeds", "Szeged", ""]

# Person, holding, contact and subscription for each address, in one statement.
_CONTACTS = """
WITH given AS MATERIALIZED (
    SELECT e, k, n FROM unnest(%(emails)s::text[], %(keys)s::bytea[]) WITH ORDINALITY AS u(e, k, n)),
p AS (INSERT INTO register_person (tenant_id, blind_index, key_version)
      SELECT %(tenant)s, k, 1 FROM given ORDER BY k RETURNING id, blind_index),
h AS (INSERT INTO register_holding (tenant_id, brand_id, person_id, activity_id, legal_basis, held_since)
      SELECT %(tenant)s, %(brand)s, p.id, %(activity)s, 'consent', %(at)s FROM p RETURNING id, person_id),
c AS (INSERT INTO contacts_contact (id, tenant_id, brand_id, activity_id, person_id, email, first_name, last_name,
                                    language, fields, created_at, updated_at)
      SELECT h.id, %(tenant)s, %(brand)s, %(activity)s, p.id, g.e,
             (%(first)s::text[])[1 + g.n %% 10], (%(last)s::text[])[1 + (g.n / 10) %% 10], 'hu',
             jsonb_build_object('town', (%(towns)s::text[])[1 + g.n %% 8], 'points', g.n %% 5000, 'shop', 'Kőszeg, Fő tér',
                                'card', CASE WHEN g.n %% 3 > 0 THEN to_char(g.n, 'FM0000-0000') END,
                                'level', 'arany', 'adviser', 'Vass Vera', 'season', 'november'),
             %(at)s, %(at)s
      FROM h JOIN p ON p.id = h.person_id JOIN given g ON g.k = p.blind_index RETURNING id)
INSERT INTO contacts_subscription (tenant_id, contact_id, list_id, since) SELECT %(tenant)s, id, %(list)s, %(at)s FROM c
"""


@dataclass(frozen=True)
class Cast:
    """A tenant ready to write to people."""

    tenant: Tenant
    brand: Brand
    list: List


def make(name: str, at: datetime) -> Cast:
    """Found a tenant with a brand that measures individually, a list and the newsletter's fields."""
    details = brands.Details(
        name="Alma Kertészet",
        sender_name="Alma Kertészet",
        from_address="hirlevel@alma.example",
        reply_to="anna@alma.example",
        language="hu",
        postal_address="Alma Kertészet Kft.\n9730 Kőszeg, Kertész utca 12.",
        public_base_url="",
        measurement="individual",
    )
    with transaction.atomic():
        tenant = founding.found(slug=name, name=name, language="hu", actor=ACTOR, at=at)
        with acting_for(tenant):
            brand = brands.make(tenant, details, actor=ACTOR, at=at)
            made = lists.create_list(tenant, brand, name="Olvasók", actor=ACTOR, at=at)
            for label, _key in newsletter.FIELDS:
                lists.create_field(tenant, label=label, type=Field.Type.TEXT, actor=ACTOR, at=at)
    return Cast(tenant, brand, made)


def address(number: int) -> str:
    """Return the address of the so-manieth contact, at one of a few hundred domains."""
    domain = hashlib.blake2s(str(number % 400).encode(), digest_size=3).hexdigest()
    return f"olvaso{number:07}@{domain}.example"


def person(number: int) -> tuple[str, str, str]:
    """Return first name, last name and town of the so-manieth contact."""
    return _FIRST[number % 10], _LAST[number // 10 % 10], _TOWNS[number % 8]


def fill(cast: Cast, count: int, at: datetime) -> None:
    """Give the tenant so many contacts, all subscribed to the list."""
    index = Indexer(keys.blind_index_key(cast.tenant.pk))
    activity = Activity.objects.of(cast.tenant).get(code=NEWSLETTER).pk
    for start in range(0, count, _AT_ONCE):
        emails = [address(number) for number in range(start, min(count, start + _AT_ONCE))]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                _CONTACTS,
                {
                    "emails": emails,
                    "keys": [index.of_key(email) for email in emails],
                    "tenant": cast.tenant.pk,
                    "brand": cast.brand.pk,
                    "list": cast.list.pk,
                    "activity": activity,
                    "first": _FIRST,
                    "last": _LAST,
                    "towns": _TOWNS,
                    "at": at,
                },
            )


def crowd(place: Place, count: int) -> Cast:
    """Return a tenant with so many contacts: the one that the measure before has left, or a new one."""
    if place.crowd is None:
        at = clock.now()
        began = time.perf_counter()
        made = make("crowd", at)
        fill(made, count, at)
        place.say(f"  {count:,} contacts in {time.perf_counter() - began:.0f} s")
        searching.make_keys()
        place.rest()
        place.crowd = made
    found: Cast = place.crowd
    return found


def relay(cast: Cast, port: int, connections: int, at: datetime) -> Relay:
    """Make the sink the tenant's relay."""
    details = relays.Details(
        name="Sink",
        host="127.0.0.1",
        port=port,
        security=Relay.Security.NONE,
        verify_certificate=False,
        username="",
        password=None,
        connections=connections,
        messages_per_connection=0,
        messages_per_second=None,
        is_default=True,
    )
    with acting_for(cast.tenant):
        return relays.make(cast.tenant, details, actor=ACTOR, at=at)
