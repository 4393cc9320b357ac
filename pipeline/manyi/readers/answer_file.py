"""One file of answers: read, its platform recognised, its columns matched, its cells decoded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from manyi.readers.decoding.decode import Decoded, decode
from manyi.readers.matching.mapping_file import MappingFile, sound_mapping
from manyi.readers.matching.match import Matching, match
from manyi.readers.platforms.source import SourceTable
from manyi.readers.structures.find import read_described
from manyi.readers.tables.raw_table import RawTable
from manyi.study.definition import Columns, Role
from manyi.study.row_shares import RowShare
from manyi_instruments.definitions.questionnaire import Questionnaire


@dataclass(frozen=True, slots=True)
class Reading:
    """How the files of one role are read.

    Attributes
    ----------
    questionnaire : Questionnaire
        What was asked.
    role : Role
        Columns that are not questions, and the rule of the stage.
    role_id : str
        Stands in the column ``role`` of quarantine and account.
    language : str
        Of the reasons in the quarantine.
    structures : tuple of Path
        Folders of structure files, or such files.
    mappings : Mapping
        File of answers -> mapping file of what a person decided about it; neither need be there.
    share : RowShare or None
        Which rows are the role's own; None for all.
    """

    questionnaire: Questionnaire
    role: Role
    role_id: str
    language: str = "zh"
    structures: tuple[Path, ...] = ()
    mappings: Mapping[Path, Path] = field(default_factory=dict)
    share: RowShare | None = None

    def file(self, raw: RawTable, name: str, source: str, watched: int | None = None) -> "AnswerFile":
        """Read one file.

        Parameters
        ----------
        raw : RawTable
            Its cells.
        name : str
            Stands in the column ``file``.
        source : str
            Its platform; ``auto`` to find it.
        watched : int, optional
            Spreadsheet row of which the fate of every cell is told.

        Raises
        ------
        FileUnreadable, AnswersFaulty
            If its platform or its columns cannot be told, or its mapping file or a structure of its platform
            has faults.
        """
        table = read_described(raw, source, self.structures)
        path = self.mappings.get(raw.path)
        mapping = sound_mapping(path, self.questionnaire) if path is not None else None
        matching = match(table, self.questionnaire, self.role, mapping)
        return AnswerFile(name, table, matching, self._decoded(table, matching, name, watched), mapping)

    def of_store(self) -> "Reading":
        """Return how answers of the study's own store are read: its columns are known, its rows are apart."""
        role = self.role.model_copy(update={"columns": Columns(), "rows": None})
        return replace(self, role=role, share=None)

    def without(
        self, file: "AnswerFile", rows: Mapping[str, tuple[int, ...]], watched: int | None = None
    ) -> "AnswerFile":
        """Return a file decoded anew with more rows set aside: fault code -> spreadsheet rows."""
        table = replace(file.source, set_aside={**file.source.set_aside, **rows})
        return self.again(file, table, watched)

    def again(self, file: "AnswerFile", table: SourceTable, watched: int | None = None) -> "AnswerFile":
        """Return a file decoded anew from its table changed: same columns, other cells or rows set aside."""
        decoded = self._decoded(table, file.matching, file.name, watched)
        return AnswerFile(file.name, table, file.matching, decoded, file.mapping)

    def _decoded(self, table: SourceTable, matching: Matching, name: str, watched: int | None) -> Decoded:
        return decode(
            table,
            matching,
            self.questionnaire,
            self.role,
            name,
            self.role_id,
            self.language,
            watched,
            self.share,
        )


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """One file and what it came to.

    Attributes
    ----------
    name : str
        As in the column ``file``.
    source : SourceTable
        The questions it holds.
    matching : Matching
        Which column was read as which question.
    decoded : Decoded
        Coded answers, quarantine, account.
    mapping : MappingFile or None
        What a person decided about it; None where the caller gave no place for it.
    """

    name: str
    source: SourceTable
    matching: Matching
    decoded: Decoded
    mapping: MappingFile | None = None
