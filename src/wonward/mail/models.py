"""The table of the outbox: mails that were written, waiting, under way and done."""

from django.db import models
from django.db.models import Q

from wonward.mail.incoming import models as incoming

__all__ = ["OutgoingMail", "State", "incoming"]


class State(models.TextChoices):
    """How far a mail is: *bounced* when its address was refused, *failed* when anything else was, both for good."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"


class OutgoingMail(models.Model):
    """A mail to one address about one record, written out in full.

    `message_id` never changes, so that whoever gets it twice can tell. `thread` is the subject without what
    answers put before it. `calendar` is a part for the receiver's calendar, which does `calendar_method` with it.
    `queued_at` is when it was written or last asked for again, `due_at` its next try, `claimed_at` the beginning
    of the last one. Who it is *from* the portal says when it is sent.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=63)
    record_id = models.BigIntegerField()
    contact_id = models.BigIntegerField(null=True, blank=True)
    template = models.CharField(max_length=63)
    language = models.CharField(max_length=10)
    sender = models.ForeignKey("accounts.Member", models.SET_NULL, null=True, blank=True, related_name="+")
    reply_to = models.CharField(max_length=400, blank=True)
    to_name = models.CharField(max_length=400, blank=True)
    to_address = models.CharField(max_length=320)
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField()
    calendar = models.TextField(blank=True, default="")
    calendar_method = models.CharField(max_length=10, blank=True, default="")
    message_id = models.CharField(max_length=320, unique=True)
    thread = models.TextField()
    references = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    actor = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["portal", "due_at"], condition=Q(state="queued"), name="mail_due"),
            models.Index(
                fields=["portal", "claimed_at"], condition=Q(state="sending"), name="mail_under_way"
            ),
            models.Index(fields=["portal", "record_id"], name="mail_record"),
            models.Index(
                fields=["portal", "contact_id"], condition=Q(contact_id__isnull=False), name="mail_contact"
            ),
            models.Index(
                fields=["portal", "id"],
                condition=~Q(state="sent"),
                name="mail_not_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to_address}"

    @property
    def in_reply_to(self) -> str:
        """The mail that this one follows in its thread, "" for none."""
        return self.references.rpartition(" ")[2]
