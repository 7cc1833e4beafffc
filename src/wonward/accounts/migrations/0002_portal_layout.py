"""Portals know how many steps of the layout their PostgreSQL schema has taken; those of before have taken one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField("portal", "layout", models.PositiveIntegerField(default=1)),
        migrations.AlterField("portal", "layout", models.PositiveIntegerField(default=0)),
    ]
