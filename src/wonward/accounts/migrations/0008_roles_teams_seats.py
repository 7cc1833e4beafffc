"""Members have a role, a secondary team, a seat and days away; those there are may all, as they could before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_sign_in")]

    operations = [
        migrations.AddField(
            "member", "role", models.CharField(max_length=63, blank=True, default="super_admin")
        ),
        migrations.AlterField("member", "role", models.CharField(max_length=63, blank=True, default="")),
        migrations.AddField("member", "seat", models.CharField(max_length=63, blank=True, default="")),
        migrations.AddField("member", "away_from", models.DateField(null=True, blank=True)),
        migrations.AddField("member", "away_until", models.DateField(null=True, blank=True)),
        migrations.AddField(
            "member",
            "extra_team",
            models.ForeignKey(
                "accounts.Team", models.SET_NULL, null=True, blank=True, related_name="extra_members"
            ),
        ),
        migrations.AddConstraint(
            "member",
            models.CheckConstraint(
                condition=models.Q(extra_team=None) | ~models.Q(extra_team=models.F("team")),
                name="member_teams",
            ),
        ),
    ]
