"""Notifications: what members are told, on their page and by mail, each thing once."""
