"""Every file of the shared examples is drafted from and imported whole, or refused with a reason."""

from functools import cache
from pathlib import Path

import pytest

from manyi.readers.drafting.draft import draft_questionnaire
from manyi.readers.importing import Imported, import_answers
from manyi.readers.structures.find import is_structure, read_structure
from manyi.study.definition import Role
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.faults import AnswersFaulty

EXAMPLES = Path(__file__).parents[2] / ".." / "shared" / "examples"
ABOUT = {"SOURCE.md", "LICENSE_FOR_DATA"}
FILES = sorted(path for path in EXAMPLES.rglob("*") if path.is_file() and path.name not in ABOUT)
#: Reader and rows: as the folders' SOURCE.md, the R packages the data come from, or pyreadstat tell.
TABLES = {
    "gforms_jrg94/evaluation-survey-history.csv": ("google", 96),
    "gforms_jrg94/scales.csv": ("table", 11),
    "limesurvey_rse2017/us/public_data.csv": ("limesurvey", 164),
    "mokken_school/SWMD.csv": ("table", 651),
    "nyc2011/school-data_478hs.csv": ("table", 478),
    "qualtrics_sample/sample.csv": ("qualtrics", 1),
    "qualtrics_sample/sample_legacy.csv": ("qualtrics", 1),
    "sav_features/haven_datetime.sav": ("spss", 2),
    "sav_features/haven_labelled-num-na.sav": ("spss", 2),
    "sav_features/haven_umlauts.sav": ("spss", 4),
    "sav_features/pspp_hotel.sav": ("spss", 17),
    "sav_features/pyreadstat_hebrews.sav": ("spss", 99),
    "sav_features/pyreadstat_missing_char.sav": ("spss", 2),
    "sav_features/pyreadstat_sample.sav": ("spss", 5),
    "sav_features/pyreadstat_sample_missing.sav": ("spss", 7),
    "sav_features/pyreadstat_simple_alltypes.sav": ("spss", 6),
    "turkiye/turkiye-student-evaluation_generic.csv": ("table", 5820),
    "wjx_reportgen/wjx_800_800_0.xls": ("wenjuanxing", 800),
    "wjx_reportgen/wjx_800_800_2.xls": ("wenjuanxing", 800),
}
#: The file holds what Qualtrics knows of a submission and no question.
REFUSED = {"sav_features/pyreadstat_test_width.sav": "nothing-to-draft"}

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="no folder shared beside the checkout")


def name(path: Path) -> str:
    return path.relative_to(EXAMPLES).as_posix()


@cache
def imported(example: str) -> Imported:
    path = EXAMPLES / example
    beside = [other for other in sorted(path.parent.iterdir()) if other != path and is_structure(other)]
    drafted = draft_questionnaire(path, structures=beside)
    role = Role(title={"en": "people"}, questionnaire="people.yaml", columns=dict(drafted.columns))
    return import_answers([path], load_questionnaire(drafted.yaml), role, "people", structures=beside)


def test_every_file_is_table_structure_or_refused() -> None:
    told = {*TABLES, *REFUSED, *(name(path) for path in FILES if is_structure(path))}
    assert told == {name(path) for path in FILES}


@pytest.mark.parametrize("example", TABLES)
def test_the_reader_is_the_platforms(example: str) -> None:
    assert imported(example).files["source"].tolist() == [TABLES[example][0]]


@pytest.mark.parametrize("example", TABLES)
def test_every_row_is_read(example: str) -> None:
    assert imported(example).cells["rows_read"].tolist() == [TABLES[example][1]]


@pytest.mark.parametrize("example", TABLES)
def test_no_cell_of_a_drafted_question_is_rejected(example: str) -> None:
    assert imported(example).cells["cells_rejected"].tolist() == [0]


@pytest.mark.parametrize("example", TABLES)
def test_cells_balance(example: str) -> None:
    row = imported(example).cells.iloc[0]
    fates = [row[f"cells_{fate}"] for fate in ("kept", "recoded", "missing", "rejected")]
    assert sum(fates) == row["cells_read"]


@pytest.mark.parametrize("path", [path for path in FILES if is_structure(path)], ids=name)
def test_every_structure_has_questions(path: Path) -> None:
    assert read_structure(path).questions


@pytest.mark.parametrize("example", REFUSED)
def test_what_is_refused_says_why(example: str) -> None:
    with pytest.raises(AnswersFaulty) as refused:
        imported(example)
    assert [fault.code for fault in refused.value.faults] == [REFUSED[example]]
