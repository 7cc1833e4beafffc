"""The tables of notifications, and of what members don't want to be told."""

from django.db import models


class Notification(models.Model):
    """Something a member is told, once: `key` says what it is about, and no two of a member have the same.

    `shown` says whether it stands on their page. A mail is `due_by_mail` until it is `mailed_at`.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    member = models.ForeignKey("accounts.Member", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    text = models.TextField()
    object_type = models.CharField(max_length=63, blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    shown = models.BooleanField()
    read_at = models.DateTimeField(null=True, blank=True)
    due_by_mail = models.BooleanField()
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="notification_once")]
        indexes = [
            models.Index(fields=["member", "-made_at"], name="notification_of_member"),
            models.Index(
                fields=["member"],
                condition=models.Q(read_at=None, shown=True),
                name="notification_unread",
            ),
            models.Index(fields=["portal", "record_id"], name="notification_record"),
        ]

    def __str__(self) -> str:
        return self.text


class Silence(models.Model):
    """A way by which a member isn't to be told of a kind of thing."""

    member = models.ForeignKey("accounts.Member", models.CASCADE, related_name="silences")
    kind = models.CharField(max_length=20)
    channel = models.CharField(max_length=4)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "kind", "channel"], name="silence_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel}"
