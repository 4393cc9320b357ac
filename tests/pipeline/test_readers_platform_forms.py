"""Forms for other platforms come back: form made, answers as the platform exports them, the same table.

Shapes of exports. LimeSurvey: ``application/helpers/export`` (CSV with headings by code, ``array[row]``,
``multiple[option]``, ``ranking[1]``, ``-oth-`` and ``question[other]``), as in
../shared/examples/limesurvey_rse2017. REDCap: raw CSV of the project's help (``field___code``, the minus of a
code written ``_``, ``…_complete``). SurveyJS: ``survey.data``. 问卷星: its help pages and
../shared/examples/wjx_reportgen, of a survey that its page for text import makes, whose script is followed by
:func:`imported_text`. DDI describes a data file: one column a variable.
"""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from manyi.readers.importing import Imported, import_answers
from manyi.study.definition import Role
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.definitions.routing import asked_questions, rules
from manyi_instruments.forms import FORMS
from manyi_instruments.forms.layout import kind, offered_missing
from manyi_instruments.questionnaires import bundled_questionnaires

ROLE = Role.model_validate({"title": {"zh": "受访者"}, "questionnaire": "q.yaml"})
OWN = load_questionnaire("""
questionnaire: own_study
title: {zh: 问卷, en: Survey}
languages: [zh, en]
introduction: {zh: "您好！\\n1. 本问卷匿名。", en: Hello}
answer_lists:
  yes_no: {values: [0, 1], zh: [否, 是], en: ["no", "yes"]}
  agree: {values: [1, 2, 3], zh: [不同意, 一般, 非常 同意], en: [disagree, so so, strongly agree]}
  down: {values: [3, 2, -1], zh: ["3 公里", 2至3公里, 更 少], en: [3 km, 2 to 3 km, less], ordered: false}
  ways:
    ordered: false
    answers:
      - {value: 1, label: {zh: 电话, en: by phone}}
      - {value: 2, label: {zh: "电话[或]信", en: "phone {or} letter"}}
      - {value: 4, label: {zh: 都没有, en: none}, exclusive: true}
      - {value: 3, label: {zh: 其他, en: something else}, other: true}
scales:
  - {id: S, title: {zh: 满意, en: Satisfaction}}
demographics:
  - {id: AGE, text: {zh: 年龄, en: Age}, type: number, minimum: 5, maximum: 99, dont_know: true}
  - {id: WORKS_NOW, text: {zh: "1、是否[工作]", en: At work}, answers: yes_no}
  - {id: MOVED, text: {zh: 是否搬迁, en: Moved}, answers: yes_no, sensitive: true}
sections:
  - {id: views, title: {zh: 看法, en: Views}, first: A1, introduction: {zh: 请看, en: See}}
items:
  - {id: A1, text: {zh: "老师=家长好", en: Good teachers}, answers: agree, scale: S, dont_know: true}
  - {id: A_2, text: {zh: 饭菜差, en: Bad meals}, answers: agree, scale: S, reverse: true, dont_know: true}
  - {id: A3, text: {zh: "3 校舍好", en: Good buildings}, answers: agree, scale: S, dont_know: true}
  - {id: B1, text: {zh: 书多, en: Books}, answers: agree, scale: S}
  - {id: B2, text: {zh: 操场大, en: Playground}, answers: agree, scale: S}
  - {id: HOW, text: {zh: 怎样联系, en: How}, type: multiple, answers: ways, dont_know: true}
  - {id: FIRST, text: {zh: 最常用的, en: Most used}, answers: ways, standalone: true}
  - {id: FAR, text: {zh: 多远, en: How far}, answers: down, standalone: true, relevant: WORKS_NOW == 1}
  - {id: ORDER, text: {zh: 排序, en: In order}, type: ranking, answers: agree}
  - {id: WISH, text: {zh: 愿望, en: Wish}, type: text}
attention:
  - {id: CHECK, text: {zh: 请选一般, en: Choose so so}, answers: agree, expected: 2, after: A_2}
""")
PARENTS = load_questionnaire(bundled_questionnaires()["parents"].read_text(encoding="utf-8"))
BOTH = pytest.mark.parametrize("questionnaire", [OWN, PARENTS], ids=["own", "parents"])
N = 60
Answers = list[dict[str, Any]]


def draw(questionnaire: Questionnaire, seed: int) -> Answers:
    """Draw what respondents chose: a value or missing code, a list, a text, or None."""
    random = np.random.default_rng(seed)

    def one(question: Any) -> Any:
        answers = questionnaire.answer_list(question)
        offered = [None, *(code.code for code in offered_missing(question, questionnaire))]
        if kind(question) == "text":
            return [None, "更多 课后活动", 'line\nbreak; and, "more"'][random.integers(3)]
        if kind(question) == "number":
            return [*offered, 7, 35, 99][random.integers(len(offered) + 3)]
        assert answers is not None
        if random.random() < 0.3:
            return offered[random.integers(len(offered))]
        if kind(question) == "choice":
            return int(random.choice(answers.values))
        chosen = [int(value) for value in random.permutation(answers.values)]
        if kind(question) == "ranking":
            return chosen
        alone = {answer.value for answer in answers.answers if answer.exclusive}
        several = sorted(set(chosen[: random.integers(1, len(chosen) + 1)]) - alone)
        return several or [alone.pop()]

    drawn = [{question.id: one(question) for question in questionnaire.questions()} for _ in range(N)]
    return [_only_asked(questionnaire, row) for row in drawn]


def _only_asked(questionnaire: Questionnaire, row: dict[str, Any]) -> dict[str, Any]:
    """Return a respondent's answers: none to questions that a condition leaves out."""
    codes = {code.code for code in questionnaire.missing_codes.values()}
    held = {name: answer for name, answer in row.items() if answer is not None and not _among(answer, codes)}
    asked = asked_questions(rules(questionnaire), held)
    return {name: answer if name in asked else None for name, answer in row.items()} | {ASKED: asked}


def _among(answer: Any, codes: set[int]) -> bool:
    return isinstance(answer, int) and answer in codes


#: Beside the answers: the questions that were asked.
ASKED = "*"


def other_text(questionnaire: Questionnaire, question: Any, answer: Any) -> str:
    listed = questionnaire.answer_list(question)
    others = {one.value for one in listed.answers if one.other} if listed else set()
    chosen = set(answer) if isinstance(answer, list) else {answer}
    return "写信 (x)" if others & chosen and kind(question) != "ranking" else ""


def wanted(questionnaire: Questionnaire, answers: Answers) -> pd.DataFrame:
    """Return the coded table of these answers, as typing them in gives it."""
    codes = {name: float(code.code) for name, code in questionnaire.missing_codes.items()}
    columns: dict[str, list[Any]] = {}
    for question in questionnaire.questions():
        listed = questionnaire.answer_list(question)
        for row in answers:
            held = row[question.id]
            none = codes["no_answer" if question.id in row[ASKED] else "not_asked"]
            if kind(question) == "text":
                columns.setdefault(question.id, []).append(held)
            elif kind(question) in ("choice", "number"):
                columns.setdefault(question.id, []).append(none if held is None else float(held))
            else:
                assert listed is not None
                for value in listed.values:
                    if held is None:
                        cell = none
                    elif not isinstance(held, list):
                        cell = float(held)
                    elif kind(question) == "multiple":
                        cell = float(value in held)
                    else:
                        cell = float(held.index(value) + 1)
                    columns.setdefault(f"{question.id}__{value}", []).append(cell)
            if listed is not None and any(one.other for one in listed.answers):
                text = other_text(questionnaire, question, held)
                columns.setdefault(f"{question.id}__text", []).append(text or None)
    return pd.DataFrame(columns)


def assert_comes_back(found: Imported, questionnaire: Questionnaire, answers: Answers) -> None:
    want = wanted(questionnaire, answers)
    got = found.answers[list(want.columns)]
    for name in want:
        mine = [None if pd.isna(cell) else cell for cell in got[name]]
        assert mine == [None if pd.isna(cell) else cell for cell in want[name]], name
    assert found.quarantine.empty
    schools = found.answers["school"].tolist()
    assert schools == [f"00{i % 7}" for i in range(N)]


def write_csv(path: Path, rows: list[dict[str, str]], delimiter: str = ",", **more: Any) -> Path:
    with path.open("w", encoding=more.pop("encoding", "utf-8-sig"), newline="") as stream:
        headings = list(dict.fromkeys(name for row in rows for name in row))
        writer = csv.DictWriter(stream, headings, delimiter=delimiter, restval="", **more)
        writer.writeheader()
        writer.writerows(rows)
    return path


def made(questionnaire: Questionnaire, kind_: str, folder: Path, ending: str = "") -> Path:
    name, content = next(
        (name, content)
        for name, content in FORMS[kind_](questionnaire, "people").files.items()
        if name.endswith(ending)
    )
    path = folder / "structures" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def cell(value: Any) -> str:
    return "" if value is None else str(value)


# --- SurveyJS


def survey_data(
    survey: dict[str, Any], questionnaire: Questionnaire, answers: Answers
) -> list[dict[str, Any]]:
    """Return ``survey.data`` of every respondent: what was not answered has no name."""
    found = []
    for number, row in enumerate(answers):
        data: dict[str, Any] = {"school": f"00{number % 7}"}
        for element in (one for page in survey["pages"] for one in page["elements"]):
            name = element["name"]
            if element["type"] == "matrix":
                rows = {one["value"]: row[one["value"]] for one in element["rows"]}
                filled = {key: value for key, value in rows.items() if value is not None}
                if filled:
                    data[name] = filled
            elif name.endswith("__text"):
                question = next(one for one in questionnaire.questions() if f"{one.id}__text" == name)
                text = other_text(questionnaire, question, row[question.id])
                if text:
                    data[name] = text
            elif name in row and row[name] is not None:
                checked = element["type"] == "checkbox" and not isinstance(row[name], list)
                data[name] = [row[name]] if checked else row[name]
        data["definition"] = survey["calculatedValues"][0]["expression"].strip("'")
        found.append(data)
    return found


@BOTH
@pytest.mark.parametrize("lines", [False, True], ids=["list", "lines"])
def test_surveyjs(tmp_path: Path, questionnaire: Questionnaire, lines: bool) -> None:
    answers = draw(questionnaire, 1)
    survey = json.loads(made(questionnaire, "surveyjs", tmp_path).read_bytes())
    data = survey_data(survey, questionnaire, answers)
    written = "\n".join(map(json.dumps, data)) if lines else json.dumps(data, ensure_ascii=False)
    path = tmp_path / "responses.json"
    path.write_text(written, encoding="utf-8")
    found = import_answers([path], questionnaire, ROLE, "people")
    assert found.files["source"].tolist() == ["surveyjs"]
    assert_comes_back(found, questionnaire, answers)


@BOTH
def test_surveyjs_flattened_to_a_table(tmp_path: Path, questionnaire: Questionnaire) -> None:
    answers = draw(questionnaire, 2)
    survey = json.loads(made(questionnaire, "surveyjs", tmp_path).read_bytes())
    rows = []
    for one in survey_data(survey, questionnaire, answers):
        flat: dict[str, str] = {}
        for name, value in one.items():
            if isinstance(value, dict):
                flat |= {f"{name}.{row}": str(held) for row, held in value.items()}
            else:
                flat[name] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        rows.append(flat)
    path = write_csv(tmp_path / "responses.csv", rows)
    found = import_answers([path], questionnaire, ROLE, "people")
    assert found.files["source"].tolist() == ["surveyjs"]
    assert_comes_back(found, questionnaire, answers)


# --- LimeSurvey


def limesurvey_export(
    path: Path, questionnaire: Questionnaire, answers: Answers, full: bool
) -> list[dict[str, str]]:
    """Return the rows of an export by code, with codes or (``full``) labels in the first language."""
    text = path.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))
    main = next(row["text"] for row in rows if row["name"] == "language")
    rows = [row for row in rows if row["language"] in ("", main)]
    questions: list[tuple[dict[str, str], list[dict[str, str]], list[dict[str, str]]]] = []
    for row in rows:
        if row["class"] == "Q":
            questions.append((row, [], []))
        elif row["class"] in ("SQ", "A"):
            questions[-1][1 if row["class"] == "SQ" else 2].append(row)
    by_name = {re.sub("_", "", one.id): one for one in questionnaire.questions()}

    def stored(question: Any, value: Any, listed: list[dict[str, str]], lead: dict[str, str]) -> str:
        """Return how LimeSurvey stores an answer: the code beside the label that respondents read."""
        if value is None:
            return ""
        own = questionnaire.answer_list(question).answers  # type: ignore[union-attr]
        labels = {one.value: one.label for one in own}
        labels |= {code.code: code.label for code in offered_missing(question, questionnaire)}
        wording = labels[value][questionnaire.languages[0]]
        plain = {re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), one["text"]): one["name"] for one in listed}
        code = plain.get(" ".join(wording.split()))
        if code is None:
            assert lead["other_replace_text"] == wording
            code = "other" if lead["type/scale"] == "M" else "-oth-"
        return wording if full and code != "other" and lead["type/scale"] != "M" else code

    found = []
    for number, row in enumerate(answers):
        cells = {
            **{"id": str(number + 1), "submitdate": "2024-05-01 08:00:30", "lastpage": "2"},
            **{"startlanguage": main, "seed": "1234", "startdate": "2024-05-01 08:00:00"},
        }
        for lead, parts, listed in questions:
            name, type_ = lead["name"], lead["type/scale"]
            if name == "definition":
                cells[name] = lead["text"]
                continue
            if name == "school":
                cells[name] = f"00{number % 7}"
                continue
            if type_ == "F":
                for part in parts:
                    question = by_name[part["name"]]
                    cells[f"{name}[{part['name']}]"] = stored(question, row[question.id], listed, lead)
                continue
            question = by_name[name]
            held = row[question.id]
            if type_ == "M":
                chosen = held if isinstance(held, list) else [held]
                codes = {stored(question, value, parts, lead) for value in chosen}
                for part in parts:
                    cells[f"{name}[{part['name']}]"] = "Y" if part["name"] in codes else ""
                if lead["other"] == "Y":
                    cells[f"{name}[other]"] = other_text(questionnaire, question, held)
            elif type_ == "R":
                for place in range(len(listed)):
                    rank = f"{name}[{place + 1}]"
                    cells[rank] = stored(question, held[place], listed, lead) if held else ""
            elif type_ == "L":
                cells[name] = stored(question, held, listed, lead)
                if lead["other"] == "Y":
                    cells[f"{name}[other]"] = other_text(questionnaire, question, held)
            else:
                cells[name] = cell(held)
        found.append(cells)
    return found


@BOTH
@pytest.mark.parametrize("full", [False, True], ids=["codes", "labels"])
def test_limesurvey(tmp_path: Path, questionnaire: Questionnaire, full: bool) -> None:
    answers = draw(questionnaire, 3)
    structure = made(questionnaire, "limesurvey", tmp_path)
    rows = limesurvey_export(structure, questionnaire, answers, full)
    path = write_csv(tmp_path / "results-survey.csv", rows, ";", quoting=csv.QUOTE_ALL)
    found = import_answers([path], questionnaire, ROLE, "people", structures=[structure])
    assert found.files["structure"].tolist() == [structure.name]
    assert_comes_back(found, questionnaire, answers)


# --- REDCap


def redcap_export(path: Path, questionnaire: Questionnaire, answers: Answers) -> list[dict[str, str]]:
    """Return the rows of a raw export of the project that a dictionary makes."""
    fields = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    by_name = {one.id.lower(): one for one in questionnaire.questions()}
    found = []
    for number, row in enumerate(answers):
        cells: dict[str, str] = {}
        for field in fields:
            name, annotation = field["Variable / Field Name"], field["Field Annotation"]
            if name in ("record_id", "school"):
                cells[name] = str(number + 1) if name == "record_id" else f"00{number % 7}"
            elif "@DEFAULT" in annotation:
                cells[name] = annotation.split("'")[1]
            elif "ranking=" in annotation:
                item, value = re.match(r"ranking=(\S+) answer=(\S+)", annotation).groups()  # type: ignore[union-attr]
                held = row[item]
                cells[name] = str(held.index(int(value)) + 1) if held else ""
            elif name.endswith("_text") and name.removesuffix("_text") in by_name:
                question = by_name[name.removesuffix("_text")]
                cells[name] = other_text(questionnaire, question, row[question.id])
            elif field["Field Type"] == "checkbox":
                held = row[by_name[name].id]
                chosen = held if isinstance(held, list) else [held]
                for choice in field["Choices, Calculations, OR Slider Labels"].split(" | "):
                    code = choice.partition(",")[0]
                    cells[f"{name}___{code.replace('-', '_')}"] = str(int(int(code) in chosen))
            else:
                cells[name] = cell(row[by_name[name].id])
        cells[f"{fields[0]['Form Name']}_complete"] = "2"
        found.append(cells)
    return found


@BOTH
def test_redcap(tmp_path: Path, questionnaire: Questionnaire) -> None:
    answers = draw(questionnaire, 4)
    structure = made(questionnaire, "redcap", tmp_path)
    path = write_csv(tmp_path / "OwnStudy_DATA.csv", redcap_export(structure, questionnaire, answers))
    found = import_answers([path], questionnaire, ROLE, "people", structures=[structure])
    assert found.files["source"].tolist() == ["redcap"]
    assert found.files["structure"].tolist() == [structure.name]
    assert_comes_back(found, questionnaire, answers)


def test_redcap_without_its_dictionary(tmp_path: Path) -> None:
    answers = draw(PARENTS, 5)
    structure = made(PARENTS, "redcap", tmp_path)
    path = write_csv(tmp_path / "DATA.csv", redcap_export(structure, PARENTS, answers))
    assert_comes_back(import_answers([path], PARENTS, ROLE, "people"), PARENTS, answers)


# --- 问卷星

TYPES = ("[矩阵单选题]", "[矩阵量表题]", "[单选题]", "[多选题]", "[排序题]", "[填空题]", "[段落说明]")


def imported_text(text: str) -> list[dict[str, Any]]:
    """Return the questions that the page for text import makes, as its script reads the lines.

    A blank line or one that begins with a number ends a question; the answers of a matrix are divided at
    blanks, and so are the answers of a line; ``___`` at the end of an answer is a gap.
    """
    questions: list[dict[str, Any]] = []
    lines = text.split("\n")
    begins = re.compile(r"^\s*(?:[a-zA-Z]|问题|第)?\s*\d")
    exempt = re.compile(r"^\s*\d+\s*[-－—~～]{1,3}\s*\d+|^\s*\d+[+次万%千小年以岁元人本个后级GXM分]")
    place = next(at for at, line in enumerate(lines) if begins.match(line) and not exempt.match(line))
    while place < len(lines):
        heading = lines[place]
        place += 1
        if not heading.strip():
            continue
        type_ = next(mark for mark in TYPES if mark in heading)
        body = []
        while place < len(lines) and lines[place].strip():
            starts = begins.match(lines[place]) and not exempt.match(lines[place])
            if type_ != "[段落说明]" and (starts or any(mark in lines[place] for mark in TYPES)):
                break
            body.append(lines[place].strip(" \t"))
            place += 1
        if type_ == "[段落说明]":
            continue
        title = re.sub(r"^\d+\. ", "", heading.replace(type_, ""))
        question: dict[str, Any] = {"type": type_, "title": title, "rows": []}
        if "矩阵" in type_:
            question["rows"] = body[1:]
            body = body[:1]
        answers = [part for line in body for part in re.split(r"[ \t]+", line) if part]
        question["answers"] = [re.sub(r"_+$", "", part) for part in answers]
        question["gaps"] = {re.sub(r"_+$", "", part) for part in answers if part.endswith("___")}
        questions.append(question)
    return questions


def wenjuanxing_export(
    survey: list[dict[str, Any]], questionnaire: Questionnaire, answers: Answers, by_text: bool
) -> list[dict[str, str]]:
    """Return the rows of an export by text or by number."""
    waiting = list(questionnaire.questions())
    order = []
    for question in survey[1:]:
        size = len(question["rows"]) or 1
        order.append((question, waiting[:size]))
        waiting = waiting[size:]
    assert not waiting
    rows = []
    for number, answered in enumerate(answers):
        cells = {
            **{"序号": str(number + 1), "提交答卷时间": "2024/5/1 8:00:00", "所用时间": "136秒"},
            **{
                "来源": "微信",
                "来源详情": "N/A",
                "来自IP": "1.2.3.4(北京-北京)",
                "1、学校代码": f"00{number % 7}",
            },
        }
        for at, (question, items) in enumerate(order, start=2):
            labels = question["answers"]
            for place, item in enumerate(items):
                held = answered[item.id]
                listed = questionnaire.answer_list(item)
                values = [*listed.values] if listed else []
                values += [code.code for code in offered_missing(item, questionnaire)] if listed else []
                assert len(labels) == len(values), (question, item.id)
                text = other_text(questionnaire, item, held)

                def said(
                    value: int,
                    values: list[int] = values,
                    labels: list[str] = labels,
                    text: str = text,
                    question: dict[str, Any] = question,
                ) -> str:
                    where = values.index(value)
                    shown = labels[where] if by_text else str(where + 1)
                    return f"{shown}〖{text}〗" if labels[where] in question["gaps"] and text else shown

                heading = f"{at}、{question['title']}"
                if question["rows"]:
                    row = question["rows"][place]
                    heading = f"{heading}—{row}" if place == 0 else f"{at}、{row}"
                blank = "(空)" if by_text else "-2"
                if question["type"] == "[填空题]":
                    cells[heading] = blank if held is None else str(held)
                elif question["type"] == "[多选题]" and not by_text:
                    chosen = held if isinstance(held, list) else [held]
                    for value, label in zip(values, labels, strict=True):
                        tick = str(int(value in chosen))
                        if value in chosen and label in question["gaps"] and text:
                            tick = f"1〖{text}〗"
                        cells[f"{at}、{question['title']}({label})"] = "-2" if held is None else tick
                elif question["type"] == "[排序题]" and not by_text:
                    for value, label in zip(values, labels, strict=True):
                        rank = str(held.index(value) + 1) if held else "-2"
                        cells[f"{at}、{question['title']}({label})"] = rank
                elif isinstance(held, list):
                    joint = "┋" if question["type"] == "[多选题]" else "→"
                    cells[heading] = joint.join(map(said, held))
                else:
                    cells[heading] = blank if held is None else said(held)
        rows.append(cells)
    return rows


@BOTH
@pytest.mark.parametrize("language", ["zh", "en"])
def test_wenjuanxing_by_text(tmp_path: Path, questionnaire: Questionnaire, language: str) -> None:
    answers = draw(questionnaire, 6)
    text = made(questionnaire, "wenjuanxing", tmp_path, f"{language}.wenjuanxing.txt").read_text(
        encoding="utf-8"
    )
    rows = wenjuanxing_export(imported_text(text), questionnaire, answers, by_text=True)
    path = write_csv(tmp_path / "1_按文本_问卷_60_60.csv", rows)
    role = ROLE.model_copy(update={"columns": ROLE.columns.model_copy(update={"school": "1、学校代码"})})
    found = import_answers([path], questionnaire, role, "people")
    assert found.files["style"].tolist() == ["text"]
    assert_comes_back(found, questionnaire, answers)


def test_wenjuanxing_by_number(tmp_path: Path) -> None:
    answers = draw(PARENTS, 7)
    text = made(PARENTS, "wenjuanxing", tmp_path, "zh.wenjuanxing.txt").read_text(encoding="utf-8")
    rows = wenjuanxing_export(imported_text(text), PARENTS, answers, by_text=False)
    path = write_csv(tmp_path / "1_按序号_问卷_60_60.csv", rows)
    role = ROLE.model_copy(update={"columns": ROLE.columns.model_copy(update={"school": "1、学校代码"})})
    found = import_answers([path], PARENTS, role, "people")
    assert found.files["style"].tolist() == ["number"]
    assert_comes_back(found, PARENTS, answers)


# --- DDI

DDI = "{ddi:codebook:2_5}"


@BOTH
def test_a_data_file_as_the_ddi_document_describes_it(tmp_path: Path, questionnaire: Questionnaire) -> None:
    answers = draw(questionnaire, 8)
    coded = wanted(questionnaire, answers)
    root = ElementTree.fromstring(made(questionnaire, "ddi", tmp_path).read_bytes())
    names = [variable.get("name") for variable in root.iter(f"{DDI}var")]
    assert set(names) == set(coded.columns)
    for variable in root.iter(f"{DDI}var"):
        labelled = {category.findtext(f"{DDI}catValu") for category in variable.iter(f"{DDI}catgry")}
        held = {f"{value:g}" for value in coded[variable.get("name")] if isinstance(value, float)}
        if variable.get("intrvl") == "discrete" and variable.get("nature") in ("nominal", "ordinal"):
            assert held <= labelled, variable.get("name")

    def shown(value: Any) -> str:
        return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

    rows = [
        {"school": f"00{number % 7}"} | {name: shown(coded[name][number]) for name in names}
        for number in range(N)
    ]
    path = write_csv(tmp_path / "archive.csv", rows)
    assert_comes_back(import_answers([path], questionnaire, ROLE, "people"), questionnaire, answers)
