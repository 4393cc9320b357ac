"""Drafts from real exports: what is suggested, and that the same file then imports whole."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from manyi.readers.decoding.about import ABOUT
from manyi.readers.drafting.draft import Draft, draft_questionnaire
from manyi.readers.importing import Imported, import_answers
from manyi.study.definition import Study
from manyi_instruments.definitions.loader import load_questionnaire

SHARED = Path(__file__).parents[2] / ".." / "shared"
EXAMPLES = SHARED / "examples"
FILES = {
    "wjx_text": EXAMPLES / "wjx_reportgen" / "wjx_800_800_0.xls",
    "wjx_number": EXAMPLES / "wjx_reportgen" / "wjx_800_800_2.xls",
    "turkiye": EXAMPLES / "turkiye" / "turkiye-student-evaluation_generic.csv",
    "swmd": EXAMPLES / "mokken_school" / "SWMD.csv",
    "bfi": SHARED / "reference" / "data" / "bfi.csv",
}
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder `shared` is not beside the checkout")


def imported(draft: Draft, path: Path) -> Imported:
    study = Study.model_validate(yaml.safe_load(draft.study_yaml("people", "研究")))
    return import_answers([path], load_questionnaire(draft.yaml), study.roles["people"], "people")


@pytest.fixture(scope="module", params=FILES)
def drafted(request: pytest.FixtureRequest) -> tuple[str, Draft, Imported]:
    path = FILES[request.param]
    draft = draft_questionnaire(path, name="people")
    return request.param, draft, imported(draft, path)


def test_the_same_file_imports_without_one_cell_refused(drafted: tuple[str, Draft, Imported]) -> None:
    _, _, found = drafted
    assert found.quarantine.empty
    assert found.cells[["cells_rejected", "rows_quarantined", "columns_unmatched"]].iloc[0].tolist() == [
        0,
        0,
        0,
    ]


def test_every_question_finds_its_column(drafted: tuple[str, Draft, Imported]) -> None:
    _, draft, found = drafted
    assert [match.item for match in found.matchings[0][1].matches] == [
        item.id for item in (*load_questionnaire(draft.yaml).questions(),)
    ]


def test_every_message_is_worded_in_both_languages(drafted: tuple[str, Draft, Imported]) -> None:
    _, draft, found = drafted
    for fault in (*draft.faults, *found.faults):
        assert "{" not in fault.message("zh") + fault.message("en")


def test_every_suggestion_has_a_comment(drafted: tuple[str, Draft, Imported]) -> None:
    _, draft, _ = drafted
    mark = "# 建议，请确认 suggestion: please confirm — "
    comments = [line for line in draft.yaml.splitlines() if mark in line]
    for fault in draft.faults:
        if fault.code.startswith("suggest-"):
            assert any(fault.what(draft.language) in line for line in comments)


def test_text_and_number_exports_decode_to_the_same_table() -> None:
    draft = draft_questionnaire(FILES["wjx_text"], name="people")
    text, number = (imported(draft, FILES[name]).answers for name in ("wjx_text", "wjx_number"))
    questions = [name for name in text.columns[len(ABOUT) :] if not name.endswith("__text")]
    # 6 single choices, and 14 and 10 options of the two multiple choices.
    assert (len(questions), len(text)) == (30, 800)
    pd.testing.assert_frame_equal(text[questions], number[questions])


def test_option_numbers_equal_those_of_the_export_by_number() -> None:
    draft = draft_questionnaire(FILES["wjx_text"], name="people")
    coded = imported(draft, FILES["wjx_text"]).answers
    raw = pd.read_excel(FILES["wjx_number"], engine="calamine")
    pairs = {"Q1": "1、手机部数", "Q2": "2、手机价格", "Q3": "3、性别 ", "Q4": "4、年龄 ", "Q5": "5、月收入"}
    for item, heading in {**pairs, "Q7": "7、爱好投入占收入比重 "}.items():
        assert coded[item].tolist() == raw[heading].astype(float).tolist()


def test_free_text_beside_other_is_kept() -> None:
    draft = draft_questionnaire(FILES["wjx_text"], name="people")
    texts = imported(draft, FILES["wjx_text"]).answers["Q8__text"].dropna()
    assert sorted(texts) == sorted(["育儿", "无目的", "社会", "新闻", "电影，餐饮"])


def test_without_its_twin_the_export_by_number_is_not_read_wrongly(tmp_path: Path) -> None:
    alone = tmp_path / "导出.xls"
    alone.write_bytes(FILES["wjx_text"].read_bytes())
    draft = draft_questionnaire(alone, name="people")
    assert draft.companion is None
    assert "suggest-by-text" in [fault.code for fault in draft.faults]
    found = imported(draft, FILES["wjx_number"])
    # Nobody chose the first of nine bands of age, so the text names eight and the numbers go up to 9.
    assert found.quarantine[["item", "code"]].drop_duplicates().to_numpy().tolist() == [
        ["Q4", "option-number-unsure"]
    ]
    assert found.cells["cells_rejected"].iloc[0] == 800


def test_both_exports_together_count_every_respondent_once() -> None:
    draft = draft_questionnaire(FILES["wjx_text"], name="people")
    study = Study.model_validate(yaml.safe_load(draft.study_yaml("people", "研究")))
    paths = [FILES["wjx_number"], FILES["wjx_text"]]
    found = import_answers(paths, load_questionnaire(draft.yaml), study.roles["people"], "people")
    assert (len(found.answers), found.answers["file"].unique().tolist()) == (800, ["wjx_800_800_0.xls"])


def test_turkiye_is_one_scale_of_28_items() -> None:
    draft = draft_questionnaire(FILES["turkiye"], name="people")
    assert [(scale.items[0], scale.items[-1], len(scale.items)) for scale in draft.scales] == [
        ("Orientation", "isntructor_treatment", 28)
    ]


def test_turkiye_background_is_not_in_the_scale() -> None:
    draft = draft_questionnaire(FILES["turkiye"], name="people")
    questionnaire = load_questionnaire(draft.yaml)
    ids = [item.id for item in questionnaire.demographics]
    assert (ids, dict(draft.columns)) == (
        ["course_code", "repeat", "attendance", "difficulty"],
        {"school": "instcode"},
    )


def test_swmd_school_codes_lose_their_fraction() -> None:
    draft = draft_questionnaire(FILES["swmd"], name="people")
    found = imported(draft, FILES["swmd"])
    assert found.answers["school"].iloc[0] == "1000303"
    assert (found.answers["school"].nunique(), found.repaired_codes["n"].sum()) == (30, 651)


def test_swmd_is_one_scale_of_seven() -> None:
    draft = draft_questionnaire(FILES["swmd"], name="people")
    assert [(scale.id, len(scale.items)) for scale in draft.scales] == [("Item", 7)]


def test_bfi_scales() -> None:
    draft = draft_questionnaire(FILES["bfi"], name="people")
    assert {scale.id: scale.items for scale in draft.scales} == {
        letter: tuple(f"{letter}{number}" for number in range(1, 6)) for letter in "ACENO"
    }


def test_bfi_reverse_keys_are_those_of_the_psych_package() -> None:
    # Revelle, psych: keys -A1, -C4, -C5, -E1, -E2, -O2, -O5 in ?bfi.
    draft = draft_questionnaire(FILES["bfi"], name="people")
    assert [item.id for item in draft.items if item.reverse] == ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]


def test_bfi_background() -> None:
    questionnaire = load_questionnaire(draft_questionnaire(FILES["bfi"], name="people").yaml)
    found = [(item.id, item.type) for item in questionnaire.demographics]
    assert found == [("gender", "choice"), ("education", "choice"), ("age", "number")]


def test_bfi_blank_cells_are_no_answer() -> None:
    # 508 in the 25 items (psych::bfi) and 223 in education.
    path = FILES["bfi"]
    found = imported(draft_questionnaire(path, name="people"), path)
    assert found.cells["cells_no_answer"].iloc[0] == int(pd.read_csv(path).isna().sum().sum())
