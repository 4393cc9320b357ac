"""Answers and scores for SPSS: a labelled ``.sav`` a role with its syntax, one pooled, one of the schools."""

from manyi_outputs.spss.pooled import write_pooled_sav
from manyi_outputs.spss.sav import write_sav
from manyi_outputs.spss.schools import write_schools_sav
from manyi_outputs.spss.syntax import study_syntax, write_opening, write_syntax
from manyi_outputs.spss.variables import RoleAnswers, Variable, variables

__all__ = [
    "RoleAnswers",
    "Variable",
    "study_syntax",
    "variables",
    "write_opening",
    "write_pooled_sav",
    "write_sav",
    "write_schools_sav",
    "write_syntax",
]
