"""Views of lists, the organisation's and people's own, and what each has chosen to see first."""
