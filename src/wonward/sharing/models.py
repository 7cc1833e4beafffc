"""The tables of shared documents: versions, links to them, who may read by a link, and who has."""

from django.db import models
from django.db.models import Q


class Document(models.Model):
    """A document that can be shared: of the portal's library, or of a record whose file it is."""

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    title = models.CharField(max_length=200)
    object_type = models.CharField(max_length=63, blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["portal", "record_id"], name="document_record")]

    def __str__(self) -> str:
        return self.title


class Version(models.Model):
    """A file that a document was or is: links give out the one with the highest number."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    file = models.ForeignKey("attachments.Attachment", models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="version_number")]

    def __str__(self) -> str:
        return f"{self.document_id} version {self.number}"


class Link(models.Model):
    """A way to a document from outside, known by the digest of its secret.

    *Private* ones are read by their readers alone. What is viewed by a link is viewed by its contact, where it
    has one, and stands on the timeline of its record too. Links end by being revoked or when they expire.
    """

    document = models.ForeignKey(Document, models.CASCADE, related_name="links")
    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    maker = models.ForeignKey("accounts.Member", models.SET_NULL, null=True, blank=True, related_name="+")
    digest = models.BinaryField(max_length=32, unique=True)
    private = models.BooleanField()
    password = models.CharField(max_length=200, blank=True)
    contact_id = models.BigIntegerField(null=True, blank=True)
    object_type = models.CharField(max_length=63, blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["portal", "contact_id"], condition=Q(contact_id__isnull=False), name="link_contact"
            ),
            models.Index(
                fields=["portal", "record_id"], condition=Q(record_id__isnull=False), name="link_record"
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk} to {self.document_id}"


class Reader(models.Model):
    """Somebody who may read by a private link, once they have given the code that was mailed to them."""

    link = models.ForeignKey(Link, models.CASCADE, related_name="readers")
    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    email = models.CharField(max_length=320)
    contact_id = models.BigIntegerField(null=True, blank=True)
    code = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "email"], name="reader_once")]
        indexes = [
            models.Index(
                fields=["portal", "contact_id"], condition=Q(contact_id__isnull=False), name="reader_contact"
            ),
            models.Index(fields=["portal", "email"], name="reader_email"),
        ]

    def __str__(self) -> str:
        return self.email


class View(models.Model):
    """One time that a document was looked at: `key` is the page's own, so that it is counted once.

    `network` is the beginning of a stranger's address and is forgotten after a while; of known readers there is none.
    """

    link = models.ForeignKey(Link, models.CASCADE, related_name="views")
    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    reader = models.ForeignKey(Reader, models.CASCADE, null=True, blank=True, related_name="views")
    contact_id = models.BigIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField()
    key = models.BinaryField(max_length=32, unique=True)
    network = models.CharField(max_length=45, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    seconds = models.PositiveIntegerField(default=0)
    downloaded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["link", "-began_at"], name="view_newest"),
            models.Index(
                fields=["portal", "contact_id"], condition=Q(contact_id__isnull=False), name="view_contact"
            ),
            models.Index(fields=["began_at"], condition=~Q(network=""), name="view_network"),
        ]

    def __str__(self) -> str:
        return f"view of link {self.link_id} at {self.began_at}"
