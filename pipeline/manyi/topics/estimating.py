"""Each planned model by each planned estimator, from the records that the one pass gathered."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from manyi.study.confirmatory_plan import Estimator
from manyi_analysis.confirmatory import (
    ConfirmatoryAnalysis,
    FactorModel,
    cfa,
    cfa_full_information,
    cfa_ordinal,
)
from manyi_analysis.confirmatory.cfa import Estimator as Likelihood
from manyi_analysis.measurement import PolychoricCorrelations, polychoric_correlations
from manyi_analysis.records import FourthMoments, Moments, NotComputed, PatternMoments, RowSample, Tables
from manyi_analysis.records.patterns import MOST_COLUMNS
from manyi_analysis.records.threads import one_thread

Found = ConfirmatoryAnalysis | NotComputed
#: Maximum likelihood of complete rows: the same estimates, errors and tests corrected or not.
SAME_ESTIMATES = ("ml", "mlm", "mlr")
LIKELIHOOD: dict[Estimator, Likelihood] = {"ml": "ML", "mlm": "MLM", "mlr": "MLR"}
#: What tables call them.
NAMES: dict[Estimator, str] = {"ml": "ML", "mlm": "MLM", "mlr": "MLR", "fiml": "FIML", "wlsmv": "WLSMV"}


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """What estimators need of one role's answers, under the items' ids.

    Parameters
    ----------
    moments : Moments
        Of complete rows.
    fourth : FourthMoments or None
        Of a sample of the complete rows; None where no robust estimator is asked for.
    patterns : PatternMoments, NotComputed or None
        Of a sample of all rows; None without full information.
    polychoric : PolychoricCorrelations, NotComputed or None
        Of complete rows, with covariances from a sample of them; None without ordinal estimation.
    sampled : dict
        Estimator -> rows drawn for it.
    """

    moments: Moments
    fourth: FourthMoments | None
    patterns: PatternMoments | NotComputed | None
    polychoric: PolychoricCorrelations | NotComputed | None
    sampled: Mapping[Estimator, int]

    @classmethod
    def of(
        cls,
        moments: Moments,
        estimators: tuple[Estimator, ...],
        complete: RowSample | None,
        rows: RowSample | None,
        tables: Tables | None,
    ) -> "Data":
        """Make ready what the estimators need."""
        items = moments.columns
        fourth, patterns, polychoric = None, None, None
        sampled: dict[Estimator, int] = {}
        with one_thread():
            if complete is not None:
                named = complete.frame.set_axis([*items, *complete.columns[len(items) :]], axis=1)
                if {"mlm", "mlr"} & set(estimators):
                    fourth = FourthMoments.of(named, items)
                    sampled |= dict.fromkeys(("mlm", "mlr"), fourth.n)
                if "wlsmv" in estimators and tables is not None:
                    polychoric = polychoric_correlations(tables, items, named[list(items)])
                    sampled["wlsmv"] = len(named)
            if rows is not None:
                named = rows.frame.set_axis([*items, *rows.columns[len(items) :]], axis=1)
                patterns = patterns_of(named, items)
                sampled["fiml"] = len(named)
        return cls(moments, fourth, patterns, polychoric, sampled)

    def fit_all(
        self, models: Mapping[str, FactorModel], estimators: tuple[Estimator, ...]
    ) -> dict[tuple[str, Estimator], Found]:
        """Fit every model by every estimator, in their order."""
        found: dict[tuple[str, Estimator], Found] = {}
        for name, model in models.items():
            begin: Found | None = None
            for estimator in dict.fromkeys(estimators):
                same = estimator in SAME_ESTIMATES
                found[name, estimator] = self.fit(model, estimator, begin if same else None)
                begin = found[name, estimator] if same else begin
        return found

    def fit(self, model: FactorModel, estimator: Estimator, near: Found | None = None) -> Found:
        """Fit one model by one estimator, beginning where another one of the same estimates ended."""
        if estimator == "fiml" and self.patterns is not None:
            if isinstance(self.patterns, NotComputed):
                return self.patterns
            return cfa_full_information(self.patterns, model)
        if estimator == "wlsmv" and self.polychoric is not None:
            if isinstance(self.polychoric, NotComputed):
                return self.polychoric
            return cfa_ordinal(self.polychoric, model)
        begin = near if isinstance(near, ConfirmatoryAnalysis) else None
        return cfa(self.moments, model, estimator=LIKELIHOOD[estimator], fourth=self.fourth, near=begin)


def patterns_of(frame: pd.DataFrame, items: tuple[str, ...]) -> PatternMoments | NotComputed:
    """Return the moments by pattern of missing answers, or why there are none: too many items."""
    if len(items) > MOST_COLUMNS:
        details = {"k": len(items), "most": MOST_COLUMNS}
        return NotComputed("cfa", "cfa-many-items", details, len(frame))
    return PatternMoments.of(frame, items)
