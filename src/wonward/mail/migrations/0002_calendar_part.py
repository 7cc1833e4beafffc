from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="outgoingmail",
            name="calendar",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="outgoingmail",
            name="calendar_method",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
    ]
