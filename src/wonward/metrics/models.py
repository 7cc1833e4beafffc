"""The tables of goals, and of the dashboards that people make for themselves."""

from django.db import models
from django.db.models import Q

from wonward.documents.fields import OrderedJSONField


class Goal(models.Model):
    """What a metric is to reach in a period that begins on a day: for a member, for a team, or else for everyone."""

    class Period(models.TextChoices):
        """How long the period is."""

        MONTH = "month"
        QUARTER = "quarter"
        YEAR = "year"

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    metric = models.CharField(max_length=63)
    period = models.CharField(max_length=7, choices=Period.choices)
    starts_on = models.DateField()
    member = models.ForeignKey("accounts.Member", models.CASCADE, null=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.CASCADE, null=True, related_name="+")
    amount = models.DecimalField(max_digits=20, decimal_places=4)
    set_by = models.CharField(max_length=100)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["portal", "metric", "period", "starts_on", "member", "team"],
                nulls_distinct=False,
                name="goal_of",
            ),
            models.CheckConstraint(condition=Q(member=None) | Q(team=None), name="goal_for_one"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.period} {self.starts_on}"


class OwnDashboard(models.Model):
    """A dashboard that somebody made; `body` is what a document of the kind says, its label among it."""

    class Sharing(models.TextChoices):
        """Who sees it beside whose it is."""

        PRIVATE = "private"
        TEAM = "team"
        EVERYONE = "everyone"

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    owner = models.ForeignKey("accounts.Member", models.CASCADE, related_name="+")
    body = OrderedJSONField()
    sharing = models.CharField(max_length=8, choices=Sharing.choices, default=Sharing.PRIVATE)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["portal", "owner"], name="own_dashboard_owner")]

    def __str__(self) -> str:
        return f"dashboard {self.pk}"


class PinnedDashboard(models.Model):
    """A dashboard that somebody keeps in front: a document's name, or the number of one that a person made."""

    member = models.ForeignKey("accounts.Member", models.CASCADE, related_name="+")
    name = models.CharField(max_length=63)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "name"], name="pinned_dashboard")]

    def __str__(self) -> str:
        return self.name
