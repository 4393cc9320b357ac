"""Entry sheets made by ``manyi forms``: paper questionnaires typed in, one row each."""

from collections.abc import Mapping
from itertools import groupby

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import Kind, SourceQuestion, SourceTable
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable
from manyi_instruments.definitions.questionnaire import MissingKind
from manyi_instruments.forms.entry.names import DEFINITION, SCHOOL, SERIAL

MISSING: Mapping[str, MissingKind] = {}
_TEXT = "__text"


def code_of(heading: str) -> str:
    r"""Return the code in the first line of a heading; empty where there is no second line.

    >>> code_of("AGE\n2. Your age"), code_of("AGE")
    ('AGE', '')
    """
    code, line, _ = heading.strip().partition("\n")
    return code.strip() if line else ""


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return the first two codes, where they are serial number and school as on an entry sheet."""
    codes = tuple(map(code_of, raw.headings[:2]))
    return codes if codes == (SERIAL, SCHOOL) else ()


def read_entry(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of an entry sheet.

    Parameters
    ----------
    raw : RawTable
        The file.
    structure : Structure, optional
        Not used: headings say all.

    Returns
    -------
    SourceTable
        Columns ``ITEM/VALUE`` are one question: a multiple choice where its cells are 1 or 0, else a ranking.
    """
    columns = dict(zip(map(str, raw.cells.columns), raw.headings, strict=True))
    by_code = {code_of(heading) or heading.strip(): name for name, heading in columns.items()}
    about = {key: by_code[key] for key in (SERIAL, SCHOOL, DEFINITION) if key in by_code}
    texts = {code.removesuffix(_TEXT): name for code, name in by_code.items() if code.endswith(_TEXT)}
    asked = [(code, name) for code, name in by_code.items() if name not in about.values()]
    questions = []
    for item, run in groupby(asked, key=lambda pair: pair[0].split("/")[0]):
        if item.endswith(_TEXT) and item.removesuffix(_TEXT) in {code.split("/")[0] for code, _ in asked}:
            continue
        parts = list(run)
        names = tuple(name for _, name in parts)
        options = tuple(code.partition("/")[2] for code, _ in parts)
        split = len(parts) > 1 or bool(options[0])
        questions.append(
            SourceQuestion(
                heading=item,
                number="",
                text=_wording(columns[names[0]]),
                row="",
                kind=_kind(raw, names) if split else "single",
                options=options if split else (),
                columns=names,
                code=item,
                other=texts.get(item),
            )
        )
    return SourceTable(
        source="entry",
        evidence=evidence(raw),
        raw=raw,
        style="value",
        questions=tuple(questions),
        submission=about.get(SERIAL),
        school=about.get(SCHOOL),
        metadata=tuple(about.values()),
        missing=MISSING,
    )


def _wording(heading: str) -> str:
    """Return the wording behind code and number."""
    return heading.partition("\n")[2].partition(". ")[2].strip()


def _kind(raw: RawTable, names: tuple[str, ...]) -> Kind:
    found = {cell.strip() for name in names for cell in raw.column(name).cells}
    return "multiple" if found <= {"", "0", "1"} else "ranking"


ENTRY = Platform(
    name="entry",
    title={"zh": "满意录入表", "en": "manyi entry sheet"},
    understands={
        "zh": (
            "manyi forms 生成的录入表：首行第一行字是题目标识，一行一份纸质问卷；也可以另存为 CSV",
            "entry1、entry2 两张表（或两个文件）是同一批问卷的两次录入，按问卷编号逐格比较",
            "serial 为答卷编号，school 为学校代码；ITEM/值 的各列合为一题，ITEM__text 是“其他”的文字",
        ),
        "en": (
            "the entry sheet that manyi forms makes: the first line of a heading is the item's id, one row a "
            "paper questionnaire; also saved as CSV",
            "the sheets entry1 and entry2 (or two files) are two entries of the same papers, compared cell "
            "by cell by serial number",
            "serial is the submission, school the school code; columns ITEM/VALUE are one multiple choice or "
            "ranking, ITEM__text is the text beside an answer",
        ),
    },
    evidence=evidence,
    read=read_entry,
)
