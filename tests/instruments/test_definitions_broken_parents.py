"""A broken copy of the parents' questionnaire: every planted fault is told, at its line and column."""

import re
from pathlib import Path

import pytest

from manyi_instruments.definitions.loader import check_questionnaire, load_questionnaire
from manyi_instruments.faults import DefinitionFaulty, Fault
from manyi_instruments.questionnaires import bundled_questionnaires

# What stands in the file, what is written instead, and the fault that makes. ⟦ marks where it must be told.
PLANTED = [
    ('version: "0.1"', "version: ⟦0.1", "text-unquoted"),
    ("languages: [zh, en]", "languages: [zh, en]\n⟦langauges: [zh]", "unknown-key"),
    (
        "  relation:\n    values: [1, 2, 3, 4]",
        "  relation:\n    values: [1, 2, ⟦2, 4]",
        "duplicate-answer-value",
    ),
    ("zh: [困难, 偏下, 中等, 偏上, 富裕]", "zh: ⟦[困难, 偏下, 中等, 偏上]", "label-count"),
    ('en: ["no", "yes"]', 'en: [⟦no, "yes"]', "yaml-boolean"),
    ("zh: [均在家, 一方外出, 双方外出]", "⟦是: 1, zh: [均在家, 一方外出, 双方外出]", "unknown-key"),
    ("{id: LAY, title", "{id: LAY, ⟦id: LAY, title", "duplicate-key"),
    ("{id: COG, title", "{minimum_answered: ⟦02, id: COG, title", "yaml-octal"),
    ("concept: satisfaction}", "concept: satisfaction, score: ⟦average}", "value-not-allowed"),
    (
        "concept: satisfaction, score",
        "concept: satisfaction, minimum_answered: ⟦9, score",
        "minimum-answered-too-large",
    ),
    ("- {id: P_ROLE, answers: relation,", "- {id: P_ROLE, answers: ⟦relations,", "answer-list-not-defined"),
    (
        "- {id: P_GRADE, answers: grade,",
        "- {id: P_GRADE, ⟦scale: GOV, answers: grade,",
        "demographic-in-scale",
    ),
    ("- {id: P_BOARD,", "- {id: ⟦school,", "reserved-id"),
    ("- {id: P_HUKOU, answers", "- {id: P_HUKOU, required: ⟦maybe, answers", "not-true-false"),
    ("- {id: P_EDU, answers: education", "- {id: ⟦P_EDU", "answers-missing"),
    ('en: "Your education"}}', 'en: ⟦"  "}}', "empty-text"),
    ("- {id: P_GOV2,", "- {id: ⟦p_gov1,", "duplicate-id"),
    ("- {id: P_GOV3, scale: GOV,", "- {id: ⟦P_GOV3,", "item-without-scale"),
    ("- {id: P_RES1, scale: RES,", "- {id: P_RES1, scale: ⟦RSE,", "scale-not-defined"),
    (
        "answers: agree5, reverse: true, dont_know: true",
        "type: number, ⟦reverse: true, dont_know: true",
        "reverse-unbounded",
    ),
    (
        "- {id: P_TCH1, scale: TCH, answers",
        "- {id: P_TCH1, scale: TCH, ⟦standalone: true, answers",
        "standalone-with-scale",
    ),
    (
        'text: {zh: "孩子学校的好老师留不住，常常调走。", en:',
        'text: ⟦{zh: "孩子学校的好老师留不住，常常调走。", nl:',
        "translation-missing",
    ),
    ("- {id: P_ICT1, scale", "- {id: ⟦P_TCH2_r, scale", "generated-name-taken"),
    (
        "- {id: P_ICT2, scale: ICT, answers: agree5",
        "- {id: P_ICT2, scale: ⟦ICT, answers: relation",
        "scale-unordered",
    ),
    ("- {id: P_ICT3,", '- {heading: [Q9, ⟦""], id: P_ICT3,', "empty-text"),
    ("- {id: P_LAY2,", '- {heading: [⟦"Q9"], id: P_LAY2,', "duplicate-heading"),
    ("- {id: P_COG3,", '- {links: ⟦"R1", id: P_COG3,', "not-list"),
    ("- {id: P_RUN1,", "- {id: ⟦题目1,", "text-pattern"),
    (
        "  - {id: P_RUN2, scale: RUN, answers: agree5, links: [Q6],",
        "  - ⟦{scale: RUN, answers: agree5, links: [Q6],",
        "missing-key",
    ),
    ("- {id: P_RUN3, scale: RUN,", "- {id: P_RUN3, ⟦minimum: 1, scale: RUN,", "bounds-not-wanted"),
    ("- {id: P_SUP1,", "- {id: ⟦WITH,", "spss-word"),
    ("- {id: P_SUP2,", "- {id: P_SUP2, hint: ⟦见上, ", "not-block"),
    (
        'text: {zh: "家长反映的教育问题能得到及时处理。", en: "Problems',
        'text: {zh: ⟦null, en: "Problems',
        "yaml-null",
    ),
    ("- {id: P_SUP3,", "- {unit: {zh: ⟦2024-05-01, en: x}, id: P_SUP3,", "yaml-date"),
    ("- {id: P_COG1,", "- {unit: {zh: ⟦1:30, en: x}, id: P_COG1,", "yaml-sexagesimal"),
    ("- {id: P_COG2,", "- {⟦on: 1, id: P_COG2,", "key-not-text"),
    ("- {id: P_EXP1,", "- {importance_of: ⟦GOVT, id: P_EXP1,", "scale-not-defined"),
    ("- {id: P_OPEN, type: text,", "- {id: P_OPEN, type: text, ⟦answers: agree5,", "answers-not-wanted"),
    ("after: P_TCH3, expected: 4", "after: ⟦P_ROLE, expected: 4", "attention-after-unknown"),
    ("expected: 4", "expected: ⟦7", "answer-not-in-list"),
    (
        "\nscales:\n",
        "\nmissing:\n  dont_know: {code: ⟦5, label: {zh: 不了解, en: don't know}}\n\nscales:\n",
        "missing-code-is-answer",
    ),
    (
        "\nscales:\n",
        "  refused: {code: ⟦-9, label: {zh: 拒答, en: refused}}\n\nscales:\n",
        "duplicate-missing-code",
    ),
    ("\nscales:\n", "\nscales:\n  - {id: ⟦LONE, title: {zh: 空, en: empty}}\n", "scale-without-items"),
]


def broken_parents() -> tuple[str, list[tuple[int, int, str]]]:
    """Return the broken text and line, column and code of every fault planted."""
    text = bundled_questionnaires()["parents"].read_text(encoding="utf-8")
    marks: list[str] = []
    for old, new, code in PLANTED:
        assert old in text.replace("⟦", ""), old
        marked = new.replace("⟦", f"⟦{len(marks)}⟧")
        spot = re.search(
            "".join(re.escape(letter) + r"(?:⟦\d+⟧)?" for letter in old[:-1]) + re.escape(old[-1]), text
        )
        assert spot is not None, old
        kept = "".join(re.findall(r"⟦\d+⟧", spot[0]))
        assert not kept, f"{old} overlaps a fault planted before"
        text = text[: spot.start()] + marked + text[spot.end() :]
        marks.append(code)
    expected = []
    while (found := re.search(r"⟦(\d+)⟧", text)) is not None:
        before = text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1
        expected.append((line, column, marks[int(found[1])]))
        text = before + text[found.end() :]
    return text, expected


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Fault, ...]:
    path = tmp_path_factory.mktemp("学校 instruments") / "parents.yaml"
    path.write_text(broken_parents()[0], encoding="utf-8")
    return check_questionnaire(path, "parents.yaml")


@pytest.mark.parametrize(("line", "column", "code"), broken_parents()[1])
def test_planted_fault_is_told_at_its_place(
    found: tuple[Fault, ...], line: int, column: int, code: str
) -> None:
    assert (line, column, code) in [(fault.place.line, fault.place.column, fault.code) for fault in found]


def test_many_kinds_of_fault_are_planted() -> None:
    assert len({code for _, _, code in PLANTED}) >= 35


def test_nothing_but_the_planted_faults_is_an_error(found: tuple[Fault, ...]) -> None:
    planted = set(broken_parents()[1])
    told = {
        (fault.place.line, fault.place.column, fault.code) for fault in found if fault.severity == "error"
    }
    assert told - planted == set()


def test_faults_come_in_the_order_of_the_file(found: tuple[Fault, ...]) -> None:
    places = [(fault.place.line or 0, fault.place.column or 0) for fault in found]
    assert places == sorted(places)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fault_says_where_what_why_and_remedy(found: tuple[Fault, ...], language: str) -> None:
    for fault in found:
        message = fault.message(language)
        assert message.startswith(f"parents.yaml:{fault.place.line}:{fault.place.column}: ")
        assert fault.what(language)
        assert fault.why(language)
        assert fault.remedy(language)
        assert "{" not in message.replace("{zh", "").replace("{⟦", "").replace("{是", ""), message


def test_chinese_messages_are_chinese(found: tuple[Fault, ...]) -> None:
    assert all(re.search("[\u4e00-\u9fff]", fault.why("zh")) for fault in found)


def test_loading_raises_all_errors_at_once(tmp_path: Path) -> None:
    path = tmp_path / "parents.yaml"
    path.write_text(broken_parents()[0], encoding="utf-8")
    with pytest.raises(DefinitionFaulty) as raised:
        load_questionnaire(path)
    assert len(raised.value.faults) >= len(PLANTED)
