"""Excel: the sheet into which paper questionnaires are typed, twice."""
