"""The columns of an entry sheet: what each is called, asks for and accepts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from manyi_instruments.definitions.questionnaire import Item, Question, Questionnaire, Text
from manyi_instruments.forms.entry.names import SCHOOL, SERIAL
from manyi_instruments.forms.hints import bounds_in_words
from manyi_instruments.forms.layout import answers_of, kind, numbers, offered_missing
from manyi_instruments.forms.wording import in_language, words

#: Languages of a heading: more would not be read.
SHOWN = 2


@dataclass(frozen=True, slots=True)
class EntryColumn:
    """One column.

    Attributes
    ----------
    code : str
        ``serial``, ``school``, an item's id, ``ITEM/VALUE`` of one answer to a multiple choice or ranking, or
        ``ITEM__text`` of the text beside an answer. Stands in the first line of the heading.
    wording : str
        Number and wording; the lines behind it.
    prompt : str
        What is shown where the cell is entered.
    accepted : Mapping of int to str
        Codes and labels of an answer list; empty for others.
    bounds : tuple of float or None
        Smallest and largest number.
    whole : bool
        Whether a number must be whole.
    is_text : bool
        Typed as text: zeros in front stay.
    """

    code: str
    wording: str
    prompt: str
    accepted: Mapping[int, str]
    bounds: tuple[float | None, float | None] | None = None
    whole: bool = True
    is_text: bool = False

    @property
    def heading(self) -> str:
        """Return the heading: the code, then the wording."""
        return f"{self.code}\n{self.wording}"


def entry_columns(questionnaire: Questionnaire) -> tuple[EntryColumn, ...]:
    """Return the columns of a questionnaire's entry sheet, serial number and school code first."""
    return tuple(_Columns(questionnaire).all())


class _Columns:
    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.languages = questionnaire.languages[:SHOWN]
        self.number_of = numbers(questionnaire)

    def all(self) -> Iterator[EntryColumn]:
        yield EntryColumn(SERIAL, self.own("serial"), self.own("entry_serial"), {}, is_text=True)
        yield EntryColumn(SCHOOL, self.own("school"), self.own("entry_school"), {}, is_text=True)
        for question in self.questionnaire.questions():
            yield from self.of(question)

    def of(self, question: Question) -> Iterator[EntryColumn]:
        """Yield the columns of one question: several for a multiple choice and a ranking."""
        wording = f"{self.number_of[question.id]}. {self.text(question.text)}"
        asked = kind(question)
        if isinstance(question, Item) and asked in ("text", "code"):
            yield EntryColumn(question.id, wording, self.own("entry_text"), {}, is_text=True)
            return
        missing = {code.code: self.text(code.label) for code in offered_missing(question, self.questionnaire)}
        if isinstance(question, Item) and asked == "number":
            yield self.number(question, wording, missing)
            return
        listed = answers_of(question, self.questionnaire).answers
        labels = {answer.value: self.text(answer.label) for answer in listed}
        if asked == "choice":
            yield EntryColumn(question.id, wording, self.own("entry_choose"), {**labels, **missing})
        elif asked == "ranking":
            prompt = self.own("entry_rank", highest=len(listed))
            for value, label in labels.items():
                bounds = (1.0, float(len(listed)))
                yield EntryColumn(f"{question.id}/{value}", f"{wording} — {label}", prompt, {}, bounds)
        else:
            for value, label in {**labels, **missing}.items():
                ticks = {1: label, 0: ""}
                yield EntryColumn(
                    f"{question.id}/{value}", f"{wording} — {label}", self.own("entry_tick"), ticks
                )
        if any(answer.other for answer in listed):
            told = self.own("entry_other", wording=wording)
            yield EntryColumn(f"{question.id}__text", told, self.own("entry_text"), {}, is_text=True)

    def number(self, item: Item, wording: str, missing: Mapping[int, str]) -> EntryColumn:
        said = self.each(lambda language: bounds_in_words(item, language))
        prompt = (
            self.own("entry_number", bounds=said)
            if said
            else self.own("entry_whole" if item.integer else "entry_any")
        )
        return EntryColumn(item.id, wording, prompt, missing, (item.minimum, item.maximum), item.integer)

    def each(self, say: Callable[[str], str]) -> str:
        return " / ".join(dict.fromkeys(filter(None, map(say, self.languages))))

    def text(self, wording: Text) -> str:
        return self.each(lambda language: in_language(wording, language))

    def own(self, key: str, **details: object) -> str:
        return self.each(lambda language: words(language)[key].format(**details))
