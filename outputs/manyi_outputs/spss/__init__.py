"""Answers and scores for SPSS: a labelled ``.sav`` a role with its syntax, and one pooled over the roles."""

from manyi_outputs.spss.pooled import write_pooled_sav
from manyi_outputs.spss.sav import write_sav
from manyi_outputs.spss.variables import RoleAnswers, Variable

__all__ = ["RoleAnswers", "Variable", "write_pooled_sav", "write_sav"]
