"""The ``survey`` sheet of an XLSForm: pages, questions and what each needs."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Literal

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import Answer, AttentionCheck, Item, Question, Questionnaire
from manyi_instruments.definitions.routing import rules
from manyi_instruments.expressions import Node
from manyi_instruments.expressions.definite import ALWAYS
from manyi_instruments.forms.hints import code_hint, number_hints
from manyi_instruments.forms.layout import Block, Part, answers_of, is_required, kind, pages
from manyi_instruments.forms.wording import in_language, language_label, words
from manyi_instruments.forms.xlsform.choices import Choices
from manyi_instruments.forms.xlsform.constraints import (
    Constraint,
    all_constraints,
    code_constraint,
    exclusive_constraint,
    number_constraint,
    other_relevant,
    rule_constraint,
)
from manyi_instruments.forms.xlsform.relevance import page_asked, section_asked
from manyi_instruments.forms.xlsform.sheets import Row
from manyi_instruments.forms.xlsform.xpath import xpath

Layout = Literal["list", "grid"]

#: The hidden question that carries `definition_hash` through every client and server into every export.
DEFINITION = "definition"

_SELECTS = {"multiple": "select_multiple", "ranking": "rank"}


class Survey:
    """The rows of ``survey`` as they are made, and the choices they need."""

    def __init__(self, questionnaire: Questionnaire, layout: Layout) -> None:
        self.questionnaire = questionnaire
        self.layout = layout
        self.rows: list[Row] = []
        self.choices = Choices(questionnaire)
        self.rules = rules(questionnaire)
        self.taken = {question.id.lower() for question in questionnaire.questions()}

    def fresh(self, name: str) -> str:
        """Return a name for a group or note that no question has."""
        while name.lower() in self.taken:
            name += "_"
        self.taken.add(name.lower())
        return name

    def worded(self, column: str, by_language: Mapping[str, str]) -> Row:
        """Return the cells of one wording, a column a language."""
        return {
            f"{column}::{language_label(language)}": text
            for language, text in by_language.items()
            if language in self.questionnaire.languages
        }

    def own(self, column: str, key: str, **details: object) -> Row:
        """Return the cells of one of the forms' own wordings."""
        return self.worded(
            column,
            {language: words(language)[key].format_map(details) for language in self.questionnaire.languages},
        )

    def text(self, column: str, wording: Mapping[str, str]) -> Row:
        """Return the cells of one of the questionnaire's wordings."""
        return self.worded(
            column,
            {language: in_language(dict(wording), language) for language in self.questionnaire.languages},
        )

    def open(self, school_question: bool) -> None:
        """Add the metadata, the introduction and the school question."""
        self.rows += [{"type": "start", "name": "start"}, {"type": "end", "name": "end"}]
        introduction = self.questionnaire.introduction
        if introduction is not None:
            name = self.fresh("introduction")
            self.rows.append({"type": "note", "name": name, **self.text("label", introduction)})
        if school_question:
            self.rows.append(
                {
                    "type": "text",
                    "name": "school",
                    **self.own("label", "school"),
                    **self.own("hint", "school_hint"),
                    "required": "yes",
                    **self.own("required_message", "required"),
                }
            )

    def close(self) -> None:
        """Add the calculated question that tells to which definition the answers were given."""
        hidden = f"'{definition_hash(self.questionnaire)}'"
        self.rows.append({"type": "calculate", "name": DEFINITION, "calculation": hidden})

    def add_part(self, part: Part) -> None:
        """Add a part as pages: groups whose questions are shown together."""
        pages = self.pages(part)
        for number, page in enumerate(pages, start=1):
            name = self.fresh(part.name if len(pages) == 1 else f"{part.name}_{number}")
            introduced = number == 1 and part.section is not None and part.section.introduction is not None
            section = section_asked(part, self.questionnaire)
            # What a section says first is read by all who are asked anything of it.
            asked = section if introduced else page_asked(page, section, self.rules)
            group: Row = {"type": "begin_group", "name": name, **self.page_label(part, number, len(pages))}
            self.rows.append({**group, "appearance": "field-list", **self.relevant(asked)})
            if introduced:
                self.rows.append(self.section_introduction(part))
            if page.matrix:
                self.rows.append(self.grid_heading(name, page.questions[0]))
            for question in page.questions:
                self.rows += self.question(question, asked, in_grid=page.matrix)
            self.rows.append({"type": "end_group", "name": name})

    def section_introduction(self, part: Part) -> Row:
        """Return the note above the first questions of a section."""
        introduction = (part.section.introduction if part.section is not None else None) or {}
        name = self.fresh(f"{part.name}_introduction")
        return {"type": "note", "name": name, **self.text("label", introduction)}

    def relevant(self, asked: Node, within: Node = ALWAYS) -> Row:
        """Return when a row is shown, where the group it stands in does not say as much."""
        if asked in (ALWAYS, within):
            return {}
        return {"relevant": xpath(asked, self.questionnaire)}

    def pages(self, part: Part) -> tuple[Block, ...]:
        """Return a part's pages; with ``layout="grid"`` each matrix is a page of its own."""
        if self.layout != "grid":
            return pages(part)
        found: list[Block] = []
        for block in part.blocks:
            found += self.grids(block) if block.matrix else pages(Part(part.name, (block,)))
        return tuple(found)

    def grids(self, block: Block) -> Iterator[Block]:
        """Yield a matrix as grids: rows that follow each other and offer the same choices."""
        for _, run in groupby(block.questions, key=self.choices.list_name):
            rows = tuple(run)
            yield Block(rows, matrix=len(rows) > 1)

    def page_label(self, part: Part, number: int, pages: int) -> Row:
        """Return the heading of a page: the part and, where it has several, which page it is."""
        titles = {language: part.title(language) for language in self.questionnaire.languages}
        if pages == 1:
            return self.worded("label", titles)
        return self.worded(
            "label",
            {
                language: words(language)["page_of"].format(title=titles[language], page=number, pages=pages)
                for language in self.questionnaire.languages
            },
        )

    def grid_heading(self, page: str, first: Question) -> Row:
        """Return the row that shows a grid's answers above its rows; it is never answered."""
        return {
            "type": f"select_one {self.choices.list_name(first)}",
            "name": self.fresh(f"{page}_answers"),
            **self.own("label", "choose_row"),
            "appearance": "label",
        }

    def question(self, question: Question, page: Node, in_grid: bool) -> Iterator[Row]:
        """Yield the row of a question and, where an answer asks for text, the row of that text.

        ``page`` is when the page they stand on is shown.
        """
        row: Row = {
            "type": self.type_of(question),
            "name": question.id,
            **self.text("label", question.text),
            **self.hint(question),
            **self.relevant(self.rules[question.id].asked, page),
            **self.constraint(question),
        }
        if is_required(question, self.questionnaire):
            row |= {"required": "yes", **self.own("required_message", "required")}
        if in_grid:
            row["appearance"] = "list-nolabel"
        elif kind(question) == "text":
            row["appearance"] = "multiline"
        yield row | _psychometric_keys(question)
        yield from self.other_text(question, page)

    def type_of(self, question: Question) -> str:
        """Return the XLSForm type of a question."""
        if isinstance(question, Item) and question.type == "number":
            return "integer" if question.integer else "decimal"
        if isinstance(question, Item) and question.type in ("text", "code"):
            return "text"
        select = _SELECTS.get(kind(question), "select_one")
        return f"{select} {self.choices.list_name(question)}"

    def hint(self, question: Question) -> Row:
        """Return a question's hint, followed by the unit and by what the form itself has to say."""
        if isinstance(question, AttentionCheck):
            return {}
        hints: dict[str, str] = {}
        for language in self.questionnaire.languages:
            said = [in_language(question.hint, language)] if question.hint else []
            if question.type == "multiple":
                said.append(words(language)["choose_all"])
            if question.type == "ranking":
                said.append(words(language)["rank_all"])
            if question.type == "code":
                said.append(code_hint(question, language))
            if question.type == "number":
                said += number_hints(question, self.questionnaire, language)
            if said:
                hints[language] = " ".join(said)
        return self.worded("hint", hints)

    def constraint(self, question: Question) -> Row:
        """Return what an answer must satisfy, and what is said where it does not."""
        if isinstance(question, AttentionCheck):
            return {}
        languages = self.questionnaire.languages
        expression, messages = all_constraints(
            [
                *self.type_constraints(question),
                rule_constraint(question, self.rules[question.id], self.questionnaire),
            ]
        )
        if not expression:
            return {}
        told = {language: messages.get(language, "") for language in languages}
        return {"constraint": expression, **self.worded("constraint_message", told)}

    def type_constraints(self, question: Item) -> Iterator[Constraint]:
        """Yield what the type of a question asks: bounds, the parts of a code, what stands alone."""
        languages = self.questionnaire.languages
        if question.type == "number":
            yield number_constraint(question, self.questionnaire, languages)
        elif question.type == "code":
            yield code_constraint(question, languages)
        elif question.type == "multiple":
            yield exclusive_constraint(question, self.questionnaire, languages)

    def other_text(self, question: Question, page: Node) -> Iterator[Row]:
        """Yield the text question of answers that ask for text beside them."""
        if kind(question) not in ("choice", "multiple", "ranking"):
            return
        others = [answer for answer in answers_of(question, self.questionnaire).answers if answer.other]
        if not others:
            return
        yield {
            "type": "text",
            "name": f"{question.id}__text",
            **self.worded(
                "label",
                {
                    language: words(language)["other_text"].format(
                        answer=" / ".join(in_language(answer.label, language) for answer in others)
                    )
                    for language in self.questionnaire.languages
                },
            ),
            **self.other_relevant(question, others, page),
        }

    def other_relevant(self, question: Question, others: Sequence[Answer], page: Node) -> Row:
        """Return when the text beside an answer is asked for: beside a ranking whenever that is asked."""
        if kind(question) == "ranking":
            return self.relevant(self.rules[question.id].asked, page)
        # The answer to a question that is not asked is empty: that of the question needs no second telling.
        return {"relevant": other_relevant(question, others)}


def _psychometric_keys(question: Question) -> Row:
    """Return scale, reverse key and expected answer as attributes of the question's bind."""
    if isinstance(question, AttentionCheck):
        return {"bind::ps:expected": str(question.expected)}
    keys: Row = {}
    if question.scale is not None:
        keys["bind::ps:scale"] = question.scale
        keys["bind::ps:reverse"] = "true" if question.reverse else "false"
    return keys
