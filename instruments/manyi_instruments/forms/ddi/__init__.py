"""DDI-Codebook 2.5: the questionnaire as the document an archive describes its data with."""
