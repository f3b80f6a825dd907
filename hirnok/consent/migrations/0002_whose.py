"""Whose a delivery or a picture is: asked by pages of readers, before any tenant is known.

Row-level security hides both from a transaction without a tenant. The functions answer with the tenant's number
only; the callers have verified a token before they ask.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION consent_tenant_of_delivery(p_delivery bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id FROM outbox_delivery WHERE id = p_delivery
$$;
CREATE FUNCTION consent_tenant_of_image(p_token text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id FROM tenants_image WHERE token = p_token
$$;
REVOKE ALL ON FUNCTION consent_tenant_of_delivery(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION consent_tenant_of_image(text) FROM PUBLIC;
"""
DROP = """
DROP FUNCTION consent_tenant_of_image(text);
DROP FUNCTION consent_tenant_of_delivery(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0001_initial"),
        ("outbox", "0002_delivery_ids"),
        ("tenants", "0001_initial"),
    ]
    operations = [migrations.RunSQL(CREATE, DROP)]
