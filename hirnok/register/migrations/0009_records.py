"""What the records of Art. 30 and several notices need; a balancing's reasons by language."""

from django.db import migrations, models

BY_LANGUAGE = """
ALTER TABLE register_balancing
    ALTER COLUMN interest TYPE jsonb USING jsonb_build_object('', interest),
    ALTER COLUMN necessity TYPE jsonb USING jsonb_build_object('', necessity),
    ALTER COLUMN balance TYPE jsonb USING jsonb_build_object('', balance);
UPDATE register_balancing b SET
    interest = jsonb_build_object(t.language, b.interest ->> ''),
    necessity = jsonb_build_object(t.language, b.necessity ->> ''),
    balance = jsonb_build_object(t.language, b.balance ->> '')
FROM tenants_tenant t WHERE t.id = b.tenant_id;
"""
BACK = """
ALTER TABLE register_balancing
    ALTER COLUMN interest TYPE text USING coalesce(interest ->> 'en', ''),
    ALTER COLUMN necessity TYPE text USING coalesce(necessity ->> 'en', ''),
    ALTER COLUMN balance TYPE text USING coalesce(balance ->> 'en', '');
"""


def by_language(name):
    return migrations.AlterField("balancing", name, models.JSONField(default=dict))


class Migration(migrations.Migration):
    dependencies = [("register", "0008_whose_notice"), ("tenants", "0002_audit_seal")]
    operations = [
        migrations.AddField("activity", "impact_assessment", models.CharField(blank=True, default="", max_length=300)),
        migrations.AddField("controller", "lead_days", models.SmallIntegerField(default=11)),
        migrations.AddField("notice", "audience", models.JSONField(default=dict)),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(BY_LANGUAGE, BACK)],
            [by_language("interest"), by_language("necessity"), by_language("balance")],
        ),
    ]
