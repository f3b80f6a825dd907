"""The table of Django's database cache: counters of attempts, common to all web processes; may be lost in a crash."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("accounts", "0002_sessions_and_policy")]

    operations = [
        migrations.RunSQL(
            "CREATE UNLOGGED TABLE accounts_counter (cache_key varchar(255) PRIMARY KEY, value text NOT NULL,"
            " expires timestamptz NOT NULL);"
            "CREATE INDEX accounts_counter_expires ON accounts_counter (expires)",
            "DROP TABLE accounts_counter",
        ),
    ]
