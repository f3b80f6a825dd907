"""What announces a version of a notice has that name too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("processing", "0001_processing")]
    operations = [migrations.RenameModel("Announcement", "SubProcessorChange")]
