"""A study's answers as files for other programs, people and archives."""
