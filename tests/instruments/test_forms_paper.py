"""Paper forms, read back from the PDF by poppler: what is printed, in which glyphs, on which pages."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import matplotlib
import pytest

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import DefinitionFaulty, FileUnreadable
from manyi_instruments.fonts import FAMILY
from manyi_instruments.forms import FORMS
from manyi_instruments.forms.definition_mark import read_definition_mark
from manyi_instruments.forms.layout import MATRIX_COLUMNS, numbers, parts
from manyi_instruments.forms.paper.layout import paper_layout
from manyi_instruments.forms.paper.pdf import paper_form
from manyi_instruments.questionnaires import bundled_questionnaires

CAREGIVERS = Path(__file__).with_name("forms_caregivers.yaml")
BUNDLED = [(name, language) for name in sorted(bundled_questionnaires()) for language in ("zh", "en")]
DEJAVU = Path(matplotlib.get_data_path()) / "fonts" / "ttf"

# In CI, which installs poppler, its absence is a failure and not a skip.
poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None and "MANYI_CI" not in os.environ,
    reason="poppler-utils is not installed",
)

Print = Callable[..., Path]


@pytest.fixture
def caregivers() -> Questionnaire:
    return load_questionnaire(CAREGIVERS)


@cache
def bundled(name: str) -> Questionnaire:
    return load_questionnaire(Path(str(bundled_questionnaires()[name])))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Print:
    """Return what prints a form into a file; each form is typeset once."""
    folder = tmp_path_factory.mktemp("paper")
    done: dict[tuple[str, ...], Path] = {}

    def write(
        questionnaire: Questionnaire,
        language: str,
        extra_fonts: tuple[Path, ...] = (),
        second: str | None = None,
    ) -> Path:
        key = (questionnaire.model_dump_json(), language, second or "")
        if key not in done:
            path = folder / f"{len(done)}.pdf"
            path.write_bytes(paper_form(questionnaire, language, second=second, extra_fonts=extra_fonts))
            done[key] = path
        return done[key]

    return write


def told(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout


def pages(path: Path) -> list[str]:
    """Return each page's text in reading order of its cells, without spaces and line breaks."""
    return [re.sub(r"\s", "", page) for page in told("pdftotext", "-raw", path, "-").split("\f")[:-1]]


def fonts(path: Path) -> list[list[str]]:
    return [line.split() for line in told("pdffonts", path).splitlines()[2:]]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


# --- what is printed --------------------------------------------------------------------------------------


@poppler
@pytest.mark.parametrize(("name", "language"), BUNDLED)
def test_every_question_of_a_bundled_questionnaire_is_printed(
    name: str, language: str, printed: Print
) -> None:
    questionnaire = bundled(name)
    text = "".join(pages(printed(questionnaire, language)))
    number_of = numbers(questionnaire)
    absent = [
        question.id
        for question in questionnaire.questions()
        if f"{number_of[question.id]}{squeezed(question.text[language])}" not in text
    ]
    assert absent == []


@poppler
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_question_is_printed(language: str, caregivers: Questionnaire, printed: Print) -> None:
    text = "".join(pages(printed(caregivers, language)))
    absent = [one.id for one in caregivers.questions() if squeezed(one.text[language]) not in text]
    assert absent == []


@poppler
def test_every_answer_is_printed_with_its_code(caregivers: Questionnaire, printed: Print) -> None:
    text = "".join(pages(printed(caregivers, "zh")))
    assert "1家长会" in text
    assert "5都没有" in text
    assert "-88不清楚" in text


@poppler
def test_title_introduction_and_how_to_fill_in_are_printed(caregivers: Questionnaire, printed: Print) -> None:
    first = pages(printed(caregivers, "zh"))[0]
    for said in ("看护人访谈问卷", "本问卷匿名，约需五分钟。", "填写说明", "学校代码", "问卷编号"):
        assert said in first


@poppler
def test_footer_names_questionnaire_version_and_page(printed: Print) -> None:
    found = pages(printed(bundled("parents"), "zh"))
    for number, page in enumerate(found, start=1):
        assert "parents·版本0.1" in page
        assert f"第{number}页，共{len(found)}页" in page


@poppler
def test_the_end_is_told_on_the_last_page_only(printed: Print) -> None:
    found = pages(printed(bundled("parents"), "zh"))
    assert ["问卷到此结束" in page for page in found] == [False] * (len(found) - 1) + [True]


@poppler
def test_no_scale_is_named(printed: Print) -> None:
    questionnaire = bundled("parents")
    text = "".join(pages(printed(questionnaire, "zh")))
    wordings = "".join(squeezed(question.text["zh"]) for question in questionnaire.questions())
    assert [
        scale.id
        for scale in questionnaire.scales
        if scale.title["zh"] not in wordings and scale.title["zh"] in text
    ] == []


# --- matrices ---------------------------------------------------------------------------------------------


@poppler
def test_column_headings_come_again_on_every_page(printed: Print) -> None:
    questionnaire = bundled("parents")
    number_of = numbers(questionnaire)
    agree = [
        f"{number_of[one.id]}{one.text['zh']}" for one in questionnaire.items[:29] if one.answers == "agree5"
    ]
    with_rows = [page for page in pages(printed(questionnaire, "zh")) if any(row in page for row in agree)]
    assert len(with_rows) == 2
    assert all("非常不同意比较不同意一般比较同意非常同意不了解" in page for page in with_rows)


@poppler
@pytest.mark.parametrize(("name", "language"), BUNDLED)
def test_no_row_is_torn_apart(name: str, language: str, printed: Print) -> None:
    questionnaire = bundled(name)
    found = pages(printed(questionnaire, language))
    torn = [
        question.id
        for question in questionnaire.questions()
        if not any(squeezed(question.text[language]) in page for page in found)
    ]
    assert torn == []


@poppler
@pytest.mark.parametrize(("name", "language"), BUNDLED)
def test_a_page_never_carries_one_row_of_a_long_matrix(name: str, language: str, printed: Print) -> None:
    questionnaire = bundled(name)
    found = pages(printed(questionnaire, language))
    matrices = [block for part in parts(questionnaire) for block in part.blocks if block.matrix]
    for block in matrices:
        rows = [[squeezed(one.text[language]) in page for one in block.questions] for page in found]
        counts = [sum(on_page) for on_page in rows if any(on_page)]
        assert min(counts) >= min(3, len(block.questions))


def test_consecutive_items_with_the_same_answers_form_a_matrix(caregivers: Questionnaire) -> None:
    views = parts(caregivers)[1]
    assert [[one.id for one in block.questions] for block in views.blocks if block.matrix] == [
        ["HELP1", "HELP2", "HELP3"],
        ["TRUST1", "TRUST2", "CHECK", "TRUST3"],
        ["INVITED", "ANSWERED"],
    ]


def test_background_questions_form_no_matrix(caregivers: Questionnaire) -> None:
    about = parts(caregivers)[0]
    assert [block.matrix for block in about.blocks] == [False]


def test_a_long_answer_list_forms_no_matrix(caregivers: Questionnaire) -> None:
    yes_no = caregivers.answer_lists["yes_no"]
    answers = tuple(
        yes_no.answers[0].model_copy(update={"value": value}) for value in range(MATRIX_COLUMNS + 1)
    )
    lists = {**caregivers.answer_lists, "often4": yes_no.model_copy(update={"answers": answers})}
    views = parts(caregivers.model_copy(update={"answer_lists": lists}))[1]
    in_matrices = {one.id for block in views.blocks if block.matrix for one in block.questions}
    assert not in_matrices & {"HELP1", "HELP2", "HELP3"}


def test_dont_know_column_is_open_to_the_rows_that_offer_it(caregivers: Questionnaire) -> None:
    layout = paper_layout(caregivers, ["en"], [FAMILY])
    matrix = layout["parts"][1]["blocks"][1]  # type: ignore[index]
    assert [list(row["missing"]) for row in matrix["questions"]] == [["-88"], ["-88"], [], []]


# --- pages, fonts, bytes ----------------------------------------------------------------------------------


@poppler
@pytest.mark.parametrize(("name", "language"), BUNDLED)
def test_pages_are_few(name: str, language: str, printed: Print) -> None:
    # 30 questions and more fit on a page of rows; the head and background questions take one.
    questions = len(numbers(bundled(name)))
    assert 2 <= len(pages(printed(bundled(name), language))) <= 2 + questions / 27


@poppler
def test_pages_are_a4(printed: Print) -> None:
    assert "(A4)" in told("pdfinfo", printed(bundled("students"), "zh"))


@poppler
def test_rows_are_set_closer_where_that_saves_a_page(printed: Print) -> None:
    # With the column of refusals the wordings break into more lines, and no setting fits two pages.
    without_refusal = bundled("students").model_copy(update={"offer_refused": False})
    assert len(pages(printed(without_refusal, "en"))) == 2


@poppler
@pytest.mark.parametrize(("name", "language"), BUNDLED)
def test_only_the_installs_own_fonts_are_used_and_all_embedded(
    name: str, language: str, printed: Print
) -> None:
    found = fonts(printed(bundled(name), language))
    assert {one[0].split("+")[1].split("-")[0] for one in found} == {FAMILY.replace(" ", "")}
    # name, type (two or three words), encoding, emb, sub, uni, object
    assert all(one[-5:-2] == ["yes", "yes", "yes"] for one in found)


@poppler
def test_pdf_is_tagged_for_screen_readers(printed: Print) -> None:
    assert re.search(r"Tagged:\s+yes", told("pdfinfo", printed(bundled("students"), "zh")))


@poppler
def test_pdf_bears_the_title_and_no_date(printed: Print) -> None:
    said = told("pdfinfo", printed(bundled("students"), "zh"))
    assert re.search(r"Title:\s+义务教育学校生活学生问卷", said)
    assert "CreationDate" not in said


@pytest.mark.parametrize("language", ["zh", "en"])
def test_same_questionnaire_gives_the_same_bytes(language: str, caregivers: Questionnaire) -> None:
    assert paper_form(caregivers, language) == paper_form(load_questionnaire(CAREGIVERS), language)


def test_registry_makes_a_file_a_language_and_one_of_both() -> None:
    names = list(FORMS["paper"](bundled("society"), "public").files)
    assert names == ["public.zh.pdf", "public.en.pdf", "public.zh-en.pdf"]


# --- languages and faults ---------------------------------------------------------------------------------


def test_characters_without_glyphs_are_named(caregivers: Questionnaire) -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        paper_form(caregivers, "ar")
    (fault,) = raised.value.faults
    assert fault.code == "form-glyphs-missing"
    assert "ا (U+0627)" in str(fault.details["characters"])


def test_registry_makes_what_it_can_before_it_tells_what_it_cannot(caregivers: Questionnaire) -> None:
    made = FORMS["paper"](caregivers, "carers")
    assert list(made.files) == ["carers.en.pdf", "carers.zh.pdf", "carers.en-zh.pdf"]
    assert [fault.code for fault in made.faults] == ["form-glyphs-missing"]


@poppler
def test_a_font_that_is_given_sets_its_script(caregivers: Questionnaire, printed: Print) -> None:
    path = printed(caregivers, "ar", extra_fonts=(DEJAVU / "DejaVuSans.ttf", DEJAVU / "DejaVuSans-Bold.ttf"))
    assert any("DejaVuSans" in one[0] for one in fonts(path))


@poppler
def test_right_to_left_rows_begin_at_the_right(caregivers: Questionnaire, printed: Print) -> None:
    path = printed(caregivers, "ar", extra_fonts=(DEJAVU / "DejaVuSans.ttf", DEJAVU / "DejaVuSans-Bold.ttf"))
    boxes = told("pdftotext", "-bbox", path, "-")
    left = {
        text: float(x)
        for x, text in re.findall(r'<word xMin="([\d.]+)"[^>]*>([^<]+)</word>', boxes)
        if text in ("10", "7")
    }
    # Question number 10 stands right of the code 7 of the last answer.
    assert left["10"] > left["7"]


def test_language_the_questionnaire_lacks_is_refused(caregivers: Questionnaire) -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        paper_form(caregivers, "fr")
    assert [fault.code for fault in raised.value.faults] == ["form-language-unknown"]


def test_file_that_is_no_font_is_refused(caregivers: Questionnaire) -> None:
    with pytest.raises(FileUnreadable) as raised:
        paper_form(caregivers, "ar", extra_fonts=(CAREGIVERS,))
    assert [fault.code for fault in raised.value.faults] == ["form-font-unreadable"]


def test_wording_that_looks_like_markup_is_printed_as_it_is(
    caregivers: Questionnaire, printed: Print
) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler-utils is not installed")
    strange = 'a *b* _c_ #d $e$ <f> @g [h] \\i "j"'
    items = tuple(
        item.model_copy(update={"text": {**item.text, "en": strange}}) if item.id == "WISH" else item
        for item in caregivers.items
    )
    text = "".join(pages(printed(caregivers.model_copy(update={"items": items}), "en")))
    assert squeezed(strange) in text


# --- definition, skip instructions, two languages -----------------------------------------------------------

EVERYTHING = Path(__file__).with_name("forms_everything.yaml")


@pytest.fixture
def everything() -> Questionnaire:
    return load_questionnaire(EVERYTHING)


@poppler
def test_every_page_bears_the_hash_of_the_definition(everything: Questionnaire, printed: Print) -> None:
    found = pages(printed(everything, "zh"))
    assert all(definition_hash(everything) in page for page in found)


@poppler
@pytest.mark.skipif(
    shutil.which("zbarimg") is None and "MANYI_CI" not in os.environ, reason="zbar-tools is not installed"
)
def test_a_scan_tells_the_definition(everything: Questionnaire, printed: Print, tmp_path: Path) -> None:
    path = printed(everything, "zh", second="en")
    subprocess.run(["pdftoppm", "-r", "200", "-gray", "-png", "-l", "1", path, tmp_path / "scan"], check=True)
    (scan,) = tmp_path.glob("*.png")
    mark = read_definition_mark(told("zbarimg", "--quiet", "--raw", scan))
    assert mark is not None
    assert (mark.questionnaire, mark.hash, mark.languages) == (
        "everything",
        definition_hash(everything),
        ("zh", "en"),
    )


@poppler
@pytest.mark.parametrize(
    ("language", "instructions"),
    [
        (
            "zh",
            [
                "（仅当第4题选“否”时回答）",
                "（第7–8题：仅当第5题选了“公共汽车”或“校车”时回答）",
                "（本部分仅当第3题选“是”时回答）",
            ],
        ),
        (
            "en",
            [
                "(Answer only if question 4 is “no”)",
                "(Questions 7–8: answer only if “Public bus” or “School bus” is among the answers "
                "to question 5)",
                "(Answer this part only if question 3 is “yes”)",
            ],
        ),
    ],
)
def test_who_answers_is_told_once_before_the_questions(
    language: str, instructions: list[str], everything: Questionnaire, printed: Print
) -> None:
    text = "".join(pages(printed(everything, language)))
    assert [text.count(squeezed(one)) for one in instructions] == [1, 1, 1]


@poppler
def test_sections_have_their_titles_and_introductions(everything: Questionnaire, printed: Print) -> None:
    text = "".join(pages(printed(everything, "zh")))
    absent = [section.id for section in everything.sections if squeezed(section.title["zh"]) not in text]
    assert absent == []
    assert "请按最近一个月的情况回答。" in text


@poppler
def test_what_a_constraint_asks_for_is_printed(everything: Questionnaire, printed: Print) -> None:
    assert "等车超过120分钟的，请再核对。" in "".join(pages(printed(everything, "zh")))


@poppler
@pytest.mark.parametrize("name", sorted(bundled_questionnaires()))
def test_a_form_in_two_languages_has_every_wording_in_both(name: str, printed: Print) -> None:
    questionnaire = bundled(name)
    text = "".join(pages(printed(questionnaire, "zh", second="en")))
    absent = [
        (question.id, language)
        for question in questionnaire.questions()
        for language in ("zh", "en")
        if squeezed(question.text[language]) not in text
    ]
    assert absent == []


def test_the_second_language_must_be_one_of_the_questionnaire(everything: Questionnaire) -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        paper_form(everything, "zh", second="fr")
    assert [fault.code for fault in raised.value.faults] == ["form-language-unknown"]


# --- bad input ----------------------------------------------------------------------------------------------


def large(questions: int, points: int, label: str) -> Questionnaire:
    """Return a questionnaire of many items on one scale of many points with long wordings."""
    values = list(range(1, points + 1))
    items = "\n".join(
        f"  - {{id: Q{n}, text: {{en: '{label} {n}'}}, answers: scale, standalone: true}}"
        for n in range(1, questions + 1)
    )
    return load_questionnaire(f"""
questionnaire: large
title: {{en: Large}}
languages: [en]
answer_lists:
  scale: {{values: {values}, en: {[f"point {value}" for value in values]}}}
items:
{items}
""")


@poppler
@pytest.mark.parametrize(
    ("questions", "points", "label"),
    [
        (300, 5, "How often"),
        (12, 12, "How much"),
        (4, 5, "a long wording " * 27),
        (4, 5, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"),
    ],
    ids=["300 items", "12 points", "400 characters", "long word"],
)
def test_extreme_questionnaires_are_printed_whole(
    questions: int, points: int, label: str, printed: Print
) -> None:
    questionnaire = large(questions, points, label)
    # A long word may be hyphenated.
    text = "".join(pages(printed(questionnaire, "en"))).replace("-", "")
    absent = [one.id for one in questionnaire.questions() if squeezed(one.text["en"]) not in text]
    assert absent == []
    assert all(f"point{value}" in text for value in range(1, points + 1))
