"""What is measured: figures over records, goals for them, and the dashboards that show both."""
