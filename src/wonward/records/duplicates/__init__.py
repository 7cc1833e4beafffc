"""Likely duplicates: finds records that may be the same one, and keeps what people decided about them."""
