"""Result tables of fitted factor models: fit, comparison, loadings, factor correlations, validity."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from manyi.study.confirmatory_plan import Estimator
from manyi.topics.estimating import NAMES, SAME_ESTIMATES, Data, Found
from manyi.topics.measurement_model import WITHIN, MeasurementModel
from manyi_analysis.confirmatory import (
    ConfirmatoryAnalysis,
    ConvergentValidity,
    chi2_difference,
    convergent_validity,
    modification_indices,
)
from manyi_analysis.records import NotComputed, PatternMoments

Fits = Mapping[tuple[str, Estimator], Found]
FIT = ["model", "estimator", "scales", "k", "n", "missing", "missing_rule", "sample_n"]
FIT += ["chi2", "df", "p", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "rmsea_close_p", "srmr"]
FIT += ["aic", "bic", "log_likelihood", "parameters", "chi2_unscaled", "scaling"]
FIT += ["baseline_chi2", "baseline_df", "cfi_robust", "tli_robust", "rmsea_robust", "remark", "reason"]
COMPARISON = ["estimator", "narrow", "wide", "nested", "n", "delta_chi2", "delta_df", "p"]
COMPARISON += ["delta_cfi", "delta_rmsea", "delta_aic", "delta_bic", "reason"]
LOADINGS = ["model", "estimator", "factor", "item", "estimate", "se", "std", "std_se"]
LOADINGS += ["z", "p", "low", "high", "free", "se_robust", "reason"]
CORRELATIONS = ["model", "estimator", "a", "b", "r", "se", "low", "high"]
CORRELATIONS += ["sqrt_ave_a", "sqrt_ave_b", "fornell_larcker", "reason"]
CONVERGENT = [
    "scale",
    "model",
    "estimator",
    "k",
    "n",
    "missing",
    "cr",
    "ave",
    "sqrt_ave",
    "cr_raw",
    "ave_raw",
]
CONVERGENT += ["lowest_loading", "largest_correlation", "fornell_larcker", "remark", "reason"]
MODIFICATION = ["model", "estimator", "rank", "parameter", "n", "mi", "p", "epc", "epc_std", "reason"]
#: Modification indices shown: the largest.
SHOWN = 20


def fit_table(fits: Fits, model: MeasurementModel, data: Data) -> pd.DataFrame:
    """Return ``cfa_fit``: one row a model and estimator, with the reason where there is no solution."""
    rows = []
    for (name, estimator), found in fits.items():
        row: dict[str, object] = {
            "model": name,
            "estimator": NAMES[estimator],
            "scales": len(model.scales),
            "k": len(model.items),
            "sample_n": data.sampled.get(estimator, np.nan),
            "reason": "",
        }
        if isinstance(found, NotComputed):
            missing = data.moments.missing if estimator in SAME_ESTIMATES else np.nan
            rows.append({**row, "n": found.n, "missing": missing, "remark": "", "reason": found.reason})
            continue
        of_fit = found.fit_frame().rename(columns={"remarks": "remark"}).iloc[0].to_dict()
        row["missing_rule"] = "full_information" if estimator == "fiml" else "listwise"
        if estimator == "wlsmv":
            # Its tables were counted on complete rows already.
            row["missing"] = data.moments.missing
        rows.append({**{str(key): value for key, value in of_fit.items()}, **row})
    return pd.DataFrame(rows, columns=FIT)


def comparison_table(fits: Fits, models: tuple[str, ...], data: Data) -> pd.DataFrame:
    """Return ``cfa_comparison``: of every two models the one with fewer parameters less the other."""
    rows = []
    for estimator in dict.fromkeys(estimator for _, estimator in fits):
        for a, b in combinations(models, 2):
            narrow, wide = (a, b) if b in WITHIN[a] else (b, a)
            rows.append(
                {
                    "estimator": NAMES[estimator],
                    "narrow": narrow,
                    "wide": wide,
                    "nested": wide in WITHIN[narrow],
                    **_compared(fits[narrow, estimator], fits[wide, estimator], wide in WITHIN[narrow]),
                }
            )
    return pd.DataFrame(rows, columns=COMPARISON)


def _compared(narrow: Found, wide: Found, nested: bool) -> dict[str, object]:
    for found in (narrow, wide):
        if isinstance(found, NotComputed):
            return {"n": found.n, "reason": found.reason}
    if isinstance(narrow, NotComputed) or isinstance(wide, NotComputed):
        raise TypeError("two solutions are compared")
    row: dict[str, object] = {
        "n": narrow.n,
        "delta_cfi": narrow.fit.cfi - wide.fit.cfi,
        "delta_rmsea": narrow.fit.rmsea.value - wide.fit.rmsea.value,
        "delta_aic": _less(narrow.fit.aic, wide.fit.aic),
        "delta_bic": _less(narrow.fit.bic, wide.fit.bic),
        "reason": "",
    }
    if not nested:
        return {**row, "reason": NotComputed("chi2_difference", "cfa-models-not-nested").reason}
    if narrow.estimator == NAMES["wlsmv"]:
        return {**row, "reason": NotComputed("chi2_difference", "cfa-difference-of-ordinal-tests").reason}
    statistic, df, p = chi2_difference(narrow, wide)
    row["delta_df"] = df
    if df <= 0:
        return {**row, "reason": NotComputed("chi2_difference", "cfa-models-equivalent").reason}
    if statistic is None:
        return {**row, "reason": NotComputed("chi2_difference", "cfa-difference-not-positive").reason}
    return {**row, "delta_chi2": statistic, "p": p}


def _less(a: float | None, b: float | None) -> float:
    return np.nan if a is None or b is None else a - b


def _solutions(fits: Fits) -> dict[tuple[str, Estimator], ConfirmatoryAnalysis]:
    """Return the solutions whose estimates differ: of maximum likelihood on complete rows the first."""
    kept: dict[tuple[str, str], tuple[str, Estimator]] = {}
    for (name, estimator), found in fits.items():
        if isinstance(found, ConfirmatoryAnalysis):
            kept.setdefault((name, "ml" if estimator in SAME_ESTIMATES else estimator), (name, estimator))
    return {key: found for key in kept.values() if isinstance(found := fits[key], ConfirmatoryAnalysis)}


def loading_table(fits: Fits, confidence: float) -> pd.DataFrame:
    """Return ``cfa_loadings``; beside errors of normal theory the robust ones, where they were asked for."""
    frames = []
    half = stats.norm.isf((1 - confidence) / 2)
    for (name, estimator), found in _solutions(fits).items():
        frame = found.to_frame().drop(columns="group")
        frame["low"], frame["high"] = (
            frame["estimate"] - half * frame["se"],
            frame["estimate"] + half * frame["se"],
        )
        other = _robust(fits, name, estimator)
        robust = None if other is None else other.to_frame()["se"]
        frames.append(frame.assign(model=name, estimator=NAMES[estimator], se_robust=robust, reason=""))
    filled = [frame.reindex(columns=LOADINGS).astype({"se_robust": "float64"}) for frame in frames]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=LOADINGS)


def _robust(fits: Fits, name: str, estimator: Estimator) -> ConfirmatoryAnalysis | None:
    """Return the solution with robust errors of the same estimates; None for one that has them itself."""
    if estimator != "ml":
        return None
    robust: tuple[Estimator, ...] = ("mlr", "mlm")
    found = (fits.get((name, one)) for one in robust)
    return next((one for one in found if isinstance(one, ConfirmatoryAnalysis)), None)


def latent_correlation_table(fits: Fits, measured: str, confidence: float) -> pd.DataFrame:
    """Return ``latent_correlations``: of every two factors, beside the roots of their AVE."""
    half = stats.norm.isf((1 - confidence) / 2)
    frames = []
    for (name, estimator), found in _solutions(fits).items():
        if name != measured:
            continue
        frame = found.parameters_frame()
        latents = set(found.table.latents)
        pairs = frame["left"].isin(latents) & frame["right"].isin(latents) & (frame["left"] != frame["right"])
        frame = frame[(frame["op"] == "~~") & pairs & frame["free"]]
        validity = convergent_validity(found)
        roots = {}
        if isinstance(validity, ConvergentValidity):
            roots = {
                one.scale: one.sqrt_ave if one.sqrt_ave is not None else np.nan for one in validity.scales
            }
        a, b = frame["left"].map(roots).astype("float64"), frame["right"].map(roots).astype("float64")
        r, se = frame["std"], frame["std_se"]
        both = a.where(a < b, b)
        frames.append(
            pd.DataFrame(
                {
                    "model": name,
                    "estimator": NAMES[estimator],
                    "a": frame["left"],
                    "b": frame["right"],
                    "r": r,
                    "se": se,
                    "low": r - half * se,
                    "high": r + half * se,
                    "sqrt_ave_a": a,
                    "sqrt_ave_b": b,
                    "fornell_larcker": (both > r.abs()).astype("boolean").mask(both.isna() | r.isna()),
                    "reason": "",
                }
            )
        )
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=CORRELATIONS)


def convergent_table(fits: Fits, measured: str, scales: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return ``convergent``: CR and AVE of each scale, from the first estimator's solution."""
    estimator = next(estimator for name, estimator in fits if name == measured)
    found = fits[measured, estimator]
    validity = found if isinstance(found, NotComputed) else convergent_validity(found)
    opening = {"model": measured, "estimator": NAMES[estimator], "remark": "", "reason": ""}
    if isinstance(validity, NotComputed) or isinstance(found, NotComputed):
        reason = validity.reason if isinstance(validity, NotComputed) else ""
        rows = [
            {**opening, "scale": scale, "k": len(items), "n": found.n, "reason": reason}
            for scale, items in scales.items()
        ]
        return pd.DataFrame(rows, columns=CONVERGENT)
    frame = validity.to_frame().assign(**opening)
    loadings = found.to_frame().groupby("factor")["std"].min()
    frame["lowest_loading"] = frame["scale"].map(loadings)
    frame["remark"] = "; ".join(remark.reason for remark in found.remarks)
    alone = [
        NotComputed("convergent", "one-item-scale", {"items": scales.get(s, ())}) for s in frame["scale"]
    ]
    frame["reason"] = [
        one.reason if k == 1 else "" for one, k in zip(alone, frame["k"].tolist(), strict=True)
    ]
    return frame.reindex(columns=CONVERGENT)


def modification_table(found: Found, model: str, estimator: Estimator, data: Data) -> pd.DataFrame:
    """Return ``modification_indices``: the largest of the main model; ordinal estimation has none."""
    if isinstance(found, NotComputed) or estimator == "wlsmv":
        return pd.DataFrame(columns=MODIFICATION)
    patterns = data.patterns if isinstance(data.patterns, PatternMoments) else data.moments
    indices = modification_indices(found, patterns if estimator == "fiml" else data.moments)
    frame = indices.to_frame().head(SHOWN)
    frame = frame.assign(model=model, estimator=NAMES[estimator], rank=np.arange(1, len(frame) + 1))
    return frame.assign(n=indices.n, reason="").reindex(columns=MODIFICATION)
