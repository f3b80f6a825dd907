"""The database refuses to change a contact whose data are restricted, whoever asks (GDPR Art. 18; X14)."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION contacts_refuse_restricted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM register_holding WHERE tenant_id = OLD.tenant_id AND id = OLD.id AND restricted_at IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = 'contacts_contact', CONSTRAINT = 'contact_restricted',
            MESSAGE = 'the data of this contact are restricted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contacts_contact_restricted
BEFORE UPDATE OF email, first_name, last_name, language, fields ON contacts_contact FOR EACH ROW
WHEN ((OLD.email, OLD.first_name, OLD.last_name, OLD.language, OLD.fields)
    IS DISTINCT FROM (NEW.email, NEW.first_name, NEW.last_name, NEW.language, NEW.fields))
EXECUTE FUNCTION contacts_refuse_restricted();
"""
ALLOW = """
DROP TRIGGER contacts_contact_restricted ON contacts_contact;
DROP FUNCTION contacts_refuse_restricted();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0004_file_names_end'),
        ('register', '0010_restrictions'),
    ]

    operations = [
        migrations.RunSQL(REFUSE, ALLOW),
    ]
