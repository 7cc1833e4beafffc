import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0006_member_title_and_phone"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sealed", models.TextField()),
                ("host", models.CharField(max_length=255)),
                ("etag", models.CharField(blank=True, max_length=300)),
                ("due_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("parsed_at", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "portal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.portal"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BusyTime",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "feed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="busy",
                        to="meetings.calendarfeed",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CalendarLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("made_at", models.DateTimeField()),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.member"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("page", models.CharField(max_length=63)),
                ("meeting_id", models.BigIntegerField()),
                ("contact_id", models.BigIntegerField()),
                ("uid", models.CharField(max_length=320, unique=True)),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("name", models.CharField(max_length=200)),
                ("email", models.CharField(max_length=320)),
                ("time_zone", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("hosts", models.ManyToManyField(related_name="+", to="accounts.member")),
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
                        condition=models.Q(("cancelled_at__isnull", True)),
                        fields=["portal", "starts_at"],
                        name="booking_ahead",
                    ),
                    models.Index(fields=["portal", "meeting_id"], name="booking_meeting"),
                    models.Index(fields=["portal", "contact_id"], name="booking_contact"),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="calendarfeed",
            index=models.Index(fields=["portal", "due_at"], name="calendar_feed_due"),
        ),
        migrations.AddIndex(
            model_name="busytime",
            index=models.Index(fields=["feed", "starts_at"], name="busy_time_feed"),
        ),
    ]
