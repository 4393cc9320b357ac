"""What a platform's own description of a survey says: wordings, answer lists, types."""
