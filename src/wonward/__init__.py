"""Wonward: the open customer-lifecycle platform that speaks HubSpot."""
