"""How dates and times are written, by language: short and in the same order everywhere, unlike `3/4/17`."""
