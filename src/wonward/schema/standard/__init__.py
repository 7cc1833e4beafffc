"""The standard definitions: contact, company, deal and the others as YAML, the same kind of thing as a portal's own."""
