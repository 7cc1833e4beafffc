"""The tables of automation: enrolments and their history, the clock of each workflow, turns of a rotation."""

from django.db import models
from django.db.models import Q


class Status(models.TextChoices):
    """What becomes of an enrolment; all but `active` are ends, and a failed one can be replayed."""

    ACTIVE = "active"
    FINISHED = "finished"
    GOAL = "goal"
    STOPPED = "stopped"
    FAILED = "failed"


class Enrolment(models.Model):
    """A record's way through a workflow, at the version it was enrolled with.

    `place` is the step that comes next, `due_at` when it is looked at, `resume_at` until when it waits there.
    `depth` counts the workflows that set each other off before this one; `seen` is the newest entry of the
    record's log that enrolling took into account, `occasion` the day it was for. `wakes` tells that a change
    of the record may end its waiting.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    workflow = models.CharField(max_length=200)
    definition = models.ForeignKey("documents.DocumentVersion", models.RESTRICT, related_name="+")
    object_type = models.CharField(max_length=63)
    record_id = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    place = models.CharField(max_length=200)
    due_at = models.DateTimeField(null=True, blank=True)
    resume_at = models.DateTimeField(null=True, blank=True)
    wakes = models.BooleanField(default=False)
    depth = models.PositiveSmallIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    occasion = models.DateField(null=True, blank=True)
    enrolled_by = models.CharField(max_length=300)
    enrolled_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    said = models.TextField(blank=True)
    problems = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["portal", "workflow", "record_id"],
                condition=Q(status=Status.ACTIVE),
                name="enrolment_active",
            ),
        ]
        indexes = [
            models.Index(
                fields=["portal", "due_at", "id"], condition=Q(status=Status.ACTIVE), name="enrolment_due"
            ),
            models.Index(fields=["portal", "record_id", "workflow"], name="enrolment_record"),
            models.Index(fields=["portal", "id"], condition=Q(status=Status.FAILED), name="enrolment_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow} {self.record_id}: {self.status}"


class StepTaken(models.Model):
    """One step of an enrolment that was done, in the transaction of its effect."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="steps")
    place = models.CharField(max_length=200)
    action = models.CharField(max_length=40)
    at = models.DateTimeField()
    said = models.TextField()

    def __str__(self) -> str:
        return f"{self.place} {self.action}: {self.said}"


class Timer(models.Model):
    """When a workflow by date or schedule looks for records next.

    `day` and `after_id` are the day that the look under way is for and how far it has come; `since` is the last
    day that a date trigger has finished. All of it begins anew with another version of the workflow.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    workflow = models.CharField(max_length=200)
    definition = models.ForeignKey("documents.DocumentVersion", models.RESTRICT, related_name="+")
    next_at = models.DateTimeField()
    day = models.DateField(null=True, blank=True)
    after_id = models.BigIntegerField(default=0)
    since = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portal", "workflow"], name="timer_workflow")]

    def __str__(self) -> str:
        return f"{self.workflow} at {self.next_at}"


class Turns(models.Model):
    """How often each member had their turn in one rotation."""

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    workflow = models.CharField(max_length=200)
    place = models.CharField(max_length=200)
    taken = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portal", "workflow", "place"], name="turns_place")]

    def __str__(self) -> str:
        return f"{self.workflow} {self.place}"


class WebhookSecret(models.Model):
    """What a portal signs webhooks with, sealed; steps have it by its name."""

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    name = models.CharField(max_length=63)
    sealed = models.TextField()
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portal", "name"], name="webhook_secret_name")]

    def __str__(self) -> str:
        return self.name


class WebhookState(models.TextChoices):
    """How far a webhook is; a failed one's enrolment is among the failures."""

    QUEUED = "queued"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"


class Webhook(models.Model):
    """What one step of an enrolment tells another server, while the enrolment waits at that step.

    `key` stays the same however often it is sent. `queued_at` is when it was written or replayed, `due_at` its next
    try, `claimed_at` the beginning of the last one; `answer` is what came back, in words.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="webhooks")
    place = models.CharField(max_length=200)
    url = models.TextField()
    secret = models.CharField(max_length=63)
    key = models.CharField(max_length=64, unique=True)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=WebhookState.choices, default=WebhookState.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    answer = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrolment", "place"], name="webhook_step")]
        indexes = [
            models.Index(fields=["portal", "due_at"], condition=Q(state="queued"), name="webhook_due"),
            models.Index(
                fields=["portal", "claimed_at"], condition=Q(state="sending"), name="webhook_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.url}: {self.state}"
