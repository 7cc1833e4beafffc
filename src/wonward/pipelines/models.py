"""The tables of stage visits, and of what people decide about records."""

from django.db import models


class StageVisit(models.Model):
    """A record's stay in one stage; `left_at` is None while it stands there."""

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    record_id = models.BigIntegerField()
    stage = models.CharField(max_length=62)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["portal", "record_id", "entered_at"], name="stage_visit_record")]

    def __str__(self) -> str:
        return f"{self.record_id} in {self.stage}"


class Answer(models.TextChoices):
    """How a decision stands; a void one was asked or given before what it was about changed."""

    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    VOID = "void"


class Decision(models.Model):
    """An approval or tick `name` that the gate of `stage`, or a workflow, asks for, of one record.

    A workflow stands as `stage` by its name, which has a dot, as no stage has. Actors are the change log's.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    record_id = models.BigIntegerField()
    stage = models.CharField(max_length=200)
    name = models.CharField(max_length=63)
    state = models.CharField(max_length=10, choices=Answer.choices)
    asked_by = models.CharField(max_length=100, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=100, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portal", "record_id", "stage", "name"], name="decision_place")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.record_id}: {self.state}"
