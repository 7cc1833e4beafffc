"""The tables of goals and of people's own dashboards, step by step."""
