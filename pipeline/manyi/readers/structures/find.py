"""Structure files: which format a file is in, and which of them describes a table of answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from manyi.readers.platforms.definition_column import with_definition
from manyi.readers.platforms.detect import find_platform
from manyi.readers.platforms.limesurvey import known_share as limesurvey_share
from manyi.readers.platforms.qualtrics import known_share as qualtrics_share
from manyi.readers.platforms.redcap import known_share as redcap_share
from manyi.readers.platforms.source import SourceTable
from manyi.readers.platforms.xforms import known_share as xforms_share
from manyi.readers.structures.limesurvey_lss import is_limesurvey_lss, read_limesurvey_lss
from manyi.readers.structures.limesurvey_tsv import is_limesurvey_tsv, read_limesurvey_tsv
from manyi.readers.structures.qualtrics_qsf import is_qualtrics_qsf, read_qualtrics_qsf
from manyi.readers.structures.redcap import is_redcap_dictionary, read_redcap_dictionary
from manyi.readers.structures.structure import Structure
from manyi.readers.structures.xlsform import is_xlsform, read_xlsform
from manyi.readers.tables.raw_table import RawTable
from manyi_instruments.faults import AnswersFaulty, Fault, FileUnreadable, Place

#: Of the headings of a table that could be questions, the share a structure must know to be its own.
LEAST_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class StructureFormat:
    """A format structures come in.

    Attributes
    ----------
    platform : str
        ``Structure.platform`` of what is read from it.
    recognises : callable
        File -> whether it is in this format; answers False for whatever it cannot read.
    read : callable
        File -> structure; raises ``FileUnreadable`` or ``AnswersFaulty``.
    share : callable
        Table of answers, structure -> share of the table's headings the structure knows, 0 to 1.
    """

    platform: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Structure]
    share: Callable[[RawTable, Structure], float]


FORMATS: tuple[StructureFormat, ...] = (
    StructureFormat("xlsform", is_xlsform, read_xlsform, xforms_share),
    StructureFormat("limesurvey", is_limesurvey_tsv, read_limesurvey_tsv, limesurvey_share),
    StructureFormat("limesurvey", is_limesurvey_lss, read_limesurvey_lss, limesurvey_share),
    StructureFormat("redcap", is_redcap_dictionary, read_redcap_dictionary, redcap_share),
    StructureFormat("qualtrics", is_qualtrics_qsf, read_qualtrics_qsf, qualtrics_share),
)


def is_structure(path: Path) -> bool:
    """Return whether a file describes a survey, so that it is no table of answers."""
    return any(known.recognises(path) for known in FORMATS)


def read_structure(path: Path) -> Structure:
    """Read a structure file of any known format.

    Raises
    ------
    FileUnreadable
        ``file-missing``, or what its format finds wrong with the file.
    AnswersFaulty
        ``structure-not-recognised``, or what its format finds wrong with the content.
    """
    place = Place(file=path.name)
    if not path.is_file():
        raise FileUnreadable(Fault("file-missing", place, {"file": str(path)}))
    for known in FORMATS:
        if known.recognises(path):
            return known.read(path)
    raise AnswersFaulty(Fault("structure-not-recognised", place, {"file": path.name}))


def refuse_structure(path: Path) -> None:
    """Refuse a structure file that lies among answers.

    Raises
    ------
    AnswersFaulty
        ``structure-among-answers``.
    """
    if is_structure(path):
        raise AnswersFaulty(Fault("structure-among-answers", Place(file=path.name), {"file": path.name}))


def read_described(raw: RawTable, source: str = "auto", structures: Sequence[Path] = ()) -> SourceTable:
    """Read the questions of a file with the reader of its platform, and the structure that describes them.

    Parameters
    ----------
    raw : RawTable
        The file.
    source : str
        Name of a platform, or ``auto``.
    structures : sequence of Path
        Folders of structure files, or such files; see ``find_structure``.

    Raises
    ------
    FileUnreadable, AnswersFaulty
        See ``find_platform`` and ``find_structure``.
    """
    platform = find_platform(raw, source)
    return with_definition(platform.read(raw, find_structure(raw, platform.structure, structures)))


def find_structure(raw: RawTable, platform_structure: str, folders: Sequence[Path]) -> Structure | None:
    """Find the structure a table of answers was collected with.

    Parameters
    ----------
    raw : RawTable
        The answers.
    platform_structure : str
        ``Platform.structure`` of the platform they come from; without one there is nothing to find.
    folders : sequence of Path
        Folders of structure files, or such files.

    Returns
    -------
    Structure or None
        The one that knows the largest share of the headings, at least 80 %; of two that know as much, the
        last by name, since versions are numbered upwards. None where no structure fits.

    Raises
    ------
    FileUnreadable, AnswersFaulty
        If a structure of that platform is damaged.
    """
    best, best_share = None, LEAST_SHARE
    for path, known in _structures(platform_structure, folders):
        structure = known.read(path)
        share = known.share(raw, structure)
        if share >= best_share:
            best, best_share = structure, share
    return best


def _structures(platform: str, folders: Sequence[Path]) -> Iterator[tuple[Path, StructureFormat]]:
    if not platform:
        return
    for folder in folders:
        paths = [folder] if folder.is_file() else sorted(folder.iterdir()) if folder.is_dir() else []
        for path in paths:
            if path.is_file() and not path.name.startswith((".", "~$")):
                yield from (
                    (path, known)
                    for known in FORMATS
                    if known.platform == platform and known.recognises(path)
                )
