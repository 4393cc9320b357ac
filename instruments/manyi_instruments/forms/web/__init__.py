"""The questionnaire as web pages: rendered and checked by a server, and as a preview in one file."""
