"""The codebook: every variable a questionnaire's answers and scores can have."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pandas as pd

from manyi_instruments.codebook.variable import Measure, Variable, VariableKind, Words, in_language
from manyi_instruments.definitions.questionnaire import AnswerList, AttentionCheck, Item, Questionnaire, Scale
from manyi_instruments.scoring.scores import score_bounds


@dataclass(frozen=True, slots=True)
class Codebook:
    """All variables of one questionnaire: what is asked in its order, then reversed items, then scores."""

    questionnaire: str
    version: str
    languages: tuple[str, ...]
    variables: tuple[Variable, ...]

    def __iter__(self) -> Iterator[Variable]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)

    def __contains__(self, name: object) -> bool:
        return any(variable.name == name for variable in self.variables)

    def variable(self, name: str) -> Variable:
        """Return the variable of that name; ``KeyError`` where there is none."""
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise KeyError(name)

    def to_frame(self, language: str) -> pd.DataFrame:
        """Return the codebook as a table, a row a variable.

        Parameters
        ----------
        language : str
            Of labels; what has none in it is shown in English, else in its first language.

        Returns
        -------
        DataFrame
            Columns ``name, kind, question, type, measure, label, values, missing, scale, reversed, low, high,
            unit, formula, links``. Values and missing codes as ``1=label; 2=label``.
        """
        rows = [
            {
                "name": variable.name,
                "kind": variable.kind,
                "question": variable.question,
                "type": variable.type,
                "measure": variable.measure,
                "label": in_language(variable.label, language),
                "values": _listed(variable.values, language),
                "missing": _listed(variable.missing, language),
                "scale": variable.scale,
                "reversed": variable.reverse_keyed,
                "low": variable.low,
                "high": variable.high,
                "unit": in_language(variable.unit, language),
                "formula": in_language(variable.formula, language),
                "links": ", ".join(variable.links),
            }
            for variable in self.variables
        ]
        return pd.DataFrame(rows).astype({"low": float, "high": float})


def codebook(questionnaire: Questionnaire) -> Codebook:
    """Return the codebook of a questionnaire.

    Examples
    --------
    >>> from manyi_instruments.definitions.loader import load_questionnaire
    >>> book = codebook(load_questionnaire('''
    ... questionnaire: q
    ... title: {en: Q}
    ... languages: [en]
    ... answer_lists:
    ...   yes_no: {values: [0, 1], en: ["no", "yes"]}
    ... items:
    ...   - {id: A, text: {en: Is it far?}, answers: yes_no, standalone: true, reverse: true}
    ... '''))
    >>> [(variable.name, variable.label["en"]) for variable in book]
    [('A', 'Is it far?'), ('A_r', 'Is it far? (reverse-scored)')]
    >>> book.variable("A_r").values[0]["en"], book.variable("A_r").formula["en"]
    ('yes', '0 + 1 − A')
    """
    variables: list[Variable] = []
    for question in questionnaire.questions():
        variables += _question(questionnaire, question)
    variables += [_reversed(questionnaire, item) for item in questionnaire.all_items() if item.reverse]
    variables += [_score(questionnaire, scale) for scale in questionnaire.scales]
    return Codebook(
        questionnaire.questionnaire, questionnaire.version, questionnaire.languages, tuple(variables)
    )


def _question(questionnaire: Questionnaire, question: Item | AttentionCheck) -> Iterator[Variable]:
    """Yield the variables of one question as answered; none of a code, which no file for others holds."""
    answers = questionnaire.answer_list(question)
    if isinstance(question, Item) and question.type == "code":
        return
    if isinstance(question, Item) and question.type == "text":
        yield Variable(
            question.id, _kind(questionnaire, question), question.id, "string", "nominal", question.text,
            links=question.links,
        )  # fmt: skip
    elif isinstance(question, Item) and question.type == "multiple" and answers is not None:
        yield from _parts(questionnaire, question, answers)
    elif isinstance(question, Item) and question.type == "ranking" and answers is not None:
        yield from _ranks(questionnaire, question, answers)
    else:
        yield _single(questionnaire, question)
    if answers is not None and any(answer.other for answer in answers.answers):
        label = _worded(questionnaire, "other", label=question.text)
        yield Variable(f"{question.id}__text", "other_text", question.id, "string", "nominal", label)


def _kind(questionnaire: Questionnaire, item: Item) -> VariableKind:
    return "demographic" if item in questionnaire.demographics else "item"


def _single(questionnaire: Questionnaire, question: Item | AttentionCheck) -> Variable:
    """Return the variable of a single choice, a number or an attention check."""
    answers = questionnaire.answer_list(question)
    codes, kinds = _missing(questionnaire)
    low: float | None
    high: float | None
    low, high = questionnaire.bounds(question) or (None, None)
    if isinstance(question, AttentionCheck):
        return Variable(
            question.id, "attention", question.id, "numeric", "nominal", question.text,
            _labels(answers), codes, kinds, low=low, high=high,
        )  # fmt: skip
    if answers is None:
        low, high = question.minimum, question.maximum
    return Variable(
        name=question.id,
        kind=_kind(questionnaire, question),
        question=question.id,
        type="numeric",
        measure=_measure(answers),
        label=question.text,
        values=_labels(answers),
        missing=codes,
        missing_kinds=kinds,
        scale=question.scale or "",
        reverse_keyed=question.reverse,
        low=low,
        high=high,
        integer=answers is not None or question.integer,
        unit=question.unit or {},
        links=question.links,
        importance_of=question.importance_of or "",
    )


def _parts(questionnaire: Questionnaire, item: Item, answers: AnswerList) -> Iterator[Variable]:
    """Yield one variable an answer of a multiple choice: 1 chosen, 0 not."""
    codes, kinds = _missing(questionnaire)
    chosen = {0: _worded(questionnaire, "not_chosen"), 1: _worded(questionnaire, "chosen")}
    for answer in answers.answers:
        label = _worded(questionnaire, "part", label=item.text, answer=answer.label)
        yield Variable(
            f"{item.id}__{answer.value}", "answer", item.id, "numeric", "nominal", label,
            chosen, codes, kinds, low=0.0, high=1.0, links=item.links,
        )  # fmt: skip


def _ranks(questionnaire: Questionnaire, item: Item, answers: AnswerList) -> Iterator[Variable]:
    """Yield one variable an answer of a ranking: its rank from 1, missing where it was given none."""
    codes, kinds = _missing(questionnaire)
    not_asked = questionnaire.missing_codes["not_asked"]
    # Beside ranks of the same respondent this code says that the answer was given no rank.
    codes[not_asked.code] = _worded(questionnaire, "not_ranked", label=not_asked.label)
    count = len(answers.answers)
    ranks = {rank: _worded(questionnaire, "rank", rank=str(rank)) for rank in range(1, count + 1)}
    for answer in answers.answers:
        label = _worded(questionnaire, "part", label=item.text, answer=answer.label)
        yield Variable(
            f"{item.id}__{answer.value}", "answer", item.id, "numeric", "ordinal", label,
            ranks, codes, kinds, low=1.0, high=float(count), links=item.links,
        )  # fmt: skip


def _reversed(questionnaire: Questionnaire, item: Item) -> Variable:
    low, high = questionnaire.bounds(item) or (float("nan"), float("nan"))
    answers = questionnaire.answer_list(item)
    labels = _labels(answers)
    # The label moves with its answer: the highest value is now what the lowest was.
    mirrored = {int(low + high) - value: words for value, words in reversed(labels.items())}
    numbers = {"low": _number(low), "high": _number(high), "item": item.id}
    return Variable(
        name=item.keyed_name,
        kind="reversed",
        question=item.id,
        type="numeric",
        measure=_measure(answers),
        label=_worded(questionnaire, "reversed", label=item.text),
        values=mirrored,
        scale=item.scale or "",
        reverse_keyed=True,
        low=low,
        high=high,
        integer=answers is not None or item.integer,
        unit=item.unit or {},
        formula=_worded(questionnaire, "reverse_formula", **numbers),
        links=item.links,
    )


def _score(questionnaire: Questionnaire, scale: Scale) -> Variable:
    items = [item.keyed_name for item in questionnaire.items_of(scale.id)]
    low, high = score_bounds(questionnaire, scale.id) or (None, None)
    words = {
        "items": ", ".join(items),
        "k": str(len(items)),
        "minimum": str(questionnaire.minimum_answered(scale.id)),
    }
    return Variable(
        name=scale.id,
        kind="score",
        question=scale.id,
        type="numeric",
        measure="scale",
        label=scale.title,
        scale=scale.id,
        low=low,
        high=high,
        integer=False,
        formula=_worded(questionnaire, f"{scale.score}_formula", **words),
    )


def _measure(answers: AnswerList | None) -> Measure:
    if answers is None:
        return "scale"
    return "ordinal" if answers.ordered else "nominal"


def _labels(answers: AnswerList | None) -> dict[int, Words]:
    return {answer.value: answer.label for answer in answers.answers} if answers is not None else {}


def _missing(questionnaire: Questionnaire) -> tuple[dict[int, Words], dict[int, str]]:
    """Return labels and kinds of all missing codes, by code; any coded number may hold any of them."""
    codes = sorted(questionnaire.missing_codes.items(), key=lambda pair: pair[1].code)
    return {code.code: code.label for _, code in codes}, {code.code: kind for kind, code in codes}


def _number(value: float) -> str:
    return f"{value:.15g}"


def _listed(labels: Mapping[int, Words], language: str) -> str:
    return "; ".join(f"{value}={in_language(words, language)}" for value, words in labels.items())


@cache
def _templates() -> Mapping[str, Mapping[str, str]]:
    source = files(__package__) / "wording.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _worded(questionnaire: Questionnaire, template: str, **parts: str | Words) -> dict[str, str]:
    """Return a template filled in every language of the questionnaire."""
    templates = _templates()
    filled = {}
    for language in questionnaire.languages:
        words = templates.get(language, templates["en"])[template]
        values = {
            key: part if isinstance(part, str) else in_language(part, language) for key, part in parts.items()
        }
        filled[language] = words.format_map(values)
    return filled
