from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="attachment",
            name="object_type",
            field=models.CharField(blank=True, max_length=63),
        ),
        migrations.AlterField(
            model_name="attachment",
            name="record_id",
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
