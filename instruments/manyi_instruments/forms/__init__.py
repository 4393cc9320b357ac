"""Collection forms made from a questionnaire. Every kind of form is an entry of ``FORMS``."""

from manyi_instruments.forms.kinds import FORMS, FormMaker, Made

__all__ = ["FORMS", "FormMaker", "Made"]
