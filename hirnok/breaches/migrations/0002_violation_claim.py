"""Claims of requests have that name too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("breaches", "0001_breaches")]
    operations = [migrations.RenameModel("Claim", "ViolationClaim")]
