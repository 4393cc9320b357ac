"""Questionnaires drafted from files, every suggestion marked."""
