"""Files attached to records: taken in, checked, kept, given out, deleted for good."""
