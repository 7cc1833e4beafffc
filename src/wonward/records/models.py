"""The table of import runs: how far each file has been read, so that an interrupted run goes on."""

from django.db import models


class ImportRun(models.Model):
    """One reading of one file into one portal, known by the file's digest and what was done with it."""

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=63)
    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.file_name} at row {self.position} of {self.rows}"
