"""The guideline of a portal, written from its definitions: what each stage asks for and why, what runs by itself."""
