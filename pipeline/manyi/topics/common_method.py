"""The table ``common_method``: Harman's single factor as weak evidence, a latent method factor as better."""

import warnings
from collections.abc import Mapping

import pandas as pd
from scipy.linalg import LinAlgWarning

from manyi.topics.instrument import WHOLE, Instrument
from manyi.topics.one_pass import Gathered, MomentSet
from manyi.topics.topic import Subject
from manyi_analysis.confirmatory import MethodVariance, method_variance
from manyi_analysis.measurement import SingleFactor, harman_single_factor
from manyi_analysis.records import Moments, NotComputed

#: Share of the items' variance below which a method factor is none: its loading came out as zero.
EMPTY = 1e-10
COLUMNS = [
    "method",
    "evidence",
    "k",
    "n",
    "missing",
    "share",
    "trait_share",
    "delta_chi2",
    "delta_df",
    "p",
    "delta_cfi",
    "delta_rmsea",
    "largest_change",
    "remark",
    "reason",
]


class CommonMethodTopic:
    """How much of the items' variance may be due to their being answered in one questionnaire."""

    def __init__(self, subject: Subject) -> None:
        instrument = Instrument.of(subject.questionnaire)
        self.scales = instrument.own_scales
        self.items = instrument.scales.get(WHOLE, ())

    def sets(self) -> dict[object, MomentSet]:
        """Return the moments of all scale items, where there are two scales or more; always of complete rows.

        The method factor is a confirmatory model, which never rests on a pairwise matrix.
        """
        return {WHOLE: MomentSet(self.items)} if self.items else {}

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``common_method``."""
        if not self.items:
            return {}
        moments = gathered[WHOLE]
        if not isinstance(moments, Moments):
            raise TypeError("common method variance needs moments of complete rows")
        opening: dict[str, object] = {"k": len(moments.columns), "n": moments.n, "missing": moments.missing}
        opening |= {"remark": "", "reason": ""}
        rows = [*_harman(moments), _method_factor(moments, self.scales)]
        return {"common_method": pd.DataFrame([{**opening, **row} for row in rows], columns=COLUMNS)}


def _harman(moments: Moments) -> list[dict[str, object]]:
    found = harman_single_factor(moments)
    names = ("harman_component", "harman_factor")
    if not isinstance(found, SingleFactor):
        return [{"method": name, "evidence": "weak", "reason": found.reason} for name in names]
    shares = (found.component_share, found.factor_share)
    return [
        {"method": name, "evidence": found.evidence, "share": share}
        for name, share in zip(names, shares, strict=True)
    ]


def _method_factor(moments: Moments, scales: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    """Return what one method loading for all items explains beside the scales' factors.

    Free loadings are seldom identified beside scales that correlate: the model then does not converge.
    """
    row: dict[str, object] = {"method": "method_factor", "evidence": "model"}
    single = tuple(scale for scale, items in scales.items() if len(items) < 2)
    used = {scale: items for scale, items in scales.items() if scale not in single}
    if len(used) < 2:
        details = {"scales": len(used), "needed": 2}
        return {**row, "reason": NotComputed("method_variance", "few-scales", details, moments.n).reason}
    chosen = moments.select([name for items in used.values() for name in items])
    with warnings.catch_warnings():
        # A method loading of zero carries no information on itself: the matrix has no inverse, and no error
        # of that loading is used here.
        warnings.simplefilter("ignore", LinAlgWarning)
        found = method_variance(chosen, used, equal=True)
    if not isinstance(found, MethodVariance):
        return {**row, "k": len(chosen.columns), "reason": found.reason}
    empty = found.variance_share < EMPTY
    remarks = [remark.reason for remark in found.with_method.remarks]
    if empty:
        remarks.insert(0, NotComputed("method_variance", "method-factor-empty", {}, moments.n).reason)
    return {
        **row,
        "k": len(chosen.columns),
        "share": 0.0 if empty else found.variance_share,
        "trait_share": found.trait_share,
        "delta_chi2": found.delta_chi2,
        "delta_df": found.delta_df,
        "p": found.p,
        "delta_cfi": found.delta_cfi,
        "delta_rmsea": found.delta_rmsea,
        "largest_change": found.largest_change,
        "remark": "; ".join(remarks),
    }
