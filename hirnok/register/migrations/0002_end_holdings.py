"""The one door through which personal data is deleted: a function that only the owner's rights carry.

No role but the owner has DELETE on holding and person; web and edge call this. The role web may end only
holdings of the tenant that its transaction is set to. Held ones (register_hold) and those that another
transaction is ending are passed over: they are not in the result.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION register_end_holdings(p_tenant bigint, p_holdings bigint[])
RETURNS TABLE (holding_id bigint, person_id bigint, blind_index bytea, person_gone boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ids bigint[];
    persons bigint[];
    indexes bytea[];
    free bigint[];
BEGIN
    IF (session_user LIKE '%\\_web' OR current_setting('role') LIKE '%\\_web') AND p_tenant IS DISTINCT FROM
       nullif(current_setting('app.tenant', true), '')::bigint THEN
        RAISE EXCEPTION 'not the tenant of this transaction' USING ERRCODE = '42501';
    END IF;
    SELECT array_agg(s.id), array_agg(s.person_id), array_agg(s.blind_index) INTO ids, persons, indexes
    FROM (
        SELECT h.id, h.person_id, p.blind_index FROM register_holding h
        JOIN register_person p ON p.tenant_id = h.tenant_id AND p.id = h.person_id
        WHERE h.tenant_id = p_tenant AND h.id = ANY (p_holdings)
          AND NOT EXISTS (SELECT 1 FROM register_hold x WHERE x.tenant_id = p_tenant AND x.holding_id = h.id)
        ORDER BY h.id FOR UPDATE OF h SKIP LOCKED) s;
    DELETE FROM register_holding h WHERE h.tenant_id = p_tenant AND h.id = ANY (ids);
    SELECT array_agg(s.id) INTO free FROM (
        SELECT p.id FROM register_person p
        WHERE p.tenant_id = p_tenant AND p.id = ANY (persons) ORDER BY p.id FOR UPDATE SKIP LOCKED) s;
    DELETE FROM register_person p WHERE p.tenant_id = p_tenant AND p.id = ANY (free)
      AND NOT EXISTS (SELECT 1 FROM register_holding h WHERE h.tenant_id = p_tenant AND h.person_id = p.id);
    RETURN QUERY SELECT u.h, u.p, u.i,
        NOT EXISTS (SELECT 1 FROM register_person q WHERE q.tenant_id = p_tenant AND q.id = u.p)
    FROM unnest(ids, persons, indexes) AS u(h, p, i);
END $$;
REVOKE ALL ON FUNCTION register_end_holdings(bigint, bigint[]) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial")]
    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION register_end_holdings(bigint, bigint[])")
    ]
