"""The tables of incoming mail: what was filed, the mailboxes that are read and how far, what couldn't be filed."""

from django.db import models

MOST_SAID = 500


class FiledMail(models.Model):
    """A letter that a portal has, by a digest of its Message-ID, so that none is filed twice.

    `files_kept` tells whether what was attached to it has been dealt with.
    """

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=32)
    record_id = models.BigIntegerField(null=True, blank=True)
    filed_at = models.DateTimeField()
    files_kept = models.BooleanField(default=True)

    class Meta:
        app_label = "mail"
        constraints = [models.UniqueConstraint(fields=["portal", "digest"], name="filed_mail_once")]

    def __str__(self) -> str:
        return f"email {self.record_id}"


class Mailbox(models.Model):
    """A mailbox that is read: a member's, with its sealed password, or the server's own, which the settings name.

    `failures` counts those in a row, `error` says what the last one was, `next_at` when it is tried again.
    """

    member = models.OneToOneField("accounts.Member", models.CASCADE, null=True, blank=True, related_name="+")
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField()
    user = models.CharField(max_length=320)
    password = models.TextField(blank=True)
    connected_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        app_label = "mail"

    def __str__(self) -> str:
        return f"{self.user} at {self.host}"


class Folder(models.Model):
    """How far a folder was read: `last_uid` under a `validity`, both as IMAP counts (RFC 3501)."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="folders")
    name = models.CharField(max_length=500)
    validity = models.BigIntegerField()
    last_uid = models.BigIntegerField()

    class Meta:
        app_label = "mail"
        constraints = [models.UniqueConstraint(fields=["mailbox", "name"], name="folder_name")]

    def __str__(self) -> str:
        return f"{self.name} up to {self.last_uid}"


class SetAside(models.Model):
    """A letter that was read and couldn't be filed, and why; it stays in its mailbox."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="set_aside")
    folder = models.CharField(max_length=500)
    uid = models.BigIntegerField()
    at = models.DateTimeField()
    reason = models.CharField(max_length=MOST_SAID)

    class Meta:
        app_label = "mail"
        indexes = [models.Index(fields=["mailbox", "-id"], name="set_aside_newest")]

    def __str__(self) -> str:
        return f"{self.folder} {self.uid}: {self.reason}"


class LoggingAddress(models.Model):
    """The token in the address by which a member's mails are logged when a blind copy goes there."""

    member = models.OneToOneField("accounts.Member", models.CASCADE, related_name="+")
    token = models.CharField(max_length=40, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        app_label = "mail"

    def __str__(self) -> str:
        return f"logging address of {self.member_id}"


class DeadAddress(models.Model):
    """An address that mail came back from for good, and what its server said; nothing more is sent there by itself."""

    portal = models.ForeignKey("accounts.Portal", models.CASCADE, related_name="+")
    address = models.CharField(max_length=320)
    reason = models.CharField(max_length=MOST_SAID)
    at = models.DateTimeField()

    class Meta:
        app_label = "mail"
        constraints = [models.UniqueConstraint(fields=["portal", "address"], name="dead_address")]

    def __str__(self) -> str:
        return self.address
