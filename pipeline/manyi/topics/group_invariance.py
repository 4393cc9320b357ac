"""The tables ``invariance`` and ``latent_means``: whether scales measure the same in all groups."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from manyi_analysis.confirmatory import FactorModel, Invariance, correlated_factors, invariance
from manyi_analysis.confirmatory.cfa import Estimator
from manyi_analysis.confirmatory.invariance import STEPS
from manyi_analysis.confirmatory.parameters import lay_out
from manyi_analysis.records import FourthMoments, Moments, NotComputed, PatternMoments, RowSample
from manyi_analysis.records.grouped import group_codes
from manyi_analysis.records.threads import one_thread

#: Stands for the model of all scales together.
ALL_SCALES = "all"
#: Groups that a breakdown nobody named for this is tested by, at most.
MOST_GROUPS = 10
INVARIANCE = [
    "scale",
    "by",
    "step",
    "model",
    "estimator",
    "groups",
    "group_names",
    "left_out",
    "n",
    "missing",
    "chi2",
    "df",
    "chi2_p",
    "cfi",
    "tli",
    "rmsea",
    "rmsea_low",
    "rmsea_high",
    "srmr",
    "aic",
    "bic",
    "against",
    "delta_chi2",
    "delta_df",
    "p",
    "delta_cfi",
    "delta_rmsea",
    "delta_srmr",
    "held",
    "released",
    "remark",
    "reason",
]
#: Undecided where a step could not be computed; otherwise a column of it would become one of numbers.
TRUTH = {"held": "boolean"}
MEANS = ["scale", "by", "group", "factor", "mean", "se", "z", "p", "step", "reason"]


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """What a test of invariance needs of each group.

    Parameters
    ----------
    groups : dict
        Group -> moments of complete rows, or by pattern of missing answers.
    fourth : dict or None
        Group -> fourth moments, for robust estimators.
    estimator : str
        ML, MLM or MLR; patterns are always estimated by full information.
    """

    groups: Mapping[str, Moments] | Mapping[str, PatternMoments]
    fourth: Mapping[str, FourthMoments] | None = None
    estimator: Estimator = "ML"

    @property
    def name(self) -> str:
        """Return what tables call the estimator."""
        complete = any(isinstance(record, Moments) for record in self.groups.values())
        return self.estimator if complete else "FIML"


def grouped_rows(
    sample: RowSample,
    items: tuple[str, ...],
    columns: tuple[str, ...],
    by: str,
    moments: Mapping[str, Moments] | None = None,
    estimator: Estimator = "ML",
) -> Grouped:
    """Return the groups of sampled rows: patterns for full information, or fourth moments beside ``moments``.

    Parameters
    ----------
    sample : RowSample
        With the columns of the items and of the group.
    items, columns : tuple of str
        Ids of the items, and their columns.
    by : str
        Column of the group.
    moments : mapping, optional
        Group -> moments of complete rows; of a group without sampled rows there are no fourth moments, and it
        is left out.
    estimator : {"MLM", "MLR"}
    """
    keys, codes = group_codes(sample.frame[by])
    named = sample.frame[list(columns)].set_axis(list(items), axis=1)
    parts = {key: named[codes == place] for place, key in enumerate(keys)}
    with one_thread():
        if moments is None:
            return Grouped({key: PatternMoments.of(part, items) for key, part in parts.items()})
        fourth = {key: FourthMoments.of(part, items) for key, part in parts.items()}
    usable = {key: record for key, record in moments.items() if key in fourth}
    return Grouped(usable, fourth, estimator)


def invariance_test(
    data: Grouped,
    model: FactorModel,
    by: str,
    partial: bool = True,
    released: Collection[str] = (),
    most: int | None = None,
    minimum: int = 2,
) -> tuple[Invariance | NotComputed, tuple[str, ...]]:
    """Test invariance over the groups that carry the model, and name those that do not.

    A group with fewer rows than the model has parameters is left out: its own solution would be chance, and
    one such group would spoil the test of all.

    Parameters
    ----------
    data : Grouped
    model : FactorModel
    by : str
        What the groups are of.
    partial, released
        As in `invariance`.
    most : int, optional
        Groups there may be at most.
    minimum : int
        Respondents from which a group is shown.
    """
    needed = max(lay_out(model, "variance", means=True).free, minimum)
    sizes = {key: _rows(record) for key, record in data.groups.items()}
    enough = [key for key, n in sizes.items() if n >= needed]
    left_out = tuple(key for key, n in sizes.items() if n and n < needed)
    total = sum(sizes.values())
    if most is not None and len(enough) > most:
        details = {"groups": len(enough), "most": most}
        return NotComputed("invariance", "invariance-many-groups", details, total), left_out
    if len(enough) < 2:
        details = {"groups": len(enough), "rows": needed}
        return NotComputed("invariance", "invariance-small-groups", details, total), left_out
    chosen = {key: data.groups[key] for key in enough}
    fourth = None if data.fourth is None else {key: data.fourth[key] for key in enough}
    found = invariance(
        chosen,  # type: ignore[arg-type]
        model,
        by,
        estimator=data.estimator,
        fourth=fourth,
        partial=partial,
        released=tuple(text for text in released if _concerns(text, model)),
    )
    further = tuple(found.left_out) if isinstance(found, Invariance) else ()
    return found, (*left_out, *further)


def _rows(record: Moments | PatternMoments) -> int:
    return record.n if isinstance(record, Moments) else int(record.n.sum())


def _concerns(text: str, model: FactorModel) -> bool:
    """Return whether a released parameter is one of the model: ``SCALE =~ ITEM`` or ``ITEM ~1``."""
    left, _, right = text.partition(" =~ ")
    if right:
        return right in model.factors.get(left, ())
    return text.removesuffix(" ~1") in model.items


def invariance_rows(
    found: Invariance | NotComputed, scale: str, by: str, left_out: tuple[str, ...], estimator: str
) -> pd.DataFrame:
    """Return the rows of ``invariance``: one a step tried, and one for a step that could not be computed."""
    opening = {"scale": scale, "by": by, "left_out": ", ".join(left_out), "reason": ""}
    if isinstance(found, NotComputed):
        row = {**opening, "step": STEPS[0], "estimator": estimator, "n": found.n, "reason": found.reason}
        return pd.DataFrame([row], columns=INVARIANCE).astype(TRUTH)
    frame = found.to_frame().rename(columns={"remarks": "remark"}).assign(**opening)
    frame["group_names"] = ", ".join(found.groups)
    if found.stopped is not None:
        done = {step.step.removeprefix("partial ") for step in found.steps if step.held}
        step = next((name for name in STEPS if name not in done), STEPS[-1])
        row = {**opening, "step": step, "model": found.model.name, "estimator": estimator}
        row |= {"n": found.stopped.n, "reason": found.stopped.reason}
        frame = pd.concat([frame, pd.DataFrame([row])], ignore_index=True)
    return frame.reindex(columns=INVARIANCE).astype(TRUTH)


def latent_mean_rows(found: Invariance | NotComputed, scale: str, by: str) -> pd.DataFrame:
    """Return the rows of ``latent_means``: none where means may not be compared, as ``invariance`` says."""
    if isinstance(found, NotComputed) or not found.comparable:
        return pd.DataFrame(columns=MEANS)
    frame = found.factor_means_frame().assign(scale=scale, by=by, reason="")
    return frame.reindex(columns=MEANS)


def level_of(found: Invariance | NotComputed) -> str:
    """Return how far invariance holds: ``scalar``, ``partial_scalar``, ``metric`` … or ``untested``."""
    if isinstance(found, NotComputed):
        return "untested"
    held = [step.step for step in found.steps if step.held]
    return held[-1].replace("partial metric", "metric").replace(" ", "_") if held else "none"


def each_scale(model_scales: Mapping[str, tuple[str, ...]]) -> dict[str, FactorModel]:
    """Return the one-factor model of every scale of three items or more."""
    return {
        scale: correlated_factors({scale: items}, "single")
        for scale, items in model_scales.items()
        if len(items) > 2
    }
