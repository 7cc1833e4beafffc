"""Documents shared by link: files with versions, who may read them, and who has."""
