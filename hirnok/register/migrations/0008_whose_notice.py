"""Whose a notice is: asked by its public page, before any tenant is known."""

from django.db import migrations

CREATE = """
CREATE FUNCTION register_tenant_of_notice(p_token text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id FROM register_notice WHERE token = p_token
$$;
REVOKE ALL ON FUNCTION register_tenant_of_notice(text) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("register", "0007_notices")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION register_tenant_of_notice(text)")]
