"""Whom a provider of single sign-on means: by its own id of a person, else by a proven email address."""

from django.db import IntegrityError, transaction

from wonward import clock
from wonward.accounts import invitations, letters
from wonward.accounts.models import Identity, User
from wonward.accounts.sso import Known, Refused


def user_of(known: Known) -> User:
    """Return the user that a provider has signed in, connecting them the first time; raise Refused for strangers.

    A user is made for who is invited, and for nobody else.
    """
    found = Identity.objects.select_related("user").filter(issuer=known.issuer, subject=known.subject).first()
    if found:
        return found.user
    stranger = "You aren't known here. Ask an administrator of your portal to invite you."
    if not known.email:
        raise Refused("The provider hasn't proven your email address, so that you can't be found here.")
    user = User.objects.filter(email=known.email).first() or invitations.accept_as(known.email, known.name)
    if user is None or not user.is_active:
        raise Refused(stranger)
    if user.identities.filter(issuer=known.issuer).exists():
        # The address now belongs to somebody else at the provider than when it was connected.
        raise Refused("Another person of the provider is connected with this address. Ask an administrator.")
    try:
        with transaction.atomic():
            Identity.objects.create(
                user=user, issuer=known.issuer, subject=known.subject, made_at=clock.now()
            )
    except IntegrityError:  # the same person, in another window at once
        return Identity.objects.select_related("user").get(issuer=known.issuer, subject=known.subject).user
    letters.notify(user, "identity_linked")
    return user
