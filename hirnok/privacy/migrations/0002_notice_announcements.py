"""The name tells whose announcement it is: of a notice. Nothing had been announced by this program yet."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('privacy', '0001_announcements')]

    operations = [
        migrations.DeleteModel(name='Announcement'),
        migrations.CreateModel(
            name='NoticeAnnouncement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('begun_at', models.DateTimeField()),
                ('begun_by', models.CharField(max_length=60)),
                ('last_contact', models.BigIntegerField(default=0)),
                ('last_user', models.BigIntegerField(default=0)),
                ('written', models.IntegerField(default=0)),
                ('unreachable', models.IntegerField(default=0)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('tenant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tenants.tenant')),
                ('version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='register.noticeversion')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('tenant', 'version'), name='notice_announcement_once')],
            },
        ),
    ]
