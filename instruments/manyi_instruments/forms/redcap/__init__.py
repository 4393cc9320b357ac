"""REDCap: the questionnaire as a data dictionary."""
