"""The tables of people's own views, and of what each has chosen for a type of record."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class SavedView(models.Model):
    """A view that somebody made: theirs alone, or shared. What it says is as in `schema/view.py`."""

    class Sharing(models.TextChoices):
        """Who sees it beside the one who made it: those who share teams with them, or everyone."""

        PRIVATE = "private"
        TEAM = "team"
        EVERYONE = "everyone"

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    member = models.ForeignKey("accounts.Member", models.CASCADE, related_name="saved_views")
    object_type = models.CharField(max_length=63)
    label = models.CharField(max_length=100)
    filter = models.TextField(blank=True)
    columns = ArrayField(models.CharField(max_length=63))
    sort = models.CharField(max_length=64, blank=True)
    layout = models.CharField(max_length=5)
    pipeline = models.CharField(max_length=63, blank=True)
    sharing = models.CharField(max_length=8, choices=Sharing.choices)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["portal", "object_type", "sharing"], name="saved_view_shared")]

    def __str__(self) -> str:
        return self.label


class Choice(models.Model):
    """What a member has chosen for a type: the views pinned, by name or number, and the properties that stand first.

    `properties` is empty (null) where they take the default.
    """

    member = models.ForeignKey("accounts.Member", models.CASCADE, related_name="view_choices")
    object_type = models.CharField(max_length=63)
    pinned = ArrayField(models.CharField(max_length=63), default=list)
    properties = ArrayField(models.CharField(max_length=63), null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "object_type"], name="view_choice")]

    def __str__(self) -> str:
        return f"{self.object_type} of {self.member_id}"
