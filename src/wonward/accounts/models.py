"""The tables of portals, people and tokens."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Portal(models.Model):
    """One organisation's workspace; its records live in the PostgreSQL schema `schema`.

    With `second_factor` nobody enters who has none. `catalog_version` rises with every change of a definition, so
    that all processes see it; `layout` is how many steps of `schema/layout.py` its schema has taken.
    """

    name = models.CharField(max_length=40, unique=True)
    label = models.CharField(max_length=200)
    schema = models.CharField(max_length=60, unique=True)
    currency = models.CharField(max_length=3, default="EUR")
    time_zone = models.CharField(max_length=60, default="Europe/Copenhagen")
    language = models.CharField(max_length=10, default="en")
    second_factor = models.BooleanField(default=False)
    catalog_version = models.PositiveIntegerField(default=0)
    layout = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Accounts(BaseUserManager["User"]):
    """Makes users, whose name is their email address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password nobody can sign in as them."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Someone who can sign in, known by email address over all portals; `language` goes before their browser's."""

    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = Accounts()

    def __str__(self) -> str:
        return self.full_name or self.email


class Session(AbstractBaseSession):
    """A browser's session; it has a user once someone has signed in, and where that was."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    signed_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=45, blank=True, default="")
    agent = models.CharField(max_length=300, blank=True, default="")


class SignIn(models.Model):
    """One try to sign in; `user` is empty when nobody has that email address. Kept for a time."""

    class Result(models.TextChoices):
        """How it ended."""

        ENTERED = "entered"
        REFUSED = "refused"
        HELD = "held", "held up after too many failures"

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sign_ins")
    email = models.CharField(max_length=254, blank=True)
    at = models.DateTimeField(db_index=True)
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    how = models.CharField(max_length=60)
    result = models.CharField(max_length=10, choices=Result.choices)

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="sign_in_user_at")]

    def __str__(self) -> str:
        return f"{self.email} {self.result}"


class Invitation(models.Model):
    """An email address asked into a portal; `made_at` is part of its link, so that asking again ends earlier links."""

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=63)
    team = models.CharField(max_length=200, blank=True, default="")
    made_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portal", "email"], name="invitation_email")]

    def __str__(self) -> str:
        return self.email


class Identity(models.Model):
    """A user as a provider of single sign-on knows them, for good: by its issuer and its own id of them."""

    user = models.ForeignKey(User, models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_subject")]

    def __str__(self) -> str:
        return self.subject


class Team(models.Model):
    """A team of a portal."""

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="teams")
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portal", "name"], name="team_name")]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A person in a portal: who can own records, who manages whom, who signs in as which user.

    HubSpot calls members that own records *owners*; their owner id is the member's id. `role` is the name of one
    of the portal's roles or the super admin's, `seat` that of a kind of seat. Of at most two teams `team` is the
    primary one. Who is away `away_from` a day until the end of another gets no new records by rotation.
    """

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="memberships")
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(null=True, blank=True)  # noqa: DJ001 - people known by name alone have none
    title = models.CharField(max_length=200, blank=True, default="")
    phone = models.CharField(max_length=50, blank=True, default="")
    manager = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reports")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="members")
    extra_team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="extra_members")
    role = models.CharField(max_length=63, blank=True, default="")
    seat = models.CharField(max_length=63, blank=True, default="")
    away_from = models.DateField(null=True, blank=True)
    away_until = models.DateField(null=True, blank=True)
    owns_records = models.BooleanField(default=True)
    sees_sensitive = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portal", "user"], name="member_user"),
            models.UniqueConstraint(fields=["portal", "email"], name="member_email"),
            models.CheckConstraint(
                condition=models.Q(extra_team=None) | ~models.Q(extra_team=models.F("team")),
                name="member_teams",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class RightsChange(models.Model):
    """A change of a member's rights: `actor` as the change log names them, what it was about, before and after."""

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="rights_changes")
    member = models.ForeignKey(Member, models.CASCADE, related_name="rights_changes")
    actor = models.CharField(max_length=100)
    what = models.CharField(max_length=30)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["member", "-at"], name="rights_change_member"),
            models.Index(fields=["portal", "-at"], name="rights_change_portal"),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after}"


class Token(models.Model):
    """A bearer token of a portal; only its SHA-256 is kept, since the token itself is 256 random bits."""

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=100))
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
