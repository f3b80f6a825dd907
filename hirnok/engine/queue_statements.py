"""What engines share about pace: statements over outbox_limit, outbox_replyrule, outbox_route (read), outbox_queue
and outbox_engine (written).

Limits hold for all engines together: buckets lie in the database and are changed only from the version that was read;
what cannot be counted there (connections, messages a second) each engine takes its share of, by the number of engines.
"""

# Everything that is set for some tenants, as one JSON text, so that it is read anew only when it has changed; and the
# database's clock. The operator's limits without a relay and the operator's rules hold for all.
SHAPES = """
WITH op AS (SELECT id FROM tenants_tenant WHERE is_operator LIMIT 1)
SELECT extract(epoch FROM clock_timestamp())::float8, json_build_object(
  'operator', (SELECT id FROM op),
  'limits', (SELECT coalesce(json_agg(json_build_array(tenant_id, relay_id, provider, per_minute, per_hour, per_day,
                             connections, ramp, extract(epoch FROM ramp_from)) ORDER BY id), '[]')
             FROM outbox_limit WHERE tenant_id = ANY(%(tenants)s::bigint[])
                OR (relay_id IS NULL AND tenant_id = (SELECT id FROM op))),
  'rules', (SELECT coalesce(json_agg(json_build_array(tenant_id, id, provider, contains, action, factor, minutes)
                            ORDER BY position, id), '[]')
            FROM outbox_replyrule WHERE tenant_id = ANY(%(tenants)s::bigint[]) OR tenant_id = (SELECT id FROM op)),
  'routes', (SELECT coalesce(json_agg(json_build_array(tenant_id, position, relay_id, brand_id, "to", weight)
                             ORDER BY position, id), '[]')
             FROM outbox_route WHERE tenant_id = ANY(%(tenants)s::bigint[])),
  'queues', (SELECT coalesce(json_agg(json_build_array(tenant_id, relay_id, provider, condition, held_at IS NOT NULL)
                             ORDER BY id), '[]')
             FROM outbox_queue WHERE tenant_id = ANY(%(tenants)s::bigint[]) AND (held_at IS NOT NULL OR condition <> '{}'))
)::text
"""

# Buckets, with the database's clock.
BUCKETS = """
SELECT extract(epoch FROM clock_timestamp())::float8, q.id, q.relay_id, q.provider, q.version, q.full_at, q.promised
FROM unnest(%(relays)s::bigint[], %(providers)s::text[]) AS u(relay, provider)
JOIN outbox_queue q ON q.tenant_id = %(tenant)s AND q.provider = u.provider AND q.relay_id IS NOT DISTINCT FROM u.relay
"""
MAKE_BUCKETS = """
INSERT INTO outbox_queue (tenant_id, relay_id, provider)
SELECT %(tenant)s, u.relay, u.provider FROM unnest(%(relays)s::bigint[], %(providers)s::text[]) AS u(relay, provider)
WHERE u.relay IS NULL OR EXISTS (SELECT FROM outbox_relay r WHERE r.tenant_id = %(tenant)s AND r.id = u.relay)
ON CONFLICT DO NOTHING
"""

# Write buckets back; those that somebody else has changed meanwhile are not returned.
FILL = """
UPDATE outbox_queue q SET version = q.version + 1, full_at = ARRAY[u.minute, u.hour, u.day], promised = u.promised,
       used_at = clock_timestamp()
FROM unnest(%(ids)s::bigint[], %(versions)s::bigint[], %(minutes)s::float8[], %(hours)s::float8[], %(days)s::float8[],
            %(promised)s::float8[]) AS u(id, version, minute, hour, day, promised)
WHERE q.tenant_id = %(tenant)s AND q.id = u.id AND q.version = u.version
RETURNING q.id
"""

# What a provider's reply changes.
SAID = """
INSERT INTO outbox_queue AS q (tenant_id, relay_id, provider, condition, normal_at, last_reply, last_reply_at)
SELECT %(tenant)s, r.id, %(provider)s, %(condition)s::jsonb, to_timestamp(%(normal)s), %(reply)s, %(at)s
FROM outbox_relay r WHERE r.tenant_id = %(tenant)s AND r.id = %(relay)s
ON CONFLICT (tenant_id, relay_id, provider) DO UPDATE
SET condition = EXCLUDED.condition, normal_at = EXCLUDED.normal_at, last_reply = EXCLUDED.last_reply,
    last_reply_at = EXCLUDED.last_reply_at
WHERE q.last_reply_at IS NULL OR q.last_reply_at < EXCLUDED.last_reply_at
"""

# Say that this engine lives; how many others do.
BEAT = """
WITH gone AS (DELETE FROM outbox_engine WHERE seen_at < clock_timestamp() - interval '1 minute' AND owner <> %(owner)s),
me AS (INSERT INTO outbox_engine (owner, seen_at) VALUES (%(owner)s, clock_timestamp())
       ON CONFLICT (owner) DO UPDATE SET seen_at = EXCLUDED.seen_at)
SELECT count(*) FROM outbox_engine WHERE owner <> %(owner)s AND seen_at > clock_timestamp() - interval '10 seconds'
"""
GO = "DELETE FROM outbox_engine WHERE owner = %(owner)s"

# Queues of which nothing is left to remember.
FORGET = """
DELETE FROM outbox_queue
WHERE held_at IS NULL AND coalesce(normal_at, '-infinity') < %(at)s - interval '1 day'
  AND coalesce(used_at, '-infinity') < %(at)s - interval '2 days'
  AND coalesce(last_reply_at, '-infinity') < %(at)s - interval '2 days'
"""
