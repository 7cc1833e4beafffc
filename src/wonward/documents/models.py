"""The tables of definitions: what holds now, what held before, and the numbers clients know them by."""

from django.db import models

from wonward.documents.fields import OrderedJSONField


class Document(models.Model):
    """A definition of one portal as it holds now; `removed` keeps its name known after removal."""

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    body = OrderedJSONField()
    version = models.PositiveIntegerField()
    removed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portal", "kind", "name"], name="document_kind_name"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} v{self.version}"


class DocumentVersion(models.Model):
    """A definition as it was written once, by whom and when; never changed."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    body = OrderedJSONField()
    removed = models.BooleanField(default=False)
    actor = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "version"], name="document_version"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} v{self.version}"


class Number(models.Model):
    """The number a definition is known by to HubSpot's clients (`2-7`, an association type id).

    Given once a portal, scope and name, and never given again.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    scope = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portal", "scope", "name"], name="number_name"),
            models.UniqueConstraint(fields=["portal", "scope", "number"], name="number_number"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.name} = {self.number}"
