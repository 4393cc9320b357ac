"""Questionnaire definitions, their loader and its faults."""
