import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_portal_layout"),
        ("records", "0003_long_work_with_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="DuplicatePair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_type", models.CharField(max_length=63)),
                ("low_id", models.BigIntegerField()),
                ("high_id", models.BigIntegerField()),
                ("score", models.PositiveSmallIntegerField()),
                ("reasons", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("merged", "Merged"), ("dismissed", "Dismissed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("decided_by", models.CharField(blank=True, max_length=100)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "portal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.portal"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["portal", "object_type", "state", "-score", "id"], name="duplicate_pair_queue"
                    ),
                    models.Index(fields=["portal", "high_id"], name="duplicate_pair_high"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("portal", "low_id", "high_id"), name="duplicate_pair_ids")
                ],
            },
        ),
        migrations.CreateModel(
            name="DuplicateScan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_type", models.CharField(max_length=63)),
                ("rules", models.CharField(max_length=64)),
                ("after_id", models.BigIntegerField(default=0)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "portal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.portal"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("portal", "object_type"), name="duplicate_scan_type")
                ],
            },
        ),
    ]
