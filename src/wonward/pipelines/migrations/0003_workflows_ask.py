"""Workflows ask for decisions too, by names longer than those of stages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pipelines", "0002_decisions")]

    operations = [
        migrations.AlterField("decision", "stage", models.CharField(max_length=200)),
    ]
