"""The shape of a portal: object types, properties, associations, pipelines, and the tables they live in."""
