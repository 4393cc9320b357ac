"""The DDI document of a study with its data: by the schema's rules, with the frequencies R counts.

The rules are those of codebook.xsd 2.5 for what manyi writes (tests/reference/ddi/SOURCE.md); libxml2 checks
them, all but references from element to element, which are followed here.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lxml import etree

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.forms.ddi.document import ddi_document
from manyi_outputs.data_files import data_set
from manyi_outputs.data_files.provenance import Provenance, Received
from manyi_outputs.ddi import study_document
from manyi_outputs.spss import RoleAnswers

REFERENCE = Path(__file__).parents[1] / "reference"
QUESTIONNAIRES = Path(__file__).parents[2] / "instruments" / "manyi_instruments" / "questionnaires"
DDI = "{ddi:codebook:2_5}"
DESCRIBED = pd.read_csv(REFERENCE / "data_files" / "described.csv", encoding="utf-8").set_index("item")
COUNTS = pd.read_csv(REFERENCE / "data_files" / "counts.csv", encoding="utf-8")
FROM = Provenance(
    study="bfi",
    title={"zh": "大五", "en": "Big five"},
    language="zh",
    software="0.1.0",
    collected=("2025-05-01", "2025-05-31"),
    area="青禾县",
    rules=("too_fast",),
    received={"adults": Received(None, 2800, 2800), "others": Received(3000, 2800, 2700)},
)


@pytest.fixture(scope="module")
def rules() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(REFERENCE / "ddi" / "codebook-2.5.xsd"))


@pytest.fixture(scope="module")
def make(bfi_answers: RoleAnswers) -> Callable[..., bytes]:
    """Return ``make(with_text=False, **changes of the answers)``: the document of two roles."""

    def made(with_text: bool = False, **changes: Any) -> bytes:
        answers = replace(bfi_answers, **changes)
        sets = [
            data_set(replace(answers, role=role), "zh", {"R1": "生师比"}, with_text)
            for role in ("adults", "others")
        ]
        return study_document(sets, {"adults": "adults.csv", "others": "others.csv"}, FROM)

    return made


@pytest.fixture(scope="module")
def few(bfi_answers: RoleAnswers) -> RoleAnswers:
    return replace(bfi_answers, coded=bfi_answers.coded.head(20), scored=bfi_answers.scored.head(20))


@pytest.fixture(scope="module")
def document(make: Callable[..., bytes]) -> etree._Element:
    return etree.fromstring(make())


def variable(document: etree._Element, role: str, name: str) -> etree._Element:
    found = [one for one in document.iter(f"{DDI}var") if one.get("ID") == f"V_{role}.{name}"]
    assert len(found) == 1
    return found[0]


def summary(element: etree._Element) -> dict[str, float]:
    return {one.get("type"): float(one.text) for one in element.findall(f"{DDI}sumStat")}


def frequencies(element: etree._Element) -> Iterator[tuple[str, int]]:
    for one in element.findall(f"{DDI}catgry"):
        yield one.findtext(f"{DDI}catValu"), int(one.findtext(f"{DDI}catStat"))


def test_document_follows_the_rules_of_the_schema(document: etree._Element, rules: etree.XMLSchema) -> None:
    rules.assertValid(document)


def test_a_document_out_of_order_does_not_follow_the_rules(
    make: Callable[..., bytes], few: RoleAnswers, rules: etree.XMLSchema
) -> None:
    spoilt = etree.fromstring(make(coded=few.coded, scored=few.scored))
    element = variable(spoilt, "adults", "A1")
    element.insert(0, element[-1])
    assert not rules.validate(spoilt)


def references(document: etree._Element) -> tuple[list[str], set[str]]:
    """Return the identifiers of a document, and those its elements refer to (``xs:IDREF``, ``xs:IDREFS``)."""
    refer = {
        "var": ("files",),
        "varGrp": ("var",),
        "qstn": ("qstn",),
        "forward": ("qstn",),
        "backward": ("qstn",),
    }
    named = {
        name
        for tag, attributes in refer.items()
        for element in document.iter(f"{DDI}{tag}")
        for attribute in attributes
        for name in element.get(attribute, "").split()
    }
    return [one.get("ID") for one in document.iter() if one.get("ID")], named


def test_identifiers_are_there_once(document: etree._Element) -> None:
    identifiers, _ = references(document)
    assert len(identifiers) == len(set(identifiers))


def test_references_lead_somewhere(document: etree._Element) -> None:
    identifiers, named = references(document)
    assert named
    assert named - set(identifiers) == set()


def test_references_lead_somewhere_where_an_open_answer_is_left_out(
    make: Callable[..., bytes], few: RoleAnswers, rules: etree.XMLSchema
) -> None:
    definition = few.questionnaire.model_dump(mode="json", exclude_defaults=True)
    definition["items"].insert(
        0, {"id": "WHY", "text": {"zh": "？", "en": "Why?"}, "type": "text", "standalone": True}
    )
    definition["items"][1]["relevant"] = "WHY != '' and gender == 1"
    questionnaire = load_questionnaire(json.dumps(definition, ensure_ascii=False))
    document = etree.fromstring(
        make(questionnaire=questionnaire, coded=few.coded.assign(WHY="…"), scored=few.scored)
    )
    identifiers, named = references(document)
    rules.assertValid(document)
    assert ("Q_adults.WHY" in identifiers, named - set(identifiers)) == (False, set())


@pytest.mark.parametrize("path", sorted(QUESTIONNAIRES.glob("*.yaml")), ids=lambda path: path.stem)
def test_questionnaires_alone_follow_the_rules(path: Path, rules: etree.XMLSchema) -> None:
    rules.assertValid(etree.fromstring(ddi_document(load_questionnaire(path.read_text(encoding="utf-8")))))


def test_a_ranking_follows_the_rules(rules: etree.XMLSchema) -> None:
    questionnaire = load_questionnaire(
        "questionnaire: q\ntitle: {en: Q}\nlanguages: [en]\n"
        "answer_lists:\n  three: {values: [1, 2, 3], en: [a, b, c]}\n"
        "items:\n  - {id: R, text: {en: Rank these}, type: ranking, answers: three, standalone: true}\n"
    )
    rules.assertValid(etree.fromstring(ddi_document(questionnaire)))


def test_files_have_their_numbers_of_cases_and_variables(
    document: etree._Element, bfi_answers: RoleAnswers
) -> None:
    size = document.find(f"{DDI}fileDscr/{DDI}fileTxt/{DDI}dimensns")
    described = [one for one in document.iter(f"{DDI}var") if one.get("files") == "F_adults"]
    assert size.findtext(f"{DDI}caseQnty") == "2800"
    assert size.findtext(f"{DDI}varQnty") == str(len(described))


@pytest.mark.parametrize("item", DESCRIBED.index)
@pytest.mark.parametrize("figure", ["mean", "stdev", "medn", "min", "max"])
def test_summaries_are_those_of_psych(document: etree._Element, item: str, figure: str) -> None:
    found = summary(variable(document, "adults", item))[figure]
    assert found == pytest.approx(DESCRIBED.loc[item, figure], rel=1e-13)


@pytest.mark.parametrize("item", DESCRIBED.index)
def test_valid_and_invalid_cases_are_those_of_psych(document: etree._Element, item: str) -> None:
    found, n = summary(variable(document, "adults", item)), DESCRIBED.loc[item, "n"]
    assert (found["vald"], found["invd"]) == (n, 2800 - n)


@pytest.mark.parametrize("item", COUNTS["item"].unique())
def test_frequencies_are_those_of_r(document: etree._Element, item: str) -> None:
    theirs = COUNTS[COUNTS["item"] == item]
    given = {f"{value:g}": n for value, n in zip(theirs["value"], theirs["n"], strict=True) if value == value}
    missing = {"-9": int(theirs.loc[theirs["value"].isna(), "n"].iloc[0])}
    codes = dict.fromkeys(("-8", "-7", "-6", "-5"), 0)
    assert dict(frequencies(variable(document, "adults", item))) == {**given, **missing, **codes}


def test_codes_of_missing_answers_are_invalid_values(document: etree._Element) -> None:
    values = [one.get("VALUE") for one in variable(document, "adults", "A1").find(f"{DDI}invalrng")]
    assert values == ["-9", "-8", "-7", "-6", "-5"]


def test_kinds_of_missing_answers_are_told(document: etree._Element) -> None:
    kinds = [one.get("missType") for one in variable(document, "adults", "A1").findall(f"{DDI}catgry")]
    assert kinds[-5:] == ["no_answer", "dont_know", "not_asked", "refused", "invalid"]


def test_reversed_items_say_how_they_were_made(document: etree._Element) -> None:
    assert variable(document, "adults", "A1_r").findtext(f"{DDI}derivation/{DDI}drvdesc") == "1 + 6 − A1"


def test_scores_may_lie_between_whole_numbers(document: etree._Element) -> None:
    range_ = variable(document, "adults", "A").find(f"{DDI}valrng/{DDI}range")
    assert (range_.get("UNITS"), range_.get("min"), range_.get("max")) == ("REAL", "1", "6")


def test_questions_stand_in_every_language(document: etree._Element) -> None:
    labels = variable(document, "others", "gender").findall(f"{DDI}qstn/{DDI}qstnLit")
    assert [one.text for one in labels] == ["性别", "Sex"]


def test_return_is_told_with_and_without_numbers_issued(document: etree._Element) -> None:
    told = [one.text for one in document.iter(f"{DDI}respRate")]
    assert told == [
        "成人：收到 2800 份，用于分析 2800 份。",
        "成人：发放 3000 份，收到 2800 份，用于分析 2700 份。",
    ]


def test_keys_of_persons_are_not_described(document: etree._Element) -> None:
    assert {"file", "row"} & {one.get("name") for one in document.iter(f"{DDI}var")} == set()


def test_weights_are_marked_and_told(
    make: Callable[..., bytes], few: RoleAnswers, rules: etree.XMLSchema
) -> None:
    weighted = few.scored.assign(sampling_weight=1.5, relative_weight=1.0)
    document = etree.fromstring(make(coded=few.coded, scored=weighted))
    rules.assertValid(document)
    marked = [one.get("name") for one in document.iter(f"{DDI}var") if one.get("wgt") == "wgt"]
    assert marked == ["sampling_weight", "relative_weight"] * 2
    assert document.find(f"{DDI}stdyDscr/{DDI}method/{DDI}dataColl/{DDI}weight") is not None


def test_a_school_column_may_be_called_anything(
    make: Callable[..., bytes], few: RoleAnswers, rules: etree.XMLSchema
) -> None:
    odd = few.scored.assign(**{"标准化学校 认定年份": 2025.0, "2nd \x07term": np.nan, "R1": 3.0})
    document = etree.fromstring(make(coded=few.coded, scored=odd))
    rules.assertValid(document)
    names = [one.get("name") for one in document.iter(f"{DDI}var") if one.get("files") == "F_adults"]
    assert {"标准化学校 认定年份", "2nd term", "R1"} <= set(names)


def test_a_file_of_nobody_has_no_means(
    make: Callable[..., bytes], bfi_answers: RoleAnswers, rules: etree.XMLSchema
) -> None:
    document = etree.fromstring(make(coded=bfi_answers.coded.head(0), scored=bfi_answers.scored.head(0)))
    rules.assertValid(document)
    assert summary(variable(document, "adults", "A1")) == {"vald": 0, "invd": 0}


def test_labels_of_400_characters_stand_in_full(
    make: Callable[..., bytes], few: RoleAnswers, rules: etree.XMLSchema
) -> None:
    definition = few.questionnaire.model_dump(mode="json", exclude_defaults=True)
    definition["items"][1]["text"]["zh"] = "=" + "很" * 400
    questionnaire = load_questionnaire(json.dumps(definition, ensure_ascii=False))
    document = etree.fromstring(make(questionnaire=questionnaire, coded=few.coded, scored=few.scored))
    rules.assertValid(document)
    assert variable(document, "adults", "A2").findtext(f"{DDI}labl") == "=" + "很" * 400


def test_the_same_data_give_the_same_bytes(make: Callable[..., bytes], few: RoleAnswers) -> None:
    assert make(coded=few.coded, scored=few.scored) == make(coded=few.coded, scored=few.scored)
