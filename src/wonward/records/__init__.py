"""Records: the one way to read them, the one way to write them, and the log of every change."""
