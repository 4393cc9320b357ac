"""Definitions: questionnaires, standards, the codebook and scoring that follow from them, and the forms."""
