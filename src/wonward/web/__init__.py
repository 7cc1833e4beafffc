"""The pages for people: server-rendered, thin over the rooms below."""
