"""How the indices of careless answering are distributed in a role, and where the rules cut them."""

import numpy as np
import pandas as pd

from manyi.cleaning.blocks import Floats
from manyi.cleaning.found import Found
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.records.notcomputed import NotComputed

#: Percentiles shown beside the smallest and largest value.
PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
COLUMNS = (
    *("index", "n", "missing", "mean", "sd", "minimum"),
    *(f"p{percentile:02d}" for percentile in PERCENTILES),
    *("maximum", "rule", "cut_low", "cut_high", "flagged", "reason"),
)


def index_summary(found: Found, minimum: int) -> pd.DataFrame:
    """Return the table ``careless_indices``: one row an index, and for an index several rules cut one a rule.

    Parameters
    ----------
    found : Found
        What the rules found.
    minimum : int
        Of fewer respondents no distribution is shown: in a few, single persons could be recognized.
    """
    rows = []
    for name, values in found.indices.items():
        told = _distribution(values, minimum)
        if name in found.reasons:
            told["reason"] = found.reasons[name].reason
        cuts = [cut for cut in found.cuts if cut.index == name]
        for cut in cuts:
            flagged = int(cut.beyond(values).sum())
            limits = {"rule": cut.rule, "cut_low": cut.low, "cut_high": cut.high, "flagged": flagged}
            rows.append({"index": name, **told, **limits})
        if not cuts:
            rows.append({"index": name, **told, "rule": ""})
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"flagged": "Int64"})


def _distribution(values: Floats, minimum: int) -> dict[str, object]:
    given = values[~np.isnan(values)]
    told: dict[str, object] = {"n": len(given), "missing": len(values) - len(given), "reason": ""}
    if not len(given):
        return told
    if len(given) < minimum:
        return {**told, "reason": NotComputed("index", SMALL_CELL, {"minimum": minimum}).reason}
    shown = np.percentile(given, PERCENTILES)
    return told | {
        "mean": float(given.mean()),
        "sd": float(given.std(ddof=1)) if len(given) > 1 else np.nan,
        "minimum": float(given.min()),
        **{f"p{percentile:02d}": float(value) for percentile, value in zip(PERCENTILES, shown, strict=True)},
        "maximum": float(given.max()),
    }
