"""Qualtrics exports: heading rows, previews, and every way answers are spread over columns.

Files are written as Qualtrics does: codes, wordings, import ids (``{"ImportId":"QID5_1"}``, with ``choiceId``
for the options of a multiple choice), then the responses.
"""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.qualtrics import evidence, read_qualtrics
from manyi.readers.platforms.source import SourceQuestion, SourceTable
from manyi.readers.tables.raw_table import RawTable, read_table

SHARED = Path(__file__).parents[2] / ".." / "shared" / "examples" / "qualtrics_sample"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder `shared` is not beside the checkout"
)
#: Code, wording, import id, cells of four responses.
META = [
    ("StartDate", "Start Date", "startDate", ["2024-05-01 08:00:00"] * 4),
    ("EndDate", "End Date", "endDate", ["2024-05-01 08:05:00"] * 4),
    ("Status", "Response Type", "status", ["0", "0", "0", "0"]),
    ("IPAddress", "IP Address", "ipAddress", ["130.92.34.66"] * 4),
    ("Progress", "Progress", "progress", ["100"] * 4),
    ("Duration (in seconds)", "Duration (in seconds)", "duration", ["300"] * 4),
    ("Finished", "Finished", "finished", ["1"] * 4),
    ("RecordedDate", "Recorded Date", "recordedDate", ["2024-05-01 08:05:01"] * 4),
    ("ResponseId", "Response ID", "_recordId", [f"R_2YPOQ602ER1jkf{n}" for n in range(4)]),
    ("ExternalReference", "External Data Reference", "externalDataReference", [""] * 4),
    ("DistributionChannel", "Distribution Channel", "distributionChannel", ["anonymous"] * 4),
    ("UserLanguage", "User Language", "userLanguage", ["EN"] * 4),
]
Asked = tuple[str, str, str | dict[str, str], Sequence[str]]


def write(folder: Path, columns: Sequence[Asked], rows: int = 3) -> RawTable:
    """Write an export with one, two or three heading rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    ids = [given if isinstance(given, dict) else {"ImportId": given} for _, _, given, _ in columns]
    headings = [
        [code for code, _, _, _ in columns],
        [wording for _, wording, _, _ in columns],
        [json.dumps(found, separators=(",", ":")) for found in ids],
    ]
    writer.writerows(headings[:rows])
    writer.writerows(zip(*(cells for _, _, _, cells in columns), strict=True))
    path = folder / "Survey_May+1,+2024_08.05.csv"
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    return read_table(path)


def export(folder: Path, *columns: Asked, rows: int = 3, **meta: list[str]) -> SourceTable:
    about = [(code, wording, given, meta.get(code, cells)) for code, wording, given, cells in META]
    return read_source(write(folder, [*about, *columns], rows))


def by_code(source: SourceTable) -> dict[str, SourceQuestion]:
    return {question.code: question for question in source.questions}


AGE: Asked = ("Q1", "How old are you?", "QID1", ["1", "2", "2", "1"])


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_heading_rows_are_no_data(tmp_path: Path, rows: int) -> None:
    source = export(tmp_path, AGE, rows=rows)
    assert source.source == "qualtrics"
    assert len(source.raw.cells) == 4
    assert source.raw.first_data_row == rows + 1
    assert source.raw.cell(rows + 1, "ResponseId") == "R_2YPOQ602ER1jkf0"
    assert source.raw.rows.tolist() == [rows + 1, rows + 2, rows + 3, rows + 4]
    question = source.questions[0]
    assert (question.code, question.kind) == ("Q1", "single")
    assert question.text == ("How old are you?" if rows > 1 else "")


def test_metadata(tmp_path: Path) -> None:
    source = export(tmp_path, AGE)
    assert source.metadata == tuple(code for code, _, _, _ in META)
    assert (source.submission, source.device, source.seconds) == (
        "ResponseId",
        "IPAddress",
        "Duration (in seconds)",
    )
    assert (source.started, source.submitted) == ("StartDate", "EndDate")


def test_a_reference_names_the_person_where_there_is_one(tmp_path: Path) -> None:
    assert export(tmp_path, AGE).person is None
    assert export(tmp_path, AGE, ExternalReference=["a", "b", "", ""]).person == "ExternalReference"


def test_previews_and_tests_are_set_aside_by_status(tmp_path: Path) -> None:
    source = export(tmp_path, AGE, Status=["1", "0", "2", "17"])
    assert source.set_aside == {"preview-row": (4, 7), "test-row": (6,)}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("Survey Preview", "preview-row"),
        ("Survey Preview Spam", "preview-row"),
        ("Survey Test", "test-row"),
        ("IP Address", ""),
        ("Imported", ""),
        ("Offline", ""),
    ],
)
def test_status_by_label(tmp_path: Path, status: str, reason: str) -> None:
    source = export(tmp_path, AGE, Status=["IP Address", status, "IP Address", "IP Address"])
    assert source.set_aside == ({reason: (5,)} if reason else {})


def test_previews_are_told_by_their_channel_in_any_language(tmp_path: Path) -> None:
    source = export(
        tmp_path,
        AGE,
        Status=["Umfragevorschau"] * 4,
        DistributionChannel=["preview", "anonymous", "email", "qr"],
    )
    assert source.set_aside == {"preview-row": (4,)}


def test_unfinished_and_suspected_responses_are_kept_and_counted(tmp_path: Path) -> None:
    source = export(tmp_path, AGE, Finished=["0", "False", "1", "0"], Status=["0", "8", "8", "1"])
    assert [(fault.code, fault.details["n"]) for fault in source.faults] == [
        ("responses-incomplete", 2),
        ("spam-suspected", 2),
    ]
    assert source.set_aside == {"preview-row": (7,)}


def test_progress_tells_where_finished_does_not(tmp_path: Path) -> None:
    columns = [column for column in META if column[0] not in ("Finished", "Progress")]
    progress: Asked = ("Progress", "Progress", "progress", ["100", "99", "4", "100"])
    source = read_source(write(tmp_path, [*columns, progress, AGE]))
    assert [(fault.code, fault.details["n"]) for fault in source.faults] == [("responses-incomplete", 2)]


def test_rows_of_a_matrix(tmp_path: Path) -> None:
    source = export(
        tmp_path,
        ("Q5_1", "How satisfied are you - really - with: - Teachers", "QID5_1", ["1", "2", "3", "-99"]),
        ("Q5_2", "How satisfied are you - really - with: - The building", "QID5_2", ["1", "2", "2", "5"]),
    )
    assert [(question.code, question.kind, question.row) for question in source.questions] == [
        ("Q5_1", "matrix", "Teachers"),
        ("Q5_2", "matrix", "The building"),
    ]
    assert {question.text for question in source.questions} == {"How satisfied are you - really - with:"}
    assert source.questions[0].options == ("1", "2", "3")
    assert source.missing == {"-99": "no_answer"}


def test_rows_named_by_the_author(tmp_path: Path) -> None:
    source = export(
        tmp_path,
        ("teachers", "Satisfied with - Teachers", "QID5_1", ["1", "2", "3", "4"]),
        ("building", "Satisfied with - The building", "QID5_2", ["1", "2", "2", "5"]),
    )
    assert [(question.code, question.row) for question in source.questions] == [
        ("teachers", "Teachers"),
        ("building", "The building"),
    ]


def choices(code: str, *cells: Sequence[str], rows: Sequence[str], other: Sequence[str] = ()) -> list[Asked]:
    columns: list[Asked] = [
        (
            f"{code}_{number}",
            f"Which apply? - Selected Choice - {row}",
            {"ImportId": "QID4", "choiceId": str(number)},
            column,
        )
        for number, (row, column) in enumerate(zip(rows, cells, strict=True), start=1)
    ]
    if other:
        columns.append(
            (f"{code}_{len(rows)}_TEXT", f"Which apply? - {rows[-1]} - Text", "QID4_3_TEXT", other)
        )
    return columns


@pytest.mark.parametrize("by_label", [False, True])
@pytest.mark.parametrize("rows", [2, 3])
def test_multiple_choice_over_columns(tmp_path: Path, by_label: bool, rows: int) -> None:
    ticked = ["Books", "Maps", "Other:"] if by_label else ["1", "1", "1"]
    cells = [[mark, "", mark, ""] for mark in ticked]
    columns = choices("Q4", *cells, rows=["Books", "Maps", "Other:"], other=["globe", "", "", ""])
    source = export(tmp_path, *columns, AGE, rows=rows)
    question = source.questions[0]
    assert (question.kind, question.code, question.text) == ("multiple", "Q4", "Which apply?")
    assert question.options == ("Books", "Maps", "Other:")
    assert question.columns == ("Q4_1", "Q4_2", "Q4_3")
    assert question.other == "Q4_3_TEXT"
    assert [question.code for question in source.questions] == ["Q4", "Q1"]


def test_options_in_a_language_whose_marks_are_not_known(tmp_path: Path) -> None:
    """What stands between question and answer is what all columns of answers share."""
    columns: list[Asked] = [
        ("Q4_1", "Was? - Gewählte Antwort - Buch", {"ImportId": "QID4", "choiceId": "1"}, ["1", "", "", ""]),
        ("Q4_2", "Was? - Gewählte Antwort - Heft", {"ImportId": "QID4", "choiceId": "2"}, ["", "1", "", ""]),
        ("Q4_2_TEXT", "Was? - Heft - Text", "QID4_2_TEXT", ["", "x", "", ""]),
    ]
    question = export(tmp_path, *columns).questions[0]
    assert (question.text, question.options) == ("Was?", ("Buch", "Heft"))


def test_a_matrix_of_several_answers_is_a_multiple_choice_a_row(tmp_path: Path) -> None:
    columns: list[Asked] = [
        (f"Q13_{row}_{answer}", f"Use? - {name} - {label}", f"QID13_{row}_{answer}", cells)
        for row, name in ((1, "Home"), (2, "School"))
        for answer, label, cells in ((1, "Book", ["1", "", "", ""]), (2, "Map", ["", "1", "1", ""]))
    ]
    found = by_code(export(tmp_path, *columns))
    assert list(found) == ["Q13_1", "Q13_2"]
    assert found["Q13_2"].columns == ("Q13_2_1", "Q13_2_2")
    assert (found["Q13_2"].kind, found["Q13_2"].text, found["Q13_2"].options) == (
        "multiple",
        "Use? - School",
        ("Book", "Map"),
    )


@pytest.mark.parametrize(
    ("cells", "options"),
    [
        (["1,3", "2", "1,2,3", "3"], ("1", "3", "2")),
        (["Yes, often,No", "No", "Yes, often", "Yes, often,No"], ("Yes, often", "No")),
    ],
)
def test_answers_joined_in_one_cell(tmp_path: Path, cells: list[str], options: tuple[str, ...]) -> None:
    source = export(tmp_path, ("Q4", "Which apply?", "QID4", cells))
    question = source.questions[0]
    assert (question.kind, question.options, source.separator) == ("multiple", options, ",")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1,200", "950", "12,000", "3,000"], "number"),
        (["Yes, often", "No, never", "Yes, often", "No, never"], "single"),
        (["I like it,really", "no", "well,then,so", "a,b"], "text"),
    ],
)
def test_commas_that_join_nothing(tmp_path: Path, cells: list[str], kind: str) -> None:
    question = export(tmp_path, ("Q4", "Which?", "QID4", cells)).questions[0]
    assert question.kind != "multiple"
    if kind != "number":
        assert question.kind == kind


def test_text_beside_an_answer(tmp_path: Path) -> None:
    source = export(
        tmp_path,
        ("Q11", "Your job? - Selected Choice", "QID11", ["1", "3", "3", "2"]),
        ("Q11_3_TEXT", "Your job? - Other (please say) - Text", "QID11_3_TEXT", ["", "poet", "", ""]),
    )
    question = source.questions[0]
    assert [question.code for question in source.questions] == ["Q11"]
    assert (question.text, question.kind, question.other) == ("Your job?", "single", "Q11_3_TEXT")


def test_a_question_for_text_is_told_by_its_import_id(tmp_path: Path) -> None:
    """Qualtrics writes QID2_TEXT for a question that asks for text, under the plain code."""
    found = by_code(
        export(
            tmp_path,
            ("Q2", "Anything else?", "QID2_TEXT", ["yes", "no", "yes", "no"]),
            ("year", "Born in", "QID3_TEXT", ["1980", "1981", "1980", "1980"]),
        )
    )
    assert (found["Q2"].kind, found["year"].kind) == ("text", "number")


@pytest.mark.parametrize(
    ("code", "imported"),
    [
        ("Q16_First Click", "QID16_FIRST_CLICK"),
        ("Q16_Page Submit", "QID16_PAGE_SUBMIT"),
        ("Q1_DO_2", {"ImportId": "QID1_DO", "choiceId": "2"}),
        ("Q1_DO", "QID1_DO"),
        ("Q1.2_Browser", "QID99_BROWSER"),
        ("Q15_NPS_GROUP", "QID15_NPS_GROUP"),
        ("Q2 - Topics", "QID2_TEXT_eae5a8d0e7fd4bd183e983e5Topics"),
        ("Q_RecaptchaScore", "Q_RecaptchaScore"),
    ],
)
@pytest.mark.parametrize("rows", [2, 3])
def test_what_qualtrics_adds_is_no_question(
    tmp_path: Path, code: str, imported: str | dict[str, str], rows: int
) -> None:
    source = export(tmp_path, AGE, (code, code, imported, ["1", "2", "3", "4"]), rows=rows)
    assert [question.code for question in source.questions] == ["Q1"]
    assert source.metadata[-1] == code


def test_embedded_data_can_be_read(tmp_path: Path) -> None:
    """An author may send the school along; a role's columns can then name it."""
    source = export(tmp_path, AGE, ("school_code", "school_code", "school_code", ["01", "02", "01", "02"]))
    assert [question.code for question in source.questions] == ["Q1", "school_code"]


def test_a_table_of_another_program_is_not_taken(tmp_path: Path) -> None:
    raw = write(
        tmp_path, [("Status", "", "", ["1"]), ("Finished", "", "", ["1"]), ("Q1_1", "", "", ["1"])], 1
    )
    assert evidence(raw) == ()


@needs_shared
def test_real_sample_in_german() -> None:
    raw = read_table(SHARED / "sample.csv")
    source = read_source(raw)
    assert (source.source, source.raw.first_data_row, len(source.raw.cells)) == ("qualtrics", 4, 1)
    assert [(question.code, question.text, question.kind) for question in source.questions] == [
        ("Q1", "This is a multiple choice question.", "single"),
        ("Q2", "This is a free text question.", "text"),
    ]
    assert (source.submission, source.device) == ("ResponseId", "IPAddress")
    assert source.raw.cell(4, "Duration (in seconds)") == "38"
    assert source.metadata[-1] == "Q2 - Topics"


@needs_shared
def test_real_sample_of_the_older_form() -> None:
    source = read_qualtrics(read_table(SHARED / "sample_legacy.csv"))
    assert (source.raw.first_data_row, len(source.raw.cells)) == (3, 1)
    assert (source.submission, source.device, source.started, source.submitted) == ("V1", "V6", "V8", "V9")
    assert [(question.code, question.text) for question in source.questions] == [
        ("Q1", "This is a multiple choice question."),
        ("Q2", "This is a free text question."),
    ]
    assert source.raw.cell(3, "V1") == "R_2YPOQ602ER1jkf1"


def test_the_older_form_joins_question_and_row_without_blanks(tmp_path: Path) -> None:
    path = tmp_path / "legacy.csv"
    path.write_text(
        "V1,V6,V10,Q5_1,Q5_2,\n"
        "ResponseID,IPAddress,Finished,How satisfied are you with...-Teachers,"
        "How satisfied are you with...-The building,\n"
        "R_0001,10.0.0.1,1,4,5,\nR_0002,10.0.0.2,0,3,2,\n",
        encoding="utf-8-sig",
    )
    source = read_source(read_table(path))
    assert [(question.text, question.row) for question in source.questions] == [
        ("How satisfied are you with...", "Teachers"),
        ("How satisfied are you with...", "The building"),
    ]
    assert [(fault.code, fault.details["n"]) for fault in source.faults] == [("responses-incomplete", 1)]
