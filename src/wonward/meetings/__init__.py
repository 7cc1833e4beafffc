"""Meetings that people outside book themselves: free times, booking, invitations, and what calendars say is busy."""
