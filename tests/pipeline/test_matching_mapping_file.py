"""The mapping file: written by the import, confirmed by a person, never losing a line a person wrote."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi.readers.importing import import_answers
from manyi.readers.matching.answer_proposals import AnswerProposal
from manyi.readers.matching.mapping_file import read_mapping
from manyi.readers.matching.mapping_text import mapping_text
from manyi.readers.matching.proposals import Proposal
from manyi.readers.platforms.source import SourceQuestion
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import AnswersFaulty

ROLE = Role.model_validate({"title": {"en": "r"}, "questionnaire": "q.yaml"})
LABELS = ["很不满意", "不满意", "一般", "满意", "很满意"]
ASKED = Questionnaire.model_validate(
    {
        "questionnaire": "carers",
        "title": {"zh": "问卷", "en": "Survey"},
        "languages": ["zh"],
        "answer_lists": {
            "points": {
                "answers": [{"value": 10 * n, "label": {"zh": text}} for n, text in enumerate(LABELS, 1)]
            },
            "hobby": {
                "answers": [{"value": 1, "label": {"zh": "运动"}}, {"value": 2, "label": {"zh": "阅读"}}]
            },
        },
        "items": [
            {"id": "TEACH", "text": {"zh": "老师讲课清楚"}, "answers": "points", "standalone": True},
            {"id": "CLEAN", "text": {"zh": "教室干净整洁"}, "answers": "points", "standalone": True},
            {"id": "BUS", "text": {"zh": "校车准时"}, "answers": "points", "standalone": True},
            {"id": "HOBBY", "text": {"zh": "爱好"}, "type": "multiple", "answers": "hobby"},
        ],
    }
)
FILE = {
    "老师讲得清楚": ["满意", "一般"],
    "教室很干净": ["很满意", "满意"],
    "校车准时": ["一般", "一般"],
    "班级": ["3", "4"],
}


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Any]:
    """Return ``run(columns=FILE, mapping=None, language="zh")`` on one file with a place for its mapping."""
    answers, mapping_path = tmp_path / "答卷.csv", tmp_path / "mapping" / "答卷.csv.yaml"

    def run(
        columns: dict[str, list[str]] | None = None, mapping: str | None = None, language: str = "zh"
    ) -> Any:
        pd.DataFrame(columns or FILE).to_csv(answers, index=False, encoding="utf-8")
        if mapping is not None:
            mapping_path.parent.mkdir(exist_ok=True)
            mapping_path.write_bytes(mapping.encode("utf-8"))
        return import_answers(
            [answers], ASKED, ROLE, "carers", language=language, mappings={answers: mapping_path}
        )

    run.path = mapping_path  # type: ignore[attr-defined]
    return run


def text_of(study: Any) -> str:
    return str(study.path.read_bytes().decode("utf-8"))


def faults_of(
    study: Any, mapping: str, columns: dict[str, list[str]] | None = None
) -> list[tuple[str, int | None, int | None]]:
    with pytest.raises(AnswersFaulty) as caught:
        study(columns, mapping)
    assert all("{" not in fault.message("zh") + fault.message("en") for fault in caught.value.faults)
    return [(fault.code, fault.place.line, fault.place.column) for fault in caught.value.faults]


# --- written by the import ---------------------------------------------------------------------------------


def test_proposals_are_written_beside_the_study(study: Any) -> None:
    study()
    written = yaml.safe_load(text_of(study))
    assert [(one["item"], one["column"], one["confirm"]) for one in written["proposed"]] == [
        ("TEACH", "老师讲得清楚", False),
        ("CLEAN", "教室很干净", False),
    ]


def test_one_line_a_proposal(study: Any) -> None:
    study()
    assert sum(line.startswith("  - {item: ") for line in text_of(study).splitlines()) == 2


@pytest.mark.parametrize(("language", "word"), [("zh", "confirm: yes；"), ("en", "Where it is right")])
def test_the_comment_on_top_speaks_the_language_of_the_study(study: Any, language: str, word: str) -> None:
    study(language=language)
    assert word in "".join(line for line in text_of(study).splitlines() if line.startswith("#"))


def test_a_proposal_is_an_error_at_its_line(study: Any) -> None:
    found = [fault for fault in study().faults if fault.code == "column-proposed"]
    lines = text_of(study).splitlines()
    assert [(fault.severity, fault.place.file) for fault in found] == [("error", str(study.path))] * 2
    assert ["TEACH" in lines[found[0].place.line - 1], "CLEAN" in lines[found[1].place.line - 1]] == [
        True,
        True,
    ]


def test_what_is_proposed_is_not_read(study: Any) -> None:
    answers = study().answers
    assert answers["TEACH"].tolist() == [-7.0, -7.0]
    assert answers["BUS"].tolist() == [30.0, 30.0]


def test_the_table_says_how_every_question_was_found(study: Any) -> None:
    table = study().matching()
    assert table[["item", "column", "how"]].to_numpy().tolist() == [
        ["BUS", "校车准时", "text"],
        ["TEACH", "老师讲得清楚", "proposed"],
        ["CLEAN", "教室很干净", "proposed"],
        ["HOBBY", "", ""],
    ]
    assert table["score"].notna().tolist() == [False, True, True, False]


def test_nothing_is_written_where_nothing_is_proposed(study: Any) -> None:
    study({"TEACH": ["满意"], "CLEAN": ["满意"], "BUS": ["满意"], "爱好": ["运动"]})
    assert not study.path.exists()


def test_a_file_of_proposals_only_is_refused_but_can_be_confirmed(study: Any) -> None:
    with pytest.raises(AnswersFaulty) as caught:
        study({"老师讲得清楚": ["满意"]})
    assert [fault.code for fault in caught.value.faults] == ["nothing-matched", "column-proposed"]
    study({"老师讲得清楚": ["满意"]}, text_of(study).replace("confirm: no,", "confirm: yes,"))


@pytest.mark.parametrize(
    "heading", ['他说"好"', "a: b, {c}", "TAB\there", "第1行\n第2行", "# 编号", "'", "😀 满意"]
)
def test_any_heading_survives(tmp_path: Path, heading: str) -> None:
    column = SourceQuestion(heading, "", heading, "", "single", (), (heading,))
    proposal = Proposal("TEACH", column, heading, 0.7, 0.6, 1.0, 1.0, False)
    text = mapping_text(read_mapping(tmp_path / "none.yaml"), "答卷.csv", [proposal], (), "zh")
    (tmp_path / "m.yaml").write_text(str(text), encoding="utf-8", newline="")
    assert [one.column for one in read_mapping(tmp_path / "m.yaml").model.proposed] == [heading]


# --- confirmed by a person ---------------------------------------------------------------------------------


def test_confirm_yes_reads_the_column(study: Any) -> None:
    study()
    confirmed = text_of(study).replace("confirm: no,", "confirm: yes,", 1)
    found = study(mapping=confirmed)
    assert found.answers["TEACH"].tolist() == [40.0, 30.0]
    assert [match.how for match in found.matchings[0][1].matches] == ["confirmed", "text"]


def test_a_confirmed_proposal_keeps_its_score(study: Any) -> None:
    proposed = study().matching().set_index("item")["score"]["TEACH"]
    found = study(mapping=text_of(study).replace("confirm: no,", "confirm: yes,")).matching()
    assert found.set_index("item")["score"]["TEACH"] == pytest.approx(proposed, abs=0.005)


def test_confirmed_goes_before_all_evidence(study: Any) -> None:
    found = study(mapping="confirmed: {BUS: 教室很干净}\nignored: [校车准时]\n")
    assert found.answers["BUS"].tolist() == [50.0, 40.0]


def test_confirmed_settles_what_is_ambiguous(study: Any) -> None:
    columns = {"校车准时": ["一般"], "校车准时？": ["满意"], "x": ["1"]}
    assert (
        faults_of(study, "{}\n", {"校车 准时": ["一般"], "校车准时？": ["满意"]})[0][0] == "column-ambiguous"
    )
    assert study(columns, "confirmed: {BUS: 校车准时？}\n").answers["BUS"].tolist() == [40.0]


def test_a_multiple_choice_over_columns_without_a_common_name(study: Any) -> None:
    columns = {"爱运动": ["1", "0"], "爱读书": ["0", "1"], "校车准时": ["一般", "一般"]}
    answers = study(columns, "confirmed:\n  HOBBY: {1: 爱运动, 2: 爱读书}\n").answers
    assert answers[["HOBBY__1", "HOBBY__2"]].to_numpy().tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_ignored_columns_are_no_longer_warned_about(study: Any) -> None:
    warned = [fault.details["columns"] for fault in study().faults if fault.code == "columns-unmatched"]
    assert warned == ["班级"]
    found = study(mapping="ignored: [班级, 老师讲得清楚, 教室很干净]\n")
    assert [fault.code for fault in found.faults] == ["item-without-column"] * 3


def test_columns_that_are_no_questions(study: Any) -> None:
    assert study(mapping="columns: {school: 班级}\n").answers["school"].tolist() == ["3", "4"]


def test_an_unknown_wording_is_proposed_and_read_once_confirmed(study: Any) -> None:
    columns = {"校车准时": ["很不满意的", "一般"], "TEACH": ["满意", "满意"]}
    found = study(columns)
    assert found.answers["BUS"].tolist() == [-5.0, 30.0]
    (fault,) = [fault for fault in found.faults if fault.code == "answer-proposed"]
    assert (fault.severity, fault.details["value"], fault.details["items"]) == ("warning", 10, "BUS")
    found = study(columns, text_of(study).replace("confirm: no,", "confirm: yes,"))
    assert found.answers["BUS"].tolist() == [10.0, 30.0]
    assert found.cells[["cells_recoded", "cells_rejected"]].to_numpy().tolist() == [[4, 0]]


def test_answers_written_by_hand_go_before_the_labels(study: Any) -> None:
    mapping = "answers:\n  BUS: {一般: 50, '7': 20}\n"
    columns = {"校车准时": ["一般", "7"], "TEACH": ["满意", "满意"]}
    assert study(columns, mapping).answers["BUS"].tolist() == [50.0, 20.0]


# --- faults ------------------------------------------------------------------------------------------------

FAULTS = {
    "confirmed:\n  TECH: 班级\n": [("mapping-item-unknown", 2, 3)],
    "confirmed:\n  TEACH: 班级\n  CLEAN: 班级\n": [("mapping-column-twice", 3, 10)],
    "confirmed: {TEACH: 班级}\nignored:\n  - 班级\n": [("mapping-column-ignored", 1, 20)],
    "confirmed:\n  TEACH: 没有这列\n": [("mapping-column-absent", 2, 10)],
    "ignored:\n  - 班级\n  - 没有这列\n": [("mapping-column-absent", 3, 5)],
    "answers:\n  BUS: {一般: 3}\n": [("mapping-answer-unknown", 2, 13)],
    "confirmed:\n  HOBBY: {1: 班级, 9: 教室很干净}\n": [("mapping-answer-unknown", 2, 21)],
    "confirmed: {TEACH: 班级}\nproposed:\n- {item: TEACH, column: 教室很干净, confirm: yes}\n": [
        ("mapping-item-twice", 3, 3)
    ],
    "confrmed: {}\n": [("unknown-key", 1, 1)],
    "confirmed: {TEACH: 5}\n": [("text-unquoted", 1, 20)],
    "proposed:\n- {item: TEACH, column: a, score: 3.5}\n": [("number-too-large", 2, 35)],
    "confirmed:\n\tTEACH: 班级\n": [("yaml-tab", 2, 1)],
    "confirmed:\n  TECH: 班级\nanswers:\n  BUS: {一般: 3}\n": [
        ("mapping-item-unknown", 2, 3),
        ("mapping-answer-unknown", 4, 13),
    ],
}


@pytest.mark.parametrize("mapping", list(FAULTS))
def test_fault_has_line_and_column(study: Any, mapping: str) -> None:
    assert faults_of(study, mapping) == FAULTS[mapping]


def test_a_heading_that_repeats_must_carry_its_number(study: Any) -> None:
    study.path.parent.mkdir()
    study.path.write_text("confirmed: {TEACH: 同名}\n", encoding="utf-8")
    answers = study.path.parent.parent / "答卷.csv"
    answers.write_text("同名,同名,校车准时\n满意,一般,一般\n", encoding="utf-8")
    with pytest.raises(AnswersFaulty) as caught:
        import_answers([answers], ASKED, ROLE, "carers", mappings={answers: study.path})
    assert [fault.code for fault in caught.value.faults] == ["mapping-column-unclear"]
    study.path.write_text("confirmed: {TEACH: 同名 (2)}\n", encoding="utf-8")
    found = import_answers([answers], ASKED, ROLE, "carers", mappings={answers: study.path})
    assert found.answers["TEACH"].tolist() == [30.0]


def test_a_faulty_mapping_is_left_as_it_is(study: Any) -> None:
    faults_of(study, "confirmed:\n  TECH: 班级  # 我的\n")
    assert text_of(study) == "confirmed:\n  TECH: 班级  # 我的\n"


# --- no line of a person's is lost -------------------------------------------------------------------------


def of_person(text: str, first: str) -> list[str]:
    """Return the lines of a text that the program did not write first."""
    return [line for line in text.splitlines() if line not in first.splitlines()]


def test_comments_and_changed_lines_stay(study: Any) -> None:
    study()
    first = text_of(study)
    changed = first.replace("confirm: no,", "confirm: yes,", 1).replace(
        "proposed:\n", "proposed:\n  # 问过张老师\n"
    )
    changed = changed.replace("ignored: []", "ignored: [班级]  # 不用")
    study(mapping=changed)
    assert text_of(study) == changed


def test_a_line_changed_but_not_confirmed_stays(study: Any) -> None:
    study()
    changed = text_of(study).replace('"老师讲得清楚"', '"班级"')
    found = study(mapping=changed)
    assert text_of(study) == changed
    told = {
        fault.details["item"]: fault.details["column"]
        for fault in found.faults
        if fault.code == "column-proposed"
    }
    assert told["TEACH"] == "班级"


def test_open_proposals_are_renewed(study: Any) -> None:
    study()
    study({"老师讲课清楚吗": ["满意", "一般"], **FILE})
    written = yaml.safe_load(text_of(study))["proposed"]
    assert [one["column"] for one in written] == ["老师讲课清楚吗", "教室很干净"]


def test_open_proposals_that_no_longer_hold_are_dropped(study: Any) -> None:
    study()
    study({"TEACH": ["满意"], "CLEAN": ["满意"], "BUS": ["满意"]})
    assert yaml.safe_load(text_of(study))["proposed"] == []


def test_proposals_written_otherwise_are_left_alone(study: Any) -> None:
    said = "proposed: [{item: HOBBY, column: 班级}]\n"
    found = study(mapping=said)
    assert text_of(study) == said
    assert "mapping-not-renewed" in [fault.code for fault in found.faults]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_mark_stay(study: Any, newline: str, mark: str) -> None:
    study(mapping=mark + "confirmed: {}" + newline + "# 备注" + newline)
    raw = study.path.read_bytes().decode("utf-8")
    assert raw.startswith(mark + "confirmed: {}" + newline + "# 备注" + newline)
    assert raw.count("\n") == raw.count(newline)


LINES = st.lists(
    st.sampled_from(
        [
            "# 备注",
            "",
            "  # 缩进",
            "  - {item: HOBBY, column: 甲, confirm: no}  # 我写的",
            "  - {item: BUS, column: 乙}",
        ]
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(before=LINES, at=st.integers(0, 40), turn=st.sets(st.integers(0, 3)), score=st.floats(0.5, 1))
def test_every_line_of_a_person_is_kept_in_order(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], at: int, turn: set[int], score: float
) -> None:
    folder = tmp_path_factory.mktemp("m")

    def proposal(item: str, heading: str, how_well: float) -> Proposal:
        column = SourceQuestion(heading, "", heading, "", "single", (), (heading,))
        return Proposal(item, column, heading, how_well, how_well, 1.0, 1.0, False)

    answers = [AnswerProposal("BUS", "很不满意的", 10, "很不满意", 0.8, 3)]
    ask = [proposal("TEACH", "一", 0.6), proposal("CLEAN", "二", 0.7)]
    first = str(mapping_text(read_mapping(folder / "none"), "答卷.csv", ask, answers, "zh"))
    lines = first.splitlines()
    written = [number for number, line in enumerate(lines) if "confirm: no," in line]
    for number in turn & set(range(len(written))):
        lines[written[number]] = lines[written[number]].replace("confirm: no,", "confirm: yes,")
    start = lines.index("proposed:") + 1
    # Entries belong under the key of columns, comments anywhere.
    place = (
        start + at % (len(written) - 1) if any("item" in line for line in before) else at % (len(lines) + 1)
    )
    lines[place:place] = before
    edited = "\n".join(lines) + "\n"
    (folder / "m.yaml").write_text(edited, encoding="utf-8", newline="")
    renewed = mapping_text(
        read_mapping(folder / "m.yaml"),
        "答卷.csv",
        [proposal("TEACH", "三", score), proposal("CLEAN", "二", 0.7)],
        answers,
        "zh",
    )
    assert renewed is not None
    kept = iter(renewed.splitlines())
    assert all(line in kept for line in of_person(edited, first))


# --- in a study --------------------------------------------------------------------------------------------


MAPPING = Path("data", "mapping", "carers", "carers.csv.yaml")


@pytest.fixture(scope="module")
def proposed(
    tmp_path_factory: pytest.TempPathFactory,
    write_town: Callable[[Path], Path],
    run_manyi: Callable[..., Any],
) -> tuple[Path, Any]:
    """Return a small study of which one heading of one file is worded otherwise, and its first run."""
    folder = write_town(tmp_path_factory.mktemp("proposed") / "小 镇")
    path = folder / "data" / "responses" / "carers" / "carers.csv"
    head, _, rest = path.read_text(encoding="utf-8-sig").partition("\n")
    path.write_text(head.replace("a2", "Wording for a2 here") + "\n" + rest, encoding="utf-8-sig")
    return folder, run_manyi("run", folder, "--json")


def test_run_tells_of_the_proposal_by_line(proposed: tuple[Path, Any]) -> None:
    folder, done = proposed
    (fault,) = [fault for fault in done.json["faults"] if fault["code"].startswith("column")]
    assert (done.code, fault["code"]) == (1, "column-proposed")
    line = (folder / MAPPING).read_text(encoding="utf-8").splitlines()[fault["line"] - 1]
    assert fault["file"].endswith(MAPPING.as_posix())
    assert "{item: a2, " in line


def test_run_goes_on_past_a_proposal(proposed: tuple[Path, Any]) -> None:
    folder, done = proposed
    assert "import:carers" in done.stages("done")
    assert (folder / "results" / "report.html").is_file()


def test_writing_the_mapping_does_not_make_the_import_stale_but_confirming_does(
    proposed: tuple[Path, Any], tmp_path: Path, run_manyi: Callable[..., Any]
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(proposed[0], folder)
    again = run_manyi("run", folder, "--json")
    assert "import:carers" in again.stages("reused")
    assert "column-proposed" in again.codes
    text = (folder / MAPPING).read_text(encoding="utf-8").replace("confirm: no,", "confirm: yes,")
    (folder / MAPPING).write_text(text, encoding="utf-8")
    mended = run_manyi("run", folder, "--json")
    assert (mended.code, mended.codes) == (0, [])
    assert "import:carers" in mended.stages("done")
    table = pd.read_csv(folder / "results" / "tables" / "matching.csv", encoding="utf-8-sig")
    found = table.set_index("item").loc["a2", ["column", "how"]].tolist()
    assert found == ["Wording for a2 here", "confirmed"]


def test_check_tells_faults_of_mappings_by_line(
    tmp_path: Path, write_town: Callable[[Path], Path], run_manyi: Callable[..., Any]
) -> None:
    town = write_town(tmp_path / "town")
    folder = town / "data" / "mapping" / "carers"
    folder.mkdir(parents=True)
    (folder / "carers.csv.yaml").write_text("confirmed:\n  a22: a2\n", encoding="utf-8")
    (folder / "old.csv.yaml").write_text("confirmed: {}\n", encoding="utf-8")
    done = run_manyi("check", town, "--json")
    told = [(fault["code"], fault.get("line"), fault.get("column")) for fault in done.json["faults"]]
    assert told == [("mapping-item-unknown", 2, 3), ("mapping-without-file", None, None)]
    assert done.code == 1
