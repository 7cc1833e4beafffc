"""Merging: two records become one, all that hangs on them included, and it can be undone."""
