"""Whatever a file holds, its account balances and every cell set aside is found where it is said to stand."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manyi.readers.decoding.account import require_balance
from manyi.readers.importing import Imported, import_answers
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import AnswersFaulty, FileUnreadable

LABELS = (
    "非常同意",
    "同意",
    "一般",
    "不同意",
    "很不同意",
    "A. 好",
    "其他【请注明】",
    "yes",
    "否",
    "16～19岁",
)
#: What files hold that nobody asked for: marks, wrong numbers, formulas, several answers, other widths.
JUNK = (
    *("", " ", "\u3000", "NA", "(空)", "(跳过)", "-9", "-8", "-7.0", "-3", "-2", "-5", "不了解", "."),
    *("0", "1", "2", "3.0", "４", "5", "6", "99", "1e3", "1,234", "35岁", "三十", "1/2", "+1", "1.0E+05"),
    *("同意┋一般", "同意;一般", "其他【请注明】〖画画〗", "2. 同意", "9. 同意", "=A1+1", "#N/A", "TRUE", "√"),
    *("a,b", 'say "yes"', "two\nlines", "①", "→", "very long " * 9, "\ufeff", "NULL", "同意→一般"),
)
CELLS = st.one_of(st.sampled_from(LABELS), st.sampled_from(JUNK), st.text(max_size=6))
HEADINGS = st.one_of(
    st.sampled_from(("", " ", "Q1", "Q2", "Q3", "Q1", "Q2__1", "Q2__2", "submitted", "seconds", "school")),
    st.sampled_from(("序号", "题目 Q1", "1、题目 Q1", "Q3__text", "person", "device", "file", "row", "x")),
    st.text(max_size=4),
)
TABLES = st.integers(1, 7).flatmap(
    lambda width: st.tuples(
        st.lists(HEADINGS, min_size=width, max_size=width),
        st.lists(st.lists(CELLS, min_size=width - 1, max_size=width + 1), min_size=1, max_size=12),
    )
)
ITEMS = st.lists(st.sampled_from(("choice", "multiple", "number", "text")), min_size=1, max_size=4)
ROLE = Role.model_validate({"title": {"en": "x"}, "questionnaire": "q.yaml"})
OFTEN = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def questionnaire(types: Sequence[str]) -> Questionnaire:
    """Return a questionnaire of items Q1, Q2 … of the types given."""
    answers = [{"value": value, "label": {"zh": label}} for value, label in enumerate(LABELS[:5], start=1)]
    answers.append({"value": 7, "label": {"zh": "其他【请注明】"}, "other": True})
    items = []
    for number, kind in enumerate(types, start=1):
        item = {"id": f"Q{number}", "text": {"zh": f"题目 Q{number}"}, "type": kind}
        if kind in ("choice", "multiple"):
            item["answers"] = "agree"
        if kind in ("choice", "number"):
            item["standalone"] = True
        if kind == "number":
            item |= {"minimum": 0, "maximum": 100}
        items.append(item)
    content = {"questionnaire": "q", "title": {"zh": "问卷"}, "languages": ["zh"]}
    content |= {"answer_lists": {"agree": {"answers": answers}}, "items": items}
    return Questionnaire.model_validate(content)


def written(path: Path, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    """Write a table as CSV, or as a workbook where the name ends so; rows may be ragged."""
    if path.suffix == ".csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([headings, *rows])
        path.write_text(text.getvalue(), encoding="utf-8")
        return path
    book = openpyxl.Workbook()
    for number, row in enumerate([headings, *rows], start=1):
        for column, cell in enumerate(row, start=1):
            book.active.cell(number, column).value = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell)
            book.active.cell(number, column).data_type = "s"
    book.save(path)
    return path


def imported(paths: Sequence[Path], types: Sequence[str]) -> Imported | None:
    """Import files; None where all of them are refused with a reason."""
    try:
        return import_answers(paths, questionnaire(types), ROLE, "pupils")
    except (AnswersFaulty, FileUnreadable) as error:
        told = [fault.message(language) for fault in error.faults for language in ("zh", "en")]
        if not all(told):
            raise
        return None


def require_whole(found: Imported, paths: Sequence[Path]) -> None:
    """Require that sums agree, that no row is lost, and that what was set aside stands in the file."""
    require_balance(found.cells)
    tables = {path.name: read_table(path) for path in paths}
    used = set(found.files.loc[found.files["used"], "file"])
    whole = found.quarantine[(found.quarantine["column"] == "") & (found.quarantine["item"] == "")]
    kept = found.answers.groupby("file")["row"].agg(list).to_dict() if len(found.answers) else {}
    aside = whole.groupby("file")["row"].agg(list).to_dict() if len(whole) else {}
    for name in used:
        rows = sorted([*kept.get(name, []), *aside.get(name, [])])
        assert rows == tables[name].rows.tolist()
    for entry in found.quarantine.itertuples():
        if entry.column:
            assert tables[entry.file].cell(entry.row, entry.column) == entry.value
    rejected = found.quarantine["column"] != ""
    assert rejected.sum() == found.cells["cells_rejected"].sum()


@OFTEN
@given(table=TABLES, types=ITEMS, suffix=st.sampled_from((".csv", ".csv", ".csv", ".xlsx")))
def test_every_account_balances(
    table: tuple[list[str], list[list[str]]], types: list[str], suffix: str
) -> None:
    with TemporaryDirectory() as folder:
        path = written(Path(folder) / f"a{suffix}", *table)
        found = imported([path], types)
        if found is not None:
            require_whole(found, [path])


def ordered(types: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Return a table with an id and a time a row and a column a question."""
    headings = ["submission", "submitted", *(f"Q{number}" for number in range(1, len(types) + 1))]
    return headings, [
        [f"0f3b5c1e-0000-4000-8000-{number:012d}", f"2024-05-01 08:{number:02d}:30", *row]
        for number, row in enumerate(rows)
    ]


#: A file with control characters is refused whole, as binary.
READABLE = st.one_of(
    st.sampled_from(LABELS),
    st.sampled_from(JUNK),
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=6),
)
ROWS = st.tuples(ITEMS, st.integers(1, 10)).flatmap(
    lambda drawn: st.tuples(
        st.just(drawn[0]),
        st.lists(
            st.lists(READABLE, min_size=len(drawn[0]), max_size=len(drawn[0])),
            min_size=drawn[1],
            max_size=drawn[1],
        ),
        st.integers(1, drawn[1]),
        st.booleans(),
    )
)


def sheets(found: Imported) -> pd.DataFrame:
    """Return the answers without the place they were read from, in the order of time."""
    return found.answers.drop(columns=["file", "row"]).sort_values("submitted", ignore_index=True)


@OFTEN
@given(drawn=ROWS)
def test_importing_twice_adds_nothing(drawn: tuple[list[str], list[list[str]], int, bool]) -> None:
    types, rows, _, workbook = drawn
    with TemporaryDirectory() as folder:
        table = ordered(types, rows)
        first = written(Path(folder) / "a.csv", *table)
        # The same bytes, or the same answers in another format.
        second = written(Path(folder) / ("b.xlsx" if workbook else "b.csv"), *table)
        once, twice = imported([first], types), imported([first, second], types)
        assert once is not None
        assert twice is not None
        require_whole(twice, [first, second])
    if workbook:
        # A workbook cannot hold every character: an answer may come back otherwise, never a new sheet.
        assert sorted(twice.answers["submission"]) == once.answers["submission"].tolist()
    else:
        pd.testing.assert_frame_equal(twice.answers, once.answers)


@OFTEN
@given(drawn=ROWS, ids=st.booleans())
def test_a_part_and_the_whole_add_up_to_the_whole(
    drawn: tuple[list[str], list[list[str]], int, bool], ids: bool
) -> None:
    types, rows, cut, _ = drawn
    headings, body = ordered(types, rows)
    if not ids:
        headings, body = headings[1:], [row[1:] for row in body]
    with TemporaryDirectory() as folder:
        part = written(Path(folder) / "a.csv", headings, body[:cut])
        whole = written(Path(folder) / "b.csv", headings, body)
        both, alone = imported([part, whole], types), imported([whole], types)
        assert both is not None
        assert alone is not None
        require_whole(both, [part, whole])
    pd.testing.assert_frame_equal(sheets(both), sheets(alone))
