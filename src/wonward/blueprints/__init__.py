"""Blueprints: folders of YAML that say what a portal is, compared with it, applied to it, written from it."""
