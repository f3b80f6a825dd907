"""The receiver's contract with the database (role edge; tables of hirnok.returns, outbox, contacts and register).

Whoever the mail is about is taken from the delivery that its signed address names, so the tenant is the delivery's own.
How long it is kept is the tenant's own period for its sending log (an ISO 8601 duration, which PostgreSQL reads).
"""

# Whether a delivery is still there.
DELIVERY = "SELECT tenant_id FROM outbox_delivery WHERE id = %s"

# Whose a domain is, for postmaster@ and the like.
DOMAIN = "SELECT tenant_id FROM returns_returndomain WHERE domain = %s"

# One mail for one recipient; the same one twice is stored once.
STORE = """
INSERT INTO returns_returned (tenant_id, delivery_id, road, purpose, digest, raw, person_key, state, kind,
                              received_at, expires_at)
SELECT %(tenant)s, %(delivery)s, %(road)s, %(purpose)s, %(digest)s, %(raw)s,
       (SELECT p.blind_index FROM outbox_delivery d
        JOIN contacts_contact c ON c.tenant_id = d.tenant_id AND c.id = d.contact_id
        JOIN register_person p ON p.tenant_id = c.tenant_id AND p.id = c.person_id
        WHERE d.tenant_id = %(tenant)s AND d.id = %(delivery)s),
       'new', '', %(at)s,
       %(at)s + coalesce((SELECT nullif(a.retention_period, '')::interval FROM register_activity a
                          WHERE a.tenant_id = %(tenant)s AND a.code = 'sending_log' LIMIT 1), interval '30 days')
ON CONFLICT (digest, tenant_id) DO NOTHING
"""
