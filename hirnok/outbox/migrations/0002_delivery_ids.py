"""Delivery ids come in dense blocks; a delivery whose contact is erased says so by itself."""

from django.db import migrations

CREATE = """
CREATE SEQUENCE outbox_delivery_ids AS bigint;
CREATE FUNCTION outbox_contact_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.contact_id IS NULL AND OLD.contact_id IS NOT NULL AND OLD.state IN (0, 2) THEN
        NEW.state := 8;
        NEW.next_at := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contact_erased BEFORE UPDATE OF contact_id ON outbox_delivery
    FOR EACH ROW EXECUTE FUNCTION outbox_contact_erased();
"""
DROP = """
DROP TRIGGER contact_erased ON outbox_delivery;
DROP FUNCTION outbox_contact_erased();
DROP SEQUENCE outbox_delivery_ids;
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
