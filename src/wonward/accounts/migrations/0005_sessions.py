from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Keeps sessions with their users; those of before are gone, so everyone signs in again."""

    dependencies = [("accounts", "0004_sees_sensitive")]

    operations = [
        migrations.RunSQL("drop table if exists django_session", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField("session key", max_length=40, primary_key=True, serialize=False),
                ),
                ("session_data", models.TextField("session data")),
                ("expire_date", models.DateTimeField("expire date", db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions"
                    ),
                ),
            ],
            options={"verbose_name": "session", "verbose_name_plural": "sessions"},
        ),
    ]
