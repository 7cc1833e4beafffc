"""Sealed secrets: they open with the key and for the purpose they were sealed with, and with nothing else."""

import pytest
from django.test import override_settings

from wonward.db.secrets import Unreadable, seal, unseal

SECRET = "Rødgrød med fløde"


def test_sealed_text_opens_again_and_shows_nothing() -> None:
    sealed = seal(SECRET, "totp")
    assert unseal(sealed, "totp") == SECRET
    assert sealed.isascii()
    assert SECRET not in sealed
    assert sealed != seal(SECRET, "totp")


def test_what_was_sealed_for_one_purpose_opens_for_no_other() -> None:
    with pytest.raises(Unreadable, match="single sign-on"):
        unseal(seal(SECRET, "totp"), "single sign-on")


def test_changed_or_foreign_text_is_refused() -> None:
    sealed = seal(SECRET, "totp")
    for text in (sealed[:-4] + "AAA=", "", "å", SECRET):
        with pytest.raises(Unreadable):
            unseal(text, "totp")


def test_an_earlier_key_opens_while_it_is_named() -> None:
    with override_settings(SECRET_KEY="the key of last year"):
        sealed = seal(SECRET, "totp")
    with override_settings(SECRET_KEY="the new key", SECRET_KEY_FALLBACKS=["the key of last year"]):
        assert unseal(sealed, "totp") == SECRET
        fresh = seal(SECRET, "totp")
    with override_settings(SECRET_KEY="the new key", SECRET_KEY_FALLBACKS=[]):
        assert unseal(fresh, "totp") == SECRET
        with pytest.raises(Unreadable, match="WONWARD_SECRET_KEYS_BEFORE"):
            unseal(sealed, "totp")
