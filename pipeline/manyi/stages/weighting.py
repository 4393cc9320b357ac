"""The weighting stage: one role's weights, and what is estimated with them for the population."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.sampling.places import design_file
from manyi.stages.stage import Stage
from manyi.stages.work import clean_folder, school_inputs, school_table, work_folder
from manyi.study.folder import StudyFolder
from manyi.study.sampling_plan import RoleWeights
from manyi_instruments.faults import Fault, Place

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from manyi.sampling.design_table import DesignTable
    from manyi_analysis.design_based import SurveyDesign
    from manyi_analysis.records.notcomputed import NotComputed
    from manyi_analysis.weights import Weights

#: Columns of the weights in the files for SPSS: adding up to the population, and with mean 1.
WEIGHT, RELATIVE = "sampling_weight", "relative_weight"


def weights_file(study: StudyFolder, role: str) -> Path:
    """Return the file of a role's weights by file and row."""
    return study.results / "weights" / f"{role}.parquet"


def weigh_stage(study: StudyFolder, role: str) -> Stage:
    """Return the stage that weighs a role's answers."""
    weights, plan = study.definition.weights[role], study.definition.analysis
    return Stage(
        name=f"weigh:{role}",
        run=partial(_weigh, study, role),
        inputs=(study.questionnaire_file(role), *weight_inputs(study, role)),
        outputs=(weights_file(study, role), work_folder(study, f"weigh-{role}")),
        parameters={
            "weights": weights.model_dump(mode="json"),
            "groups": list(plan.groups.get(role, ())),
            "satisfaction": list(plan.satisfaction.get(role, ())),
            "minimum_cell": plan.minimum_cell,
            "confidence": plan.confidence,
        },
        after=(f"clean:{role}",),
    )


def weight_inputs(study: StudyFolder, role: str) -> tuple[Path, ...]:
    """Return what a role's weights are made from: answers, the sample, known margins, schools."""
    weights = study.definition.weights[role]
    files = [design_file(study, weights)]
    if weights.margins_file:
        files.append(study.path / weights.margins_file)
    return (clean_folder(study, role), *(path for path in files if path), *school_inputs(study, role))


@dataclass(frozen=True, slots=True, eq=False)
class WeighedAnswers:
    """A role's answers with their weights.

    Parameters
    ----------
    answers : DataFrame
        The rows kept, with the columns of schools that weights and groups need.
    weights : Weights or NotComputed
        One weight a row, NaN where there is none.
    plan : RoleWeights
    table : DesignTable or None
        The sample drawn.
    """

    answers: "pd.DataFrame"
    weights: "Weights | NotComputed"
    plan: RoleWeights
    table: "DesignTable | None"

    def with_weight(self) -> "tuple[pd.DataFrame, SurveyDesign] | NotComputed":
        """Return the rows that have a weight, and the design behind them."""
        import numpy as np

        from manyi_analysis.records.notcomputed import NotComputed

        if isinstance(self.weights, NotComputed):
            return self.weights
        rows = self.answers[~np.isnan(self.weights.weight)].reset_index(drop=True)
        return rows, _survey_design(rows, self.plan, self.table, self.weights)


def weighed_answers(study: StudyFolder, role: str) -> WeighedAnswers:
    """Read a role's answers and weigh them as its plan says.

    Parameters
    ----------
    study : StudyFolder
        Its schools and the role's answers done.
    role : str
        One with weights.
    """
    import pandas as pd

    from manyi.sampling.design_table import design_table
    from manyi.stages.analysing import with_school_columns

    weights = study.definition.weights[role]
    margins = _margins(study, weights)
    rows = pd.read_parquet(clean_folder(study, role), filters=[("kept", "==", True)])
    named = [*study.definition.analysis.groups.get(role, ()), *weights.strata, *weights.collapse, *margins]
    answers = with_school_columns(study, rows, named, role)
    known = school_table(study, role)
    schools = pd.read_parquet(known) if known.is_file() else None
    table = design_table(study, role, weights, schools) if weights.design else None
    return WeighedAnswers(answers, _weights(study, answers, weights, table, margins), weights, table)


def _weigh(study: StudyFolder, role: str) -> tuple[Fault, ...]:
    import pandas as pd

    from manyi.stages.tables import write_pieces
    from manyi_analysis.records.notcomputed import NotComputed

    weighed = weighed_answers(study, role)
    answers, found = weighed.answers, weighed.weights
    if isinstance(found, NotComputed):
        lost = pd.DataFrame({"n": [found.n], "reason": [found.reason]})
        pieces = {"weights": lost}
        faults = [_told(study, role, found)]
    else:
        pieces = _tables(study, role, weighed, found)
        faults = _without_weight(role, found)
    _write_weights(study, role, answers, found)
    named_pieces = {name: piece.assign(role=role) for name, piece in pieces.items() if len(piece)}
    write_pieces(
        work_folder(study, f"weigh-{role}"), {name: _role_first(p) for name, p in named_pieces.items()}
    )
    return tuple(faults)


def _margins(study: StudyFolder, weights: RoleWeights) -> dict[str, dict[str, float]]:
    """Return the known margins of ``study.yaml`` and of the file it names."""
    from manyi.sampling.margins_file import read_margins

    read = read_margins(study.path / weights.margins_file) if weights.margins_file else {}
    return {**read, **weights.margins}


def _weights(
    study: StudyFolder,
    answers: "pd.DataFrame",
    weights: RoleWeights,
    table: "DesignTable | None",
    margins: dict[str, dict[str, float]],
) -> "Weights | NotComputed":
    import numpy as np
    import pandas as pd

    from manyi.stages.analysing import with_school_columns
    from manyi_analysis.weights import SampledCells, respondent_weights

    cells: SampledCells | None = None
    if table is not None:
        frame = table.frame
        by = weights.collapse or weights.strata or ("stratum",)
        joined = with_school_columns(study, frame[["school", "stage", "stratum"]], by)
        group = np.asarray(pd.factorize(_joined(joined, by))[0], dtype=np.intp)
        cells = SampledCells(
            names=frame[["school", "stage", "stratum"]],
            population=frame["population"].to_numpy(float),
            sampled=frame["sample"].to_numpy(float),
            design=frame["weight"].to_numpy(float),
            group=group,
            cell=table.place(answers),
        )
    return respondent_weights(
        answers,
        cells,
        weights.minimum if weights.nonresponse else None,
        margins,
        weights.calibration,
        weights.trim,
    )


def _tables(
    study: StudyFolder, role: str, weighed: WeighedAnswers, found: "Weights"
) -> "dict[str, pd.DataFrame]":
    """Return what the weights are and what is estimated with them."""
    import numpy as np
    import pandas as pd

    from manyi.stages.sound_plan import sound_plan
    from manyi_analysis.design_based.weighted_answers import weighted_answers
    from manyi_analysis.design_based.weighted_satisfaction import satisfaction_frame, weighted_satisfaction

    questionnaire = study.questionnaires[role]
    plan = sound_plan(study.definition.analysis, role, questionnaire, weighed.answers.columns)
    rows = weighed.answers[~np.isnan(found.weight)].reset_index(drop=True)
    design = _survey_design(rows, weighed.plan, weighed.table, found)
    scales = tuple(scale.id for scale in questionnaire.scales)
    measures = plan.satisfaction.get(role, scales)
    indices = weighted_satisfaction(
        rows, questionnaire, measures, design, plan.groups[role], plan.minimum_cell, plan.confidence
    )
    shares = weighted_answers(rows, questionnaire, questionnaire.items, design, plan.confidence)

    return {
        "weights": found.to_frame(),
        "weight_cells": found.cells_to_frame(),
        "weight_margins": found.margins_to_frame(),
        "weighted_satisfaction": satisfaction_frame(indices),
        "weighted_answers": pd.concat([share.to_frame() for share in shares], ignore_index=True)
        if shares
        else pd.DataFrame(),
    }


def _survey_design(
    rows: "pd.DataFrame", weights: RoleWeights, table: "DesignTable | None", found: "Weights"
) -> "SurveyDesign":
    """Return strata, units and fractions of the respondents with a weight.

    ``errors: schools`` takes schools as drawn with replacement from many like them. ``errors: design`` counts
    the fractions of the plan at both stages: schools taken with certainty add nothing between them, those
    drawn in proportion to size count as drawn with replacement.
    """
    import numpy as np

    from manyi_analysis.design_based import SurveyDesign

    weight = found.weight[~np.isnan(found.weight)]
    stratum = _joined(rows, weights.strata) if weights.strata else None
    fraction = within = None
    if table is not None:
        cell = table.place(rows)
        frame = table.frame.iloc[cell].reset_index(drop=True)
        stratum = frame["stratum"] if stratum is None else stratum
        if weights.errors == "design":
            certain = (frame["school_probability"] >= 1.0).to_numpy(bool) & bool(table.keys)
            stratum = stratum.astype(str) + np.where(certain, "\x1fcertain", "")
            drawn = (frame["schools_drawn"] / frame["schools_in_stratum"]).where(frame["drawn_by"] == "srs")
            fraction = np.where(certain, 1.0, drawn.fillna(0.0).to_numpy(np.float64))
            unit = stratum + "\x1f" + rows["school"].astype("string").fillna("")
            unit = unit if table.keys else unit.str.slice(0, 0)
            within = _answered(unit, frame["population"].to_numpy(np.float64), cell)
            if not table.keys:
                # Nobody was reached through a school: persons are the first stage.
                fraction, within = within, None
    return SurveyDesign.of(
        weight, stratum, rows["school"], fraction, within, weights.lonely, found.calibrated
    )


def _answered(
    unit: "pd.Series[str]", population: "NDArray[np.float64]", cell: "NDArray[np.intp]"
) -> "NDArray[np.float64]":
    """Return the share of the persons of each respondent's unit who answered; 0 where it is not known."""
    import numpy as np
    import pandas as pd

    cells = pd.DataFrame({"unit": unit.to_numpy(), "cell": cell, "population": population})
    persons = cells.drop_duplicates(["unit", "cell"]).groupby("unit")["population"].sum(min_count=1)
    share = cells.groupby("unit")["cell"].transform("size") / cells["unit"].map(persons)
    known: NDArray[np.float64] = share.fillna(0.0).to_numpy(np.float64)
    return np.minimum(known, 1.0)


def _joined(rows: "pd.DataFrame", columns: Sequence[str]) -> "pd.Series[str]":
    """Return the values of several columns as one text."""
    texts = [rows[name].astype("string").fillna("") for name in columns if name in rows]
    joined = rows["school"].astype("string").fillna("").str.slice(0, 0)
    for text in texts:
        joined = joined + "\x1f" + text
    return joined


def _write_weights(
    study: StudyFolder, role: str, answers: "pd.DataFrame", found: "Weights | NotComputed"
) -> None:
    """Write every kept row's weight, and the weight with mean 1; neither where there are none."""
    import numpy as np

    from manyi_analysis.records.notcomputed import NotComputed

    none = np.full(len(answers), np.nan)
    weight = none if isinstance(found, NotComputed) else found.weight
    relative = none if isinstance(found, NotComputed) else weight / np.nanmean(weight)
    frame = answers[["file", "row"]].assign(**{WEIGHT: weight, RELATIVE: relative})
    frame.to_parquet(weights_file(study, role), index=False)


def _told(study: StudyFolder, role: str, found: "NotComputed") -> Fault:
    details = {"role": role, "reason": found.reason}
    return Fault("weights-not-computed", Place(str(study.study_file)), details)


def _without_weight(role: str, found: "Weights") -> list[Fault]:
    import numpy as np

    n = int(np.isnan(found.weight).sum())
    return (
        [Fault("weights-rows-without-weight", details={"role": role, "n": n}, severity="warning")]
        if n
        else []
    )


def _role_first(table: "pd.DataFrame") -> "pd.DataFrame":
    return table[["role", *(name for name in table.columns if name != "role")]]
