"""Questions and their answers as words: by number and by label, as conditions speak of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.expressions import Node
from manyi_instruments.expressions.notation import written
from manyi_instruments.expressions.tree import Name, Number, Text
from manyi_instruments.forms.hints import plain
from manyi_instruments.forms.layout import numbers, offered_missing
from manyi_instruments.forms.wording import in_language, words

#: So many answers or more that follow each other in an ordered list are told by the first and the last.
RANGE = 3

#: Answers to a single choice; ``None`` among them where giving no answer is meant too.
Answers = frozenset[int | None]


@dataclass(frozen=True)
class QuestionWords:
    """How the questions of a questionnaire are spoken of in one language."""

    questionnaire: Questionnaire
    language: str

    @cached_property
    def own(self) -> Mapping[str, str]:
        """Return the forms' own words."""
        return words(self.language)

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Return the number of every question."""
        return numbers(self.questionnaire)

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Return the items by id."""
        return {item.id: item for item in self.questionnaire.all_items()}

    def values(self, item: str) -> tuple[int, ...]:
        """Return the values of a single choice in the order shown; nothing for other questions."""
        asked = self.items.get(item)
        if asked is None or asked.type != "choice":
            return ()
        answers = self.questionnaire.answer_list(asked)
        return answers.values if answers is not None else ()

    def of_choice(self, item: str, answers: Answers) -> str:
        """Return in words that a single choice has one of these answers."""
        name = Name(item)
        values = self.values(item)
        held = [value for value in values if value in answers]
        rest = [value for value in values if value not in answers]
        unsaid = self.unsaid(name)
        if None in answers:
            if not rest:
                return self.own["cond_always"]
            if held and not (unsaid and len(rest) > len(held)):
                return self.of_question("cond_not_chosen", name, labels=self.labels(item, rest))
            labels = [*filter(None, [unsaid]), *([self.labels(item, held)] if held else [])]
            if labels:
                either = self.own["cond_last_label"].join(labels)
                return self.of_question("cond_not_answered_or", name, labels=either)
            return self.of_question("cond_not_answered", name)
        if not held:
            return self.own["cond_never"]
        if not rest:
            return self.of_question("cond_answered", name)
        if len(held) > RANGE and len(rest) * 2 <= len(held) and self.run(item, held) is None and not unsaid:
            return self.of_question("cond_other_chosen", name, labels=self.labels(item, rest))
        return self.of_question("cond_chosen", name, labels=self.labels(item, held))

    def labels(self, item: str, values: list[int]) -> str:
        """Return the labels of answers; the first and the last of three or more that follow each other."""
        said = {value: self.answer_label(item, value) for value in values}
        run = self.run(item, values)
        if run is not None:
            return self.own["cond_range"].format(low=said[run[0]], high=said[run[1]])
        return self.listed(list(said.values()))

    def listed(self, labels: list[str]) -> str:
        """Return labels one after another, the last one behind "or"."""
        *others, last = labels
        if not others:
            return last
        return self.own["cond_last_label"].join((self.own["cond_labels"].join(others), last))

    def run(self, item: str, values: list[int]) -> tuple[int, int] | None:
        """Return the first and last of many answers that follow each other in an ordered list."""
        answers = self.questionnaire.answer_list(self.items[item])
        if answers is None or not answers.ordered or len(values) < RANGE:
            return None
        start = answers.values.index(values[0])
        together = answers.values[start : start + len(values)] == tuple(values)
        return (values[0], values[-1]) if together else None

    def answer_label(self, item: str, value: int) -> str:
        """Return the label of an answer in quotation marks; its value where the list has no such answer."""
        asked = self.items.get(item)
        answers = self.questionnaire.answer_list(asked) if asked is not None else None
        found = [one.label for one in answers.answers if one.value == value] if answers is not None else []
        label = in_language(found[0], self.language) if found else str(value)
        return self.own["cond_label"].format(label=label)

    def label(self, name: Node, answer: Node) -> str:
        """Return the label of the answer that ``selected`` names."""
        match name, answer:
            case Name(name=item), Number(value=value) if value == int(value):
                return self.answer_label(item, int(value))
            case Name(name=item), Text(value=text) if text.lstrip("-").isdigit():
                return self.answer_label(item, int(text))
            case _:
                return self.own["cond_label"].format(label=bare(answer))

    def unsaid(self, name: Node) -> str:
        """Return the labels of the missing answers a question offers: choosing one is no answer."""
        asked = self.items.get(name.name) if isinstance(name, Name) else None
        if asked is None:
            return ""
        labels = [
            self.own["cond_label"].format(label=in_language(code.label, self.language))
            for code in offered_missing(asked, self.questionnaire)
        ]
        return self.own["cond_last_label"].join(labels)

    def of_question(self, wording: str, name: Node, **details: object) -> str:
        """Return one wording about a question."""
        return self.own[wording].format(question=self.question(name), **details)

    def question(self, name: Node) -> str:
        """Return how a question is called: by its number."""
        if not isinstance(name, Name):
            return bare(name)
        number = self.numbers.get(name.name)
        return self.own["cond_question"].format(number=number) if number is not None else name.name

    def named(self, name: Name) -> str:
        """Return what stands in a question: its number, text or the code of its answer."""
        asked = self.items.get(name.name)
        kinds = {"number": "cond_number", "text": "cond_text"}
        return self.of_question(kinds.get(asked.type if asked else "", "cond_code"), name)

    def quoted(self, text: str) -> str:
        """Return a text in quotation marks."""
        return self.own["cond_quoted"].format(text=text)


def bare(node: Node) -> str:
    """Return a number or text as it is read, without quotation marks."""
    match node:
        case Number(value=value):
            return plain(value)
        case Text(value=text):
            return text
        case _:
            return written(node)
