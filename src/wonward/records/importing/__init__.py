"""Import of files: every object type of a portal, and its owners, from CSV."""
