"""The table ``mediation``: over which perceptions a school column goes with the outcome."""

from collections.abc import Iterator

import pandas as pd

from manyi.study.explanation_plan import Mediation as Planned
from manyi.topics.planned_regression import PlannedRegression
from manyi_analysis.explanation.clustered import between_clusters
from manyi_analysis.mediation import MultilevelMediation, mediation, multilevel_mediation
from manyi_analysis.records import GroupedMoments, NotComputed

#: Respondents in one equation each, errors clustered; the school's property over means of perceptions.
SINGLE, TWO_LEVELS = "single", "2-1-1"
#: Points of Monte Carlo limits: right to half a hundredth of a standard error; samples of schools.
DRAWS, SAMPLES = 2**15, 1000


def mediation_table(planned: PlannedRegression, seed: int) -> pd.DataFrame:
    """Return every planned predictor over all mediators side by side, then over each between schools.

    Parameters
    ----------
    planned : PlannedRegression
        Its terms hold the predictors, the mediators and what is held constant.
    seed : int
        Of bootstraps.
    """
    frames = [
        frame
        for wanted in planned.entry.mediation
        for predictor in wanted.predictors
        for frame in _of(planned, wanted, predictor, seed)
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _of(planned: PlannedRegression, wanted: Planned, predictor: str, seed: int) -> Iterator[pd.DataFrame]:
    outcome, names = planned.entry.outcome, (predictor, *wanted.mediators, *(wanted.controls or ()))
    head = {"path": "indirect", "predictor": predictor, "outcome": outcome}
    problem = planned.absent(names)
    built = planned.design
    if problem is not None or built is None:
        design = planned.found.design
        why = problem if built is not None else design
        if isinstance(why, NotComputed):
            yield _refused({**head, "levels": SINGLE, "mediator": " ".join(wanted.mediators)}, why)
        return
    given = planned.columns(planned.total) if wanted.controls is None else planned.columns_of(wanted.controls)
    columns = planned.columns_of((predictor,))
    mediators = planned.columns_of(wanted.mediators)
    controls = tuple(name for name in given if name not in (*columns, *mediators))
    for column in columns:
        head["predictor"] = column
        found = mediation(
            built.moments if built.clustered else built.moments.overall(),
            column,
            mediators,
            outcome,
            controls,
            bootstrap=wanted.bootstrap if built.clustered else 0,
            draws=DRAWS,
            seed=seed,
            confidence=planned.confidence,
        )
        if isinstance(found, NotComputed):
            yield _refused({**head, "levels": SINGLE, "mediator": " ".join(mediators)}, found)
        else:
            yield found.to_frame().assign(levels=SINGLE, missing=built.missing)
        units = _of_one_value(planned, column)
        if units is None:
            continue
        for mediator in mediators:
            two = multilevel_mediation(
                units,
                column,
                mediator,
                outcome,
                controls,
                samples=SAMPLES,
                draws=DRAWS,
                seed=seed,
                confidence=planned.confidence,
            )
            if isinstance(two, NotComputed):
                yield _refused({**head, "levels": TWO_LEVELS, "mediator": mediator}, two)
            else:
                yield _two_levels(two).assign(missing=built.missing)


def _of_one_value(planned: PlannedRegression, column: str) -> GroupedMoments | None:
    """Return moments by groups of one value of a column: schools, else schools and stages, else none.

    A combined school has indicators of its own for each stage: its stages then count as schools.
    """
    built, units = planned.schooled, planned.units
    if built is None or units is None:
        return None
    for moments in (built.moments, units):
        if bool(between_clusters(moments.select((column,)))[0]):
            return moments
    return None


def _two_levels(found: MultilevelMediation) -> pd.DataFrame:
    """Return the paths between schools, that between true means last, with the means' reliability."""
    base = found.mediation.to_frame()
    row = {name: base[name].iloc[0] for name in ("predictor", "outcome", "n", "schools")}
    row |= {"path": "indirect-latent", "mediator": found.mediation.mediators[0], "se_type": "bootstrap"}
    row |= {"interval": "bootstrap", "reason": ""}
    if isinstance(found.latent, NotComputed):
        row["reason"] = found.latent.reason
    else:
        row |= {name: getattr(found.latent, name) for name in ("estimate", "se", "low", "high", "p")}
    frame = pd.concat([base, pd.DataFrame([row])], ignore_index=True)
    return frame.assign(levels=TWO_LEVELS, reliability=found.reliability)


def _refused(head: dict[str, str], why: NotComputed) -> pd.DataFrame:
    return pd.DataFrame([{**head, "n": why.n, "reason": why.reason}])
