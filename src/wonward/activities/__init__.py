"""Activities: notes, calls, emails, meetings and tasks, and the timeline they make with the change log."""
