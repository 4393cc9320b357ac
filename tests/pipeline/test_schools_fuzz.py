"""Whatever stands in a school table, reading it ends in a table that adds up or in a named fault."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from manyi.schools.table import SchoolTable, read_schools
from manyi.study.definition import Schools
from manyi_analysis.resources import SchoolVerdicts, evaluate_schools
from manyi_instruments.faults import ManyiError
from manyi_instruments.standards import load_standard

NATIONAL = load_standard("national-2017")
HEADINGS = [
    "学校标识码",
    "学校名称",
    "办学类型",
    "学段",
    "在校生数（人）",
    "教学仪器设备资产值（万元）",
    "城乡分类代码",
    "备注",
]
CELLS = st.sampled_from(
    [
        "",
        "合计",
        "2133000001",
        "33000002",
        "2133000001.0",
        "2.1E+09",
        "小学",
        "初中",
        "高中",
        "九年一贯制学校",
        "312",
        "完全中学",
        "教学点",
        "12",
        "1,200",
        "-3",
        "约3",
        "12%",
        "—",
        "111",
        "999",
        "=1+1",
        "nan",
        "inf",
        "1e999",
        "甲校",
        "６",
    ]
)
TABLES = st.tuples(
    st.permutations(HEADINGS).flatmap(lambda names: st.integers(6, len(names)).map(lambda n: names[:n])),
    st.lists(st.lists(CELLS, min_size=len(HEADINGS), max_size=len(HEADINGS)), max_size=6),
)


def text_of(table: tuple[list[str], list[list[str]]]) -> str:
    headings, rows = table
    lines = [headings, *(row[: len(headings)] for row in rows)]
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines) + "\n"


@settings(deadline=None, max_examples=60)
@given(TABLES, st.booleans())
def test_every_table_adds_up_or_is_a_fault(
    table: tuple[list[str], list[list[str]]], with_standard: bool
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "学校.csv"
        path.write_text(text_of(table), encoding="utf-8")
        standard = NATIONAL if with_standard else None
        with suppress(ManyiError):
            adds_up(read_schools(path, Schools(code="学校标识码"), standard), with_standard)


def adds_up(read: SchoolTable, with_standard: bool) -> None:
    account = read.cells.iloc[0]
    fates = account[["cells_kept", "cells_recoded", "cells_missing", "cells_rejected"]]
    assert fates.sum() == account["cells_read"]
    assert (fates >= 0).all()
    assert account["rows_kept"] == len(read.frame)
    assert account["cells_rejected"] == (read.quarantine["item"] != "").sum()
    assert account["rows_quarantined"] == (read.quarantine["item"] == "").sum()
    if with_standard:
        verdicts = evaluate_schools(read.frame, NATIONAL).verdicts
        assert isinstance(verdicts, SchoolVerdicts)
        assert len(verdicts.frame) == len(read.frame)
