"""Answers as Stata keeps them: ``.dta`` of Stata 5 and later."""

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import SourceTable
from manyi.readers.platforms.variables import format_of, read_variables
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return the format of a file of Stata, told by its first bytes; empty for any other."""
    return format_of(raw, "stata")


def read_stata(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of a file of Stata.

    Parameters
    ----------
    raw : RawTable
        The file, with its dictionary.
    structure : Structure, optional
        Not used: the dictionary describes the questions.

    Returns
    -------
    SourceTable
        Variable labels are the wordings, value labels the answers; the extended missing values ``.a`` to
        ``.z`` are missing answers of the kind their label speaks of, ``.`` is a blank.
    """
    if raw.dictionary is None:
        raise ValueError(f"{raw.path.name} has no dictionary")
    return read_variables(raw, raw.dictionary)


STATA = Platform(
    name="stata",
    title={"zh": "Stata", "en": "Stata"},
    understands={
        "zh": (".dta（Stata 5 及以后）", "变量标签、值标签、扩展缺失值 .a 到 .z、日期格式"),
        "en": (
            ".dta of Stata 5 and later",
            "variable labels, value labels, extended missing values .a to .z, dates",
        ),
    },
    evidence=evidence,
    read=read_stata,
)
