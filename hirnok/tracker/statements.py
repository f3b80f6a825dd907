"""The tracker's contract with the database (role edge; tables of hirnok.outbox, contacts and consent).

Every statement joins through the delivery, so the tenant is the delivery's own and a hit for a delivery that
is gone is dropped without an error. Times are given by the caller.
"""

# Arrays of one batch: delivery ids, kinds, classes, link ids (0 for none), countries, instants. A brand that
# measures in aggregate keeps no delivery with the hit; one that does not measure keeps nothing, and nothing is
# kept of a reader who refused to be measured.
RECORD = """
INSERT INTO outbox_hit (tenant_id, message_id, delivery_id, kind, class, link_id, country, at)
SELECT d.tenant_id, d.message_id, CASE WHEN m.measurement = 'individual' THEN d.id END,
       u.kind, u.class, l.id, u.country, u.at
FROM unnest(%s::bigint[], %s::smallint[], %s::smallint[], %s::bigint[], %s::text[], %s::timestamptz[])
     AS u(delivery_id, kind, class, link_id, country, at)
JOIN outbox_delivery d ON d.id = u.delivery_id
JOIN outbox_message m ON m.id = d.message_id AND m.tenant_id = d.tenant_id
LEFT JOIN outbox_link l ON l.id = u.link_id AND l.tenant_id = d.tenant_id AND l.message_id = d.message_id
WHERE m.measurement <> 'off' AND (u.link_id = 0 OR l.id IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM consent_measurementrefusal r WHERE r.id = d.contact_id AND r.tenant_id = d.tenant_id)
"""

# A link with the range of deliveries of its message: only their tokens lead to it.
LINK = """
SELECT l.url, l.tenant_id, min(b.first_delivery_id), max(b.last_delivery_id)
FROM outbox_link l
JOIN outbox_batch b ON b.message_id = l.message_id AND b.tenant_id = l.tenant_id
WHERE l.id = %s GROUP BY l.url, l.tenant_id
"""

# The contact behind a click on a link whose target has holes; nothing when it was erased.
CONTACT = """
SELECT c.email, c.first_name, c.last_name, c.language, c.fields
FROM outbox_delivery d JOIN contacts_contact c ON c.id = d.contact_id AND c.tenant_id = d.tenant_id
WHERE d.id = %s AND d.tenant_id = %s
"""
