"""The outbox."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0006_member_title_and_phone"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_type", models.CharField(max_length=63)),
                ("record_id", models.BigIntegerField()),
                ("contact_id", models.BigIntegerField(blank=True, null=True)),
                ("template", models.CharField(max_length=63)),
                ("language", models.CharField(max_length=10)),
                ("reply_to", models.CharField(blank=True, max_length=400)),
                ("to_name", models.CharField(blank=True, max_length=400)),
                ("to_address", models.CharField(max_length=320)),
                ("subject", models.TextField()),
                ("text", models.TextField()),
                ("html", models.TextField()),
                ("message_id", models.CharField(max_length=320, unique=True)),
                ("thread", models.TextField()),
                ("references", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("bounced", "Bounced"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                ("actor", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField()),
                ("queued_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "portal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.portal"
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.member",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")), fields=["portal", "due_at"], name="mail_due"
                    ),
                    models.Index(
                        condition=models.Q(("state", "sending")),
                        fields=["portal", "claimed_at"],
                        name="mail_under_way",
                    ),
                    models.Index(fields=["portal", "record_id"], name="mail_record"),
                    models.Index(
                        condition=models.Q(("contact_id__isnull", False)),
                        fields=["portal", "contact_id"],
                        name="mail_contact",
                    ),
                    models.Index(
                        condition=models.Q(("state", "sent"), _negated=True),
                        fields=["portal", "id"],
                        name="mail_not_sent",
                    ),
                ],
            },
        ),
    ]
