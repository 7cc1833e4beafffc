"""Benches: what is measured, against which limit, in one run."""
