"""Letters are counted as they are sent, by month and tenant: they are kept for some weeks, a bill and a quota ask later."""

import django.db.models.deletion
from django.db import migrations, models


COUNT = """
CREATE FUNCTION outbox_count_letter() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO outbox_sentletters AS s (tenant_id, month, is_forwarded, count)
    SELECT t.id, date_trunc('month', NEW.sent_at AT TIME ZONE t.time_zone)::date, NEW.is_forwarded, 1
    FROM tenants_tenant t WHERE t.id = NEW.tenant_id
    ON CONFLICT (month, is_forwarded, tenant_id) DO UPDATE SET count = s.count + 1;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION outbox_count_letter() FROM PUBLIC;
CREATE TRIGGER count_letter AFTER UPDATE OF state ON outbox_letter
FOR EACH ROW WHEN (NEW.state = 1 AND OLD.state <> 1 AND NEW.sent_at IS NOT NULL) EXECUTE FUNCTION outbox_count_letter();
INSERT INTO outbox_sentletters (tenant_id, month, is_forwarded, count)
SELECT t.id, date_trunc('month', l.sent_at AT TIME ZONE t.time_zone)::date, false, count(*)
FROM outbox_letter l JOIN tenants_tenant t ON t.id = l.tenant_id
WHERE l.state = 1 AND l.sent_at IS NOT NULL GROUP BY 1, 2;
"""
COUNT_NO_MORE = "DROP TRIGGER count_letter ON outbox_letter; DROP FUNCTION outbox_count_letter();"


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0009_common_shapes'),
        ('tenants', '0004_brand_signing'),
    ]

    operations = [
        migrations.AddField(
            model_name='letter',
            name='is_forwarded',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='SentLetters',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('is_forwarded', models.BooleanField()),
                ('count', models.IntegerField()),
                ('tenant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('month', 'is_forwarded', 'tenant'), name='sent_letters_once')],
            },
        ),
        migrations.RunSQL(COUNT, COUNT_NO_MORE),
    ]
