"""The command line: `wonward`, thin over the rooms below."""
