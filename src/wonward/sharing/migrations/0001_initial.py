import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0010_rights_changes"),
        ("attachments", "0002_files_of_no_record"),
    ]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("object_type", models.CharField(blank=True, max_length=63)),
                ("record_id", models.BigIntegerField(blank=True, null=True)),
                ("made_by", models.CharField(max_length=100)),
                ("made_at", models.DateTimeField()),
                (
                    "portal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.portal"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("private", models.BooleanField()),
                ("password", models.CharField(blank=True, max_length=200)),
                ("contact_id", models.BigIntegerField(blank=True, null=True)),
                ("object_type", models.CharField(blank=True, max_length=63)),
                ("record_id", models.BigIntegerField(blank=True, null=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="sharing.document",
                    ),
                ),
                (
                    "maker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.member",
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
            name="Reader",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.CharField(max_length=320)),
                ("contact_id", models.BigIntegerField(blank=True, null=True)),
                ("code", models.CharField(blank=True, max_length=64)),
                ("code_until", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="readers", to="sharing.link"
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
            name="Version",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="sharing.document",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="attachments.attachment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="View",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contact_id", models.BigIntegerField(blank=True, null=True)),
                ("version", models.PositiveIntegerField()),
                ("key", models.BinaryField(max_length=32, unique=True)),
                ("network", models.CharField(blank=True, max_length=45)),
                ("began_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("seconds", models.PositiveIntegerField(default=0)),
                ("downloaded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="views", to="sharing.link"
                    ),
                ),
                (
                    "portal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.portal"
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="views",
                        to="sharing.reader",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["portal", "record_id"], name="document_record"),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(
                condition=models.Q(("contact_id__isnull", False)),
                fields=["portal", "contact_id"],
                name="link_contact",
            ),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(
                condition=models.Q(("record_id__isnull", False)),
                fields=["portal", "record_id"],
                name="link_record",
            ),
        ),
        migrations.AddIndex(
            model_name="reader",
            index=models.Index(
                condition=models.Q(("contact_id__isnull", False)),
                fields=["portal", "contact_id"],
                name="reader_contact",
            ),
        ),
        migrations.AddIndex(
            model_name="reader",
            index=models.Index(fields=["portal", "email"], name="reader_email"),
        ),
        migrations.AddConstraint(
            model_name="reader",
            constraint=models.UniqueConstraint(fields=("link", "email"), name="reader_once"),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(fields=("document", "number"), name="version_number"),
        ),
        migrations.AddIndex(
            model_name="view",
            index=models.Index(fields=["link", "-began_at"], name="view_newest"),
        ),
        migrations.AddIndex(
            model_name="view",
            index=models.Index(
                condition=models.Q(("contact_id__isnull", False)),
                fields=["portal", "contact_id"],
                name="view_contact",
            ),
        ),
        migrations.AddIndex(
            model_name="view",
            index=models.Index(
                condition=models.Q(("network", ""), _negated=True), fields=["began_at"], name="view_network"
            ),
        ),
    ]
