"""HubSpot's API: its paths, its words, its shapes; the only camelCase in the house."""
