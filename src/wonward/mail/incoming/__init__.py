"""Mail that comes in: what it says, whose it is, and its place on the timeline of the people it is with."""
