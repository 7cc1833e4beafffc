"""The tables of import runs and their problems, of the proofs of erasures, and of likely duplicates."""

from django.db import models


class ImportRun(models.Model):
    """One reading of one file into one portal, known by the file's digest and the map it was read with.

    `position` counts the rows gone through, those of a second pass included. A row is created, updated,
    unchanged or refused; `incomplete` ones were written without something that is told as their problem.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=63)
    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict, blank=True)
    rows = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    incomplete = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["portal", "digest"], name="import_run_digest")]

    def __str__(self) -> str:
        return f"{self.file_name} at row {self.position} of {self.rows}"


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
