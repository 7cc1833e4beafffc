"""Hand-over: what somebody owns who leaves goes to those who stay, and what still names them is told."""
