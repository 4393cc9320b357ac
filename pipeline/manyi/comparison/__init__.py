"""Several studies compared: the same instrument, or a file that says how they differ."""
