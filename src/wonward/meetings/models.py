"""The tables of meetings: bookings, members' calendar feeds with what they say is busy, links to own calendars."""

from django.db import models
from django.db.models import Q


class Answer(models.TextChoices):
    """What a guest says to an invitation, as calendars write it."""

    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"


class Booking(models.Model):
    """A meeting that somebody outside booked, beside its record `meeting_id`.

    `uid` and `sequence` are what calendars know it by: the same meeting, and how often it has changed. `answer` is
    the guest's to the invitation, "" for none yet.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    page = models.CharField(max_length=63)
    meeting_id = models.BigIntegerField()
    contact_id = models.BigIntegerField()
    hosts = models.ManyToManyField("accounts.Member", related_name="+")
    uid = models.CharField(max_length=320, unique=True)
    sequence = models.PositiveIntegerField(default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=320)
    time_zone = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["portal", "starts_at"], condition=Q(cancelled_at__isnull=True), name="booking_ahead"
            ),
            models.Index(fields=["portal", "meeting_id"], name="booking_meeting"),
            models.Index(fields=["portal", "contact_id"], name="booking_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.page} {self.starts_at}"


class CalendarFeed(models.Model):
    """The iCalendar address that tells when a member is busy, sealed: whoever has it can read the calendar.

    `due_at` is when it is read next, `read_at` when that last worked; `error` says why it doesn't now.
    """

    member = models.OneToOneField("accounts.Member", models.CASCADE, related_name="+")
    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    sealed = models.TextField()
    host = models.CharField(max_length=255)
    etag = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    parsed_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["portal", "due_at"], name="calendar_feed_due")]

    def __str__(self) -> str:
        return f"{self.host} of member {self.member_id}"


class BusyTime(models.Model):
    """A stretch of time that a member's calendar feed says they are busy."""

    feed = models.ForeignKey(CalendarFeed, models.CASCADE, related_name="busy")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["feed", "starts_at"], name="busy_time_feed")]

    def __str__(self) -> str:
        return f"{self.starts_at} to {self.ends_at}"


class CalendarLink(models.Model):
    """The secret that opens a member's tasks and meetings to their own calendar; only its digest is kept."""

    member = models.OneToOneField("accounts.Member", models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar of member {self.member_id}"
