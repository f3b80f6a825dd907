"""A tenant sees what of the operator's limits and rules holds for its own mail: that is why it waits. Nothing else of the
operator's: limits of its relays and its routes stay its own."""

from django.db import migrations

SHAPES = """
CREATE FUNCTION outbox_common_shapes() RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH op AS (SELECT id FROM tenants_tenant WHERE is_operator LIMIT 1)
    SELECT json_build_object(
        'operator', (SELECT id FROM op),
        'limits', (SELECT coalesce(json_agg(json_build_array(tenant_id, relay_id, provider, per_minute, per_hour, per_day,
                                   connections, ramp, extract(epoch FROM ramp_from)) ORDER BY id), '[]')
                   FROM outbox_limit WHERE relay_id IS NULL AND tenant_id = (SELECT id FROM op)),
        'rules', (SELECT coalesce(json_agg(json_build_array(tenant_id, id, provider, contains, action, factor, minutes)
                                  ORDER BY position, id), '[]')
                  FROM outbox_replyrule WHERE tenant_id = (SELECT id FROM op)))
$$;
REVOKE ALL ON FUNCTION outbox_common_shapes() FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0008_tallies")]
    operations = [migrations.RunSQL(SHAPES, "DROP FUNCTION outbox_common_shapes()")]
