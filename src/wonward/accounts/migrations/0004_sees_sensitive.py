"""Members have the right to see sensitive properties, or not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_unaccent")]

    operations = [migrations.AddField("member", "sees_sensitive", models.BooleanField(default=False))]
