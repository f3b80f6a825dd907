"""Holds with kind, ground and evidence; what was really disclosed; what is frozen is found at once."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('register', '0009_records'),
        ('tenants', '0004_brand_signing'),
    ]

    operations = [
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.CharField(max_length=200)),
                ('address', models.CharField(blank=True, default='', max_length=254)),
                ('categories', models.JSONField(default=list)),
                ('reason', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('actor', models.CharField(max_length=60)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='hold',
            name='allowed',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='hold',
            name='approved_by',
            field=models.CharField(blank=True, default='', max_length=60),
        ),
        migrations.AddField(
            model_name='hold',
            name='document',
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='hold',
            name='document_name',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='hold',
            name='ground',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='hold',
            name='kind',
            field=models.CharField(choices=[('legal', 'Legal'), ('restriction', 'Restriction')], default='legal', max_length=12),
        ),
        migrations.AddField(
            model_name='hold',
            name='requester',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='hold',
            name='told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='holding',
            index=models.Index(condition=models.Q(('restricted_at__isnull', False)), fields=['id'], name='holding_restricted'),
        ),
        migrations.AddField(
            model_name='disclosure',
            name='holding',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='register.holding'),
        ),
        migrations.AddField(
            model_name='disclosure',
            name='tenant',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tenants.tenant'),
        ),
    ]
