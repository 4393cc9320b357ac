"""The study in R: the answers as CSV and one script that computes the main tables from them alone."""

from manyi_outputs.r.plan import FactorPlan, ModelPlan, RegressionPlan, RolePlan
from manyi_outputs.r.script import study_script

__all__ = ["FactorPlan", "ModelPlan", "RegressionPlan", "RolePlan", "study_script"]
