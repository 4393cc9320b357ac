"""The study folder: its definition, its questionnaires, its school table."""
