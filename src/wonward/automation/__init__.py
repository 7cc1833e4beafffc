"""Workflows: what enrols records in them, what their steps do, and what becomes of each enrolment."""
