"""Members have a title and a phone number, for their signatures."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_sessions")]

    operations = [
        migrations.AddField("member", "title", models.CharField(max_length=200, blank=True, default="")),
        migrations.AddField("member", "phone", models.CharField(max_length=50, blank=True, default="")),
    ]
