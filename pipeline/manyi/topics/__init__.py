"""What is computed of a role's answers, topic by topic: what each needs of the one pass, and its tables."""
