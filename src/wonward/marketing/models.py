"""The table of marketing: what was sent by forms."""

from django.db import models


class Submission(models.Model):
    """A form that somebody sent, as they sent it: `values` by property, `consents` with the texts that were shown.

    `key` is the same for the same answers sent again from the same page. `page`, `referrer` and `utm` are what the
    visitor's browser told. `contact_id` is empty only inside the transaction that makes it.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    form = models.CharField(max_length=63)
    definition = models.ForeignKey("documents.DocumentVersion", models.RESTRICT, related_name="+")
    contact_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField()
    key = models.CharField(max_length=64)
    values = models.JSONField(default=dict)
    consents = models.JSONField(default=list)
    page = models.TextField(blank=True)
    referrer = models.TextField(blank=True)
    utm = models.JSONField(default=dict)
    source = models.CharField(max_length=40)
    language = models.CharField(max_length=10)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portal", "key"], name="submission_key")]
        indexes = [
            models.Index(fields=["portal", "contact_id", "id"], name="submission_contact"),
            models.Index(fields=["portal", "form", "id"], name="submission_form"),
        ]

    def __str__(self) -> str:
        return f"{self.form} by {self.contact_id}"
