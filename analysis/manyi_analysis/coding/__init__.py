"""Agreement between people who coded the same texts: Cohen's and Fleiss' kappa, Krippendorff's alpha."""

from manyi_analysis.coding.agreement import Agreement, cohen_kappa, fleiss_kappa
from manyi_analysis.coding.krippendorff import krippendorff_alpha

__all__ = ["Agreement", "cohen_kappa", "fleiss_kappa", "krippendorff_alpha"]
