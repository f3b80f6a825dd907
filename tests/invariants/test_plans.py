"""Hot questions as the role web use an index: a function that is not leakproof would disable it under the policies."""

import re

import pytest
from django.db import connection

from hirnok.consent.tests.sent import message_of
from hirnok.lib import sql
from hirnok.register import suppression
from tests.world import NOON, World

NOBODY = r"'\x00'::bytea"
MINE = "WHERE tenant_id = %(tenant)s"
# question: (statement, the column that an index must be entered by)
QUESTIONS = {
    "contacts by address": (f"FROM contacts_contact {MINE} AND email = 'dora@example.hu'", "email"),
    "contacts by the beginning of the address": (
        f"FROM contacts_contact {MINE} AND email >= 'dor' AND email < 'dos'",
        "email",
    ),
    "a contact by id": (f"FROM contacts_contact {MINE} AND id = 5", "id"),
    "a person by blind index": (
        f"FROM register_person {MINE} AND blind_index = {NOBODY}",
        "blind_index",
    ),
    "holdings of a person": (f"FROM register_holding {MINE} AND person_id = 5", "person_id"),
    "what is due": (
        f"FROM register_holding {MINE} AND expires_at <= '2026-01-01'",
        "expires_at",
    ),
    "suppression": (f"WHERE {suppression.condition(NOBODY)}", "key"),
    "the lists of a contact": (
        f"FROM contacts_subscription {MINE} AND contact_id = 5",
        "contact_id",
    ),
    "the contacts of a list": (
        f"FROM contacts_subscription {MINE} AND list_id = 900001",
        "list_id",
    ),
    "a delivery": (f"FROM outbox_delivery {MINE} AND id = 5", "id"),
    "deliveries of a contact": (f"FROM outbox_delivery {MINE} AND contact_id = 5", "contact_id"),
}


CROWD = """
WITH p AS (INSERT INTO register_person (tenant_id, blind_index, key_version)
           SELECT %(tenant)s, decode(md5(n::text), 'hex'), 1 FROM generate_series(1, 3000) n RETURNING id),
     h AS (INSERT INTO register_holding (tenant_id, brand_id, person_id, activity_id, legal_basis, held_since, expires_at)
           SELECT %(tenant)s, %(brand)s, p.id, %(activity)s, 'consent', %(at)s,
                  CASE WHEN p.id %% 9 = 0 THEN %(at)s + p.id * interval '1 day' END FROM p RETURNING id, person_id),
     c AS (INSERT INTO contacts_contact (id, tenant_id, brand_id, activity_id, person_id, email, first_name, last_name,
                                         language, fields, created_at, updated_at)
           SELECT h.id, %(tenant)s, %(brand)s, %(activity)s, h.person_id, md5(h.id::text) || '@example.hu', '', '', '',
                  '{}', %(at)s, %(at)s FROM h RETURNING id),
     d AS (INSERT INTO outbox_delivery (id, tenant_id, contact_id, message_id)
           SELECT c.id, %(tenant)s, c.id, %(message)s FROM c),
     x AS (INSERT INTO register_suppression (tenant_id, scope, scope_id, applies_to, kind, reason, key, key_version, since)
           SELECT %(tenant)s, 'tenant', 0, 'marketing', 'address', 'staff', decode(md5(n::text), 'hex'), 1, %(at)s
           FROM generate_series(1, 3000) n)
INSERT INTO contacts_subscription (tenant_id, contact_id, list_id, since)
SELECT %(tenant)s, c.id, %(list)s, %(at)s FROM c
"""
TABLES = (
    "register_person, register_holding, contacts_contact, outbox_delivery, register_suppression,"
    " contacts_subscription"
)


@pytest.mark.django_db
def test_a_hot_question_as_the_role_web_uses_an_index(world: World) -> None:
    numbers = {
        "tenant": world.alma.pk,
        "brand": world.alma_brand.pk,
        "activity": world.dora.activity_id,
        "list": world.alma_list.pk,
        "message": message_of(world.alma_brand).pk,
        "at": NOON,
    }
    with connection.cursor() as cursor:
        cursor.execute(CROWD, numbers)
        cursor.execute(f"ANALYZE {TABLES}")
        cursor.execute("SELECT current_database()")
        cursor.execute(f'SET LOCAL ROLE "{sql.role_name(cursor.fetchone()[0], "web")}"')
        cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(world.alma.pk)])
        slow = {}
        for question, (statement, column) in QUESTIONS.items():
            cursor.execute(f"EXPLAIN SELECT 1 {statement}", numbers)
            plan = [row[0] for row in cursor.fetchall()]
            entered = " ".join(line for line in plan if "Index Cond" in line)
            if not re.search(rf"\b{column}\b", entered) or "Seq Scan" in str(plan):
                slow[question] = plan
        cursor.execute("RESET ROLE")
    assert slow == {}
