"""Posters, slips, information sheets and manuals, read back by poppler and by a reader of QR codes."""

import os
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import DefinitionFaulty, ManyiError
from manyi_instruments.fonts import FAMILY
from manyi_instruments.forms.packs.facts import Audience, Survey, unknown_facts
from manyi_instruments.forms.packs.handouts import Site, Slip, information_sheet, posters, slips
from manyi_instruments.forms.packs.links import base_address, code_link
from manyi_instruments.forms.packs.manual import field_manual
from manyi_instruments.questionnaires import bundled_questionnaires

BASE = "https://survey.example.org/county"
SURVEY = Survey(
    {"zh": "县义务教育调查", "en": "Education in the county"},
    {"zh": "督导室 0100-1234567", "en": "Office of inspection 0100-1234567"},
    date(2027, 8, 31),
)
CAREGIVERS = Path(__file__).with_name("forms_caregivers.yaml")

# In CI, which installs poppler, its absence is a failure and not a skip.
poppler = pytest.mark.skipif(
    shutil.which("pdftoppm") is None and "MANYI_CI" not in os.environ,
    reason="poppler-utils is not installed",
)


def asked(minutes: int | None = 10, *, anonymous: bool = True) -> Audience:
    questionnaire = load_questionnaire(CAREGIVERS)
    title = {"zh": "看护人", "en": "Caregivers"}
    return Audience("caregivers", title, questionnaire, minutes, 400, anonymous)


def bilingual() -> Audience:
    source = Path(str(bundled_questionnaires()[sorted(bundled_questionnaires())[0]]))
    return Audience("asked", {"zh": "受访者", "en": "Respondents"}, load_questionnaire(source), 10)


def printed(tmp_path: Path, pdf: bytes) -> Path:
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf)
    return path


def told(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout


def pages(path: Path) -> list[str]:
    return [re.sub(r"\s", "", page) for page in told("pdftotext", "-raw", path, "-").split("\f")[:-1]]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def scanned(path: Path) -> list[list[str]]:
    """Return what the QR codes of every page say, as a telephone's camera would see the print."""
    zxingcpp = pytest.importorskip("zxingcpp") if "MANYI_CI" not in os.environ else __import__("zxingcpp")
    from PIL import Image

    for image in path.parent.glob("paper-*.png"):
        image.unlink()
    told("pdftoppm", "-r", "150", "-png", path, path.with_suffix(""))
    found = []
    for image in sorted(path.parent.glob("paper-*.png")):
        with Image.open(image) as opened:
            codes = zxingcpp.read_barcodes(opened.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
        found.append([code.text for code in codes])
    return found


# --- posters ------------------------------------------------------------------------------------------------


@poppler
def test_the_code_of_a_poster_leads_to_the_questionnaire(tmp_path: Path) -> None:
    path = printed(tmp_path, posters(SURVEY, bilingual(), BASE))
    assert scanned(path) == [[f"{BASE}/f/asked"]]


@poppler
def test_each_school_has_a_poster_with_its_own_code(tmp_path: Path) -> None:
    sites = [
        Site("0102", "第一实验小学", "三年级（2）班", f"{BASE}/c/first"),
        Site("0203", "镇中心小学", link=f"{BASE}/c/second"),
    ]
    path = printed(tmp_path, posters(SURVEY, bilingual(), BASE, sites))
    assert scanned(path) == [[f"{BASE}/c/first"], [f"{BASE}/c/second"]]
    first, second = pages(path)
    assert "第一实验小学0102" in first
    assert "三年级（2）班" in first
    assert "镇中心小学0203" in second
    assert "班级" not in second


@poppler
def test_a_poster_tells_its_facts_in_both_languages(tmp_path: Path) -> None:
    (text,) = pages(printed(tmp_path, posters(SURVEY, bilingual(), BASE)))
    for said in (
        *("县义务教育调查", "Education in the county", "大约需要 10 分钟", "It takes about 10 minutes."),
        *("是否参加由您决定", "不记名", f"{BASE}/f/asked", "督导室 0100-1234567"),
    ):
        assert squeezed(said) in text


@poppler
def test_a_poster_promises_no_more_than_is_so(tmp_path: Path) -> None:
    named = asked(minutes=None, anonymous=False)
    (text,) = pages(printed(tmp_path, posters(Survey(SURVEY.title), named, BASE)))
    assert "不记名" not in text
    assert "Nonames" not in text
    assert "minutes" not in text
    assert "Contact" not in text


# --- slips --------------------------------------------------------------------------------------------------

CODES = [Slip(f"0{n:03d}-4567-89AB-C", "0102", "三年级（2）班") for n in range(23)]


@poppler
def test_every_slip_has_its_own_code_in_letters_and_as_qr(tmp_path: Path) -> None:
    path = printed(tmp_path, slips(SURVEY, bilingual(), BASE, CODES))
    codes = scanned(path)
    assert [len(page) for page in codes] == [10, 10, 3]
    wanted = {code_link(BASE, slip.code) for slip in CODES}
    assert {code for page in codes for code in page} == wanted
    text = "".join(pages(path))
    assert [slip.code for slip in CODES if text.count(slip.code) != 1] == []


@poppler
def test_a_slip_names_school_class_and_the_address_to_type(tmp_path: Path) -> None:
    (text,) = pages(printed(tmp_path, slips(SURVEY, bilingual(), BASE, CODES[:1])))
    assert "学校School0102" in text
    assert "班级Class三年级（2）班" in text
    assert f"{BASE}/code" in text
    assert "一张只能用一次" in text


def test_codes_come_into_no_log_on_the_way() -> None:
    """What stands behind # is not sent (RFC 3986, 3.5)."""
    link = code_link(BASE, "0123-4567-89AB-C")
    assert link.partition("#") == (f"{BASE}/code", "#", "0123-4567-89AB-C")


@pytest.mark.parametrize(
    "typed",
    [
        "survey.example.org",
        "ftp://example.org",
        "https://",
        "https://a.org/?x=1",
        "https://a.org/#x",
        "https://a b",
    ],
)
def test_an_address_that_leads_nowhere_is_refused(typed: str) -> None:
    with pytest.raises(ManyiError) as raised:
        base_address(typed)
    assert [fault.code for fault in raised.value.faults] == ["pack-address"]


# --- information sheets -------------------------------------------------------------------------------------


@poppler
def test_an_information_sheet_holds_the_introduction_and_the_facts(tmp_path: Path) -> None:
    audience = bilingual()
    text = pages(printed(tmp_path, information_sheet(SURVEY, audience, BASE)))
    introduction = audience.questionnaire.introduction
    assert introduction is not None
    for page, language in zip(text, ("zh", "en"), strict=True):
        assert squeezed(introduction[language]) in page
        assert "2027-08-31" in page
        assert "0100-1234567" in page


@poppler
def test_an_information_sheet_makes_nothing_up(tmp_path: Path) -> None:
    audience = asked(minutes=None)
    questionnaire = audience.questionnaire.model_copy(update={"introduction": None})
    bare = Audience("caregivers", audience.title, questionnaire)
    text = "".join(pages(printed(tmp_path, information_sheet(Survey(SURVEY.title), bare))))
    assert [
        word for word in ("Contact", "联系", "until", "保存", "minutes", "分钟", "http") if word in text
    ] == []


def test_every_fact_that_is_missing_is_named() -> None:
    audience = asked(minutes=None)
    questionnaire = audience.questionnaire.model_copy(update={"introduction": None})
    bare = Audience("caregivers", audience.title, questionnaire)
    found = [fault.code for fault in unknown_facts(Survey(SURVEY.title), (bare,), "study.yaml")]
    assert found == ["pack-no-contact", "pack-no-retention", "pack-no-minutes", "pack-no-introduction"]
    assert list(unknown_facts(SURVEY, (bilingual(),), "study.yaml")) == []


# --- the manual ---------------------------------------------------------------------------------------------


@poppler
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_manual_has_every_question_with_its_id(language: str, tmp_path: Path) -> None:
    audience = asked()
    text = "".join(pages(printed(tmp_path, field_manual(SURVEY, (audience,), language))))
    absent = [
        question.id
        for question in audience.questionnaire.questions()
        if squeezed(question.text[language]) not in text or question.id not in text
    ]
    assert absent == []
    assert definition_hash(audience.questionnaire) in text
    assert "manyiingest" in text


CONDITIONAL = """
questionnaire: visits
title: {zh: 家访, en: Visits}
languages: [zh, en]
answer_lists: {yes_no: {values: [0, 1], zh: [否, 是], en: ["no", "yes"]}}
items:
  - {id: BUS, text: {zh: 有校车吗？, en: Is there a bus?}, answers: yes_no, standalone: true, required: true}
  - {id: WAIT, text: {zh: 等多久？, en: How long?}, type: number, minimum: 0, maximum: 90, standalone: true,
     relevant: BUS == 1, unit: {zh: 分钟, en: minutes}, dont_know: true}
attention:
  - {id: CHECK, text: {zh: 请选“是”, en: Choose yes}, answers: yes_no, expected: 1, after: BUS}
"""


@poppler
@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "zh",
            ["仅当第1题选“是”时回答", "数字·0–90·分钟", "单选·必答", "−8不了解", "注意力题：按题目要求选1是"],
        ),
        (
            "en",
            [
                "Answeronlyifquestion1is“yes”",
                "number·0–90·minutes",
                "oneanswer·required",
                "toldinthequestionis1yes",
            ],
        ),
    ],
)
def test_the_manual_tells_conditions_types_codes_and_checks(
    language: str, said: list[str], tmp_path: Path
) -> None:
    questionnaire: Questionnaire = load_questionnaire(CONDITIONAL)
    audience = Audience("families", {"zh": "家庭", "en": "Families"}, questionnaire)
    text = "".join(pages(printed(tmp_path, field_manual(SURVEY, (audience,), language))))
    assert [words for words in said if words not in text] == []


# --- type ---------------------------------------------------------------------------------------------------


@poppler
def test_all_papers_are_set_in_the_typeface_that_is_brought(tmp_path: Path) -> None:
    audience = bilingual()
    made = [
        posters(SURVEY, audience, BASE),
        slips(SURVEY, audience, BASE, CODES),
        information_sheet(SURVEY, audience, BASE),
        field_manual(SURVEY, (audience,), "zh"),
    ]
    for pdf in made:
        lines = [line.split() for line in told("pdffonts", printed(tmp_path, pdf)).splitlines()[2:]]
        assert lines
        for line in lines:
            assert FAMILY.replace(" ", "") in line[0]
            assert line[-5:-2] == ["yes", "yes", "yes"]


def test_a_character_without_a_glyph_is_told_and_not_printed_empty() -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        posters(Survey({"zh": "满意 ᠮ", "en": "survey"}), bilingual(), BASE)
    assert [fault.code for fault in raised.value.faults] == ["form-glyphs-missing"]


@poppler
def test_a_title_of_four_hundred_characters_leaves_a_page_a_page(tmp_path: Path) -> None:
    long = Survey({"zh": "很长的题目" * 80, "en": "a long title " * 30}, SURVEY.contact)
    sites = [Site("0102", "第一实验小学", "三年级（2）班"), Site("0203")]
    codes = scanned(printed(tmp_path, posters(long, bilingual(), BASE, sites)))
    assert [len(page) for page in codes] == [1, 1]
    codes = scanned(printed(tmp_path, slips(long, bilingual(), BASE, CODES)))
    assert [len(page) for page in codes] == [10, 10, 3]


def test_the_same_papers_are_the_same_bytes() -> None:
    assert posters(SURVEY, asked(), BASE) == posters(SURVEY, asked(), BASE)
