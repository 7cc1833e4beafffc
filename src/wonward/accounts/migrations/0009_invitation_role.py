"""Invitations say which role is meant; those of before gave all rights, as they still do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_roles_teams_seats")]

    operations = [
        migrations.AddField("invitation", "role", models.CharField(max_length=63, default="super_admin")),
        migrations.AlterField("invitation", "role", models.CharField(max_length=63)),
    ]
