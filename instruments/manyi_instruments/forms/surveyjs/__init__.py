"""SurveyJS: the questionnaire as the JSON that the SurveyJS form library shows."""
