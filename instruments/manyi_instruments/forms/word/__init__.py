"""Word: the form on paper as a document that can be edited."""
