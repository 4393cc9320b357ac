"""Which reader reads a file: told by the user, or by evidence in the file."""

from manyi.readers import wenjuanxing
from manyi.readers.files import RawTable
from manyi.readers.plain import read_plain
from manyi.readers.source import SourceTable
from manyi.readers.wenjuanxing import read_wenjuanxing
from manyi_instruments.faults import AnswersFaulty, Fault, Place

SOURCES = ("auto", "wenjuanxing", "table")


def read_source(raw: RawTable, source: str = "auto") -> SourceTable:
    """Read the questions of a file with the reader of its platform.

    Parameters
    ----------
    raw : RawTable
        The file.
    source : {"auto", "wenjuanxing", "table"}
        ``auto`` takes the platform whose marks the file carries, else a plain table.

    Returns
    -------
    SourceTable
        With the evidence for the choice.

    Raises
    ------
    AnswersFaulty
        ``source-unknown``; ``source-not-recognised`` if a platform was named whose marks are not there.
    """
    place = Place(file=raw.path.name)
    if source not in SOURCES:
        raise AnswersFaulty(Fault("source-unknown", place, {"source": source, "sources": "、".join(SOURCES)}))
    if source == "table":
        return read_plain(raw)
    if wenjuanxing.evidence(raw):
        return read_wenjuanxing(raw)
    if source == "wenjuanxing":
        raise AnswersFaulty(Fault("source-not-recognised", place, {"file": raw.path.name}))
    return read_plain(raw)
