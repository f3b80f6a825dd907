"""Whose report a shared link shows: row-level security hides it until the tenant is known."""

from django.db import migrations

CREATE = """
CREATE FUNCTION campaigns_share_tenant(p_hash text, p_at timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id FROM campaigns_reportshare
    WHERE token_hash = p_hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > p_at)
$$;
REVOKE ALL ON FUNCTION campaigns_share_tenant(text, timestamptz) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION campaigns_share_tenant(text, timestamptz)")
    ]
