"""What a paper form says and in which order, as plain data for the template ``paper.typ``."""

import math
from collections.abc import Sequence

from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Question, Questionnaire
from manyi_instruments.forms.hints import code_hint, plain
from manyi_instruments.forms.layout import (
    Block,
    answers_of,
    kind,
    numbers,
    offered_missing,
    parts,
)
from manyi_instruments.forms.wording import in_language, right_to_left, words

#: Languages written without spaces between words: justified, a little larger, full-width quotation marks.
CJK = ("zh", "ja", "yue")

#: Boxes for a number without a largest value, and lines for free text.
OPEN_DIGITS = 4
TEXT_LINES = 3

#: Width in mm the answers of a matrix may take of the 176 between the margins, and limits of a column.
MATRIX_WIDTH = 93.0
COLUMN = (10.5, 17.0)


def paper_layout(questionnaire: Questionnaire, language: str, fonts: Sequence[str]) -> dict[str, object]:
    """Return everything a paper form shows, in one language.

    Parameters
    ----------
    questionnaire : Questionnaire
        Reverse keys, scales and expected answers are not shown.
    language : str
        One of the questionnaire's languages.
    fonts : sequence of str
        Family names in order of preference.

    Returns
    -------
    dict
        Values JSON can hold; the template's names.
    """
    own = words(language)
    base, _, script_or_region = language.partition("-")
    cjk = base in CJK
    introduction = questionnaire.introduction
    return {
        "questionnaire": questionnaire.questionnaire,
        "version": questionnaire.version,
        "lang": base,
        "region": script_or_region if len(script_or_region) == 2 else None,
        "rtl": right_to_left(language),
        "cjk": cjk,
        "fonts": list(fonts),
        "size": 10.5 if cjk else 10,
        "title": in_language(questionnaire.title, language),
        "introduction": in_language(introduction, language).split("\n") if introduction else [],
        "school": own["school"],
        "serial": own["serial"],
        "how-title": own["how_title"],
        "how": _how(questionnaire, language),
        "how-chosen": own["how_chosen"],
        "how-taken-back": own["how_taken_back"],
        "parts": _parts(questionnaire, language),
        "thanks": own["thanks"],
        "footer": own["footer"].format(
            questionnaire=questionnaire.questionnaire, version=questionnaire.version
        ),
        "pages": own["pages"],
    }


def _how(questionnaire: Questionnaire, language: str) -> list[str]:
    """Return how to fill in the form: only what this questionnaire needs."""
    own = words(language)
    questions = tuple(questionnaire.questions())
    several = any(kind(question) == "multiple" for question in questions)
    said = [own["how_tick"], own["how_one_unless" if several else "how_one"], own["how_correct"]]
    if any(kind(question) == "ranking" for question in questions):
        said.append(own["how_rank"])
    offered = [code for question in questions for code in offered_missing(question, questionnaire)]
    if offered:
        labels = dict.fromkeys(in_language(code.label, language) for code in offered)
        answers = own["how_missing_or"].join(
            own["how_missing_answer"].format(label=label) for label in labels
        )
        said.append(own["how_missing"].format(answers=answers))
    if any(kind(question) == "text" for question in questions):
        said.append(own["how_names"])
    return said


def _parts(questionnaire: Questionnaire, language: str) -> list[dict[str, object]]:
    """Return headings and blocks; a part is numbered only where there are several."""
    own = words(language)
    number_of = numbers(questionnaire)
    found = parts(questionnaire)
    headings = [part.title(language) for part in found]
    if len(found) > 1:
        headings = [
            own["part"].format(number=numeral, title=heading)
            for numeral, heading in zip(own["numerals"], headings, strict=False)
        ]
    return [
        {
            "heading": heading,
            "blocks": [_block(block, questionnaire, language, number_of) for block in part.blocks],
        }
        for heading, part in zip(headings, found, strict=True)
    ]


def _block(
    block: Block, questionnaire: Questionnaire, language: str, number_of: dict[str, int]
) -> dict[str, object]:
    if not block.matrix:
        asked = [
            _lone(question, questionnaire, language, number_of[question.id]) for question in block.questions
        ]
        return {"matrix": False, "questions": asked}
    own = words(language)
    answers = answers_of(block.questions[0], questionnaire).answers
    missing = {
        code.code: code for question in block.questions for code in offered_missing(question, questionnaire)
    }
    columns = [_answer(answer.value, in_language(answer.label, language)) for answer in answers]
    extra = [_answer(code.code, in_language(code.label, language)) for code in missing.values()]
    width = min(max(MATRIX_WIDTH / (len(columns) + len(extra)), COLUMN[0]), COLUMN[1])
    return {
        "matrix": True,
        "instruction": own["choose_row"],
        "columns": columns,
        "missing": extra,
        "width": width,
        "label-size": 8 if width > 14 else 7.5,
        "rows": [
            {
                "number": number_of[question.id],
                "text": in_language(question.text, language),
                "note": "",
                "hint": _hint(question, language),
                "missing": [str(code.code) for code in offered_missing(question, questionnaire)],
            }
            for question in block.questions
        ],
    }


def _answer(value: int, label: str, other: bool = False) -> dict[str, object]:
    return {"code": str(value), "label": label, "other": other}


def _hint(question: Question, language: str) -> str:
    if isinstance(question, AttentionCheck) or question.hint is None:
        return ""
    return in_language(question.hint, language)


def _lone(question: Question, questionnaire: Questionnaire, language: str, number: int) -> dict[str, object]:
    """Return a question that stands by itself: its words and how it is answered."""
    asked: dict[str, object] = {
        "number": number,
        "kind": kind(question),
        "text": in_language(question.text, language),
        "note": _note(question, language),
        "hint": _hint(question, language),
    }
    offered = offered_missing(question, questionnaire)
    missing = [_answer(code.code, in_language(code.label, language)) for code in offered]
    if kind(question) in ("choice", "multiple", "ranking"):
        listed = answers_of(question, questionnaire).answers
        answers = [_answer(one.value, in_language(one.label, language), one.other) for one in listed]
        return {**asked, "answers": answers + missing}
    if isinstance(question, Item) and question.type == "code":
        # Boxes as for a number, one a character.
        boxes = sum(part.length for part in question.parts)
        hint = " ".join(said for said in (_hint(question, language), code_hint(question, language)) if said)
        return {
            **asked,
            "kind": "number",
            "hint": hint,
            "whole": boxes,
            "decimals": 0,
            "unit": "",
            "answers": missing,
        }
    if isinstance(question, Item) and question.type == "number":
        whole, decimals = digits(question)
        unit = in_language(question.unit, language) if question.unit else ""
        return {**asked, "whole": whole, "decimals": decimals, "unit": unit, "answers": missing}
    return {**asked, "lines": TEXT_LINES}


def _note(question: Question, language: str) -> str:
    """Return what stands in brackets behind a question: how to choose several or to rank, or the bounds."""
    note = ""
    if kind(question) == "multiple":
        note = words(language)["choose_all"]
    elif kind(question) == "ranking":
        note = words(language)["rank_boxes"]
    elif isinstance(question, Item) and question.type == "number":
        note = _bounds(question)
    return words(language)["note"].format(note=note) if note else ""


def _bounds(item: Item) -> str:
    """Return the bounds of a number in signs; a count's lowest value of 0 goes without saying."""
    if item.minimum is not None and item.maximum is not None:
        return f"{plain(item.minimum)}–{plain(item.maximum)}"
    if item.maximum is not None:
        return f"≤ {plain(item.maximum)}"
    return f"≥ {plain(item.minimum)}" if item.minimum else ""


def digits(item: Item) -> tuple[int, int]:
    """Return how many boxes a number needs before and behind the decimal point.

    Examples
    --------
    >>> digits(Item(id="AGE", text={"en": "Age"}, type="number", minimum=18, maximum=99))
    (2, 0)
    >>> digits(Item(id="KM", text={"en": "Distance"}, type="number", integer=False, maximum=120.5))
    (3, 1)
    """
    bounds = [bound for bound in (item.minimum, item.maximum) if bound is not None]
    if item.maximum is None:
        whole = max([OPEN_DIGITS, *(len(str(math.floor(abs(bound)))) for bound in bounds)])
    else:
        whole = max(len(str(math.floor(abs(bound)))) for bound in bounds)
    sign = int(any(bound < 0 for bound in bounds))
    if item.integer:
        return whole + sign, 0
    written = [format(bound, ".6f").rstrip("0").partition(".")[2] for bound in bounds]
    return whole + sign, max([1, *map(len, written)])
