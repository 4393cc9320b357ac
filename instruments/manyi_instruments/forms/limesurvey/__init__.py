"""LimeSurvey: the questionnaire as a tab-separated survey structure, imported as a survey."""
