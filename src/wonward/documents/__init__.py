"""Definitions as documents: kind, name, body, version and every earlier version."""
