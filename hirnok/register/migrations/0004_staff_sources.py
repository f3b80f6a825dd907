"""What a colleague wrote of how one person came to be known goes with what is held of that person.

A source of the kind "staff" is declared for one holding, in free words that may name the person; the register
keeps its kind, basis and time. Sources of lists and forms are of many and stay as they are.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION register_forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE register_source s SET description = '' FROM gone
    WHERE s.tenant_id = gone.tenant_id AND s.id = gone.source_id AND s.kind = 'staff' AND s.description <> '';
    RETURN NULL;
END $$;
CREATE TRIGGER words_forgotten AFTER DELETE ON register_holding
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION register_forget_words();
"""
DROP = """
DROP TRIGGER words_forgotten ON register_holding;
DROP FUNCTION register_forget_words();
"""


class Migration(migrations.Migration):
    dependencies = [("register", "0003_opt_outs")]
    operations = [migrations.RunSQL(CREATE, DROP)]
