"""Whose a webhook is: asked before any tenant is known, answered with the tenant's number only."""

from django.db import migrations

CREATE = """
CREATE FUNCTION returns_tenant_of_webhook(p_token text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id FROM returns_webhook WHERE token = p_token
$$;
REVOKE ALL ON FUNCTION returns_tenant_of_webhook(text) FROM PUBLIC;
"""
DROP = "DROP FUNCTION returns_tenant_of_webhook(text);"


class Migration(migrations.Migration):
    dependencies = [("returns", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
