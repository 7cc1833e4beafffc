"""What a property can hold: a file per field type, one tuple of them all in `registry.py`."""
