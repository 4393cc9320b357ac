"""The labels of an answer list, however a cell spells them."""

import re

from manyi.readers.decoding.reading import Fate, Reading, plain_text
from manyi.readers.wording import answer_key
from manyi_instruments.definitions.questionnaire import Answer, AnswerList

YES = ("是", "有", "对", "yes", "true", "y", "t", "√", "✓", "是的")
NO = ("否", "无", "没有", "错", "不是", "no", "false", "n", "f", "×", "✗")

_PREFIX = re.compile(r"^(?P<mark>\d+|[A-Za-z])\s*[.、:．）)]\s*(?P<label>\S.*)$", re.DOTALL)
#: An answer with free text beside it.
OTHER = re.compile(r"^(?P<label>.*?)\s*〖(?P<text>.*)〗\s*$", re.DOTALL)
_OTHER_AFTER = re.compile(r"^(?P<label>.+?)\s*[:：(（]\s*(?P<text>.+?)\s*[)）]?$", re.DOTALL)


class ListLabels:
    """The labels of one answer list in all languages."""

    def __init__(self, answers: AnswerList) -> None:
        self._answers = answers
        self._by_key: dict[str, Answer] = {}
        twice = set()
        for answer in answers.answers:
            for label in answer.label.values():
                # "A. 同意" as a label is also met as "同意".
                prefix = _PREFIX.match(label)
                for text in (label, prefix["label"]) if prefix else (label,):
                    known = self._by_key.setdefault(answer_key(text), answer)
                    if known.value != answer.value:
                        twice.add(answer_key(text))
        for key in twice:
            del self._by_key[key]
        self._yes_no = self._find_yes_no()

    def numbers(self, style: str) -> set[str]:
        """Return the numbers that are answers, so that a declared missing code cannot hide one."""
        places = range(1, len(self._answers.answers) + 1)
        return {str(value) for value in (places if style == "number" else self._answers.values)}

    def value(self, cell: str) -> int | None:
        """Return the value of the answer with this label, or None."""
        key = answer_key(cell)
        answer = self._by_key.get(key)
        return answer.value if answer else self._yes_no.get(key)

    def with_text(self, cell: str) -> Reading | None:
        """Read ``other〖text〗``, and ``other: text`` for answers that ask for text."""
        found = OTHER.match(cell)
        if found and (value := self.value(found["label"])) is not None:
            return Reading(Fate.RECODED, (float(value),), other=found["text"].strip() or None)
        after = _OTHER_AFTER.match(cell.strip())
        answer = self._by_key.get(answer_key(after["label"])) if after else None
        if after and answer and answer.other:
            return Reading(Fate.RECODED, (float(answer.value),), other=after["text"].strip())
        return None

    def with_prefix(self, cell: str, item: str) -> Reading | None:
        """Read ``4. label`` and ``D. label`` where number or letter agrees with the label."""
        found = _PREFIX.match(plain_text(cell))
        value = self.value(found["label"]) if found else None
        if found is None or value is None:
            return None
        place = self._answers.values.index(value) + 1
        agreeing = {str(value), str(place), chr(ord("a") + place - 1) if place <= 26 else ""}
        if found["mark"].lower() in agreeing:
            return Reading(Fate.RECODED, (float(value),))
        details = {"value": cell.strip(), "item": item}
        return Reading(Fate.REJECTED, code="prefix-disagrees", details=details)

    def _find_yes_no(self) -> dict[str, int]:
        yes, no = ({answer_key(word) for word in words} for words in (YES, NO))
        sides = [
            (answer.value, {answer_key(label) for label in answer.label.values()})
            for answer in self._answers.answers
        ]
        affirm = [value for value, keys in sides if keys & yes]
        deny = [value for value, keys in sides if keys & no]
        if len(affirm) == 1 and len(deny) == 1 and affirm != deny:
            return dict.fromkeys(yes, affirm[0]) | dict.fromkeys(no, deny[0])
        return {}
