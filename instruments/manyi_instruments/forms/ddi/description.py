"""The variables of a questionnaire as DDI-Codebook 2.5 describes them, with figures of the data or without.

Elements stand in the order of the schema (codebook.xsd 2.5, ``dataDscrType`` and ``varType``). Variables are
the columns of coded answers, as the codebook lists them.
"""

from collections.abc import Collection, Mapping
from xml.etree.ElementTree import Element

from manyi_instruments.codebook import codebook
from manyi_instruments.codebook.variable import Variable
from manyi_instruments.definitions.questionnaire import AttentionCheck, Question, Questionnaire
from manyi_instruments.definitions.routing import Rule, rules
from manyi_instruments.expressions.definite import ALWAYS, NEVER
from manyi_instruments.expressions.notation import written
from manyi_instruments.expressions.tree import names_in
from manyi_instruments.forms.condition_words import condition_words
from manyi_instruments.forms.conditions import without_exponent
from manyi_instruments.forms.ddi.elements import legible, sub, worded
from manyi_instruments.forms.ddi.figures import Figures
from manyi_instruments.forms.layout import Part, kind, numbers, parts

#: What a question may be answered with, in the words of the schema.
_DOMAINS = {
    "choice": "category",
    "multiple": "multiple",
    "ranking": "other",
    "number": "numeric",
    "text": "text",
    "code": "text",
}
NATURES = {"nominal": "nominal", "ordinal": "ordinal", "scale": "interval"}


class DataDescription:
    """The description of one questionnaire's variables.

    Parameters
    ----------
    questionnaire : Questionnaire
    name : str
        Put into identifiers where a document describes several questionnaires.
    file : str
        Identifier of the file that holds the variables; empty for none.
    figures : Mapping, optional
        Column -> what the data say; without it every variable is described, with it those it names.
    """

    def __init__(
        self,
        questionnaire: Questionnaire,
        name: str = "",
        file: str = "",
        figures: Mapping[str, Figures] | None = None,
    ) -> None:
        self.questionnaire = questionnaire
        self.languages = questionnaire.languages
        self.name = name
        self.file = file
        self.figures = figures
        self.rules = rules(questionnaire)
        self.numbers = numbers(questionnaire)
        self.variables = self._variables(figures)
        # What persons are found again by is stored as a hash only and has no place in an archive.
        asked = [question for question in questionnaire.questions() if kind(question) != "code"]
        self.questions = {question.id: question for question in asked if question.id in self.variables}
        self.followers = {
            name: [other for other in self.questions if name in self.named(other)] for name in self.questions
        }

    def _variables(self, wanted: Collection[str] | None) -> dict[str, list[Variable]]:
        found: dict[str, list[Variable]] = {}
        for variable in codebook(self.questionnaire):
            if not variable.derived and (wanted is None or variable.name in wanted):
                found.setdefault(variable.question, []).append(variable)
        return found

    def named(self, question: str) -> list[str]:
        """Return the questions that the condition of one names, in the order asked."""
        names = {name.name for name in names_in(self.rules[question].asked)}
        return [name for name in self.questions if name in names]

    def fill(self, data: Element) -> None:
        """Add groups, then variables."""
        for part in parts(self.questionnaire):
            self.section(data, part)
        for question in self.questions.values():
            if len(self.variables[question.id]) > 1 and kind(question) in ("multiple", "ranking"):
                self.group(data, question)
        for question in self.questions.values():
            for number, variable in enumerate(self.variables[question.id]):
                self.variable(data, variable, question, first=number == 0)

    def id(self, letter: str, name: str) -> str:
        """Return an identifier of the document; sections, questions and variables may have one name."""
        return f"{letter}_{self.name}.{name}" if self.name else f"{letter}_{name}"

    def worded(self, parent: Element, tag: str, wording: Mapping[str, str], **attributes: str) -> None:
        """Add an element a language."""
        worded(parent, tag, wording, self.languages, **attributes)

    def section(self, data: Element, part: Part) -> None:
        """Add a section as a group of variables."""
        shown = [question.id for question in part.questions if question.id in self.questions]
        names = [self.id("V", one.name) for question in shown for one in self.variables[question]]
        if not names:
            return
        group = sub(data, "varGrp", ID=self.id("S", part.name), type="section", var=" ".join(names))
        self.worded(group, "labl", {language: part.title(language) for language in self.languages})
        if part.section is not None and part.section.introduction:
            self.worded(group, "txt", part.section.introduction)

    def group(self, data: Element, question: Question) -> None:
        """Add the variables of a multiple choice or ranking as a group."""
        type_ = "multipleResp" if kind(question) == "multiple" else "other"
        answers = [one for one in self.variables[question.id] if one.kind == "answer"]
        names = " ".join(self.id("V", one.name) for one in answers)
        group = sub(data, "varGrp", ID=self.id("G", question.id), type=type_, var=names, name=question.id)
        if type_ == "other":
            group.set("otherType", "ranking")
        self.worded(group, "labl", question.text)

    def variable(self, data: Element, variable: Variable, question: Question, first: bool) -> None:
        """Add a variable; the question stands with its first one, the others refer to it."""
        element = sub(data, "var", ID=self.id("V", variable.name), name=variable.name)
        if self.file:
            element.set("files", self.file)
        element.set("intrvl", "contin" if kind(question) == "number" else "discrete")
        if variable.type == "numeric":
            element.set("nature", NATURES[variable.measure])
            element.set("dcml", "0" if variable.integer else "2")
        self.worded(element, "labl", variable.label)
        if first:
            self.question(element, question)
        else:
            sub(element, "qstn", qstn=self.id("Q", question.id))
        add_ranges(element, variable)
        rule = self.rules[question.id]
        if rule.asked != ALWAYS:
            self.worded(element, "universe", self.condition(rule), clusion="I")
        figures = self.figures[variable.name] if self.figures is not None else None
        if figures is not None:
            add_summary(element, figures)
        self.categories(element, variable, figures)
        if variable.scale:
            scale = self.questionnaire.scale(variable.scale)
            self.worded(element, "concept", scale.title, vocab=variable.scale)
        sub(element, "varFormat", type="numeric" if variable.type == "numeric" else "character")
        self.notes(element, variable, question, rule)

    def question(self, variable: Element, question: Question) -> None:
        """Add what is asked, of whom, and which questions it leads to."""
        element = sub(variable, "qstn", ID=self.id("Q", question.id), seqNo=str(self.numbers[question.id]))
        element.set("responseDomainType", _DOMAINS[kind(question)])
        if _DOMAINS[kind(question)] == "other":
            element.set("otherResponseDomainType", kind(question))
        rule = self.rules[question.id]
        if rule.asked != ALWAYS:
            self.worded(element, "preQTxt", self.condition(rule))
        self.worded(element, "qstnLit", question.text)
        hint = None if isinstance(question, AttentionCheck) else question.hint
        if hint:
            self.worded(element, "postQTxt", hint)
        for tag, names in (("forward", self.followers[question.id]), ("backward", self.named(question.id))):
            if names:
                sub(element, tag, ", ".join(names), qstn=" ".join(self.id("Q", name) for name in names))

    def condition(self, rule: Rule) -> dict[str, str]:
        """Return when a question is asked, in words."""
        return {
            language: condition_words(rule.asked, self.questionnaire, language) for language in self.languages
        }

    def categories(self, element: Element, variable: Variable, figures: Figures | None) -> None:
        """Add the labels of values and of missing codes, and how often each was given."""
        for listed, missing in ((variable.values, False), (variable.missing, True)):
            for value, label in listed.items():
                category = sub(element, "catgry", missing="Y" if missing else "N")
                if missing and value in variable.missing_kinds:
                    category.set("missType", variable.missing_kinds[value])
                sub(category, "catValu", str(value))
                self.worded(category, "labl", label)
                if figures is not None:
                    sub(category, "catStat", str(figures.counts.get(value, 0)), type="freq")

    def notes(self, element: Element, variable: Variable, question: Question, rule: Rule) -> None:
        """Add reverse key, expected answer and conditions, as the questionnaire has them."""
        if variable.reverse_keyed:
            sub(element, "notes", "reverse-keyed", type="psychometric")
        if isinstance(question, AttentionCheck):
            sub(element, "notes", str(question.expected), type="expected")
        if rule.asked != ALWAYS:
            sub(element, "notes", legible(written(rule.asked)), type="asked-if")
        if rule.refused != NEVER:
            sub(element, "notes", legible(written(rule.refused)), type="refused-if")


def add_ranges(element: Element, variable: Variable) -> None:
    """Add the values that are right and those that mean no answer."""
    if variable.low is not None or variable.high is not None:
        bounds = {"min": variable.low, "max": variable.high}
        said = {name: without_exponent(value) for name, value in bounds.items() if value is not None}
        sub(sub(element, "valrng"), "range", UNITS="INT" if variable.integer else "REAL", **said)
    if variable.missing:
        invalid = sub(element, "invalrng")
        for code in variable.missing:
            sub(invalid, "item", VALUE=str(code))


def add_summary(element: Element, figures: Figures) -> None:
    """Add how many rows have an answer, and what their answers come to."""
    for name, count in (("vald", figures.valid), ("invd", figures.invalid)):
        sub(element, "sumStat", str(count), type=name)
    for name, value in figures.summary.items():
        sub(element, "sumStat", without_exponent(value), type=name)
