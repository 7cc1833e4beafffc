"""Formats for Danish."""
