"""The school table held against a standard: split, indicators, verdicts and variation in one go."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.resources.exclusions import exclusion_reasons
from manyi_analysis.resources.indicators import SchoolIndicators, school_indicators
from manyi_analysis.resources.splitting import split_combined_schools
from manyi_analysis.resources.variation import CountyVariation, county_cv
from manyi_analysis.resources.verdicts import SchoolVerdicts, school_verdicts
from manyi_instruments.standards.definition import Standard


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything a standard says about the schools of a county.

    Parameters
    ----------
    standard : str
        Id of the standard.
    schools : DataFrame
        The school table after splitting, the indicators added as columns: one row a school and stage.
    indicators : SchoolIndicators
        The tidy indicators.
    verdicts : SchoolVerdicts or NotComputed
        The school rule.
    variation : CountyVariation or NotComputed
        The limits of variation.
    """

    standard: str
    schools: pd.DataFrame
    indicators: SchoolIndicators
    verdicts: SchoolVerdicts | NotComputed
    variation: CountyVariation | NotComputed


def evaluate_schools(schools: pd.DataFrame, standard: Standard) -> Evaluation:
    """Split combined schools, compute the indicators and hold them against the standard's rules.

    Formula: those of `split_combined_schools`, `school_indicators` and `school_verdicts`, one after the
    other.

    Parameters
    ----------
    schools : DataFrame
        One row a school and stage, not split: ``school, school_name, stage, run_type, pupils`` and raw
        columns by the standard's ids.
    standard : Standard
        The standard.

    Returns
    -------
    Evaluation
        Every row of ``schools`` is in the indicators or, where its stage is not evaluated, listed among the
        verdicts as excluded.

    Raises
    ------
    ValueError
        If a school has two rows for one stage.

    References
    ----------
    The standard's ``splits``, ``indicators`` and ``rules``. R: tests/reference/resources/resources.R.
    """
    divided = split_combined_schools(schools, standard)
    if "school_name" not in divided.columns:
        divided["school_name"] = ""
    indicators = school_indicators(divided, standard)
    others = ~divided["stage"].isin(standard.evaluated_stages)
    not_evaluated = divided.loc[others].assign(reason=exclusion_reasons(divided, standard)[others])
    with_indicators = divided.merge(
        indicators.wide(), on=["school", "stage"], how="left", validate="one_to_one"
    )
    for indicator in standard.indicators:
        if indicator.id not in with_indicators.columns:
            with_indicators[indicator.id] = np.nan
    return Evaluation(
        standard=standard.standard,
        schools=with_indicators,
        indicators=indicators,
        verdicts=school_verdicts(indicators, standard, not_evaluated),
        variation=county_cv(indicators, standard),
    )
