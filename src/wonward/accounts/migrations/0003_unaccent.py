from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Takes accents off letters: searches find Ågård by agard."""

    dependencies = [("accounts", "0002_portal_layout")]

    operations = [UnaccentExtension()]
