"""People choose the language they read; without a choice it is their browser's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_rights_changes")]

    operations = [
        migrations.AddField("user", "language", models.CharField(max_length=10, blank=True, default="")),
    ]
