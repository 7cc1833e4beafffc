"""The worker: reads the change feed and runs jobs."""
