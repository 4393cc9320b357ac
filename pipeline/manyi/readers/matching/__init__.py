"""Which column of a file holds which question."""
