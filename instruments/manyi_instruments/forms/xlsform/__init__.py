"""XLSForm: the form for ODK, KoboToolbox, SurveyCTO and Enketo."""
