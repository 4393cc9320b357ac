"""The façade for notebooks: ``import manyi; study = manyi.open("my-study")``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from manyi.exports.export import Exported, export_answers
from manyi.exports.formats import FORMATS
from manyi.stages.manifest import open_manifest
from manyi.stages.pipeline import roles_without_answers, stages_of
from manyi.stages.raw_row import RawRow, raw_row
from manyi.stages.runner import run_stages
from manyi.stages.stage import StageOutcome
from manyi.stages.work import clean_folder, tables_folder
from manyi.study.checks import study_faults
from manyi.study.folder import StudyFolder, open_study
from manyi.study.history import history_faults
from manyi.tracing.account import Trace
from manyi.tracing.trace import trace
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault, ManyiError, Place, ResultNotComputed, StudyFaulty


@dataclass(frozen=True, slots=True)
class ResultTable:
    """One result table of a study.

    Parameters
    ----------
    name : str
        As in ``results/tables/<name>.csv``.
    frame : DataFrame
        Tidy, at full precision.
    """

    name: str
    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the table; a copy, so that the result stays as computed."""
        return self.frame.copy()


class Results(Mapping[str, ResultTable]):
    """The result tables of a study by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> ResultTable:
        """Return a table; ``KeyError`` where the study has none of that name."""
        from manyi_outputs.tidy import read_table

        path = self._folder / f"{name}.csv"
        if not path.is_file():
            raise KeyError(name)
        return ResultTable(name, read_table(path))

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the tables."""
        return (path.stem for path in sorted(self._folder.glob("*.csv")))

    def __len__(self) -> int:
        """Return how many tables there are."""
        return sum(1 for _ in self)


class OpenStudy:
    """A study as a notebook sees it.

    Parameters
    ----------
    folder : StudyFolder
        The study on disk.
    """

    def __init__(self, folder: StudyFolder) -> None:
        self.folder = folder

    def __repr__(self) -> str:
        """Name the study and its roles."""
        return f"<manyi study {self.folder.definition.study}: {', '.join(self.folder.definition.roles)}>"

    def questionnaire(self, role: str) -> Questionnaire:
        """Return a role's questionnaire."""
        self._require(role)
        return self.folder.questionnaires[role]

    def check(self) -> tuple[Fault, ...]:
        """Return every fault of the study's definitions."""
        return (*study_faults(self.folder), *history_faults(self.folder))

    def run(self, language: str | None = None) -> tuple[StageOutcome, ...]:
        """Make what is stale, as ``manyi run`` does.

        Raises
        ------
        ManyiError
            With every fault, after all that could be made was made.
        """
        faults = [*study_faults(self.folder), *roles_without_answers(self.folder)]
        outcomes = run_stages(stages_of(self.folder, language), open_manifest(self.folder))
        faults += [fault for outcome in outcomes for fault in outcome.faults]
        errors = [fault for fault in faults if fault.severity == "error"]
        if errors:
            raise ResultNotComputed(errors)
        return outcomes

    def answers(self, role: str) -> pd.DataFrame:
        """Return the cleaned and scored answers of a role, one row each received, flags beside them.

        Raises
        ------
        ManyiError
            Before the study was run, or for an unknown role.
        """
        self._require(role)
        folder = clean_folder(self.folder, role)
        if not folder.is_dir():
            place = Place(str(self.folder.path))
            raise ManyiError(Fault("not-run-yet", place, {"role": role, "folder": self.folder.path}))
        return pd.read_parquet(folder)

    def raw(self, role: str, file: str, row: int) -> RawRow:
        """Return one row of a raw file as it stands, and what became of every cell of it.

        Parameters
        ----------
        role : str
            The role.
        file : str
            As the column ``file`` of answers and quarantine names it.
        row : int
            As a spreadsheet counts, headings being row 1.

        Raises
        ------
        ManyiError
            Before the role was imported, for an unknown file or row, or if the file was changed since.
        """
        return raw_row(self.folder, role, file, row)

    def trace(self, text: str, language: str | None = None) -> Trace:
        """Return where a number comes from: result table, function, answers, files, seeds.

        Parameters
        ----------
        text : str
            ``table 9, row 3``, ``表 3-9 行 3 列 4``, ``reliability parents SAT``, ``figure 2``,
            ``finding 4``, ``reliability.csv row 3``.
        language : str, optional
            Of titles; default the study's.

        Raises
        ------
        ManyiError
            Before the study was run, or for a table, row or column there is not.
        """
        return trace(self.folder, text, language)

    def export(
        self,
        form: str,
        to: str | Path | None = None,
        roles: Sequence[str] = (),
        all_rows: bool = False,
        with_text: bool = False,
        language: str | None = None,
    ) -> Exported:
        """Write the answers for other programs, as ``manyi export`` does.

        Parameters
        ----------
        form : str
            ``sav, xlsx, csv, parquet, stata, r, ddi`` or ``datapackage``.
        to : str or Path, optional
            Folder of the files; default ``results/export/<form>``.
        roles : sequence of str
            Empty for all that have answers.
        all_rows : bool
            Every submission received, not only those kept for analysis.
        with_text : bool
            Open answers and keys of persons too.
        language : str, optional
            Of labels; default the study's.

        Raises
        ------
        ValueError
            An unknown format.
        ManyiError
            For an unknown role, no answers, or a file in the way.
        """
        if form not in FORMATS:
            raise ValueError(f"no format {form}: there are {', '.join(FORMATS)}")
        target = Path(to) if to is not None else None
        return export_answers(self.folder, form, target, roles, all_rows, with_text, language)

    @property
    def results(self) -> Results:
        """Return the result tables made so far."""
        return Results(tables_folder(self.folder))

    def _require(self, role: str) -> None:
        if role not in self.folder.definition.roles:
            details = {"role": role, "roles": ", ".join(self.folder.definition.roles)}
            raise StudyFaulty(Fault("unknown-role", Place(str(self.folder.study_file)), details))


def open(folder: str | Path) -> OpenStudy:  # the name users expect: manyi.open
    """Open a study folder.

    Raises
    ------
    StudyFaulty
        Without ``study.yaml``, or with every fault of it.
    """
    return OpenStudy(open_study(Path(folder)))
