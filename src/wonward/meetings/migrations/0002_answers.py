from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="answer",
            field=models.CharField(
                blank=True,
                choices=[("ACCEPTED", "Accepted"), ("TENTATIVE", "Tentative"), ("DECLINED", "Declined")],
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="answered_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
