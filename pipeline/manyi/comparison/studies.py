"""The studies of a comparison: opened, run, of different schools, each under a name of its own."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.comparison.mapping import ComparisonMapping, StudyMapping
from manyi.stages.work import clean_folder, tables_folder, work_folder
from manyi.study.folder import StudyFolder, open_study
from manyi.study.places import names_of
from manyi_instruments.faults import Fault, ManyiError, Place, StudyFaulty

if TYPE_CHECKING:
    import pandas as pd


def open_studies(folders: Sequence[Path]) -> dict[str, StudyFolder]:
    """Return the studies by the name of their folder.

    Raises
    ------
    StudyFaulty
        Fewer than two, one twice, and every fault of every ``study.yaml``.
    """
    faults: list[Fault] = []
    studies: list[StudyFolder] = []
    for folder in folders:
        try:
            study = open_study(folder)
        except ManyiError as error:
            faults += error.faults
            continue
        if study.path.resolve() in [one.path.resolve() for one in studies]:
            faults.append(Fault("compare-same-study", Place(str(study.path)), {"folder": study.path}))
        else:
            studies.append(study)
    if not faults and len(studies) < 2:
        faults.append(Fault("compare-one-study", Place(str(folders[0])), {"folder": folders[0]}))
    if faults:
        raise StudyFaulty(faults)
    return dict(zip(names_of([study.path.resolve() for study in studies]), studies, strict=True))


def county_names(studies: Mapping[str, StudyFolder], mapping: ComparisonMapping) -> dict[str, str]:
    """Return study -> how its county is called.

    A study's id stands where no name was given, and the folder's name where two studies have one id.

    Raises
    ------
    StudyFaulty
        ``compare-county-twice``.
    """
    ids = Counter(study.definition.study for study in studies.values())
    names = {}
    for name, study in studies.items():
        schools = study.definition.schools
        given = mapping.studies.get(name, StudyMapping()).county or (schools.county if schools else "")
        own = study.definition.study
        names[name] = given or (own if ids[own] == 1 else name)
    twice = [county for county, n in Counter(names.values()).items() if n > 1]
    if twice:
        listed = {county: [name for name in names if names[name] == county] for county in twice}
        raise StudyFaulty(
            Fault(
                "compare-county-twice",
                Place(str(studies[found[0]].study_file)),
                {"county": county, "studies": ", ".join(found)},
            )
            for county, found in listed.items()
        )
    return names


def readiness_faults(studies: Mapping[str, StudyFolder]) -> Iterator[Fault]:
    """Yield what keeps studies from being compared: not run, changed since, cleaned or judged otherwise."""
    from manyi.stages.manifest import open_manifest
    from manyi.stages.pipeline import stages_of

    first = next(iter(studies.values()))
    for study in studies.values():
        place, folder = Place(str(study.study_file)), {"folder": study.path}
        if not list(tables_folder(study).glob("*.csv")):
            yield Fault("compare-not-run", place, folder)
            continue
        manifest = open_manifest(study)
        stale = [
            stage.name
            for stage in stages_of(study, None)
            if stage.name.partition(":")[0] in ("import", "clean") and manifest.staleness(stage)
        ]
        if stale:
            yield Fault("compare-stale", place, {**folder, "stages": ", ".join(stale)}, "warning")
        for what, own, there in (
            ("analysis.index", study.definition.analysis.index, first.definition.analysis.index),
            ("cleaning", study.definition.cleaning, first.definition.cleaning),
            ("standard", _standard(study), _standard(first)),
        ):
            if own != there:
                details = {**folder, "other": first.path, "what": what}
                yield Fault("compare-defined-otherwise", place, details, "warning")
    yield from _same_answers(studies)


def _standard(study: StudyFolder) -> object:
    schools = study.definition.schools
    return None if schools is None else (schools.standard, schools.layers)


def _same_answers(studies: Mapping[str, StudyFolder]) -> Iterator[Fault]:
    """Yield a fault for each file of answers that two studies hold whole: respondents would count twice."""
    from manyi.stages.tables import read_pieces

    seen: dict[str, str] = {}
    for name, study in studies.items():
        for role, entry in study.definition.roles.items():
            files = read_pieces(work_folder(study, f"import-{role}")).get("import_files")
            if files is None or entry.rows is not None:
                continue
            for file, digest in zip(files["file"], files["sha256"], strict=True):
                other = seen.setdefault(digest, name)
                if other != name:
                    details = {"file": file, "study": name, "other": other}
                    yield Fault("compare-same-answers", Place(str(study.answers_folder(role))), details)


def clean_answers(study: StudyFolder, role: str, columns: Sequence[str]) -> "pd.DataFrame":
    """Return the kept rows of a role's cleaned answers: school, stage, the columns named and the county's.

    The county is the column of `analysis.counties` where the study has several; else there is none.
    """
    import pandas as pd

    from manyi.stages.analysing import with_school_columns

    wanted = list(dict.fromkeys(["school", "stage", *columns]))
    rows = pd.read_parquet(clean_folder(study, role), columns=wanted, filters=[("kept", "==", True)])
    column = study.definition.analysis.counties
    return rows if column is None else with_school_columns(study, rows, [column], role)
