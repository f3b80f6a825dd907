"""Opted-out addresses can be asked for from any tenant.

The rows of the scope "installation" lie with the operator, whom other tenants' transactions do not see:
two functions answer only whether hashes under the installation key are among them.
"""

from django.db import migrations

OPT_OUTS = """
CREATE FUNCTION register_has_opt_outs() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM tenants_tenant t JOIN register_suppression s ON s.tenant_id = t.id
                   WHERE t.is_operator AND s.scope = 'installation')
$$;
CREATE FUNCTION register_opted_out(p_keys bytea[]) RETURNS SETOF bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.key FROM tenants_tenant t JOIN register_suppression s ON s.tenant_id = t.id
    WHERE t.is_operator AND s.scope = 'installation' AND s.key = ANY (p_keys)
$$;
REVOKE ALL ON FUNCTION register_has_opt_outs() FROM PUBLIC;
REVOKE ALL ON FUNCTION register_opted_out(bytea[]) FROM PUBLIC;
"""
DROP = "DROP FUNCTION register_opted_out(bytea[]); DROP FUNCTION register_has_opt_outs();"


class Migration(migrations.Migration):
    dependencies = [("register", "0002_end_holdings")]
    operations = [migrations.RunSQL(OPT_OUTS, DROP)]
