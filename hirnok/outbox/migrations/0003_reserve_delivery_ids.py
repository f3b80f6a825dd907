"""Dense blocks of delivery ids: a function with the owner's rights over the sequence.

The lock is held for two calls, not until the transaction ends, so launches of several tenants do not wait for
each other. `wanted` of 0 uses up one id.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION outbox_reserve_delivery_ids(wanted bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first_id bigint;
BEGIN
    PERFORM pg_advisory_lock(hashtext('hirnok.delivery_ids'));
    BEGIN
        first_id := nextval('outbox_delivery_ids');
        PERFORM setval('outbox_delivery_ids', first_id + greatest(wanted, 1) - 1);
    EXCEPTION WHEN OTHERS OR query_canceled THEN
        PERFORM pg_advisory_unlock(hashtext('hirnok.delivery_ids'));
        RAISE;
    END;
    PERFORM pg_advisory_unlock(hashtext('hirnok.delivery_ids'));
    RETURN first_id - 1;
END $$;
REVOKE ALL ON FUNCTION outbox_reserve_delivery_ids(bigint) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_delivery_ids")]
    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION outbox_reserve_delivery_ids(bigint)"),
    ]
