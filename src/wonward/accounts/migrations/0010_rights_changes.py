"""Who changed whose rights, and when, which isn't known of before; invitations say which team is meant."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_invitation_role")]

    operations = [
        migrations.AddField("invitation", "team", models.CharField(blank=True, default="", max_length=200)),
        migrations.CreateModel(
            "RightsChange",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("actor", models.CharField(max_length=100)),
                ("what", models.CharField(max_length=30)),
                ("before", models.CharField(blank=True, max_length=200)),
                ("after", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rights_changes",
                        to="accounts.member",
                    ),
                ),
                (
                    "portal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rights_changes",
                        to="accounts.portal",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member", "-at"], name="rights_change_member"),
                    models.Index(fields=["portal", "-at"], name="rights_change_portal"),
                ]
            },
        ),
    ]
