"""The table ``htmt``: heterotrait-monotrait ratios of every two scales, with an interval."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from manyi.topics.estimating import Data
from manyi_analysis.confirmatory import htmt, htmt_bootstrap
from manyi_analysis.records import GroupedMoments, NotComputed

COLUMNS = ["scale_a", "scale_b", "n", "missing", "htmt", "se", "low", "high"]
COLUMNS += ["htmt2", "htmt2_se", "htmt2_low", "htmt2_high", "clusters", "interval_n", "method", "reason"]
OF_INTERVALS = ("se", "low", "high", "htmt2_se", "htmt2_low", "htmt2_high", "method")
#: Draws of whole schools; fewer schools than this say too little about how schools differ.
DRAWS, FEWEST_SCHOOLS = 1000, 20


def htmt_table(
    data: Data,
    scales: Mapping[str, tuple[str, ...]],
    schools: GroupedMoments | None,
    seed: int,
    confidence: float,
) -> pd.DataFrame:
    """Return ``htmt``: ratios of all complete rows; interval by drawing schools, else by the delta method.

    Parameters
    ----------
    data : Data
    scales : mapping of scale to items
    schools : GroupedMoments or None
        Of the same items by school; rows without a school are in the ratios and not in the interval.
    seed : int
        Of the draws.
    confidence : float
        Of the interval.
    """
    if len(scales) < 2:
        return pd.DataFrame(columns=COLUMNS)
    found = htmt(data.moments, scales, data.fourth, confidence)
    if isinstance(found, NotComputed):
        opening = {"n": found.n, "missing": data.moments.missing}
        return pd.DataFrame([{**opening, "method": "", "reason": found.reason}], columns=COLUMNS)
    frame = found.to_frame().assign(clusters=np.nan, interval_n=found.n, reason="")
    count = int((schools.n > 0).sum()) if schools is not None else 0
    if schools is not None and count >= FEWEST_SCHOOLS:
        drawn = htmt_bootstrap(schools, scales, DRAWS, seed, confidence)
        if not isinstance(drawn, NotComputed):
            intervals = drawn.to_frame()
            for name in OF_INTERVALS:
                frame[name] = intervals[name]
            frame["clusters"], frame["interval_n"] = count, drawn.n
    return frame.reindex(columns=COLUMNS)
