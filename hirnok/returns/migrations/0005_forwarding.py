"""Forwarding to the tenant's own address. The copy in the outbox goes with what came back, so with the person it was about."""

import django.db.models.deletion
from django.db import migrations, models


TRACE = """
CREATE FUNCTION returns_remove_copy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM outbox_letter WHERE tenant_id = OLD.tenant_id AND id = OLD.letter_id;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION returns_remove_copy() FROM PUBLIC;
CREATE TRIGGER remove_copy AFTER DELETE ON returns_forwarded
FOR EACH ROW EXECUTE FUNCTION returns_remove_copy();
"""
NO_TRACE = "DROP TRIGGER remove_copy ON returns_forwarded; DROP FUNCTION returns_remove_copy();"


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0010_letters_counted'),
        ('returns', '0004_sort_at_once'),
        ('tenants', '0004_brand_signing'),
    ]

    operations = [
        migrations.CreateModel(
            name='Forwarded',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('letter', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='outbox.letter')),
                ('returned', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='returns.returned')),
                ('tenant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['tenant', 'at'], name='forwarded_newest')],
                'constraints': [models.UniqueConstraint(fields=('returned',), name='forwarded_once')],
            },
        ),
        migrations.CreateModel(
            name='Forwarding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=254)),
                ('autoreplies', models.BooleanField(default=False)),
                ('per_hour', models.SmallIntegerField(default=60)),
                ('left_out', models.IntegerField(default=0)),
                ('left_out_at', models.DateTimeField(blank=True, null=True)),
                ('tenant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('tenant',), name='forwarding_once'), models.CheckConstraint(condition=models.Q(('per_hour__gte', 1)), name='forwarding_some_per_hour')],
            },
        ),
        migrations.RunSQL(TRACE, NO_TRACE),
    ]
