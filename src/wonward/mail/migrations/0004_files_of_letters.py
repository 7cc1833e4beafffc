from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0003_incoming_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="filedmail",
            name="files_kept",
            field=models.BooleanField(default=True),
        ),
    ]
