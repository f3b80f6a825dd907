"""The operator sees how much waits in each tenant: numbers only, and only in the operator's own transactions."""

from django.db import migrations

TOTALS = """
CREATE FUNCTION outbox_queue_totals() RETURNS TABLE (
    tenant_id bigint, slug varchar, name varchar, waiting bigint, deferred bigint, fresh bigint, failing bigint,
    slowed bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH d AS (
        SELECT d.tenant_id, count(*) FILTER (WHERE d.code = 0) AS waiting,
               count(*) FILTER (WHERE d.code IS DISTINCT FROM 0) AS deferred
        FROM outbox_delivery d WHERE d.next_at IS NOT NULL GROUP BY d.tenant_id),
    b AS (
        SELECT b.tenant_id,
               sum(b.last_delivery_id - greatest(b.first_delivery_id, coalesce(b.window_from, 0)) + 1)::bigint AS fresh
        FROM outbox_batch b JOIN outbox_message m ON m.tenant_id = b.tenant_id AND m.id = b.message_id
        WHERE NOT b.done AND m.launched_at IS NOT NULL AND m.finished_at IS NULL AND m.cancelled_at IS NULL
        GROUP BY b.tenant_id),
    r AS (
        SELECT r.tenant_id, count(*) AS failing FROM outbox_relay r WHERE r.failing_since IS NOT NULL GROUP BY r.tenant_id),
    q AS (
        SELECT q.tenant_id, count(*) AS slowed FROM outbox_queue q
        WHERE q.normal_at > statement_timestamp() OR q.held_at IS NOT NULL GROUP BY q.tenant_id)
    SELECT t.id, t.slug, t.name, coalesce(d.waiting, 0), coalesce(d.deferred, 0), coalesce(b.fresh, 0),
           coalesce(r.failing, 0), coalesce(q.slowed, 0)
    FROM tenants_tenant t LEFT JOIN d ON d.tenant_id = t.id LEFT JOIN b ON b.tenant_id = t.id
    LEFT JOIN r ON r.tenant_id = t.id LEFT JOIN q ON q.tenant_id = t.id
    WHERE coalesce(d.waiting, d.deferred, b.fresh, r.failing, q.slowed) IS NOT NULL
      AND EXISTS (SELECT FROM tenants_tenant o
                  WHERE o.is_operator AND o.id = nullif(current_setting('app.tenant', true), '')::bigint)
    ORDER BY t.name, t.id
$$;
REVOKE ALL ON FUNCTION outbox_queue_totals() FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0006_pace_routes_and_queues")]
    operations = [migrations.RunSQL(TOTALS, "DROP FUNCTION outbox_queue_totals()")]
