"""Portals and the people and programs that may enter them: users, members, teams, tokens."""
