"""Survey weights: design weights, non-response, trimming, calibration to known margins, their cost."""

from manyi_analysis.weights.calibration import Calibrated, calibrate_linear, rake
from manyi_analysis.weights.margins import Margins, margin_codes
from manyi_analysis.weights.nonresponse import NonResponse, adjust_for_nonresponse
from manyi_analysis.weights.spread import Spread, weight_spread
from manyi_analysis.weights.trimming import Trimmed, trim
from manyi_analysis.weights.weighting import SampledCells, Weights, respondent_weights

__all__ = [
    "Calibrated",
    "Margins",
    "NonResponse",
    "SampledCells",
    "Spread",
    "Trimmed",
    "Weights",
    "adjust_for_nonresponse",
    "calibrate_linear",
    "margin_codes",
    "rake",
    "respondent_weights",
    "trim",
    "weight_spread",
]
