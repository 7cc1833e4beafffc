"""Pipelines: which stage a record may stand in, and the board that shows them."""
