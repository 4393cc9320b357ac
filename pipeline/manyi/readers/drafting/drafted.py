"""What a draft holds: items, answer lists and answers as suggested."""

import re
from dataclasses import dataclass, replace

from manyi.readers.platforms.source import SourceQuestion
from manyi_instruments.definitions.questionnaire import ItemType
from manyi_instruments.faults import Fault, Place

#: Names of things that have no order, whatever numbers stand for them.
NOMINAL = re.compile(
    r"(?:your |what is your )?(?:gender|sex|region|province|country|city|district|school|class|course"
    r"|ethnicity|race|nationality|type|group|major|occupation|job|marital status|religion|language|treatment"
    r"|condition|area)"
    r"[ _.]?(?:id|code|no|number|name|type)?\??"
    r"|.{0,4}(?:性别|民族|地区|省份|城市|区县|学校|班级|类型|类别|专业|职业|婚姻状况|户口|身份|学科|岗位|关系)[？?]?",
    re.IGNORECASE,
)
#: Answers that ask for a text.
OTHER = re.compile(r"其他|其它|other|specify|请注明|请填写", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DraftedAnswer:
    """One answer: its value and label, and whether it asks for text or rules the others out.

    ``code`` is what a cell holds for it, where the file's labels or structure say so; ``labels`` holds its
    wordings by language.
    """

    value: int
    label: str
    other: bool = False
    exclusive: bool = False
    code: str = ""
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DraftedList:
    """An answer list; ``attitude`` says that its wording is one of agreement, frequency or quality."""

    answers: tuple[DraftedAnswer, ...]
    ordered: bool
    family: str = ""
    attitude: bool = False
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class DraftedItem:
    """One item as suggested, and the reasons.

    ``values`` maps a cell to the stored value; ``missing`` holds numbers that are missing codes in the file.
    """

    id: str
    question: SourceQuestion
    type: ItemType
    text: str
    heading: tuple[str, ...]
    answers: DraftedList | None = None
    minimum: int | None = None
    integer: bool = True
    dont_know: str = ""
    scale: str | None = None
    reverse: bool = False
    demographic: bool = False
    suggestions: tuple[Fault, ...] = ()

    @property
    def rated(self) -> bool:
        """Return whether it can stand in a scale: a choice of at least three ordered answers."""
        answers = self.answers
        return self.type == "choice" and answers is not None and answers.ordered and len(answers.answers) >= 3

    def suggest(self, code: str, **details: object) -> "DraftedItem":
        """Return the item with one more suggestion."""
        place = Place(field=self.id)
        fault = Fault(code, place, {"item": self.id, **details}, "warning")
        return replace(self, suggestions=(*self.suggestions, fault))
