"""The engine's contract with the database: every statement it runs (roles: edge).

Tables: outbox_message (read; finished_at written), outbox_batch, outbox_delivery, outbox_deliveryreply,
outbox_repetition (written), outbox_letter, outbox_relay (failing_since, last_error written), register_suppression (read),
returns_failure (written: what the tenant's rules for dead addresses judge), contacts_contact, register_person, register_holding, tenants_brand (read).

Delivery states: 0 queued 1 sent 2 deferred 3 bounced 4 failed 5 suppressed 6 unknown 7 cancelled 8 erased.
`next_at` is set exactly while a delivery is deferred.

Plans. Every range is bounded by ids on both tables, and what is looked up per row (person, suppression, restricted
holding) is a scalar sub-select with LIMIT, so that no statistics, or wrong ones, can turn a window into a scan of a table.
`tests/edge/test_engine_plans.py` holds this with and without statistics.
"""

# Relays with work: an open batch of a running message. How many batches are open says how many lanes pay.
WORK = """
SELECT r.tenant_id, r.id, r.host, r.port, r.security, r.verify_certificate, r.username, r.password,
       r.connections, r.messages_per_connection, r.messages_per_second, r.retry_first_minutes,
       r.retry_longest_minutes, r.retry_hours, r.held_at IS NOT NULL, r.probe_at, w.routed, w.batches
FROM (SELECT m.tenant_id, m.relay_id, bool_or(m.is_routed) AS routed, count(*) AS batches
      FROM outbox_message m JOIN outbox_batch b ON b.tenant_id = m.tenant_id AND b.message_id = m.id
      WHERE m.launched_at IS NOT NULL AND m.finished_at IS NULL AND m.paused_at IS NULL
        AND m.cancelled_at IS NULL AND NOT b.done
      GROUP BY m.tenant_id, m.relay_id) w
JOIN outbox_relay r ON r.tenant_id = w.tenant_id AND r.id = w.relay_id
"""

# One relay, for letters and for the settings page's test.
RELAY = """
SELECT tenant_id, id, host, port, security, verify_certificate, username, password,
       connections, messages_per_connection, messages_per_second, retry_first_minutes, retry_longest_minutes,
       retry_hours, held_at IS NOT NULL, probe_at, false, 0
FROM outbox_relay WHERE tenant_id = %(tenant)s AND id = %(relay)s
"""

# Lease a batch of a relay, the messages taking turns (:after is the message of the lane's last batch). A lease that
# ends absurdly late was given before the database's clock was set back: it counts as ended too, since its holder, if
# there is one, would long have renewed it by the clock of now. The fence keeps either right.
LEASE = """
UPDATE outbox_batch SET lease_owner = %(owner)s, fence = fence + 1,
       lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE (id, tenant_id) = (
    SELECT b.id, b.tenant_id
    FROM outbox_batch b JOIN outbox_message m ON m.tenant_id = b.tenant_id AND m.id = b.message_id
    WHERE b.tenant_id = %(tenant)s AND m.relay_id = %(relay)s AND NOT b.done AND (m.is_routed OR NOT %(routed)s)
      AND (b.lease_until IS NULL OR b.lease_until < clock_timestamp()
           OR b.lease_until > clock_timestamp() + interval '10 minutes')
      AND m.launched_at IS NOT NULL AND m.finished_at IS NULL
      AND m.paused_at IS NULL AND m.cancelled_at IS NULL
    ORDER BY (b.message_id > %(after)s) DESC, b.message_id, b.id
    LIMIT 1 FOR UPDATE OF b SKIP LOCKED)
RETURNING tenant_id, id, message_id, first_delivery_id, last_delivery_id, first_contact_id, last_contact_id,
          fence, window_from, window_to, window_relays
"""

MESSAGE = """
SELECT m.compiled, m.return_path, m.policy, m.measurement, m.brand_id, m.launched_at, m.is_routed, m.relay_id, m.lists,
       b.dkim_domain, b.dkim_selector, b.dkim_key
FROM outbox_message m LEFT JOIN tenants_brand b ON b.tenant_id = m.tenant_id AND b.id = m.brand_id AND b.signs
WHERE m.tenant_id = %(tenant)s AND m.id = %(message)s
"""

# Domains to which a brand's newsletters may not go; few, so read once per lease.
DOMAINS = """
SELECT key FROM register_suppression
WHERE tenant_id = %(tenant)s AND kind = 'domain' AND (scope = 'tenant' OR (scope = 'brand' AND scope_id = %(brand)s))
"""

# Global opt-outs lie under another key, by address: asked only where there are any (register.suppression).
HAS_OPT_OUTS = "SELECT register_has_opt_outs()"
OPTED_OUT = "SELECT register_opted_out(%(keys)s)"

# The window statement. In one transaction: is the batch still ours (fence), renew the lease, write what became
# of the window before, permit the next window and read it.
#
# No row: fenced, stop. A row without id: nothing to send in this window. `running` is false when the message
# was paused or cancelled. Repeating it after a lost connection changes nothing: outcomes apply only to rows
# without one, replies and suppressions only to rows that this very statement has changed. An outcome overwrites
# "cancelled", "erased" and the "unknown" of a withdrawal (7, 8, 6: set while the message was on its way), but such
# a row is never deferred: if nobody knows whether it has arrived (:repeated), it is unknown.
# Ids without states (empty arrays) were all sent and answered 250.
WINDOW = """
WITH f AS (
    UPDATE outbox_batch SET window_from = %(window_from)s, window_to = %(window_to)s, done = %(done)s,
           window_relays = %(relays)s,
           lease_owner = CASE WHEN %(leave)s THEN NULL ELSE lease_owner END,
           lease_until = CASE WHEN %(leave)s THEN NULL ELSE clock_timestamp() + make_interval(secs => %(lease)s) END
    WHERE tenant_id = %(tenant)s AND id = %(batch)s AND fence = %(fence)s
    RETURNING tenant_id),
o AS (
    UPDATE outbox_delivery d
    SET state = CASE WHEN u.state <> 2 OR d.state = 0 THEN u.state
                     WHEN d.state = 7 AND u.id = ANY(%(repeated)s::bigint[]) THEN 6 ELSE d.state END,
        code = u.code, attempts = d.attempts + u.tried,
        next_at = CASE WHEN d.state = 0 THEN u.next_at END,
        sent_at = CASE WHEN u.state = 1 THEN clock_timestamp() END, provider = u.provider, pinned_relay_id = u.pinned
    FROM f, (SELECT id, coalesce(state, 1), CASE WHEN state IS NULL THEN 250 ELSE code END, coalesce(tried, 1), next_at,
                    provider, pinned
             FROM unnest(%(ids)s::bigint[], %(states)s::smallint[], %(codes)s::smallint[], %(tried)s::smallint[],
                         %(next)s::timestamptz[], %(provider)s::text[], %(pinned)s::bigint[])
                  AS x(id, state, code, tried, next_at, provider, pinned)
            ) AS u(id, state, code, tried, next_at, provider, pinned)
    WHERE d.tenant_id = f.tenant_id AND d.id = u.id AND d.id BETWEEN %(lowest)s AND %(highest)s
      AND (d.state IN (0, 7, 8) OR d.state = 6 AND u.state <> 6)
    RETURNING d.tenant_id, d.id, d.contact_id, d.state),
q AS (
    INSERT INTO outbox_repetition (tenant_id, message_id, delivery_id, at)
    SELECT f.tenant_id, %(message)s, x.id, %(at)s FROM f, unnest(%(repeated)s::bigint[]) AS x(id)
    WHERE EXISTS (SELECT FROM outbox_delivery d WHERE d.tenant_id = f.tenant_id AND d.id = x.id)
    ON CONFLICT DO NOTHING),
r AS (
    INSERT INTO outbox_deliveryreply (tenant_id, contact_id, delivery_id, at, code, kind, text)
    SELECT o.tenant_id, o.contact_id, o.id, %(at)s, x.code, x.kind, x.text
    FROM unnest(%(reply_ids)s::bigint[], %(reply_codes)s::smallint[], %(reply_kinds)s::text[],
                %(reply_texts)s::text[]) AS x(id, code, kind, text)
    JOIN o ON o.id = x.id WHERE o.contact_id IS NOT NULL),
s AS (
    INSERT INTO returns_failure (tenant_id, contact_id, delivery_id, at, kind, permanence, is_judged)
    SELECT o.tenant_id, o.contact_id, o.id, %(at)s, x.kind,
           CASE WHEN x.code >= 500 THEN 'permanent' ELSE 'transient' END, false
    FROM unnest(%(failed_ids)s::bigint[], %(failed_codes)s::smallint[], %(failed_kinds)s::text[]) AS x(id, code, kind)
    JOIN o ON o.id = x.id AND o.state IN (3, 4) WHERE o.contact_id IS NOT NULL
    ON CONFLICT DO NOTHING)
SELECT m.running, d.id, d.attempts, d.email, d.first_name, d.last_name, d.language, d.fields, d.suppressed,
       d.code, d.pinned_relay_id
FROM f
CROSS JOIN (SELECT paused_at IS NULL AND cancelled_at IS NULL AS running FROM outbox_message
            WHERE tenant_id = %(tenant)s AND id = %(message)s) m
LEFT JOIN (
    SELECT d.tenant_id, d.id, d.attempts, d.code, d.pinned_relay_id, c.email, c.first_name, c.last_name, c.language, c.fields,
           p.blind_index, p.key_version,
           coalesce(
               (SELECT true FROM register_suppression x
                WHERE x.tenant_id = d.tenant_id AND x.key = p.blind_index AND x.kind = 'address'
                  AND (x.scope = 'tenant' OR (x.scope = 'brand' AND x.scope_id = %(brand)s)
                       OR (x.scope = 'list' AND x.scope_id = ANY(%(lists)s::bigint[]) AND NOT EXISTS (
                           SELECT FROM contacts_subscription l
                           WHERE l.tenant_id = c.tenant_id AND l.contact_id = c.id AND l.list_id = ANY(%(lists)s::bigint[])
                             AND NOT EXISTS (
                                 SELECT FROM register_suppression y
                                 WHERE y.tenant_id = x.tenant_id AND y.key = x.key AND y.kind = 'address'
                                   AND y.scope = 'list' AND y.scope_id = l.list_id)))) LIMIT 1),
               (SELECT true FROM register_holding h
                WHERE h.tenant_id = c.tenant_id AND h.id = c.id AND h.restricted_at IS NOT NULL LIMIT 1)
           ) AS suppressed
    FROM outbox_delivery d
    JOIN LATERAL (
        SELECT * FROM contacts_contact
        WHERE tenant_id = d.tenant_id AND id = d.contact_id AND id BETWEEN %(first_contact)s AND %(last_contact)s
        LIMIT 1) c ON true
    LEFT JOIN LATERAL (
        SELECT blind_index, key_version FROM register_person
        WHERE tenant_id = c.tenant_id AND id = c.person_id LIMIT 1) p ON true
    WHERE d.tenant_id = %(tenant)s AND d.id BETWEEN %(lo)s AND %(hi)s AND d.state = 0
) d ON d.tenant_id = f.tenant_id AND m.running
ORDER BY d.id
"""

# Keep a batch while a slow relay makes its window last. No row: fenced.
RENEW = """
UPDATE outbox_batch SET lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE tenant_id = %(tenant)s AND id = %(batch)s AND fence = %(fence)s RETURNING id
"""

# Take-over of a batch whose engine died with a window open, when the message's policy is to repeat: what had no
# outcome is noted, since it may arrive twice. Then the window is sent again from its beginning.
REPEAT = """
WITH f AS (SELECT tenant_id FROM outbox_batch
           WHERE tenant_id = %(tenant)s AND id = %(batch)s AND fence = %(fence)s FOR UPDATE)
INSERT INTO outbox_repetition (tenant_id, message_id, delivery_id, at)
SELECT f.tenant_id, %(message)s, d.id, %(at)s FROM f JOIN outbox_delivery d ON d.tenant_id = f.tenant_id
WHERE d.id BETWEEN %(window_from)s AND %(window_to)s AND d.state = 0
ON CONFLICT DO NOTHING
"""

# The same when the policy is to report: what had no outcome is unknown, and nothing of it is sent again.
REPORT = """
WITH f AS (SELECT tenant_id FROM outbox_batch
           WHERE tenant_id = %(tenant)s AND id = %(batch)s AND fence = %(fence)s FOR UPDATE)
UPDATE outbox_delivery d SET state = 6, attempts = d.attempts + 1, next_at = NULL FROM f
WHERE d.tenant_id = f.tenant_id AND d.id BETWEEN %(window_from)s AND %(window_to)s AND d.state = 0
"""

# Deferred deliveries that are due go back into their batch, which opens again and starts at the first of them.
# Only batches that are done: in an open one they wait for its end.
REOPEN = """
WITH due AS MATERIALIZED (
    SELECT DISTINCT b.tenant_id, b.id
    FROM (SELECT d.tenant_id, d.id FROM outbox_delivery d
          WHERE d.next_at <= %(at)s ORDER BY d.next_at LIMIT 20000) d
    CROSS JOIN LATERAL (
        SELECT b.tenant_id, b.id, b.done, b.last_delivery_id FROM outbox_batch b
        WHERE b.first_delivery_id <= d.id ORDER BY b.first_delivery_id DESC LIMIT 1) b
    WHERE b.done AND b.last_delivery_id >= d.id AND b.tenant_id = d.tenant_id),
locked AS MATERIALIZED (
    SELECT b.tenant_id, b.id, b.first_delivery_id, b.last_delivery_id
    FROM outbox_batch b JOIN due ON due.tenant_id = b.tenant_id AND due.id = b.id
    WHERE b.done FOR UPDATE OF b SKIP LOCKED),
opened AS (
    UPDATE outbox_delivery d SET state = 0, next_at = NULL FROM locked
    WHERE d.tenant_id = locked.tenant_id AND d.id BETWEEN locked.first_delivery_id AND locked.last_delivery_id
      AND d.next_at <= %(at)s AND d.state = 2
    RETURNING d.tenant_id, d.id, locked.id AS batch_id)
UPDATE outbox_batch b SET done = false, fence = fence + 1, lease_owner = NULL, lease_until = NULL,
       window_from = o.first, window_to = NULL
FROM (SELECT tenant_id, batch_id, min(id) AS first FROM opened GROUP BY tenant_id, batch_id) o
WHERE b.tenant_id = o.tenant_id AND b.id = o.batch_id
"""

# Messages that may be at their end: nothing leased or to be leased, or cancelled.
ENDING = """
SELECT m.tenant_id, m.id, m.cancelled_at IS NOT NULL FROM outbox_message m
WHERE m.launched_at IS NOT NULL AND m.finished_at IS NULL
  AND (m.cancelled_at IS NOT NULL
       OR (NOT EXISTS (SELECT FROM outbox_batch b
                       WHERE b.tenant_id = m.tenant_id AND b.message_id = m.id AND NOT b.done)
           AND NOT EXISTS (SELECT FROM outbox_delivery d WHERE d.tenant_id = m.tenant_id
                           AND d.message_id = m.id AND d.next_at IS NOT NULL)))
"""

# Close a batch of a cancelled message that nobody has leased: its open window is uncertain, and what had been
# uncertain before and was to be sent again; the rest is cancelled.
CANCEL = """
WITH b AS MATERIALIZED (
    SELECT b.tenant_id, b.id, b.first_delivery_id, b.last_delivery_id, b.window_from, b.window_to
    FROM outbox_batch b JOIN outbox_message m ON m.tenant_id = b.tenant_id AND m.id = b.message_id
    WHERE b.tenant_id = %(tenant)s AND b.message_id = %(message)s AND NOT b.done AND m.cancelled_at IS NOT NULL
      AND (b.lease_until IS NULL OR b.lease_until < clock_timestamp()
           OR b.lease_until > clock_timestamp() + interval '10 minutes')
    ORDER BY b.id LIMIT 1 FOR UPDATE OF b SKIP LOCKED),
d AS (
    UPDATE outbox_delivery d
    SET state = CASE WHEN d.id BETWEEN b.window_from AND b.window_to AND d.state <> 2
                          OR EXISTS (SELECT FROM outbox_repetition r WHERE r.delivery_id = d.id
                                     AND r.tenant_id = d.tenant_id) THEN 6 ELSE 7 END,
        next_at = NULL
    FROM b WHERE d.tenant_id = b.tenant_id AND d.id BETWEEN b.first_delivery_id AND b.last_delivery_id
      AND (d.state IN (0, 2) OR (d.state = 7 AND d.id BETWEEN b.window_from AND b.window_to)))
UPDATE outbox_batch SET done = true, fence = fence + 1, lease_owner = NULL, lease_until = NULL,
       window_from = NULL, window_to = NULL
FROM b WHERE outbox_batch.tenant_id = b.tenant_id AND outbox_batch.id = b.id RETURNING outbox_batch.id
"""

# What was deferred in batches that are done.
CANCEL_DEFERRED = """
UPDATE outbox_delivery d SET next_at = NULL,
       state = CASE WHEN EXISTS (SELECT FROM outbox_repetition r WHERE r.delivery_id = d.id
                                 AND r.tenant_id = d.tenant_id) THEN 6 ELSE 7 END
WHERE d.tenant_id = %(tenant)s AND d.message_id = %(message)s AND d.state = 2 AND d.next_at IS NOT NULL
"""

FINISH = """
UPDATE outbox_message m SET finished_at = %(at)s
WHERE m.tenant_id = %(tenant)s AND m.id = %(message)s AND m.finished_at IS NULL
  AND NOT EXISTS (SELECT FROM outbox_batch b
                  WHERE b.tenant_id = m.tenant_id AND b.message_id = m.id AND NOT b.done)
  AND NOT EXISTS (SELECT FROM outbox_delivery d
                  WHERE d.tenant_id = m.tenant_id AND d.message_id = m.id AND d.state IN (0, 2))
RETURNING m.id
"""

# Batches that are done and still have queued deliveries: the engine never leaves one, this mends what others did.
REOPEN_LOST = """
UPDATE outbox_batch b SET done = false, fence = fence + 1, lease_owner = NULL, lease_until = NULL,
       window_from = NULL, window_to = NULL
WHERE b.tenant_id = %(tenant)s AND b.message_id = %(message)s AND b.done
  AND EXISTS (SELECT FROM outbox_delivery d WHERE d.tenant_id = b.tenant_id
              AND d.id BETWEEN b.first_delivery_id AND b.last_delivery_id AND d.state = 0)
"""

# The relay's condition, for the settings page. Text without addresses: cause and the server's words.
FAILING = """
UPDATE outbox_relay SET failing_since = coalesce(failing_since, %(at)s), last_error = %(error)s
WHERE tenant_id = %(tenant)s AND id = %(relay)s AND (failing_since IS NULL OR last_error <> %(error)s)
"""
WORKING = """
UPDATE outbox_relay SET failing_since = NULL, last_error = ''
WHERE tenant_id = %(tenant)s AND id = %(relay)s AND failing_since IS NOT NULL
"""

# Letters that are due. `next_at` moves on as their lease; whoever dies with one lets it fall due again.
# The relay is the letter's, the tenant's default, or the operator's default. It is signed by the domain of the return
# path or, without one, of its brand's From address.
LETTERS = """
WITH due AS MATERIALIZED (
    SELECT l.tenant_id, l.id FROM outbox_letter l
    WHERE l.next_at <= %(at)s AND l.state IN (0, 2)
    ORDER BY l.next_at LIMIT %(most)s FOR UPDATE SKIP LOCKED),
taken AS (
    UPDATE outbox_letter l SET next_at = %(until)s, attempts = l.attempts + 1
    FROM due WHERE l.tenant_id = due.tenant_id AND l.id = due.id RETURNING l.*)
SELECT l.tenant_id, l.id, l.attempts, l.recipient, l.return_path, l.data, l.created_at, r.tenant_id, r.id,
       (SELECT true FROM register_holding h JOIN register_person p ON p.tenant_id = h.tenant_id AND p.id = h.person_id
        JOIN register_suppression x ON x.tenant_id = p.tenant_id AND x.key = p.blind_index
        WHERE h.tenant_id = l.tenant_id AND h.id = l.holding_id AND x.applies_to = 'all' LIMIT 1) AS suppressed,
       k.dkim_domain, k.dkim_selector, k.dkim_key
FROM taken l
LEFT JOIN LATERAL (
    SELECT r.tenant_id, r.id FROM outbox_relay r
    WHERE (r.tenant_id = l.tenant_id AND (r.id = l.relay_id OR r.is_default))
       OR (r.is_default AND r.tenant_id = (SELECT t.id FROM tenants_tenant t WHERE t.is_operator))
    ORDER BY coalesce(r.tenant_id = l.tenant_id AND r.id = l.relay_id, false) DESC,
             r.tenant_id = l.tenant_id DESC LIMIT 1) r ON true
LEFT JOIN LATERAL (
    SELECT b.dkim_domain, b.dkim_selector, b.dkim_key FROM tenants_brand b
    WHERE b.tenant_id = l.tenant_id AND b.signs AND CASE WHEN l.return_path <> ''
        THEN b.dkim_domain = lower(split_part(l.return_path, '@', 2))
        ELSE b.dkim_domain = lower(split_part(b.from_address, '@', 2))
         AND b.id = (SELECT h.brand_id FROM register_holding h WHERE h.tenant_id = l.tenant_id AND h.id = l.holding_id) END
    ORDER BY b.id LIMIT 1) k ON true
"""

# The other relays that may take a letter whose own cannot be used: the tenant's, then the operator's for all.
LETTER_RELAYS = """
SELECT r.tenant_id, r.id FROM outbox_relay r
WHERE r.held_at IS NULL AND r.id <> %(relay)s
  AND (r.tenant_id = %(tenant)s
       OR r.is_default AND r.tenant_id = (SELECT t.id FROM tenants_tenant t WHERE t.is_operator))
ORDER BY r.tenant_id = %(tenant)s DESC, r.is_default DESC, r.id LIMIT 10
"""
LETTER_DONE = """
UPDATE outbox_letter SET state = %(state)s, code = %(code)s, reply = %(reply)s,
       next_at = coalesce(%(next)s, next_at), sent_at = CASE WHEN %(state)s = 1 THEN %(at)s::timestamptz END,
       attempts = attempts + %(tried)s
WHERE tenant_id = %(tenant)s AND id = %(letter)s AND state IN (0, 2)
"""
