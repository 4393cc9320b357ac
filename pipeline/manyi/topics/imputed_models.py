"""Rows of the mixed and the ordinal models that were pooled over completed data sets."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from manyi_analysis.missing.completed_fits import CompletedFit, PooledFit, pool_fits
from manyi_analysis.missing.imputations import Imputations
from manyi_analysis.records import NotComputed

#: What is averaged of a mixed model.
SHARES = ("var_school", "var_residual", "icc", "r2_marginal", "r2_conditional")
Fits = Sequence[CompletedFit | NotComputed]


def mixed_tables(
    outcome: str, given: Imputations, fits: Mapping[str, Fits], confidence: float
) -> dict[str, pd.DataFrame]:
    """Return ``multilevel_imputed``, its models and their variances.

    Parameters
    ----------
    outcome : str
    given : Imputations
        The data sets.
    fits : Mapping
        Model -> its fit to each of them.
    confidence : float
        Level of the limits.
    """
    coefficients, models, variances = [], [], []
    for name, own in fits.items():
        found = pool_fits(own, name)
        row: dict[str, object] = {"outcome": outcome, "model": name, "m": len(own), "n": given.n}
        if isinstance(found, NotComputed):
            models.append({**row, "reason": found.reason})
            continue
        frame = found.to_frame(confidence).rename(columns={"se_type": "df_method"})
        coefficients.append(frame.assign(outcome=outcome, model=name, reason=""))
        models.append({**row, **_shares(found, len(own), outcome)})
        variances += [{"outcome": outcome, "model": name, **one} for one in _variances(found)]
    return {
        "multilevel_imputed": pd.concat(coefficients, ignore_index=True) if coefficients else pd.DataFrame(),
        "multilevel_imputed_models": pd.DataFrame(models),
        "multilevel_imputed_variances": pd.DataFrame(variances),
    }


def _shares(found: PooledFit, m: int, outcome: str) -> dict[str, object]:
    """Return what is averaged, in how many data sets the fit is singular, and whether a search failed."""
    row: dict[str, object] = {name: found.measures[name] for name in SHARES}
    unfinished = round(found.measures["unfinished"] * m)
    told = NotComputed("multilevel", "mixed-not-converged", {"outcome": outcome})
    return {
        **row,
        "schools": round(found.measures["schools"]),
        "singular": round(found.measures["singular"] * m),
        "reason": told.reason if unfinished else "",
    }


def _variances(found: PooledFit) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for name, value in found.measures.items():
        term, separator, other = name.partition("\x1f")
        if separator:
            # The standard deviation is that of the mean variance, not a mean of standard deviations.
            sd = float(np.sqrt(value)) if not other else np.nan
            rows.append({"level": "school", "term": term, "with": other, "variance": value, "sd": sd})
    value = found.measures["var_residual"]
    rows.append({"level": "residual", "term": "", "with": "", "variance": value, "sd": float(np.sqrt(value))})
    return rows


def ordinal_table(
    given: Imputations, fits: Mapping[tuple[tuple[str, str | float], ...], Fits], confidence: float
) -> pd.DataFrame:
    """Return ``ordinal_imputed``; odds ratios only of logit slopes.

    Parameters
    ----------
    given : Imputations
        The data sets.
    fits : Mapping
        What opens a model's rows -> its fit to each data set.
    confidence : float
        Level of the limits.
    """
    frames = []
    for key, own in fits.items():
        head, found = dict(key), pool_fits(own, str(dict(key)["outcome"]))
        if isinstance(found, NotComputed):
            frames.append(pd.DataFrame([{**head, "m": len(own), "n": given.n, "reason": found.reason}]))
            continue
        frame = found.to_frame(confidence)
        # The slopes stand first; thresholds and intercept are no odds ratios.
        slopes = (frame.index < found.measures["slopes"]) & (head["link"] == "logit")
        with np.errstate(over="ignore"):
            for name, source in (
                ("odds_ratio", "estimate"),
                ("odds_ratio_low", "low"),
                ("odds_ratio_high", "high"),
            ):
                frame[name] = np.exp(frame[source]).where(slopes)
        r2 = found.measures["r2_mcfadden"]
        for name, value in {**head, "r2_mcfadden": r2, "m": len(own), "n": given.n, "reason": ""}.items():
            frame[name] = value
        frames.append(frame)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
