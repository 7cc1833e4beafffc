"""The expression language: text or HubSpot's filters, through one checked tree, to bound SQL."""
