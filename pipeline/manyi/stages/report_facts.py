"""What a report says of a study that its result tables do not hold: waves, seed, imputations, versions."""

from typing import TYPE_CHECKING

from manyi.stages.manifest import versions
from manyi.study.folder import StudyFolder
from manyi.study.waves import series_of

if TYPE_CHECKING:
    from manyi_outputs.report import Facts


def facts_of(study: StudyFolder) -> "Facts":
    """Return the facts that the report and its Word twin print beside the tables.

    Parameters
    ----------
    study : StudyFolder

    Returns
    -------
    Facts
        Versions of what computed and wrote the results, manyi first; absent packages are left out.
    """
    from manyi_outputs.report import Facts

    plan = study.definition.analysis
    known = {name: version for name, version in versions().items() if version != "absent"}
    order = ["manyi", *(name for name in known if name != "manyi")]
    imputation = plan.imputation
    return Facts(
        versions={name: known[name] for name in order if name in known},
        seed=plan.seed,
        imputations=imputation.m if imputation else None,
        iterations=imputation.iterations if imputation else None,
        occasions=max((len(series.waves) for series in series_of(study.definition)), default=1),
        minimum_cell=plan.minimum_cell,
    )
