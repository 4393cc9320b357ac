"""Which reader reads a file: told by the user, or by evidence in the file."""

from manyi.readers.platforms.definition_column import with_definition
from manyi.readers.platforms.entry import ENTRY
from manyi.readers.platforms.google_forms import GOOGLE_FORMS
from manyi.readers.platforms.kobo import KOBO
from manyi.readers.platforms.limesurvey import LIMESURVEY
from manyi.readers.platforms.odk import ODK
from manyi.readers.platforms.own_server import OWN_SERVER
from manyi.readers.platforms.plain import PLAIN
from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.qualtrics import QUALTRICS
from manyi.readers.platforms.redcap import REDCAP
from manyi.readers.platforms.source import SourceTable
from manyi.readers.platforms.spss import SPSS
from manyi.readers.platforms.stata import STATA
from manyi.readers.platforms.surveyjs import SURVEYJS
from manyi.readers.platforms.wenjuanxing import WENJUANXING
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable
from manyi_instruments.faults import AnswersFaulty, Fault, Place

#: In the order in which evidence is looked for; a plain table is what no other reader knows.
PLATFORMS: tuple[Platform, ...] = (
    SPSS,
    STATA,
    ENTRY,
    WENJUANXING,
    KOBO,
    ODK,
    QUALTRICS,
    LIMESURVEY,
    REDCAP,
    SURVEYJS,
    GOOGLE_FORMS,
    OWN_SERVER,
    PLAIN,
)
SOURCES = ("auto", *(platform.name for platform in PLATFORMS))


def read_source(raw: RawTable, source: str = "auto", structure: Structure | None = None) -> SourceTable:
    """Read the questions of a file with the reader of its platform.

    Parameters
    ----------
    raw : RawTable
        The file.
    source : str
        Name of a platform; ``auto`` takes the one whose marks the file carries, else a plain table.
    structure : Structure, optional
        The survey's structure, where there is a file of it.

    Returns
    -------
    SourceTable
        With the evidence for the choice.

    Raises
    ------
    AnswersFaulty
        See ``find_platform``.
    """
    return with_definition(find_platform(raw, source).read(raw, structure))


def find_platform(raw: RawTable, source: str = "auto") -> Platform:
    """Return the platform a file comes from.

    Parameters
    ----------
    raw : RawTable
        The file.
    source : str
        Name of a platform, or ``auto``.

    Raises
    ------
    AnswersFaulty
        ``source-unknown``; ``source-not-recognised`` if a platform was named whose marks are not there.
    """
    place = Place(file=raw.path.name)
    if source not in SOURCES:
        raise AnswersFaulty(Fault("source-unknown", place, {"source": source, "sources": "、".join(SOURCES)}))
    asked = [platform for platform in PLATFORMS if source in ("auto", platform.name)]
    found = next((platform for platform in asked if platform.evidence(raw)), None)
    if found is None:
        details = {"file": raw.path.name, "platform": asked[0].title["en"]}
        raise AnswersFaulty(Fault("source-not-recognised", place, details))
    return found
