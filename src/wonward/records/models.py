"""The tables of imports and exports, of the proofs of erasures, and of likely duplicates."""

from datetime import datetime, timedelta

from django.db import models


class ImportRun(models.Model):
    """One reading of one file into one portal, known by the file's digest and the map it was read with.

    `position` counts the rows gone through, those of a second pass included. A row is created, updated,
    unchanged or refused; `incomplete` ones were written without something that is told as their problem.
    `stored` is the file's name in the store, empty when the file is elsewhere or was deleted. The changes
    of a run stand in the change log above `first_change` and up to `last_change`, by `import:<id>`;
    an undoing has those left that stand up to `undo_from`.
    """

    class State(models.TextChoices):
        """Where a run stands; `uploaded` ones wait for their columns to be said, `waiting` ones for the go."""

        UPLOADED = "uploaded", "Columns to be matched"
        PREVIEWING = "previewing", "Being looked through"
        WAITING = "waiting", "Waiting for your go"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Stopped by a problem"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=63)
    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.RUNNING)
    actor = models.CharField(max_length=100, blank=True)
    stored = models.CharField(max_length=100, blank=True)
    stopping = models.BooleanField(default=False)
    failure = models.TextField(blank=True)
    preview = models.JSONField(null=True, blank=True)
    rows = models.PositiveIntegerField()
    steps = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    incomplete = models.PositiveIntegerField(default=0)
    first_change = models.BigIntegerField(null=True, blank=True)
    last_change = models.BigIntegerField(null=True, blank=True)
    undo_from = models.BigIntegerField(null=True, blank=True)
    undone = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField()
    active_since = models.DateTimeField(null=True, blank=True)
    active_from = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["portal", "digest"], name="import_run_digest"),
            models.Index(fields=["portal", "-started_at"], name="import_run_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} at row {self.position} of {self.rows}"

    @property
    def label(self) -> str:
        """The actor that the run's changes are logged under."""
        return f"import:{self.pk}"

    @property
    def active(self) -> bool:
        """Whether a job is carrying the run on, or is about to."""
        return self.state in (self.State.PREVIEWING, self.State.RUNNING, self.State.UNDOING)


class ImportProblem(models.Model):
    """What was wrong with a row of an import: `row` counts from 0, `line` is where it begins in the file."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=500, blank=True)
    message = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["run", "row"], name="import_problem_row")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class Erasure(models.Model):
    """The proof that a record was erased, with nothing personal in it.

    `digest` is the SHA-256 of `salt` and the email address that identified the record, where it had one. Without
    a record, the address was asked to be forgotten though nothing had it.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=63)
    record_id = models.BigIntegerField(null=True, blank=True)
    salt = models.BinaryField(max_length=16)
    digest = models.BinaryField(max_length=32, null=True, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)
    counts = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["portal", "record_id"], name="erasure_record")]

    def __str__(self) -> str:
        return f"{self.object_type} {self.record_id or '-'}"


class ImportLink(models.Model):
    """An association that was there before an import changed its labels, which undoing brings back."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="links")
    from_id = models.BigIntegerField()
    to_type = models.CharField(max_length=63)
    to_id = models.BigIntegerField()
    labels = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["run", "from_id"], name="import_link_from")]

    def __str__(self) -> str:
        return f"{self.from_id} to {self.to_type} {self.to_id}"


class ImportKept(models.Model):
    """Something of an import that undoing left as it is, and why."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="kept")
    record_id = models.BigIntegerField()
    message = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["run", "record_id"], name="import_kept_record")]

    def __str__(self) -> str:
        return f"record {self.record_id}: {self.message}"


class ExportRun(models.Model):
    """One export of records into a file, for the one who asked; `asked` is what `exporting` reads it from."""

    class State(models.TextChoices):
        """Where an export stands."""

        RUNNING = "running", "Running"
        DONE = "done", "Ready"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Stopped by a problem"

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=63)
    actor = models.CharField(max_length=100)
    asked = models.JSONField()
    file_name = models.CharField(max_length=255)
    stored = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.RUNNING)
    stopping = models.BooleanField(default=False)
    failure = models.TextField(blank=True)
    rows = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    active_since = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["portal", "-started_at"], name="export_run_recent")]

    def __str__(self) -> str:
        return f"{self.file_name} at record {self.position} of {self.rows}"

    @property
    def active(self) -> bool:
        """Whether a job is writing the file, or is about to."""
        return self.state == self.State.RUNNING


KEPT_FOR = timedelta(days=14)
"""How long an import can be undone and its file is kept, and an export downloaded."""


def kept_until(run: ImportRun | ExportRun) -> datetime:
    """Return when a run's file is deleted."""
    return (run.ended_at or run.moved_at or run.started_at) + KEPT_FOR


class DuplicatePair(models.Model):
    """Two records that are likely the same one, the lower id first; `reasons` are the properties that agree.

    A pair that someone dismissed doesn't come back; one that was merged is open again when that is undone.
    """

    class State(models.TextChoices):
        """What became of a pair."""

        OPEN = "open"
        MERGED = "merged"
        DISMISSED = "dismissed"

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=63)
    low_id = models.BigIntegerField()
    high_id = models.BigIntegerField()
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.CharField(max_length=100, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portal", "low_id", "high_id"], name="duplicate_pair_ids"),
        ]
        indexes = [
            models.Index(
                fields=["portal", "object_type", "state", "-score", "id"], name="duplicate_pair_queue"
            ),
            models.Index(fields=["portal", "high_id"], name="duplicate_pair_high"),
        ]

    def __str__(self) -> str:
        return f"{self.low_id} and {self.high_id}"


class DuplicateScan(models.Model):
    """How far all records of a type have been looked through for duplicates, by the rules of a digest."""

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=63)
    rules = models.CharField(max_length=64)
    after_id = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portal", "object_type"], name="duplicate_scan_type"),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} up to {self.after_id}"


class HandOver(models.Model):
    """What a member who leaves owned, given to others: `steps` are type, property and the owner id of who gets it.

    `step` counts the steps that are done, and `after` is the last record of the next one that was gone through.
    """

    class State(models.TextChoices):
        """Where it stands; `stopped` since the member came back."""

        RUNNING = "running", "Running"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    member = models.ForeignKey("accounts.Member", models.CASCADE, related_name="+")
    actor = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State.choices)
    steps = models.JSONField(default=list)
    step = models.PositiveIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, blank=True)
    started_at = models.DateTimeField()
    moved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="hand_over_member")]

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"

    @property
    def active(self) -> bool:
        """Whether a job is carrying it on, or is about to."""
        return self.state == self.State.RUNNING
