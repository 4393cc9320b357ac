"""Codes read through the labels the file, or the platform's structure, gives them; disagreement is told."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from manyi.readers.decoding.cell_rules import Fate, choice_rule, number_rule, tick_rule
from manyi.readers.decoding.decode import Decoded, decode
from manyi.readers.decoding.described import describe
from manyi.readers.importing import Imported, import_answers
from manyi.readers.matching.match import match
from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.source import DescribedAnswer, SourceQuestion, SourceTable
from manyi.readers.structures.structure import Structure, StructuredQuestion, described
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import MissingKind, Questionnaire

ROLE = Role.model_validate({"title": {"en": "x"}, "questionnaire": "q.yaml"})
QUESTIONNAIRE = Questionnaire.model_validate(
    yaml.safe_load("""
questionnaire: labels
title: {zh: 问卷}
languages: [zh, en]
answer_lists:
  agree:
    answers:
      - {value: 1, label: {zh: 非常不满意, en: very dissatisfied}}
      - {value: 2, label: {zh: 不满意, en: dissatisfied}}
      - {value: 3, label: {zh: 一般, en: neutral}}
      - {value: 4, label: {zh: 满意, en: satisfied}}
      - {value: 5, label: {zh: 非常满意, en: very satisfied}}
  yes_no:
    ordered: false
    answers: [{value: 0, label: {zh: 否, en: "no"}}, {value: 1, label: {zh: 是, en: "yes"}}]
  points:
    answers: [{value: 1, label: {en: "1"}}, {value: 2, label: {en: "2"}}, {value: 3, label: {en: "3"}}]
  doing: {ordered: false, answers: [{value: 1, label: {en: sports}}, {value: 2, label: {en: music}}]}
items:
  - {id: SAT, text: {zh: 甲}, answers: agree, dont_know: true, standalone: true}
  - {id: STAYS, text: {zh: 乙}, answers: yes_no, standalone: true}
  - {id: POINT, text: {zh: 丙}, answers: points, standalone: true}
  - {id: AGE, text: {zh: 丁}, type: number, minimum: 0, maximum: 120, standalone: true}
  - {id: DO, text: {zh: 戊}, type: multiple, answers: doing}
  - {id: NOTE, text: {zh: 己}, type: text}
""")
)
ZH = ("非常不满意", "不满意", "一般", "满意", "非常满意")


def imported(
    folder: Path,
    column: str,
    cells: Sequence[float],
    labels: Mapping[float, str],
    missing: Sequence[object] = (),
) -> Imported:
    """Import a .sav of one variable."""
    import pyreadstat

    path = folder / "answers.sav"
    pyreadstat.write_sav(
        pd.DataFrame({column: np.asarray(cells, dtype=float)}),
        path,
        variable_value_labels={column: dict(labels)},
        missing_ranges={column: list(missing)} if missing else None,
    )
    return import_answers([path], QUESTIONNAIRE, ROLE, "people")


def told(found: Imported) -> list[str]:
    """Return the codes of warnings about labels."""
    about = {"labels-differ", "values-recoded-by-label"}
    return [fault.code for fault in found.faults if fault.code in about]


def test_codes_whose_labels_are_those_of_their_values_are_kept(tmp_path: Path) -> None:
    found = imported(tmp_path, "SAT", [1, 2, 3, 4, 5], dict(enumerate(ZH, start=1)))
    assert found.answers["SAT"].tolist() == [1, 2, 3, 4, 5]
    assert found.cells["cells_kept"].item() == 5
    assert told(found) == []


def test_a_reversed_coding_is_read_by_label_and_told(tmp_path: Path) -> None:
    found = imported(tmp_path, "SAT", [1, 2, 3, 4, 5], dict(enumerate(ZH[::-1], start=1)))
    assert found.answers["SAT"].tolist() == [5, 4, 3, 2, 1]
    fault = next(fault for fault in found.faults if fault.code == "values-recoded-by-label")
    assert fault.details["recode"] == "1 → 5、2 → 4、4 → 2、5 → 1"
    # The middle keeps its number.
    assert (found.cells["cells_kept"].item(), found.cells["cells_recoded"].item()) == (1, 4)


def test_labels_in_another_language_of_the_questionnaire_are_known(tmp_path: Path) -> None:
    labels = {1: "Very satisfied", 2: "Satisfied", 3: "Neutral", 4: "Dissatisfied", 5: "Very dissatisfied"}
    assert imported(tmp_path, "SAT", [1, 5], labels).answers["SAT"].tolist() == [5, 1]


def test_a_code_that_is_no_value_is_recoded_without_a_warning(tmp_path: Path) -> None:
    # Nothing could be confused: 2 is no value of a list of 0 and 1.
    found = imported(tmp_path, "STAYS", [1, 2], {1: "是", 2: "否"})
    assert found.answers["STAYS"].tolist() == [1, 0]
    assert told(found) == []


@pytest.mark.parametrize(
    "spelling",
    ["{code}. {label}", "{code} = {label}", "{code}、{label}", "{label}（{code}）", "({code}) {label}"],
)
def test_a_label_may_repeat_its_code(spelling: str, tmp_path: Path) -> None:
    labels = {code: spelling.format(code=code, label=label) for code, label in enumerate(ZH[::-1], start=1)}
    assert imported(tmp_path, "SAT", [1], labels).answers["SAT"].tolist() == [5]


def test_other_wordings_on_the_same_numbers_are_read_as_values_and_both_lists_told(tmp_path: Path) -> None:
    labels = dict(enumerate(("Trifft nicht zu", "eher nicht", "teils", "eher", "Trifft zu"), start=1))
    found = imported(tmp_path, "SAT", [1, 5], labels)
    assert found.answers["SAT"].tolist() == [1, 5]
    fault = next(fault for fault in found.faults if fault.code == "labels-differ")
    assert "5 = Trifft zu" in str(fault.details["file_labels"])
    assert "非常满意" in str(fault.details["labels"])


def test_other_wordings_on_other_numbers_are_refused(tmp_path: Path) -> None:
    labels = dict(enumerate("ABCDEFG", start=1))
    found = imported(tmp_path, "SAT", [1, 7], labels)
    assert found.quarantine["code"].tolist() == ["described-answer-unknown"] * 2
    assert found.answers["SAT"].tolist() == [-5, -5]


def test_an_unknown_label_beside_known_ones_is_refused_though_its_code_is_a_value(tmp_path: Path) -> None:
    found = imported(tmp_path, "SAT", [1, 2, 3], {1: ZH[0], 2: "so la la", 3: ZH[2]})
    assert found.answers["SAT"].tolist() == [1, -5, 3]
    assert "so la la" in found.quarantine["reason"].item()


def test_a_number_without_a_label_is_read_as_a_value_where_labels_keep_theirs(tmp_path: Path) -> None:
    # Only the ends of a scale are labelled, as is usual.
    found = imported(tmp_path, "SAT", [1, 3, 5], {1: ZH[0], 5: ZH[4]})
    assert found.answers["SAT"].tolist() == [1, 3, 5]


def test_a_number_without_a_label_is_refused_where_labels_move_others(tmp_path: Path) -> None:
    found = imported(tmp_path, "SAT", [1, 3, 5], {1: ZH[4], 5: ZH[0]})
    assert found.answers["SAT"].tolist() == [5, -5, 1]
    assert found.quarantine["code"].tolist() == ["code-without-label"]


def test_labels_that_only_repeat_their_numbers_say_nothing(tmp_path: Path) -> None:
    found = imported(tmp_path, "SAT", [1, 2], {1: "1", 2: "2"})
    assert found.answers["SAT"].tolist() == [1, 2]
    assert told(found) == []


def test_a_list_of_bare_numbers_contradicts_no_label(tmp_path: Path) -> None:
    found = imported(tmp_path, "POINT", [1, 3], {1: "poor", 2: "fair", 3: "good"})
    assert found.answers["POINT"].tolist() == [1, 3]
    assert told(found) == []


# Missing answers.


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("不知道", -8),
        ("Don't know", -8),
        ("98 = don’t know", -8),
        ("拒绝回答", -6),
        ("Refused", -6),
        ("不适用", -7),
        ("Not applicable (skip)", -7),
        ("未作答", -9),
        ("no such words", -9),
        ("无效答案", -5),
    ],
)
def test_a_declared_missing_value_is_of_the_kind_its_label_says(
    label: str, code: int, tmp_path: Path
) -> None:
    found = imported(tmp_path, "SAT", [98, 4], {98: label, 4: ZH[3]}, [98])
    assert found.answers["SAT"].tolist() == [code, 4]


def test_a_declared_missing_value_hides_a_value_of_the_list(tmp_path: Path) -> None:
    found = imported(tmp_path, "SAT", [5, 4], {4: ZH[3]}, [5])
    assert found.answers["SAT"].tolist() == [-9, 4]


def test_a_range_of_missing_values_is_missing_throughout(tmp_path: Path) -> None:
    found = imported(tmp_path, "AGE", [35, 990, 997, 998], {998: "不知道"}, [{"lo": 990, "hi": 999}])
    assert found.answers["AGE"].tolist() == [35, -9, -9, -8]


def test_one_of_our_own_codes_without_a_label_keeps_its_kind(tmp_path: Path) -> None:
    found = imported(tmp_path, "SAT", [-6, 1], {1: ZH[0]}, [-6])
    assert found.answers["SAT"].tolist() == [-6, 1]


def test_a_code_labelled_as_not_known_is_missing_though_nothing_declares_it(tmp_path: Path) -> None:
    found = imported(tmp_path, "SAT", [8, 9, 1], {**dict(enumerate(ZH, start=1)), 8: "Don't know", 9: "拒答"})
    assert found.answers["SAT"].tolist() == [-8, -6, 1]


def test_a_middle_that_could_be_a_missing_answer_is_not_silently_one(tmp_path: Path) -> None:
    # "Undecided" at 3 of 1 to 5 is the middle of the scale, not a missing answer.
    labels = {1: ZH[0], 2: ZH[1], 3: "Not sure", 4: ZH[3], 5: ZH[4]}
    found = imported(tmp_path, "SAT", [3], labels)
    assert found.quarantine["code"].tolist() == ["described-answer-unknown"]


def test_a_system_missing_cell_is_no_answer(tmp_path: Path) -> None:
    import pyreadstat

    pyreadstat.write_sav(pd.DataFrame({"SAT": [np.nan, 1.0], "NOTE": ["x", "y"]}), tmp_path / "t.sav")
    found = import_answers([tmp_path / "t.sav"], QUESTIONNAIRE, ROLE, "people")
    assert found.answers["SAT"].tolist() == [-9, 1]


def test_a_declared_missing_text_is_no_text(tmp_path: Path) -> None:
    import pyreadstat

    frame = pd.DataFrame({"NOTE": ["x", "Z"], "SAT": [1.0, 2.0]})
    pyreadstat.write_sav(frame, tmp_path / "t.sav", missing_ranges={"NOTE": ["Z"]})
    found = import_answers([tmp_path / "t.sav"], QUESTIONNAIRE, ROLE, "people")
    assert found.answers["NOTE"].fillna("—").tolist() == ["x", "—"]


# Codes of platforms, described by their structures.


def by_structure(
    folder: Path, text: str, code: str, answers: Sequence[DescribedAnswer], kind: str = "single"
) -> Decoded:
    """Decode a CSV whose questions a structure describes."""
    path = folder / "export.csv"
    path.write_text(text, encoding="utf-8")
    question = StructuredQuestion(code, "", {"en": code}, kind, tuple(answers))  # type: ignore[arg-type]
    structure = Structure(folder / "survey.lss", "limesurvey", {}, ("en",), (question,))
    source: SourceTable = described(read_source(read_table(path), "table"), structure)
    return decode(source, match(source, QUESTIONNAIRE, ROLE), QUESTIONNAIRE, ROLE, path.name)


def test_codes_of_limesurvey_are_read_by_their_labels(tmp_path: Path) -> None:
    answers = [DescribedAnswer(f"A{i}", {"zh": label}) for i, label in enumerate(ZH[::-1], start=1)]
    found = by_structure(tmp_path, "SAT\nA1\nA5\nA9\n", "SAT", answers)
    assert found.answers["SAT"].tolist() == [5, 1, -5]


def test_names_of_kobo_are_read_by_their_labels(tmp_path: Path) -> None:
    answers = [DescribedAnswer("agree", {"en": "satisfied"}), DescribedAnswer("dk", {"en": "Don't know"})]
    found = by_structure(tmp_path, "SAT\nagree\ndk\n", "SAT", answers)
    assert found.answers["SAT"].tolist() == [4, -8]


def test_recode_values_of_qualtrics_are_read_by_their_labels(tmp_path: Path) -> None:
    answers = [DescribedAnswer(str(11 + i), {"en": label}) for i, label in enumerate(ZH)]
    found = by_structure(tmp_path, "SAT\n11\n15\n", "SAT", answers)
    assert found.answers["SAT"].tolist() == [1, 5]


def test_an_export_of_labels_is_read_as_before_and_told_nothing(tmp_path: Path) -> None:
    answers = [DescribedAnswer(str(i), {"zh": label}) for i, label in enumerate(ZH[::-1], start=1)]
    found = by_structure(tmp_path, "SAT\n非常满意\n一般\n", "SAT", answers)
    assert found.answers["SAT"].tolist() == [5, 3]
    assert found.faults == ()


def test_codes_joined_in_one_cell_are_read_by_their_labels(tmp_path: Path) -> None:
    answers = [DescribedAnswer("a", {"en": "music"}), DescribedAnswer("b", {"en": "sports"})]
    found = by_structure(tmp_path, "DO\na;b\na\n", "DO", answers, "multiple")
    assert found.answers[["DO__1", "DO__2"]].to_numpy().tolist() == [[1, 1], [0, 1]]


def test_columns_named_by_codes_are_the_options_their_labels_name(tmp_path: Path) -> None:
    answers = [DescribedAnswer("1", {"en": "music"}), DescribedAnswer("2", {"en": "sports"})]
    found = by_structure(tmp_path, "DO/1,DO/2\n1,0\n1,1\n", "DO", answers, "multiple")
    assert found.answers[["DO__1", "DO__2"]].to_numpy().tolist() == [[0, 1], [1, 1]]


# The rules by themselves.


def question_of(
    answers: Mapping[str, str], missing: Mapping[str, MissingKind] | None = None
) -> SourceQuestion:
    listed = tuple(DescribedAnswer(code, {"": label}) for code, label in answers.items())
    return SourceQuestion("x", "", "x", "", "single", (), ("x",), answers=listed, missing=missing or {})


@pytest.fixture
def source(tmp_path: Path) -> SourceTable:
    (tmp_path / "x.csv").write_text("x\n1\n", encoding="utf-8")
    return read_source(read_table(tmp_path / "x.csv"), "table")


def test_what_a_person_confirmed_goes_before_labels(source: SourceTable) -> None:
    found = question_of({"1": ZH[4]})
    rule = choice_rule(QUESTIONNAIRE.item("SAT"), source, QUESTIONNAIRE, {"1": 2}, found)
    assert rule("1").values == (2.0,)


def test_a_number_keeps_its_number_whatever_labels_its_answers_have(source: SourceTable) -> None:
    rule = number_rule(
        QUESTIONNAIRE.item("AGE"), source, QUESTIONNAIRE, question_of({"0": "none", "5": "many"})
    )
    assert (rule("5").fate, rule("5").values) == (Fate.KEPT, (5.0,))


@pytest.mark.parametrize(
    ("counted", "cell", "fate", "value"),
    [
        ("2", "2", Fate.RECODED, 1.0),
        ("2", "1", Fate.RECODED, 0.0),
        ("2", "0", Fate.KEPT, 0.0),
        ("yes", "yes", Fate.RECODED, 1.0),
        ("yes", "no", Fate.RECODED, 0.0),
        ("", "1", Fate.KEPT, 1.0),
    ],
)
def test_the_counted_value_ticks_and_any_other_does_not(
    source: SourceTable, counted: str, cell: str, fate: Fate, value: float
) -> None:
    found = SourceQuestion("DO", "", "", "", "multiple", ("sports", "music"), ("a", "b"), counted=counted)
    rule = tick_rule(QUESTIONNAIRE.item("DO"), 1, "sports", source, QUESTIONNAIRE, found)
    assert (rule(cell).fate, rule(cell).values) == (fate, (value,))


def test_a_declared_missing_tick_is_missing(source: SourceTable) -> None:
    found = SourceQuestion(
        "DO", "", "", "", "multiple", ("sports", "music"), ("a", "b"), missing={"9": "refused"}, counted="1"
    )
    rule = tick_rule(QUESTIONNAIRE.item("DO"), 1, "sports", source, QUESTIONNAIRE, found)
    assert rule("9").kind == "refused"


def test_a_long_list_is_told_in_part(source: SourceTable) -> None:
    found = question_of(
        {str(i): ZH[5 - i] for i in range(1, 6)} | {str(i): f"area {i}" for i in range(20, 60)}
    )
    faults = describe(QUESTIONNAIRE.item("SAT"), found, source, QUESTIONNAIRE).faults
    assert [fault.code for fault in faults] == ["values-recoded-by-label"]
