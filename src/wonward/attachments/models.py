"""The tables of attachments, and of files in the storage that no attachment holds."""

from django.db import models
from django.db.models import Q


class Scan(models.TextChoices):
    """What is known of viruses in a file; *waiting* ones aren't given out."""

    UNSCANNED = "unscanned"
    CLEAN = "clean"
    WAITING = "waiting"


class Attachment(models.Model):
    """A file on a record, or of no record, where another room holds it. `key` is where the storage has it.

    `media_type` was found by its content. A removed one is archived and can be restored, as records can, until it
    is deleted for good.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=63, blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    media_type = models.CharField(max_length=100)
    key = models.CharField(max_length=200, unique=True)
    scan = models.CharField(max_length=10, choices=Scan.choices)
    uploaded_by = models.CharField(max_length=100)
    uploaded_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["portal", "record_id"], name="attachment_record"),
            models.Index(
                fields=["archived_at"], condition=Q(archived_at__isnull=False), name="attachment_archived"
            ),
            models.Index(fields=["id"], condition=Q(scan="waiting"), name="attachment_waiting"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ready(self) -> bool:
        """Whether the file may be given out."""
        return self.scan in (Scan.UNSCANNED, Scan.CLEAN)


class LooseFile(models.Model):
    """A key of the storage that no attachment holds; what lies there is deleted once it is due.

    It stands before a file is written and after the last row that named it is gone, so that no crash
    leaves a file that nobody knows of.
    """

    key = models.CharField(max_length=200, unique=True)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
