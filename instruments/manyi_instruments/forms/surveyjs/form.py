"""SurveyJS JSON of a questionnaire: one page a section, all languages in one file."""

import json
from collections.abc import Iterator, Mapping, Sequence

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Question, Questionnaire
from manyi_instruments.definitions.routing import rules
from manyi_instruments.faults import Fault
from manyi_instruments.forms.conditions import Inexpressible, without_exponent
from manyi_instruments.forms.grids import grids
from manyi_instruments.forms.hints import bounds_in_words, code_hint, number_hints
from manyi_instruments.forms.layout import (
    Block,
    Part,
    answers_of,
    is_required,
    kind,
    offered_missing,
    parts,
)
from manyi_instruments.forms.losses import Losses
from manyi_instruments.forms.surveyjs.conditions import SurveyJsConditions
from manyi_instruments.forms.wording import in_language, words

Json = dict[str, object]

#: SurveyJS names of languages that are not the code itself.
LOCALES = {"zh": "zh-cn", "zh-Hans": "zh-cn", "zh-Hant": "zh-tw"}
#: The language whose texts stand under ``default``.
DEFAULT = "en"
#: Names the form uses itself.
SCHOOL, DEFINITION = "school", "definition"
_TYPES = {"choice": "radiogroup", "multiple": "checkbox", "ranking": "ranking", "text": "comment"}


def surveyjs_form(questionnaire: Questionnaire) -> tuple[bytes, tuple[Fault, ...]]:
    """Return the JSON and what it cannot express.

    Item ids are the names of questions and rows, stored values and missing codes the values of choices. A
    response holds ``definition``, the hash of the questionnaire it was given to.
    """
    form = _Form(questionnaire)
    content = json.dumps(form.survey(), ensure_ascii=False, indent=1)
    return (content + "\n").encode("utf-8"), form.losses.faults()


def locale(language: str) -> str:
    """Return SurveyJS's name of a language.

    >>> locale("zh"), locale("fr")
    ('zh-cn', 'fr')
    """
    return LOCALES.get(language, language)


class _Form:
    """A survey in the making."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.rules = rules(questionnaire)
        self.losses = Losses(questionnaire, "SurveyJS")
        self.taken = {question.id for question in questionnaire.questions()} | {SCHOOL}
        self.pages: list[tuple[Part, list[tuple[str, Block]]]] = []
        matrix_of: dict[str, str] = {}
        for part in parts(questionnaire):
            blocks = []
            for block in grids(part, questionnaire, self.rules):
                name = self.fresh(f"{part.name}_matrix") if block.matrix else ""
                matrix_of |= {row.id: name for row in block.questions if name}
                blocks.append((name, block))
            self.pages.append((part, blocks))
        self.writer = SurveyJsConditions(questionnaire, self.rules, matrix_of)

    def fresh(self, name: str) -> str:
        """Return a name that no question has."""
        number, found = 1, name
        while found in self.taken:
            number += 1
            found = f"{name}{number}"
        self.taken.add(found)
        return found

    def worded(self, by_language: Mapping[str, str]) -> str | dict[str, str]:
        """Return a wording: plain where there is one language, else by SurveyJS's names of languages."""
        languages = self.questionnaire.languages
        texts = {language: _plain(by_language[language]) for language in languages}
        if len(languages) == 1:
            return texts[languages[0]]
        first = DEFAULT if DEFAULT in texts else languages[0]
        return {"default": texts[first]} | {
            locale(language): text for language, text in texts.items() if language != DEFAULT
        }

    def text(self, wording: Mapping[str, str]) -> str | dict[str, str]:
        """Return one of the questionnaire's wordings."""
        found = {language: in_language(dict(wording), language) for language in self.questionnaire.languages}
        return self.worded(found)

    def own(self, key: str, **details: object) -> str | dict[str, str]:
        """Return one of the forms' own wordings."""
        return self.worded(
            {language: words(language)[key].format_map(details) for language in self.questionnaire.languages}
        )

    def survey(self) -> Json:
        """Return the whole survey."""
        survey: Json = {"title": self.text(self.questionnaire.title)}
        if self.questionnaire.introduction:
            survey["description"] = self.text(self.questionnaire.introduction)
        survey |= {
            "locale": locale(self.questionnaire.languages[0]),
            "clearInvisibleValues": "onHidden",
            "showProgressBar": True,
            "calculatedValues": [
                {
                    "name": self.fresh(DEFINITION),
                    "expression": f"'{definition_hash(self.questionnaire)}'",
                    "includeIntoResult": True,
                }
            ],
        }
        pages = [self.page(part, blocks) for part, blocks in self.pages]
        school = {
            "type": "text",
            "name": SCHOOL,
            "title": self.own("school"),
            "description": self.own("school_hint"),
            "isRequired": True,
        }
        first = pages[0]
        first["elements"] = [school, *first["elements"]]  # type: ignore[misc]
        survey["pages"] = pages
        return survey

    def page(self, part: Part, blocks: Sequence[tuple[str, Block]]) -> Json:
        """Return the page of a part."""
        titles = {language: part.title(language) for language in self.questionnaire.languages}
        page: Json = {"name": self.fresh(f"{part.name}_page"), "title": self.worded(titles)}
        if part.section is not None and part.section.introduction:
            page["description"] = self.text(part.section.introduction)
        elements: list[Json] = []
        for name, block in blocks:
            if block.matrix:
                elements.append(self.matrix(name, block))
            else:
                for question in block.questions:
                    elements += self.question(question)
        page["elements"] = elements
        return page

    def matrix(self, name: str, block: Block) -> Json:
        """Return a matrix; its rows are asked together."""
        first = block.questions[0]
        element: Json = {"type": "matrix", "name": name, "title": self.own("choose_row")}
        element |= self.asked([row.id for row in block.questions])
        if is_required(first, self.questionnaire):
            element["eachRowRequired"] = True
        element["columns"] = self.choices(first)
        element["rows"] = [{"value": row.id, "text": self.text(row.text)} for row in block.questions]
        return element

    def question(self, question: Question) -> Iterator[Json]:
        """Yield a question, and the text beside an answer where one asks for it."""
        type_ = _TYPES.get(kind(question), "text")
        element: Json = {"type": type_, "name": question.id, "title": self.text(question.text)}
        hints = self.hints(question)
        if hints:
            element["description"] = self.worded(hints)
        element |= self.asked([question.id])
        if is_required(question, self.questionnaire):
            element |= {"isRequired": True, "requiredErrorText": self.own("required")}
        if kind(question) in ("choice", "multiple", "ranking"):
            element["choices"] = self.choices(question)
        if kind(question) == "number":
            element["inputType"] = "number"
        if kind(question) == "ranking":
            element["selectToRankEnabled"] = True
        validators = list(self.validators(question)) if isinstance(question, Item) else []
        if validators:
            element["validators"] = validators
        yield element
        yield from self.other_text(question)

    def asked(self, questions: Sequence[str]) -> Json:
        """Return when questions with one condition are asked."""
        written = [self.losses.asked(self.writer, self.rules[question]) for question in questions]
        self.compared()
        return {"visibleIf": written[0]} if written[0] is not None else {}

    def compared(self) -> None:
        """Note the texts that the expression last written compares."""
        if self.writer.compares_text:
            self.losses.note("form-text-compared-loosely", self.questionnaire.questionnaire)
            self.writer.compares_text = False

    def choices(self, question: Question) -> list[Json]:
        """Return the answers and the missing answers a question offers."""
        answers = answers_of(question, self.questionnaire).answers
        pairs = [(answer.value, answer.label) for answer in answers]
        pairs += [(code.code, code.label) for code in offered_missing(question, self.questionnaire)]
        return [{"value": value, "text": self.text(label)} for value, label in pairs]

    def hints(self, question: Question) -> dict[str, str]:
        """Return what stands in small print, by language; empty where nothing does."""
        if isinstance(question, AttentionCheck):
            return {}
        found: dict[str, str] = {}
        for language in self.questionnaire.languages:
            said = [in_language(question.hint, language)] if question.hint else []
            if question.type == "number":
                said += number_hints(question, self.questionnaire, language)
            if question.type == "code":
                said.append(code_hint(question, language))
            if question.type == "multiple":
                said.append(words(language)["choose_all"])
            if question.type == "ranking":
                said.append(words(language)["rank_all"])
            found[language] = " ".join(said)
        return found if any(found.values()) else {}

    def validators(self, item: Item) -> Iterator[Json]:
        """Yield what an answer must satisfy: bounds, form of a code, exclusive answers, the constraint."""
        if item.type == "number":
            yield from self.bounds(item)
        if item.type == "code":
            yield {"type": "regex", "regex": f"^{item.pattern}$", "text": self.own("code_unlike")}
        if item.type == "multiple":
            yield from self.exclusive(item)
        refused = self.losses.refused(self.writer, self.rules[item.id])
        self.compared()
        if refused is not None:
            message = item.constraint_message
            text = self.text(message) if message else self.own("answer_refused")
            yield {"type": "expression", "expression": f"!({refused})", "text": text}

    def bounds(self, item: Item) -> Iterator[Json]:
        """Yield the bounds of a number; the codes of missing answers it offers are let through."""
        name = f"{{{item.id}}}"
        within = [f"({name} % 1 = 0)"] if item.integer else []
        within += [f"({name} >= {without_exponent(item.minimum)})"] if item.minimum is not None else []
        within += [f"({name} <= {without_exponent(item.maximum)})"] if item.maximum is not None else []
        if not within:
            return
        codes = [f"({name} = {code})" for code in self.writer.missing_values(item)]
        expression = " or ".join([f"({name} empty)", f"({' and '.join(within)})", *codes])
        messages = {
            language: bounds_in_words(item, language) or words(language)["web_not_whole"]
            for language in self.questionnaire.languages
        }
        yield {"type": "expression", "expression": expression, "text": self.worded(messages)}

    def exclusive(self, item: Item) -> Iterator[Json]:
        """Yield that an exclusive or missing answer stands alone."""
        answers = answers_of(item, self.questionnaire).answers
        alone = [(answer.value, answer.label) for answer in answers if answer.exclusive]
        alone += [(code.code, code.label) for code in offered_missing(item, self.questionnaire)]
        for value, label in alone:
            messages = {
                language: words(language)["exclusive"].format(answer=in_language(label, language))
                for language in self.questionnaire.languages
            }
            expression = f"!(({{{item.id}}} contains {value}) and ({{{item.id}.length}} > 1))"
            yield {"type": "expression", "expression": expression, "text": self.worded(messages)}

    def other_text(self, question: Question) -> Iterator[Json]:
        """Yield the question for the text beside an answer."""
        if not isinstance(question, Item) or kind(question) not in ("choice", "multiple", "ranking"):
            return
        others = [answer for answer in answers_of(question, self.questionnaire).answers if answer.other]
        if not others:
            return
        messages = {
            language: words(language)["other_text"].format(
                answer=" / ".join(in_language(answer.label, language) for answer in others)
            )
            for language in self.questionnaire.languages
        }
        element: Json = {"type": "text", "name": f"{question.id}__text", "title": self.worded(messages)}
        if question.type == "ranking":
            element |= self.asked([question.id])
        else:
            try:
                said = [self.writer.selected(question, answer.value, True) for answer in others]
                element["visibleIf"] = " or ".join(f"({one})" for one in said)
            except Inexpressible:
                self.losses.note("form-conditions-not-expressed", question.id)
        yield element


def _plain(text: str) -> str:
    """Return a text without braces: SurveyJS puts the answer of a question for its name in braces."""
    return text.replace("{", "｛").replace("}", "｝")
