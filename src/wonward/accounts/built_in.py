"""The role that is there in every portal."""

SUPER_ADMIN = "super_admin"
"""The role that may all; the others are documents."""
