"""Paper: the form as PDF."""
