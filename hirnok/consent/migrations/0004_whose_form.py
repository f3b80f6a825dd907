"""Whose a form, a waiting sign-up or a contact is: asked by pages of readers, before any tenant is known (see 0002)."""

from django.db import migrations

CREATE = """
CREATE FUNCTION consent_tenant_of_form(p_token text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id FROM consent_form WHERE token = p_token
$$;
CREATE FUNCTION consent_tenant_of_sign_up(p_id bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id FROM consent_pendingsignup WHERE id = p_id
$$;
CREATE FUNCTION consent_tenant_of_contact(p_id bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id FROM contacts_contact WHERE id = p_id
$$;
REVOKE ALL ON FUNCTION consent_tenant_of_form(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION consent_tenant_of_sign_up(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION consent_tenant_of_contact(bigint) FROM PUBLIC;
"""
DROP = """
DROP FUNCTION consent_tenant_of_contact(bigint);
DROP FUNCTION consent_tenant_of_sign_up(bigint);
DROP FUNCTION consent_tenant_of_form(text);
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_forms"), ("contacts", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
