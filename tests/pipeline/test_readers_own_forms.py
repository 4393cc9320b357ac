"""Forms made by manyi come back: the same answers through every shape of a Kobo and an ODK export.

The shapes follow the servers' own exporters: formpack ``reporting/export.py``, ``schema/fields.py`` (Kobo),
central-backend ``lib/data/briefcase.js`` (ODK Central).
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from manyi.readers.importing import Imported, import_answers
from manyi.study.definition import Role
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms.xlsform.form import xlsform
from manyi_instruments.forms.xlsform.workbook import write_xlsform
from manyi_instruments.questionnaires import bundled_questionnaires

ROLE = Role.model_validate({"title": {"zh": "受访者"}, "questionnaire": "q.yaml"})
OWN = load_questionnaire("""
questionnaire: own
title: {zh: 问卷, en: Survey}
languages: [zh, en]
answer_lists:
  yes_no: {values: [0, 1], zh: [否, 是], en: ["no", "yes"]}
  agree: {values: [1, 2, 3], zh: [不同意, 一般, 非常 同意], en: [disagree, so so, strongly agree]}
  ways:
    ordered: false
    answers:
      - {value: 1, label: {zh: 电话, en: by phone}}
      - {value: 2, label: {zh: 电话 或 信, en: phone or letter}}
      - {value: 3, label: {zh: 其他, en: something else}, other: true}
      - {value: 4, label: {zh: 都没有, en: none}, exclusive: true}
scales:
  - {id: S, title: {zh: 满意, en: Satisfaction}}
demographics:
  - {id: AGE, text: {zh: 年龄, en: Age}, type: number, minimum: 5, maximum: 99, dont_know: true}
  - {id: WORKS, text: {zh: 是否工作, en: At work}, answers: yes_no}
  - {id: MOVED, text: {zh: 是否搬迁, en: Moved}, answers: yes_no, sensitive: true}
items:
  - {id: A1, text: {zh: 老师/家长好, en: Good teachers/parents}, answers: agree, scale: S, dont_know: true}
  - {id: A2, text: {zh: 饭菜差, en: Bad meals}, answers: agree, scale: S, reverse: true, dont_know: true}
  - {id: A3, text: {zh: 校舍好, en: Good buildings}, answers: agree, scale: S, dont_know: true}
  - {id: HOW, text: {zh: 怎样联系, en: How}, type: multiple, answers: ways, dont_know: true}
  - {id: FIRST, text: {zh: 最常用的, en: Most used}, answers: ways, standalone: true}
  - {id: ORDER, text: {zh: 排序, en: In order}, type: ranking, answers: agree}
  - {id: WISH, text: {zh: 愿望, en: Wish}, type: text}
""")
PARENTS = load_questionnaire(bundled_questionnaires()["parents"].read_text(encoding="utf-8"))
N = 60


@dataclass(frozen=True)
class Told:
    """What respondents chose, as choice names: the truth that every export must come back to."""

    names: dict[str, list[str]]
    coded: pd.DataFrame


def tell(questionnaire: Questionnaire, seed: int) -> Told:
    """Draw answers, as the names a form stores and as the codes a study stores."""
    random = np.random.default_rng(seed)
    codes = {kind: float(missing.code) for kind, missing in questionnaire.missing_codes.items()}
    names: dict[str, list[str]] = {}
    coded: dict[str, object] = {}
    for question in questionnaire.questions():
        answers = questionnaire.answer_list(question)
        kind = getattr(question, "type", "choice")
        offered = [""] + (["-8"] if getattr(question, "dont_know", False) else [])
        offered += ["-6"] if getattr(question, "sensitive", False) or questionnaire.offer_refused else []
        stored = {"": codes["no_answer"], "-8": codes["dont_know"], "-6": codes["refused"]}
        if kind == "text":
            drawn = [str(random.choice(["", "更多 课后活动", "line\nbreak; and, more"])) for _ in range(N)]
            coded[question.id] = [text or None for text in drawn]
        elif kind == "number":
            drawn = [str(random.choice([*offered, "7", "35", "99"])) for _ in range(N)]
            coded[question.id] = [stored.get(cell, float(cell or 0)) for cell in drawn]
        elif kind == "choice":
            assert answers is not None
            values = [str(value) for value in answers.values]
            drawn = [str(random.choice([*offered, *values, *values])) for _ in range(N)]
            coded[question.id] = [stored.get(cell, float(cell or 0)) for cell in drawn]
        else:
            assert answers is not None
            values = [str(value) for value in answers.values]
            sets = [random.permutation(values)[: random.integers(1, len(values) + 1)] for _ in range(N)]
            if kind == "multiple":
                sets = [sorted(chosen) for chosen in sets]
            drawn = [
                str(random.choice(offered)) if random.random() < 0.3 else " ".join(chosen) for chosen in sets
            ]
            for value in values:
                column = []
                for cell in drawn:
                    if cell in stored:
                        column.append(stored[cell])
                    elif kind == "multiple":
                        column.append(float(value in cell.split()))
                    else:
                        ranked = cell.split()
                        column.append(
                            float(ranked.index(value) + 1) if value in ranked else codes["not_asked"]
                        )
                coded[f"{question.id}__{value}"] = column
        names[question.id] = drawn
        if answers is not None and any(answer.other for answer in answers.answers):
            others = {str(answer.value) for answer in answers.answers if answer.other}
            beside = ["写信 (x)" if others & set(cell.split()) else "" for cell in drawn]
            names[f"{question.id}__text"] = beside
            coded[f"{question.id}__text"] = [text or None for text in beside]
    return Told(names, pd.DataFrame(coded))


@dataclass(frozen=True)
class Field:
    """A row of the form's survey sheet that exports give a column."""

    path: tuple[str, ...]
    type: str
    label: dict[str, str]
    group_labels: tuple[dict[str, str], ...]
    calculation: str = ""


def labels_of(record: dict[str, str]) -> dict[str, str]:
    return {
        column.split("(")[1].rstrip(")"): text
        for column, text in record.items()
        if column.startswith("label::")
    }


def fields(
    questionnaire: Questionnaire, layout: str = "list"
) -> tuple[list[Field], dict[str, dict[str, dict[str, str]]]]:
    """Return the form's fields in order, and its choices: list -> name -> labels."""
    form = xlsform(questionnaire, layout=layout).as_dict()  # type: ignore[arg-type]
    found: list[Field] = []
    path: list[tuple[str, dict[str, str]]] = []
    for row in form["survey"]:
        if row["type"] == "begin_group":
            path.append((row["name"], labels_of(row)))
        elif row["type"] == "end_group":
            path.pop()
        else:
            groups = tuple(name for name, _ in path)
            found.append(
                Field(
                    (*groups, row["name"]),
                    row["type"],
                    labels_of(row),
                    tuple(label for _, label in path),
                    row.get("calculation", ""),
                )
            )
    choices: dict[str, dict[str, dict[str, str]]] = {}
    for row in form["choices"]:
        choices.setdefault(row["list_name"], {})[row["name"]] = labels_of(row)
    return found, choices


def cells_of(field: Field, told: Told) -> list[str]:
    name = field.path[-1]
    if name == "definition":
        return [field.calculation.strip("'")] * N
    if name == "start":
        return [f"2024-05-01T08:{i:02}:00.000+08:00" for i in range(N)]
    if name == "end":
        # An hour's change of the zone is no hour's work.
        return [f"2024-05-01T09:{i:02}:30.500+09:00" for i in range(N)]
    if name == "school":
        return [f"00{i % 7}" for i in range(N)]
    return told.names.get(name, [""] * N)


KOBO_OWN = ("_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by")
KOBO_LAST = ("__version__", "_tags", "_index")


def kobo(
    questionnaire: Questionnaire,
    told: Told,
    multiple: str = "both",
    language: str | None = None,
    groups: bool = True,
    separator: str = "/",
    layout: str = "list",
) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows as formpack writes them; ``language`` None is its ``_xml``."""
    listed, choices = fields(questionnaire, layout)
    headings: list[str] = []
    columns: list[list[str]] = []

    def label(labels: dict[str, str], name: str) -> str:
        return labels.get(language or "", name) if language else name

    for field in listed:
        parts = [label(field.label, field.path[-1])]
        if groups:
            names = zip(field.group_labels, field.path[:-1], strict=True)
            parts = [label(labels, name) for labels, name in names] + parts
        heading = separator.join(parts)
        cells = cells_of(field, told)
        if not field.type.startswith("select_multiple"):
            options = choices.get(field.type.partition(" ")[2], {})
            ranked = field.type.startswith("rank")
            headings.append(heading)
            columns.append([cell if ranked else label(options.get(cell, {}), cell) for cell in cells])
            continue
        options = choices[field.type.split()[1]]
        if multiple in ("both", "summary"):
            headings.append(heading)
            columns.append([" ".join(label(options[name], name) for name in cell.split()) for cell in cells])
        if multiple in ("both", "details"):
            for name, labels in options.items():
                headings.append(f"{heading}{separator}{label(labels, name)}")
                columns.append([str(int(name in cell.split())) if cell else "" for cell in cells])
    for name in (*KOBO_OWN, *KOBO_LAST):
        headings.append(name)
        values = {
            "_id": [str(61 + i) for i in range(N)],
            "_uuid": [f"48583952-1892-4931-8d9c-{i:012}" for i in range(N)],
            "_submission_time": [f"2024-05-02T01:{i:02}:00" for i in range(N)],
            "_status": ["submitted_via_web"] * N,
            "_index": [str(i + 1) for i in range(N)],
        }
        columns.append(values.get(name, [""] * N))
    return headings, [list(row) for row in zip(*columns, strict=True)]


def odk(
    questionnaire: Questionnaire, told: Told, split: bool = True, groups: bool = True, layout: str = "list"
) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows as Central writes them."""
    listed, choices = fields(questionnaire, layout)
    headings = ["SubmissionDate"]
    columns = [[f"2024-05-02T01:{i:02}:00.000Z" for i in range(N)]]
    meta = Field(("meta", "instanceID"), "text", {}, ({},))
    for field in [*listed, meta]:
        heading = "-".join(field.path) if groups else field.path[-1]
        cells = [f"uuid:{i}" for i in range(N)] if field is meta else cells_of(field, told)
        headings.append(heading)
        columns.append(cells)
        if split and field.type.startswith("select_multiple"):
            # Only what somebody chose has a column, and what was skipped holds 0 as well.
            chosen = {name for cell in cells for name in cell.split()}
            for name in sorted(chosen & set(choices[field.type.split()[1]])):
                headings.append(f"{heading}/{name}")
                columns.append([str(int(name in cell.split())) for cell in cells])
    last = {
        "KEY": [f"uuid:{i}" for i in range(N)],
        **{name: [""] * N for name in ("SubmitterID", "SubmitterName")},
        "AttachmentsPresent": ["0"] * N,
        "AttachmentsExpected": ["0"] * N,
        "Status": [""] * N,
        "ReviewState": [""] * N,
        "DeviceID": ["collect:abc"] * N,
        "Edits": ["0"] * N,
        "FormVersion": ["1"] * N,
    }
    headings += last
    columns += last.values()
    return headings, [list(row) for row in zip(*columns, strict=True)]


def write(path: Path, table: tuple[list[str], list[list[str]]], delimiter: str = ";") -> Path:
    if path.suffix == ".xlsx":
        book = Workbook()
        sheet = book.worksheets[0]
        for row in (table[0], *table[1]):
            sheet.append(row)
        book.save(path)
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([table[0], *table[1]])
    return path


def form(folder: Path, questionnaire: Questionnaire, layout: str = "list") -> Path:
    path = folder / "structures" / "form.xlsx"
    path.parent.mkdir(exist_ok=True)
    write_xlsform(xlsform(questionnaire, layout=layout), path)  # type: ignore[arg-type]
    return path


def coded(found: Imported, told: Told) -> pd.DataFrame:
    frame = found.answers[list(told.coded.columns)]
    return frame.astype({name: "float64" if told.coded[name].dtype == float else "object" for name in frame})


def assert_comes_back(found: Imported, told: Told) -> None:
    want = told.coded.astype({name: "object" for name in told.coded if told.coded[name].dtype != float})
    got = coded(found, told)
    pd.testing.assert_frame_equal(
        got.where(got.notna(), None), want.where(want.notna(), None), check_dtype=False
    )
    assert found.quarantine.empty
    assert found.answers["seconds"].tolist() == [30.5] * N if "seconds" in found.answers else True
    assert found.answers["school"].tolist() == [f"00{i % 7}" for i in range(N)]
    assert found.answers["definition"].nunique() == 1
    assert "definition-other" not in {fault.code for fault in found.faults}


@pytest.mark.parametrize("questionnaire", [OWN, PARENTS], ids=["own", "parents"])
@pytest.mark.parametrize("multiple", ["both", "summary", "details"])
@pytest.mark.parametrize("groups", [True, False])
def test_kobo_names_without_the_form(
    tmp_path: Path, questionnaire: Questionnaire, multiple: str, groups: bool
) -> None:
    told = tell(questionnaire, 1)
    path = write(tmp_path / "export.csv", kobo(questionnaire, told, multiple, groups=groups))
    assert_comes_back(import_answers([path], questionnaire, ROLE, "people"), told)


@pytest.mark.parametrize("multiple", ["both", "summary", "details"])
@pytest.mark.parametrize("language", [None, "zh", "en"])
@pytest.mark.parametrize("groups", [True, False])
def test_kobo_with_the_form(tmp_path: Path, multiple: str, language: str | None, groups: bool) -> None:
    told = tell(OWN, 2)
    path = write(tmp_path / "export.xlsx", kobo(OWN, told, multiple, language, groups))
    found = import_answers([path], OWN, ROLE, "people", structures=[form(tmp_path, OWN)])
    assert found.files["structure"].tolist() == ["form.xlsx"]
    assert_comes_back(found, told)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_kobo_labels_of_the_bundled_questionnaire(tmp_path: Path, language: str) -> None:
    told = tell(PARENTS, 3)
    path = write(tmp_path / "export.csv", kobo(PARENTS, told, language=language))
    found = import_answers([path], PARENTS, ROLE, "people", structures=[form(tmp_path, PARENTS)])
    assert_comes_back(found, told)


@pytest.mark.parametrize("separator", [".", ":", " > "])
def test_kobo_with_another_separator_of_groups(tmp_path: Path, separator: str) -> None:
    told = tell(OWN, 4)
    path = write(tmp_path / "export.csv", kobo(OWN, told, separator=separator))
    found = import_answers([path], OWN, ROLE, "people", structures=[form(tmp_path, OWN)])
    assert_comes_back(found, told)


@pytest.mark.parametrize("questionnaire", [OWN, PARENTS], ids=["own", "parents"])
@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("groups", [True, False])
@pytest.mark.parametrize("with_form", [True, False])
def test_odk(
    tmp_path: Path, questionnaire: Questionnaire, split: bool, groups: bool, with_form: bool
) -> None:
    told = tell(questionnaire, 5)
    path = write(tmp_path / "export.csv", odk(questionnaire, told, split, groups), ",")
    structures = [form(tmp_path, questionnaire)] if with_form else []
    assert_comes_back(import_answers([path], questionnaire, ROLE, "people", structures=structures), told)


@pytest.mark.parametrize("with_form", [True, False])
def test_a_form_laid_out_as_grids(tmp_path: Path, with_form: bool) -> None:
    told = tell(OWN, 6)
    path = write(tmp_path / "export.csv", odk(OWN, told, layout="grid"), ",")
    structures = [form(tmp_path, OWN, "grid")] if with_form else []
    assert_comes_back(import_answers([path], OWN, ROLE, "people", structures=structures), told)


def test_the_form_leaves_no_column_unread(tmp_path: Path) -> None:
    told = tell(OWN, 7)
    path = write(tmp_path / "export.csv", kobo(OWN, told, layout="grid"))
    found = import_answers([path], OWN, ROLE, "people", structures=[form(tmp_path, OWN, "grid")])
    assert [fault.code for fault in found.faults] == []
