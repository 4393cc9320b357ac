"""The questionnaire definition, which is the scoring key: items, answer lists, scales, missing codes."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from manyi_instruments.expressions.tree import Kind

Text = Annotated[dict[str, str], Field(min_length=1, description="Wording by language code: {zh: …, en: …}.")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
MissingKind = Literal["no_answer", "dont_know", "not_asked", "refused", "invalid"]
Condition = Annotated[
    str, Field(min_length=1, description="Condition in the expression language, over answers given before.")
]
ItemType = Literal["choice", "multiple", "ranking", "number", "text", "code"]

#: Columns every table of answers has beside the items; no item or scale may take these names.
RESERVED = (
    *("file", "row", "person", "school", "stage", "submitted", "seconds", "submission", "device"),
    "definition",
)


class Definition(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(Definition):
    """One answer of a list: the number that is stored and what respondents read."""

    value: int
    label: Text
    other: bool = Field(False, description="Asks for free text beside it (其他 …).")
    exclusive: bool = Field(False, description="In a multiple-choice item: rules the other answers out.")


class AnswerList(Definition):
    """A list of answers that items share."""

    answers: tuple[Answer, ...] = Field(min_length=2)
    ordered: bool = Field(True, description="False for names such as sex or province: used as dummies.")

    @property
    def values(self) -> tuple[int, ...]:
        """Return the stored numbers in the order shown."""
        return tuple(answer.value for answer in self.answers)

    @property
    def low(self) -> int:
        """Return the smallest value."""
        return min(self.values)

    @property
    def high(self) -> int:
        """Return the largest value."""
        return max(self.values)


class MissingCode(Definition):
    """The number that stands for one kind of missing answer, and its label."""

    code: int
    label: Text


class Scale(Definition):
    """Items that are scored together."""

    id: Name
    title: Text
    concept: str = Field("", description="Free word that groups scales: quality, fairness, satisfaction …")
    minimum_answered: int | None = Field(
        None, ge=1, description="Answers a score needs; default more than half of the items."
    )
    score: Literal["mean", "sum"] = "mean"


class CodePart(Definition):
    """One part of a code that respondents make up from what only they know and do not forget."""

    text: Text
    of: Literal["letters", "digits"] = Field("letters", description="Latin letters, or digits.")
    length: int = Field(1, ge=1, le=4, description="How many.")

    @property
    def pattern(self) -> str:
        """Return the part as a regular expression."""
        return ("[A-Za-z]" if self.of == "letters" else "[0-9]") + (
            "" if self.length == 1 else f"{{{self.length}}}"
        )


class Item(Definition):
    """One question of the questionnaire.

    ``answers`` names an answer list for ``choice``, ``multiple`` and ``ranking``; ``minimum`` and ``maximum``
    bound a ``number``; ``parts`` make up a ``code``, by which a person is found again. ``relevant`` says when
    the item is asked, ``constraint`` what its answer must satisfy: conditions over items asked before it,
    ``constraint`` over the item itself too. ``heading`` lists the column headings under which other
    platforms export this item.
    """

    id: Name
    text: Text
    type: ItemType = "choice"
    answers: Name | None = None
    parts: tuple[CodePart, ...] = Field((), description="What a self-generated code is made of.")
    scale: Name | None = None
    standalone: bool = Field(False, description="Belongs to no scale on purpose: reported by itself.")
    reverse: bool = Field(False, description="Reverse-keyed: scored as low + high - x, under a new name.")
    dont_know: bool = Field(False, description="Offers the don't-know answer.")
    required: bool = False
    relevant: Condition | None = Field(None, description="Asked only where this condition holds.")
    constraint: Condition | None = Field(None, description="An answer for which this is false is refused.")
    constraint_message: Text | None = Field(None, description="What respondents read when it is refused.")
    minimum: float | None = None
    maximum: float | None = None
    integer: bool = True
    unit: Text | None = None
    hint: Text | None = None
    sensitive: bool = False
    links: tuple[str, ...] = Field((), description="Indicators of a standard this item is about.")
    importance_of: Name | None = Field(None, description="The scale whose importance this item rates.")
    heading: tuple[str, ...] = ()
    note: str = ""

    @property
    def keyed_name(self) -> str:
        """Return the name of the column in which higher always means more of the scale."""
        return f"{self.id}_r" if self.reverse else self.id

    @property
    def pattern(self) -> str:
        """Return the regular expression of a code: its parts one after another."""
        return "".join(part.pattern for part in self.parts)


class AttentionCheck(Definition):
    """A question whose right answer is told, to find respondents who do not read."""

    id: Name
    text: Text
    answers: Name
    expected: int
    after: Name = Field(description="The item it is asked after.")
    heading: tuple[str, ...] = ()


Question = Item | AttentionCheck


class Section(Definition):
    """Consecutive questions under one heading: from ``first`` on, up to where the next section begins."""

    id: Name
    title: Text
    first: Name = Field(description="The item or demographic it begins with.")
    introduction: Text | None = Field(None, description="What respondents read above its questions.")
    relevant: Condition | None = Field(None, description="Asked only where this condition holds.")


DEFAULT_MISSING: dict[MissingKind, MissingCode] = {
    "no_answer": MissingCode(code=-9, label={"zh": "未作答", "en": "no answer"}),
    "dont_know": MissingCode(code=-8, label={"zh": "不了解", "en": "don't know"}),
    "not_asked": MissingCode(code=-7, label={"zh": "跳过未问", "en": "not asked"}),
    "refused": MissingCode(code=-6, label={"zh": "不想回答", "en": "prefer not to answer"}),
    "invalid": MissingCode(code=-5, label={"zh": "无效答案", "en": "invalid answer"}),
}


class Questionnaire(Definition):
    """A questionnaire: what is asked of one role, in which languages, and how it is scored."""

    questionnaire: Name
    version: str = "1"
    title: Text
    languages: tuple[str, ...] = Field(min_length=1)
    introduction: Text | None = None
    missing: dict[MissingKind, MissingCode] = Field(default_factory=dict)
    answer_lists: dict[Name, AnswerList] = Field(default_factory=dict)
    scales: tuple[Scale, ...] = ()
    demographics: tuple[Item, ...] = ()
    items: tuple[Item, ...] = ()
    attention: tuple[AttentionCheck, ...] = ()
    sections: tuple[Section, ...] = Field(
        (), description="Headings that divide the questions; default two parts."
    )
    offer_refused: bool = Field(False, description="Offers 'prefer not to answer' on every question.")
    note: str = ""

    @property
    def missing_codes(self) -> dict[MissingKind, MissingCode]:
        """Return the code of every kind of missing answer, the questionnaire's own over the default."""
        return {**DEFAULT_MISSING, **self.missing}

    def questions(self) -> Iterator[Question]:
        """Yield every question in the order asked: demographics, then items with attention checks between."""
        yield from self.demographics
        for item in self.items:
            yield item
            yield from (check for check in self.attention if check.after == item.id)

    def all_items(self) -> tuple[Item, ...]:
        """Return demographics and items, without attention checks."""
        return self.demographics + self.items

    def kinds(self) -> dict[str, Kind]:
        """Return what the answer to each item is to a condition: text, or a number."""
        return {item.id: "text" if item.type == "text" else "number" for item in self.all_items()}

    @property
    def code_item(self) -> Item | None:
        """Return the item by which a person's answers are found again, or None where there is none."""
        return next((item for item in self.all_items() if item.type == "code"), None)

    def item(self, item_id: str) -> Item:
        """Return the item or demographic of that id; ``KeyError`` where there is none."""
        for item in self.all_items():
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def scale(self, scale_id: str) -> Scale:
        """Return the scale of that id; ``KeyError`` where there is none."""
        for scale in self.scales:
            if scale.id == scale_id:
                return scale
        raise KeyError(scale_id)

    def items_of(self, scale_id: str) -> tuple[Item, ...]:
        """Return the items of a scale in the order asked."""
        return tuple(item for item in self.items if item.scale == scale_id)

    def minimum_answered(self, scale_id: str) -> int:
        """Return how many answered items a score of this scale needs."""
        declared = self.scale(scale_id).minimum_answered
        return declared if declared is not None else len(self.items_of(scale_id)) // 2 + 1

    def answer_list(self, question: Question) -> AnswerList | None:
        """Return the answer list of a question, or None for numbers and texts."""
        return self.answer_lists[question.answers] if question.answers is not None else None

    def bounds(self, question: Question) -> tuple[float, float] | None:
        """Return the smallest and largest value a question can take; None where it has no both."""
        answers = self.answer_list(question)
        if answers is not None:
            return float(answers.low), float(answers.high)
        if isinstance(question, Item) and question.minimum is not None and question.maximum is not None:
            return question.minimum, question.maximum
        return None
