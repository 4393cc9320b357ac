"""A DDI-Codebook 2.5 document of a questionnaire: its variables, questions, categories and jumps.

Elements stand in the order of the schema (codebook.xsd 2.5, ``varType`` and ``codeBookType``). Variables
are the columns of coded answers, as the codebook lists them.
"""

from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from manyi_instruments.codebook import codebook
from manyi_instruments.codebook.variable import Variable
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import AttentionCheck, Question, Questionnaire
from manyi_instruments.definitions.routing import Rule, rules
from manyi_instruments.expressions.definite import ALWAYS, NEVER
from manyi_instruments.expressions.notation import written
from manyi_instruments.expressions.tree import names_in
from manyi_instruments.forms.condition_words import condition_words
from manyi_instruments.forms.conditions import without_exponent
from manyi_instruments.forms.layout import Part, kind, numbers, parts
from manyi_instruments.forms.wording import in_language

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: What a question may be answered with, in the words of the schema.
_DOMAINS = {
    "choice": "category",
    "multiple": "multiple",
    "ranking": "ranking",
    "number": "numeric",
    "text": "text",
    "code": "text",
}
_NATURES = {"nominal": "nominal", "ordinal": "ordinal", "scale": "interval"}


def ddi_document(questionnaire: Questionnaire) -> bytes:
    """Return the document in all languages of the questionnaire.

    Parameters
    ----------
    questionnaire : Questionnaire
        Items become questions (``qstn``), columns variables (``var``) with categories and missing codes;
        conditions are told in words (``preQTxt``, ``universe``), in the expression language (``notes``), and
        by references from question to question (``forward``, ``backward``).
    """
    return _Document(questionnaire).content()


class _Document:
    """A document in the making."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.rules = rules(questionnaire)
        # What persons are found again by is stored as a hash only and has no place in an archive.
        asked = [question for question in questionnaire.questions() if kind(question) != "code"]
        self.questions = {question.id: question for question in asked}
        self.numbers = numbers(questionnaire)
        self.variables: dict[str, list[Variable]] = {}
        for variable in codebook(questionnaire):
            if not variable.derived:
                self.variables.setdefault(variable.question, []).append(variable)
        self.followers = {
            name: [other for other in self.questions if name in self.named(other)] for name in self.questions
        }

    def named(self, question: str) -> list[str]:
        """Return the questions that the condition of one names, in the order asked."""
        names = {name.name for name in names_in(self.rules[question].asked)}
        return [name for name in self.questions if name in names]

    def content(self) -> bytes:
        """Return the document as UTF-8."""
        # Written out, as `register_namespace` would rename the elements of every other document.
        spaces = {"xmlns": NAMESPACE, "xmlns:xsi": _XSI, "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}"}
        root = Element("codeBook", {**spaces, "version": "2.5", _LANG: self.questionnaire.languages[0]})
        self.study(_sub(root, "stdyDscr"))
        data = _sub(root, "dataDscr")
        for part in parts(self.questionnaire):
            self.section(data, part)
        for question in self.questions.values():
            if len(self.variables[question.id]) > 1 and kind(question) in ("multiple", "ranking"):
                self.group(data, question)
        for question in self.questions.values():
            for number, variable in enumerate(self.variables[question.id]):
                self.variable(data, variable, question, first=number == 0)
        ElementTree.indent(root, " ")
        return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"

    def worded(self, parent: Element, tag: str, wording: Mapping[str, str], **attributes: str) -> None:
        """Add an element a language."""
        for language in self.questionnaire.languages:
            text = _legible(in_language(dict(wording), language))
            if text:
                _sub(parent, tag, text, **attributes).set(_LANG, language)

    def study(self, parent: Element) -> None:
        """Add title, id and version of the questionnaire."""
        citation = _sub(parent, "citation")
        title = _sub(citation, "titlStmt")
        first, *others = self.questionnaire.languages
        _sub(title, "titl", _legible(in_language(self.questionnaire.title, first))).set(_LANG, first)
        for language in others:
            text = _legible(in_language(self.questionnaire.title, language))
            _sub(title, "parTitl", text).set(_LANG, language)
        _sub(title, "IDNo", self.questionnaire.questionnaire)
        version = _sub(citation, "verStmt")
        _sub(version, "version", self.questionnaire.version)
        _sub(version, "notes", definition_hash(self.questionnaire), type="definition")
        if self.questionnaire.introduction:
            self.worded(_sub(parent, "stdyInfo"), "abstract", self.questionnaire.introduction)

    def section(self, data: Element, part: Part) -> None:
        """Add a section as a group of variables."""
        shown = [question.id for question in part.questions if question.id in self.questions]
        names = [_id("V", one.name) for question in shown for one in self.variables[question]]
        if not names:
            return
        group = _sub(data, "varGrp", ID=_id("S", part.name), type="section", var=" ".join(names))
        titles = {language: part.title(language) for language in self.questionnaire.languages}
        self.worded(group, "labl", titles)
        if part.section is not None and part.section.introduction:
            self.worded(group, "txt", part.section.introduction)

    def group(self, data: Element, question: Question) -> None:
        """Add the variables of a multiple choice or ranking as a group."""
        type_ = "multipleResp" if kind(question) == "multiple" else "other"
        answers = [one for one in self.variables[question.id] if one.kind == "answer"]
        names = " ".join(_id("V", one.name) for one in answers)
        group = _sub(data, "varGrp", ID=_id("G", question.id), type=type_, var=names, name=question.id)
        if type_ == "other":
            group.set("otherType", "ranking")
        self.worded(group, "labl", question.text)

    def variable(self, data: Element, variable: Variable, question: Question, first: bool) -> None:
        """Add a variable; the question stands with its first one, the others refer to it."""
        element = _sub(data, "var", ID=_id("V", variable.name), name=variable.name)
        element.set("intrvl", "contin" if kind(question) == "number" else "discrete")
        if variable.type == "numeric":
            element.set("nature", _NATURES[variable.measure])
            element.set("dcml", "0" if variable.integer else "2")
        self.worded(element, "labl", variable.label)
        if first:
            self.question(element, question)
        else:
            _sub(element, "qstn", qstn=_id("Q", question.id))
        self.ranges(element, variable)
        rule = self.rules[question.id]
        if rule.asked != ALWAYS:
            self.worded(element, "universe", self.condition(rule), clusion="I")
        self.categories(element, variable)
        if variable.scale:
            scale = self.questionnaire.scale(variable.scale)
            self.worded(element, "concept", scale.title, vocab=variable.scale)
        _sub(element, "varFormat", type="numeric" if variable.type == "numeric" else "character")
        self.notes(element, variable, question, rule)

    def question(self, variable: Element, question: Question) -> None:
        """Add what is asked, of whom, and which questions it leads to."""
        element = _sub(variable, "qstn", ID=_id("Q", question.id), seqNo=str(self.numbers[question.id]))
        element.set("responseDomainType", _DOMAINS[kind(question)])
        rule = self.rules[question.id]
        if rule.asked != ALWAYS:
            self.worded(element, "preQTxt", self.condition(rule))
        self.worded(element, "qstnLit", question.text)
        hint = None if isinstance(question, AttentionCheck) else question.hint
        if hint:
            self.worded(element, "postQTxt", hint)
        for tag, names in (("forward", self.followers[question.id]), ("backward", self.named(question.id))):
            if names:
                _sub(element, tag, ", ".join(names), qstn=" ".join(_id("Q", name) for name in names))

    def condition(self, rule: Rule) -> dict[str, str]:
        """Return when a question is asked, in words."""
        return {
            language: condition_words(rule.asked, self.questionnaire, language)
            for language in self.questionnaire.languages
        }

    def ranges(self, element: Element, variable: Variable) -> None:
        """Add the values that are right and those that mean no answer."""
        if variable.low is not None or variable.high is not None:
            bounds = {"min": variable.low, "max": variable.high}
            said = {name: without_exponent(value) for name, value in bounds.items() if value is not None}
            _sub(_sub(element, "valrng"), "range", **said)
        if variable.missing:
            invalid = _sub(element, "invalrng")
            for code in variable.missing:
                _sub(invalid, "item", VALUE=str(code))

    def categories(self, element: Element, variable: Variable) -> None:
        """Add the labels of values, and of missing codes."""
        for listed, missing in ((variable.values, False), (variable.missing, True)):
            for value, label in listed.items():
                category = _sub(element, "catgry", missing="Y" if missing else "N")
                _sub(category, "catValu", str(value))
                self.worded(category, "labl", label)

    def notes(self, element: Element, variable: Variable, question: Question, rule: Rule) -> None:
        """Add reverse key, expected answer and conditions, as the questionnaire has them."""
        if variable.reverse_keyed:
            _sub(element, "notes", "reverse-keyed", type="psychometric")
        if isinstance(question, AttentionCheck):
            _sub(element, "notes", str(question.expected), type="expected")
        if rule.asked != ALWAYS:
            _sub(element, "notes", _legible(written(rule.asked)), type="asked-if")
        if rule.refused != NEVER:
            _sub(element, "notes", _legible(written(rule.refused)), type="refused-if")


def _sub(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    element = SubElement(parent, tag, attributes)
    element.text = text
    return element


def _id(letter: str, name: str) -> str:
    """Return an identifier of the document; sections, questions and variables may have one name."""
    return f"{letter}_{name}"


def _legible(text: str) -> str:
    """Return a text without the control characters that XML cannot hold."""
    return "".join(_characters(text)).strip()


def _characters(text: Iterable[str]) -> Iterator[str]:
    for character in text:
        number = ord(character)
        if number >= 0x20 or character in "\t\n\r":
            yield character if number not in (0xFFFE, 0xFFFF) and not 0xD800 <= number < 0xE000 else "\ufffd"
