"""Readers: tables and other platforms' exports, matched to a questionnaire and decoded cell by cell."""
