"""The workbook of one language has no leftover of the other, and every sign is of the font it is set in."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from manyi.stages.writing import context_of
from manyi.study.folder import StudyFolder, open_study
from manyi_outputs.excel import write_appendix
from manyi_outputs.tidy import StoredTables

#: What Chinese theses write in Latin letters too: symbols, names of methods, programs and authors.
ALLOWED = Path(__file__).with_name("latin_words_in_chinese.txt")
#: The signs beyond ASCII that Times New Roman has and the tables use (all of them in WGL4, but the bar).
TIMES = set("—–−÷×±≤≥≈≠√∑∏∞∆→←↑↓↔†‡·…‘’“”²³°§é̄" + "αβγδεζηθικλμνξοπρστυφχψωΔΣΩΛΘΦΨ")
#: Place of a cell, and its runs, each with its typeface.
Words = list[tuple[str, list[tuple[str, str]]]]
LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ][A-Za-z0-9À-ÖØ-öø-ÿ’]*")
#: Files that a note sends the reader to, and ids with an underscore.
NAMES = re.compile(r"[\w/]*\.(?:csv|md|sav)\b|\w+_\w+")
HAN = re.compile(r"[\u3400-\u9fff]+")


@pytest.fixture(scope="module")
def study(demo_study: Path) -> StudyFolder:
    return open_study(demo_study)


@pytest.fixture(scope="module")
def chinese(demo_study: Path, words_of: Callable[[Path], Words]) -> Words:
    return words_of(demo_study / "results" / "appendix.xlsx")


@pytest.fixture(scope="module")
def english(
    study: StudyFolder, words_of: Callable[[Path], Words], tmp_path_factory: pytest.TempPathFactory
) -> Words:
    path = tmp_path_factory.mktemp("english") / "appendix.xlsx"
    write_appendix(path, StoredTables(study.results / "tables"), context_of(study, "en"))
    return words_of(path)


@pytest.fixture(scope="module")
def own_words(study: StudyFolder) -> str:
    """Return what the user's own files say: cells of the result tables that are data, names of files, ids."""
    tables = StoredTables(study.results / "tables")
    columns = (
        "file",
        "school",
        "school_name",
        "item",
        "scale",
        "indicator",
        "layer",
        "items",
        "group",
        "unit",
    )
    said = [
        str(value) for frame in tables.values() for name in columns if name in frame for value in frame[name]
    ]
    for role, questionnaire in study.questionnaires.items():
        said += [
            role,
            *(asked.id for asked in questionnaire.questions()),
            *(s.id for s in questionnaire.scales),
        ]
    return "\n".join(dict.fromkeys(said))


def texts(words: Words) -> Iterator[tuple[str, str]]:
    """Yield the place and the words of every cell that holds words."""
    return ((place, "".join(text for text, _ in runs)) for place, runs in words)


def test_no_english_is_left_in_the_chinese_workbook(chinese: Words, own_words: str) -> None:
    known = {*ALLOWED.read_text(encoding="utf-8").splitlines(), *LATIN.findall(own_words)}
    # Ids of items are data: P_GOV1, and what is made of them: P_GOV1_r.
    ids = re.compile(r"[A-Z]+(?:_[A-Z0-9]+)+(?:_r|__\d+)?|[A-Z]+\d*_?r?|F\d+|[A-Z]\d+")
    left = {
        (place, word)
        for place, text in texts(chinese)
        for word in LATIN.findall(NAMES.sub("", text))
        if word not in known and not ids.fullmatch(word)
    }
    assert left == set()


def test_no_chinese_is_left_in_the_english_workbook(english: Words, own_words: str) -> None:
    left = {
        (place, run) for place, text in texts(english) for run in HAN.findall(text) if run not in own_words
    }
    assert left == set()


def test_full_width_signs_are_not_in_the_english_workbook(english: Words, own_words: str) -> None:
    signs = re.compile(r"[\u3000-\u303f\uff00-\uffef]")
    left = {
        (place, sign)
        for place, text in texts(english)
        for sign in signs.findall(text)
        if sign not in own_words
    }
    assert left == set()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sign_is_in_its_typeface(language: str, chinese: Words, english: Words) -> None:
    words = {"zh": chinese, "en": english}[language]
    missing = {
        (place, sign) for place, runs in words for text, face in runs for sign in text if not has(face, sign)
    }
    assert missing == set()


def has(face: str, sign: str) -> bool:
    """Return whether a typeface has a sign: 宋体 the whole of GBK, Times what is declared here."""
    if ord(sign) < 127:
        return True
    if face == "宋体":
        return bool(sign.encode("gbk", errors="ignore"))
    return sign in TIMES


def two_tables(study: StudyFolder) -> dict[str, pd.DataFrame]:
    stored = StoredTables(study.results / "tables")
    return {name: stored[name] for name in ("return", "gap")}


def test_both_languages_in_one_workbook_stand_in_pairs(study: StudyFolder, tmp_path: Path) -> None:
    write_appendix(tmp_path / "a.xlsx", two_tables(study), [context_of(study, "zh"), context_of(study, "en")])
    names = load_workbook(tmp_path / "a.xlsx").sheetnames
    assert names == ["目录 Contents", "表1", "Table 1", "表2", "Table 2", "编码本", "Codebook"]


def test_both_languages_in_one_workbook_stand_in_halves(study: StudyFolder, tmp_path: Path) -> None:
    write_appendix(
        tmp_path / "a.xlsx", two_tables(study), [context_of(study, "zh"), context_of(study, "en")], "halves"
    )
    names = load_workbook(tmp_path / "a.xlsx").sheetnames
    assert names == ["目录 Contents", "表1", "表2", "编码本", "Table 1", "Table 2", "Codebook"]


def test_contents_of_both_languages_link_to_the_sheets_of_both(study: StudyFolder, tmp_path: Path) -> None:
    write_appendix(tmp_path / "a.xlsx", two_tables(study), [context_of(study, "zh"), context_of(study, "en")])
    book = load_workbook(tmp_path / "a.xlsx")
    linked = [
        cell.hyperlink.location for row in book.worksheets[0].iter_rows() for cell in row if cell.hyperlink
    ]
    assert set(linked) == {f"'{name}'!A1" for name in book.sheetnames[1:]}
