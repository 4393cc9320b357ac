"""Answers as SPSS keeps them: ``.sav``, ``.zsav`` and ``.por``, whatever program wrote them."""

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.response_sets import with_sets
from manyi.readers.platforms.source import SourceTable
from manyi.readers.platforms.variables import format_of, read_variables
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return the format of a file of SPSS, told by its first bytes; empty for any other."""
    return format_of(raw, "spss")


def read_spss(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of a file of SPSS.

    Parameters
    ----------
    raw : RawTable
        The file, with its dictionary.
    structure : Structure, optional
        Not used: the dictionary describes the questions.

    Returns
    -------
    SourceTable
        Variable labels are the wordings, value labels the answers, user-missing values missing answers of
        the kind their label speaks of, multiple-response sets one question each. 问卷星, Qualtrics and
        LimeSurvey write their own columns into such files; three of them are needed to know them.
    """
    if raw.dictionary is None:
        raise ValueError(f"{raw.path.name} has no dictionary")
    return with_sets(read_variables(raw, raw.dictionary), raw.dictionary)


SPSS = Platform(
    name="spss",
    title={"zh": "SPSS", "en": "SPSS"},
    understands={
        "zh": (
            ".sav、.zsav、.por（SPSS、PSPP、jamovi，以及问卷星、Qualtrics、LimeSurvey 导出的）",
            "变量标签、值标签、用户缺失值（离散值与范围）、多重响应集、日期与时间格式",
        ),
        "en": (
            ".sav, .zsav, .por of SPSS, PSPP and jamovi, and as 问卷星, Qualtrics and LimeSurvey export them",
            "variable and value labels, user-missing values and ranges, response sets, dates and times",
        ),
    },
    evidence=evidence,
    read=read_spss,
)
