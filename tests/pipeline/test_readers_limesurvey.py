"""LimeSurvey exports: every way its headings and cells are written.

Files are written as LimeSurvey's ``CsvWriter`` does: UTF-8 with a byte order mark, every cell in quotation
marks, CRLF, an empty line at the end; headings as its ``viewHelper::getFieldCode`` and ``getFieldText``
build them; answers as ``SurveyObj::getFullAnswer`` words them.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
import yaml

from manyi.readers.importing import Imported, import_answers
from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.limesurvey import evidence, known_share, read_limesurvey
from manyi.readers.platforms.limesurvey_columns import columns_of
from manyi.readers.platforms.source import SourceQuestion, SourceTable
from manyi.readers.structures.limesurvey_tsv import read_limesurvey_tsv
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable, read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import Questionnaire

SHARED = Path(__file__).parents[2] / ".." / "shared" / "examples" / "limesurvey_rse2017" / "us"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder `shared` is not beside the checkout"
)
META = {
    "id": ["1", "2", "3", "4"],
    "submitdate": ["2024-05-01 08:10:00", "2024-05-01 08:12:30", "", "2024-05-02 09:00:00"],
    "lastpage": ["3", "3", "1", "3"],
    "startlanguage": ["zh-Hans"] * 4,
    "seed": ["1417820114"] * 4,
    "token": ["aB3", "cD4", "eF5", "gH6"],
    "startdate": ["2024-05-01 08:00:00"] * 4,
    "datestamp": ["2024-05-01 08:10:00"] * 4,
    "ipaddr": ["10.0.0.1", "10.0.0.2", "10.0.0.1", ""],
    "refurl": [""] * 4,
}
STRUCTURE = """class\ttype/scale\tname\trelevance\ttext\thelp\tlanguage\tvalidation\tmandatory\tother\t\
other_replace_text
S\t\tlanguage\t\tzh-Hans\t\t\t\t\t\t
S\t\tadditional_languages\t\ten\t\t\t\t\t\t
SL\t\tsurveyls_title\t\t家长问卷\t\tzh-Hans\t\t\t\t
SL\t\tsurveyls_title\t\tParents\t\ten\t\t\t\t
G\tG0\t第一组\t1\t\t\tzh-Hans\t\t\t\t
Q\tF\tsat\t1\t<p>您是否<b>满意</b>？</p>\t\tzh-Hans\t\tY\tN\t
SQ\t0\tq1\t1\t教师\t\tzh-Hans\t\t\t\t
SQ\t0\tq2\t1\t校舍\t\tzh-Hans\t\t\t\t
A\t0\tA1\t\t不满意\t\tzh-Hans\t\t\t\t
A\t0\tA2\t\t满意\t\tzh-Hans\t\t\t\t
Q\tM\tm\tsat_q1 == "A1"\t用什么？\t\tzh-Hans\t\tN\tY\t别的
SQ\t0\tSQ001\t\t书\t\tzh-Hans\t\t\t\t
SQ\t0\tSQ002\t\t电脑\t\tzh-Hans\t\t\t\t
Q\tL\tjob\t1\t工作\t\tzh-Hans\t\tN\tY\t
A\t0\tA1\t\t教师\t\tzh-Hans\t\t\t\t
A\t0\tA2\t\t医生\t\tzh-Hans\t\t\t\t
Q\tR\tr\t1\t排序\t\tzh-Hans\t\tN\tN\t
A\t0\tA1\t\t近\t\tzh-Hans\t\t\t\t
A\t0\tA2\t\t好\t\tzh-Hans\t\t\t\t
Q\tC\tyes\t1\t做过吗？\t\tzh-Hans\t\tN\tN\t
SQ\t0\ta\t\t读书\t\tzh-Hans\t\t\t\t
SQ\t0\tb\t\t写字\t\tzh-Hans\t\t\t\t
G\tG0\tFirst\t1\t\t\ten\t\t\t\t
Q\tF\tsat\t1\tAre you satisfied with\t\ten\t\tY\tN\t
SQ\t0\tq1\t1\tTeachers\t\ten\t\t\t\t
SQ\t0\tq2\t1\tBuildings\t\ten\t\t\t\t
A\t0\tA1\t\tNo\t\ten\t\t\t\t
A\t0\tA2\t\tYes\t\ten\t\t\t\t
Q\tM\tm\tsat_q1 == "A1"\tWhat do you use?\t\ten\t\tN\tY\tSomething else
SQ\t0\tSQ001\t\tBooks\t\ten\t\t\t\t
SQ\t0\tSQ002\t\tComputers\t\ten\t\t\t\t
Q\tL\tjob\t1\tJob\t\ten\t\tN\tY\t
A\t0\tA1\t\tTeacher\t\ten\t\t\t\t
A\t0\tA2\t\tDoctor\t\ten\t\t\t\t
Q\tR\tr\t1\tRank these\t\ten\t\tN\tN\t
A\t0\tA1\t\tNear\t\ten\t\t\t\t
A\t0\tA2\t\tGood\t\ten\t\t\t\t
Q\tC\tyes\t1\tDid you?\t\ten\t\tN\tN\t
SQ\t0\ta\t\tRead\t\ten\t\t\t\t
SQ\t0\tb\t\tWrite\t\ten\t\t\t\t
"""


def write(folder: Path, columns: dict[str, Sequence[str]], separator: str = ",") -> RawTable:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    path = folder / "results-survey421498.csv"
    path.write_bytes(b"\xef\xbb\xbf" + (text.getvalue() + "\r\n").encode("utf-8"))
    return read_table(path)


def export(folder: Path, columns: dict[str, Sequence[str]], separator: str = ",") -> SourceTable:
    return read_source(write(folder, {**META, **columns}, separator))


def by_code(source: SourceTable) -> dict[str, SourceQuestion]:
    return {question.code: question for question in source.questions}


@pytest.fixture
def structure(tmp_path: Path) -> Structure:
    path = tmp_path / "limesurvey_survey_421498.txt"
    path.write_text(STRUCTURE, encoding="utf-8-sig")
    return read_limesurvey_tsv(path)


@pytest.mark.parametrize("separator", [",", ";"])
def test_metadata_by_code(tmp_path: Path, separator: str) -> None:
    source = export(tmp_path, {"age": ["40", "41", "42", "43"]}, separator)
    assert source.source == "limesurvey"
    assert source.metadata == tuple(META)
    assert (source.submission, source.person, source.device) == ("id", "token", "ipaddr")
    assert (source.started, source.submitted, source.seconds) == ("startdate", "submitdate", None)
    assert [question.code for question in source.questions] == ["age"]


# Headings by full text as gettext catalogues of LimeSurvey word them: en, de (seen in files of researchers)
# and zh-Hans 6.x.
FULL_TEXT = {
    "en": "Response ID,Date submitted,Last page,Start language,Seed,Access code,Date started,"
    "Date last action,IP address,Referrer URL,Total time,Group time: Eins,Question time: age",
    "de": "Antwort ID,Datum Abgeschickt,Letzte Seite,Start-Sprache,Zufallsstartwert,Zugangscode,"
    "Datum gestartet,Datum letzte Aktivität,IP-Adresse,Weiterleitungs-URL,Gesamtzeit,Gruppenzeit: Eins,"
    "Fragezeit: age",
    "zh": "反馈 ID,提交的日期,末页,起始语言,种子,访问代码,开始日期,上次操作日期,IP 地址,来源网址,"
    "总计时长,组时间：一,题时间：二",
}


@pytest.mark.parametrize("language", FULL_TEXT)
@pytest.mark.parametrize("blank", [" ", "_"])
def test_metadata_by_full_text(tmp_path: Path, language: str, blank: str) -> None:
    """LimeSurvey can write underscores for the blanks of headings."""
    headings = [heading.replace(" ", blank) for heading in FULL_TEXT[language].split(",")]
    columns = {heading: ["1", "2"] for heading in headings}
    raw = write(tmp_path, {headings[0]: ["1", "2"], "How old are you?": ["40", "41"], **columns})
    source = read_source(raw)
    assert source.source == "limesurvey"
    assert [question.heading for question in source.questions] == ["How old are you?"]
    assert (source.submission, source.submitted, source.seconds, source.device) == (
        headings[0],
        headings[1],
        headings[10],
        headings[8],
    )


def test_timings_are_no_questions(tmp_path: Path) -> None:
    source = export(
        tmp_path,
        {
            "age": ["40", "41", "42", "43"],
            "spareTime": ["1", "2", "3", "4"],
            "interviewtime": ["61.5", "70", "", "80"],
            "groupTime721": ["30", "30", "", "30"],
            "ageTime": ["10", "10", "", "10"],
        },
    )
    assert [question.code for question in source.questions] == ["age", "spareTime"]
    assert source.seconds == "interviewtime"


def test_participants_are_no_questions(tmp_path: Path) -> None:
    source = export(tmp_path, {"firstname": ["a", "b", "c", "d"], "email": ["x@y"] * 4, "age": ["1"] * 4})
    assert [question.code for question in source.questions] == ["age"]


def test_three_ways_of_writing_one_heading(tmp_path: Path) -> None:
    cells = ["A1", "A2", "", "A2"]
    found = []
    for code, text in (("sat[q1]", ""), ("sat[q1]", ". Satisfied with [The [new] school]")):
        raw = write(
            tmp_path, {**{f"{k}. {k}" if text else k: v for k, v in META.items()}, code + text: cells}
        )
        question = read_source(raw).questions[0]
        found.append((question.code, question.kind, question.text, question.row))
    assert found == [
        ("sat[q1]", "single", "", ""),
        ("sat[q1]", "single", "Satisfied with", "The [new] school"),
    ]


def test_codes_of_the_expression_manager(tmp_path: Path) -> None:
    source = export(
        tmp_path,
        {"sat_q1": ["A1"] * 4, "sat_q2": ["A2"] * 4, "grid_r1_c1": ["1"] * 4, "grid_r1_c2": ["2"] * 4},
    )
    assert [question.code for question in source.questions] == [
        "sat[q1]",
        "sat[q2]",
        "grid[r1][c1]",
        "grid[r1][c2]",
    ]


def test_an_underscore_alone_parts_no_code(tmp_path: Path) -> None:
    source = export(tmp_path, {"school_type": ["A1"] * 4, "age": ["40"] * 4})
    assert [question.code for question in source.questions] == ["school_type", "age"]


def test_rows_of_arrays_are_questions_of_one_matrix(tmp_path: Path) -> None:
    source = export(
        tmp_path,
        {
            "sat[q1]": ["A1", "A2", "", "A3"],
            "sat[q2]": ["A2", "A2", "", "A3"],
            "dual[SQ001][1]": ["A1", "A2", "", "A1"],
            "dual[SQ001][2]": ["B1", "B2", "", "B1"],
            "hours[mon_am]": ["1", "2", "", "4"],
        },
    )
    assert [(question.code, question.kind) for question in source.questions] == [
        ("sat[q1]", "matrix"),
        ("sat[q2]", "matrix"),
        ("dual[SQ001][1]", "matrix"),
        ("dual[SQ001][2]", "matrix"),
        ("hours[mon_am]", "single"),
    ]


@pytest.mark.parametrize(
    "cells",
    [["Y", "", "Y", ""], ["Yes", "No", "N/A", "Yes"], ["Ja", "Nein", "N/A", "Ja"], ["1", "0", "", "0"]],
)
def test_multiple_choice_over_columns(tmp_path: Path, cells: list[str]) -> None:
    source = export(
        tmp_path,
        {"m[SQ001]": cells, "m[SQ002]": cells[::-1], "m[other]": ["", "maps", "", ""], "age": ["40"] * 4},
    )
    question = source.questions[0]
    assert (question.kind, question.code) == ("multiple", "m")
    assert question.options == ("SQ001", "SQ002", "other")
    assert question.columns == ("m[SQ001]", "m[SQ002]", "m[other]")
    assert (question.write_in, question.other) == ("m[other]", None)
    assert [question.code for question in source.questions] == ["m", "age"]


@pytest.mark.parametrize("mark", ["N/A", "Keine Angabe"])
def test_what_was_not_shown_is_not_asked(tmp_path: Path, mark: str) -> None:
    """N/A says of an option that the question was not shown, of yes and no that nothing was answered."""
    source = export(tmp_path, {"m[a]": ["Yes", "No", mark, "No"], "m[b]": ["No", "No", mark, "Yes"]})
    assert source.questions[0].kind == "multiple"
    assert source.missing[mark] == "no_answer"
    assert source.questions[0].missing[mark] == "not_asked"


def test_options_have_the_wordings_of_their_headings(tmp_path: Path) -> None:
    stem = "Which apply? [all] "
    columns = {f"{stem}[Books]": ["Yes", "No"], f"{stem}[Maps]": ["No", "No"], f"{stem}[Other]": ["", "x"]}
    meta = {heading: ["1", "2"] for heading in FULL_TEXT["en"].split(",")[:10]}
    source = read_source(write(tmp_path, {**meta, **columns}))
    question = source.questions[0]
    assert (question.text, question.options) == ("Which apply? [all]", ("Books", "Maps", "Other"))
    assert question.write_in == f"{stem}[Other]"


def test_other_and_comment_of_a_list(tmp_path: Path) -> None:
    source = export(
        tmp_path,
        {
            "job": ["A1", "-oth-", "", "A2"],
            "job[other]": ["", "poet", "", ""],
            "why": ["A1", "A2", "", "A2"],
            "why[comment]": ["so", "", "", ""],
            "p[SQ001]": ["Y", "", "", ""],
            "p[SQ001comment]": ["yes", "", "", ""],
            "p[SQ002]": ["", "Y", "", ""],
            "p[SQ002comment]": ["", "", "", ""],
        },
    )
    found = by_code(source)
    assert found["job"].other == "job[other]"
    assert found["p"].columns == ("p[SQ001]", "p[SQ002]")
    texts = [code for code, question in found.items() if question.kind == "text"]
    assert texts == ["why[comment]", "p[SQ001comment]", "p[SQ002comment]"]


def test_ranking_by_the_words_of_its_headings(tmp_path: Path) -> None:
    source = read_source(
        write(
            tmp_path,
            {
                **{f"{key}. {key}": cells for key, cells in META.items()},
                "r[1]. Rank these [Ranking 1]": ["A1", "A2", "", "A1"],
                "r[2]. Rank these [Ranking 2]": ["A2", "A1", "", ""],
            },
        )
    )
    question = source.questions[0]
    assert (question.kind, question.code, question.by_rank) == ("ranking", "r", True)


def test_anonymised_dates_are_not_used(tmp_path: Path) -> None:
    source = export(
        tmp_path,
        {"submitdate": ["1980-01-01 00:00:00"] * 4, "startdate": ["1980-01-01 00:00:00"] * 4, "a": ["1"] * 4},
    )
    assert (source.submitted, source.started) == (None, None)
    assert "submitdate" in source.metadata
    assert [fault.code for fault in source.faults] == ["dates-anonymised"]


def test_unsubmitted_responses_are_kept_and_counted(tmp_path: Path) -> None:
    source = export(tmp_path, {"age": ["40", "41", "", "43"]})
    assert len(source.raw.cells) == 4
    assert source.set_aside == {}
    assert [(fault.code, fault.details["n"]) for fault in source.faults] == [("responses-incomplete", 1)]


def test_a_table_of_another_program_is_not_taken(tmp_path: Path) -> None:
    raw = write(
        tmp_path, {"id": ["1", "2"], "token": ["a", "b"], "Q1. Age": ["40", "41"], "m[a]": ["1", "0"]}
    )
    assert evidence(raw) == ()


def test_structure_tells_what_cells_do_not(tmp_path: Path, structure: Structure) -> None:
    """Without it rows of yes and no look like a multiple choice, and ranks by code like a matrix."""
    columns = {
        "sat[q1]": ["A1"] * 4,
        "sat[q2]": ["A2"] * 4,
        "m[SQ001]": ["Y", "", "", ""],
        "m[SQ002]": ["", "", "", ""],
        "m[other]": ["", "x", "", ""],
        "job": ["A1", "-oth-", "", ""],
        "job[other]": ["", "poet", "", ""],
        "r[1]": ["A1"] * 4,
        "r[2]": ["A2"] * 4,
        "yes[a]": ["Y", "N", "Y", "N"],
        "yes[b]": ["N", "N", "Y", "Y"],
    }
    raw = write(tmp_path, {**META, **columns})
    assert known_share(raw, structure) == 1.0
    found = by_code(read_limesurvey(raw, structure))
    assert {code: question.kind for code, question in found.items()} == {
        "sat[q1]": "matrix",
        "sat[q2]": "matrix",
        "m": "multiple",
        "job": "single",
        "r": "ranking",
        "yes[a]": "matrix",
        "yes[b]": "matrix",
    }
    assert found["sat[q2]"].texts == {"zh": "您是否满意？—校舍", "en": "Are you satisfied with—Buildings"}
    assert [answer.code for answer in found["job"].answers] == ["A1", "A2", "-oth-"]
    assert [dict(answer.labels) for answer in found["yes[a]"].answers] == [
        {"zh": "是", "en": "Yes"},
        {"zh": "不确定", "en": "Uncertain"},
        {"zh": "否", "en": "No"},
    ]


@pytest.mark.parametrize("form", ["code", "expression manager", "full text", "both"])
def test_structure_finds_columns_however_headings_are_written(
    tmp_path: Path, structure: Structure, form: str
) -> None:
    headings = {
        "code": ["sat[q1]", "m[SQ001]", "m[SQ002]", "m[other]", "job", "job[other]", "r[1]", "r[2]"],
        "expression manager": ["sat_q1", "m_SQ001", "m_SQ002", "m_other", "job", "job_other", "r_1", "r_2"],
        "full text": [
            "Are you satisfied with [Teachers]",
            "What do you use? [Books]",
            "What do you use? [Computers]",
            "What do you use? [Other]",
            "Job",
            "Job [Other]",
            "Rank these [Ranking 1]",
            "Rank these [Ranking 2]",
        ],
    }
    headings["both"] = [
        f"{code}. {text}" for code, text in zip(headings["code"], headings["full text"], strict=True)
    ]
    meta = list(META) if form in ("code", "expression manager") else FULL_TEXT["en"].split(",")[:10]
    if form == "both":
        meta = [f"{code}. {text}" for code, text in zip(META, meta, strict=True)]
    raw = write(
        tmp_path,
        {
            **dict(zip(meta, META.values(), strict=True)),
            **{heading: ["", "A1", "A2", ""] for heading in headings[form]},
        },
    )
    assert known_share(raw, structure) == 1.0
    found = by_code(read_limesurvey(raw, structure))
    assert list(found) == ["sat[q1]", "m", "job", "r"]
    assert found["m"].columns == tuple(headings[form][1:4])
    assert (found["m"].write_in, found["job"].other) == (headings[form][3], headings[form][5])
    assert found["r"].by_rank


def test_a_structure_of_another_survey_knows_nothing(tmp_path: Path, structure: Structure) -> None:
    raw = write(tmp_path, {**META, "G01Q01": ["A1"] * 4, "G01Q02[SQ001]": ["A1"] * 4})
    assert known_share(raw, structure) == 0.0


@needs_shared
def test_real_file_is_recognised_by_its_headings() -> None:
    """It has no metadata but an index: its publishers took them out."""
    source = read_source(read_table(SHARED / "public_data.csv"))
    assert source.source == "limesurvey"
    assert source.metadata == ("#1",)


@needs_shared
def test_real_file_has_every_code_in_its_structure() -> None:
    raw = read_table(SHARED / "public_data.csv")
    structure = read_limesurvey_tsv(SHARED / "structure_import.txt")
    codes = {column.code for column in columns_of(raw) if column.heading}
    known = {question.group or question.code for question in structure.questions}
    assert len(codes) == 48
    assert codes <= known
    assert known_share(raw, structure) == 1.0


@needs_shared
def test_real_wordings_are_those_of_the_headings() -> None:
    source = read_limesurvey(
        read_table(SHARED / "public_data.csv"), read_limesurvey_tsv(SHARED / "structure_import.txt")
    )
    found = by_code(source)
    assert len(source.questions) == 82
    assert found["likert3[satisgen1]"].row == (
        "In general, how satisfied are you with [Your current position]"
    )
    assert found["edu1"].texts == {"en": found["edu1"].text}
    assert found["prevEmp2"].kind == "ranking"
    assert len(found["currentEmp13"].columns) == len(found["currentEmp13"].options) == 65
    labels = [answer.labels["en"] for answer in found["currentEmp13"].answers if answer.code != "other"]
    assert list(found["currentEmp13"].options) == labels


@needs_shared
def test_every_answer_of_the_real_file_is_in_its_list() -> None:
    raw = read_table(SHARED / "public_data.csv")
    source = read_limesurvey(raw, read_limesurvey_tsv(SHARED / "structure_import.txt"))
    listed = [question for question in source.questions if question.kind in ("single", "matrix")]
    strange = {
        (question.code, cell)
        for question in listed
        for cell in set(raw.cells[question.columns[0]])
        - {label for answer in question.answers for label in answer.labels.values()}
        - {""}
    }
    assert len(listed) == 66
    assert strange == set()


QUESTIONNAIRE = Questionnaire.model_validate(
    yaml.safe_load("""
questionnaire: parents
title: {en: Parents}
languages: [zh, en]
answer_lists:
  sat: {answers: [{value: 1, label: {zh: 不满意, en: "No"}}, {value: 2, label: {zh: 满意, en: "Yes"}}]}
  near:
    ordered: false
    answers: [{value: 1, label: {zh: 近, en: Near}}, {value: 2, label: {zh: 好, en: Good}}]
  use:
    ordered: false
    answers:
      - {value: 1, label: {zh: 书, en: Books}}
      - {value: 2, label: {zh: 电脑, en: Computers}}
      - {value: 9, label: {zh: 别的, en: Something else}, other: true}
  job:
    ordered: false
    answers:
      - {value: 1, label: {zh: 教师, en: Teacher}}
      - {value: 2, label: {zh: 医生, en: Doctor}}
      - {value: 9, label: {zh: 其他, en: Other}, other: true}
items:
  - {id: sat_q1, text: {zh: 教师, en: Teachers}, answers: sat, standalone: true}
  - {id: sat_q2, text: {zh: 校舍, en: Buildings}, answers: sat, standalone: true}
  - {id: m, text: {zh: 用什么, en: What is used}, type: multiple, answers: use}
  - {id: job, text: {zh: 工作, en: Job}, answers: job, standalone: true}
  - {id: r, text: {zh: 排序, en: Ranking}, type: ranking, answers: near}
""")
)
SHORT = {
    "sat[q1]": ["A1", "A2", "", "A2"],
    "sat[q2]": ["A2", "A2", "", "A1"],
    "m[SQ001]": ["Y", "", "", ""],
    "m[SQ002]": ["Y", "Y", "", ""],
    "m[other]": ["", "globe", "", "maps"],
    "job": ["A1", "-oth-", "", "A2"],
    "job[other]": ["", "poet", "", ""],
    "r[1]": ["A1", "A2", "", ""],
    "r[2]": ["A2", "A1", "", ""],
}
FULL = {
    **SHORT,
    "sat[q1]": ["No", "Yes", "", "Yes"],
    "sat[q2]": ["Yes", "Yes", "", "No"],
    "m[SQ001]": ["Yes", "No", "", "No"],
    "m[SQ002]": ["Yes", "Yes", "", "No"],
    "job": ["Teacher", "Other", "", "Doctor"],
    "r[1]": ["Near", "Good", "", ""],
    "r[2]": ["Good", "Near", "", ""],
}


def imported(folder: Path, columns: dict[str, Sequence[str]]) -> Imported:
    structures = folder / "structures"
    structures.mkdir(exist_ok=True)
    (structures / "survey.txt").write_text(STRUCTURE, encoding="utf-8-sig")
    raw = write(folder, {**META, **columns})
    role = Role.model_validate({"title": {"en": "Parents"}, "questionnaire": "parents.yaml"})
    return import_answers([raw.path], QUESTIONNAIRE, role, "parents", structures=[structures])


def test_codes_and_full_answers_are_the_same_answers(tmp_path: Path) -> None:
    short, full = imported(tmp_path, SHORT), imported(tmp_path, FULL)
    pd.testing.assert_frame_equal(short.answers, full.answers)
    assert short.quarantine.empty
    assert full.quarantine.empty
    assert short.files["structure"].tolist() == ["survey.txt"]


def test_answers_by_code_get_the_values_of_their_labels(tmp_path: Path) -> None:
    found = imported(tmp_path, SHORT).answers
    blank = -9.0
    coded = {
        "sat_q1": [1.0, 2.0, blank, 2.0],
        "m__1": [1.0, 0.0, blank, 0.0],
        "m__9": [0.0, 1.0, blank, 1.0],
        "job": [1.0, 9.0, blank, 2.0],
        "r__1": [1.0, 2.0, blank, blank],
    }
    assert found[list(coded)].to_dict("list") == coded
    assert found["m__text"].fillna("").tolist() == ["", "globe", "", "maps"]
    assert found["job__text"].fillna("").tolist() == ["", "poet", "", ""]


def test_durations_are_the_time_between_start_and_submission(tmp_path: Path) -> None:
    seconds = imported(tmp_path, SHORT).answers["seconds"]
    assert seconds.fillna(-1.0).tolist() == [600.0, 750.0, -1.0, 90_000.0]
