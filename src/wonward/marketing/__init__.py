"""Marketing: forms that people outside send, what they tell of where contacts come from, and lifecycle stages."""
