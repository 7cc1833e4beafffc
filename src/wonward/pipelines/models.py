"""The table of stage visits."""

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
