"""LimeSurvey's tab-separated survey structure of a questionnaire.

Classes of rows and columns are those LimeSurvey writes itself (S, SL, G, Q, SQ, A); all languages repeat the
rows from G on.
"""

import csv
import html
import io
from collections.abc import Iterator

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Question, Questionnaire
from manyi_instruments.definitions.routing import rules
from manyi_instruments.faults import Fault
from manyi_instruments.forms.conditions import without_exponent
from manyi_instruments.forms.grids import grids
from manyi_instruments.forms.hints import bounds_in_words, code_hint, number_hints
from manyi_instruments.forms.layout import Block, Part, answers_of, is_required, kind, offered_missing, parts
from manyi_instruments.forms.limesurvey.codes import (
    DEFINITION,
    NAME,
    OTHER,
    OTHER_COLUMN,
    SCHOOL,
    TAKEN,
    answer_codes,
    other_value,
    spelled,
)
from manyi_instruments.forms.limesurvey.conditions import ExpressionScript
from manyi_instruments.forms.losses import Losses
from manyi_instruments.forms.platform_names import is_same, platform_names
from manyi_instruments.forms.wording import in_language, words

Row = dict[str, str]

COLUMNS = (
    *("class", "type/scale", "name", "relevance", "text", "help", "language", "validation", "mandatory"),
    *("other", "default", "same_default", "em_validation_q", "em_validation_q_tip", "exclude_all_others"),
    *("hidden", "max_num_value_n", "min_num_value_n", "num_value_int_only", "other_replace_text"),
)
#: LimeSurvey's tags of languages that are not the code itself.
TAGS = {"zh": "zh-Hans", "zh-Hant": "zh-Hant-TW"}
_TYPES = {"choice": "L", "multiple": "M", "ranking": "R", "number": "N", "text": "T", "code": "S"}


def limesurvey_form(questionnaire: Questionnaire) -> tuple[bytes, tuple[Fault, ...]]:
    """Return the structure and what it cannot express.

    Ids without underscores are the codes of questions, stored values those of answers, so that an export by
    code reads back; those that LimeSurvey does not allow are told by the structure. A hidden question
    ``definition`` keeps the hash of the questionnaire with every answer.
    """
    form = _Form(questionnaire)
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, COLUMNS, delimiter="\t", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(form.rows())
    return written.getvalue().encode("utf-8-sig"), form.losses.faults()


def tag(language: str) -> str:
    """Return LimeSurvey's tag of a language.

    >>> tag("zh"), tag("fr")
    ('zh-Hans', 'fr')
    """
    return TAGS.get(language, language)


class _Form:
    """A structure in the making."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.rules = rules(questionnaire)
        self.losses = Losses(questionnaire, "LimeSurvey")
        ids = [question.id for question in questionnaire.questions()]
        self.names = platform_names(ids, spelled, NAME, TAKEN)
        for item, name in self.names.items():
            if not is_same(item, name):
                self.losses.note("form-names-changed", f"{item} → {name}")
        self.parts: list[tuple[Part, list[tuple[str, Block]]]] = []
        variables = dict(self.names)
        taken = [*TAKEN, *self.names.values()]
        for part in parts(questionnaire):
            blocks = []
            for block in grids(part, questionnaire, self.rules):
                name = ""
                if block.matrix:
                    name = platform_names([part.name], _array_name, NAME, taken)[part.name]
                    taken.append(name)
                    variables |= {row.id: f"{name}_{self.names[row.id]}" for row in block.questions}
                blocks.append((name, block))
            self.parts.append((part, blocks))
        self.writer = ExpressionScript(questionnaire, variables)

    def rows(self) -> Iterator[Row]:
        """Yield every row of the file."""
        tags = [tag(language) for language in self.questionnaire.languages]
        settings = {
            "language": tags[0],
            "additional_languages": " ".join(tags[1:]),
            "format": "G",
            "savetimings": "Y",
            "datestamp": "Y",
            "showprogress": "Y",
        }
        for name, value in settings.items():
            yield {"class": "S", "name": name, "text": value}
        for language in self.questionnaire.languages:
            yield from self.survey(language)
        for language in self.questionnaire.languages:
            for number, (part, blocks) in enumerate(self.parts):
                yield from self.group(number, part, blocks, language)

    def survey(self, language: str) -> Iterator[Row]:
        """Yield title and introduction."""
        texts = {"surveyls_title": self.questionnaire.title}
        if self.questionnaire.introduction:
            texts["surveyls_welcometext"] = self.questionnaire.introduction
        for name, wording in texts.items():
            text = _markup(in_language(wording, language))
            yield {"class": "SL", "name": name, "text": text, "language": tag(language)}

    def group(self, number: int, part: Part, blocks: list[tuple[str, Block]], language: str) -> Iterator[Row]:
        """Yield a part: a group, on one page."""
        section = part.section
        told = in_language(section.introduction, language) if section and section.introduction else ""
        yield {
            "class": "G",
            "type/scale": f"G{number}",
            "name": _single_line(part.title(language)),
            "relevance": "1",
            "text": _markup(told),
            "language": tag(language),
        }
        if number == 0:
            yield from self.own_questions(language)
        for name, block in blocks:
            if block.matrix:
                yield from self.array(name, block, language)
            else:
                for question in block.questions:
                    yield from self.question(question, language)

    def own_questions(self, language: str) -> Iterator[Row]:
        """Yield the hidden hash of the questionnaire and the question for the school."""
        digest = definition_hash(self.questionnaire)
        yield self.row("*", DEFINITION, digest, language) | {"hidden": "1"}
        own = words(language)
        yield self.row("S", SCHOOL, own["school"], language) | {
            "help": _markup(own["school_hint"]),
            "mandatory": "Y",
        }

    def row(self, type_: str, name: str, text: str, language: str, relevance: str | None = None) -> Row:
        """Return the row of a question."""
        return {
            "class": "Q",
            "type/scale": type_,
            "name": name,
            "relevance": relevance or "1",
            "text": _markup(text),
            "language": tag(language),
            "mandatory": "N",
            "other": "N",
            "same_default": "1",
        }

    def array(self, name: str, block: Block, language: str) -> Iterator[Row]:
        """Yield a matrix: an array whose rows are asked together."""
        first = block.questions[0]
        asked = [self.losses.asked(self.writer, self.rules[row.id]) for row in block.questions]
        row = self.row("F", name, words(language)["choose_row"], language, asked[0])
        hint = getattr(first, "hint", None)
        if hint:
            row["help"] = _markup(in_language(hint, language))
        if is_required(first, self.questionnaire):
            row["mandatory"] = "Y"
        yield row
        for question in block.questions:
            text = in_language(question.text, language)
            yield self.part("SQ", self.names[question.id], text, language)
        yield from self.answers(first, language)

    def question(self, question: Question, language: str) -> Iterator[Row]:
        """Yield a question with its answers, and the text beside them where LimeSurvey has none."""
        asked = self.losses.asked(self.writer, self.rules[question.id])
        text = in_language(question.text, language)
        row = self.row(_TYPES[kind(question)], self.names[question.id], text, language, asked)
        hints = self.hints(question, language)
        if hints:
            row["help"] = _markup(" ".join(hints))
        if is_required(question, self.questionnaire):
            row["mandatory"] = "Y"
        if isinstance(question, Item):
            row |= self.limits(question, language)
        other = other_value(question, self.questionnaire)
        if other is not None:
            answers = answers_of(question, self.questionnaire)
            label = next(answer.label for answer in answers.answers if answer.value == other)
            row |= {"other": "Y", "other_replace_text": _single_line(in_language(label, language))}
        yield row
        if kind(question) == "multiple":
            yield from self.answers(question, language, "SQ")
        elif kind(question) in ("choice", "ranking"):
            yield from self.answers(question, language)
        self.note_others(question, other)

    def answers(self, question: Question, language: str, class_: str = "A") -> Iterator[Row]:
        """Yield the answers and missing answers; the "other" of LimeSurvey is no row."""
        codes = answer_codes(question, self.questionnaire)
        answers = answers_of(question, self.questionnaire).answers
        pairs = [(answer.value, answer.label) for answer in answers]
        pairs += [(code.code, code.label) for code in offered_missing(question, self.questionnaire)]
        for value, label in pairs:
            if codes[value] not in (OTHER, OTHER_COLUMN):
                yield self.part(class_, codes[value], in_language(label, language), language)

    def part(self, class_: str, code: str, text: str, language: str) -> Row:
        """Return the row of a subquestion or answer."""
        return {
            "class": class_,
            "type/scale": "0",
            "name": code,
            "relevance": "1" if class_ == "SQ" else "",
            "text": _markup(text),
            "language": tag(language),
        }

    def note_others(self, question: Question, other: int | None) -> None:
        """Note texts beside answers that cannot be asked for, and answers that move to the end."""
        if not isinstance(question, Item) or question.answers is None:
            return
        answers = answers_of(question, self.questionnaire).answers
        if any(answer.other and answer.value != other for answer in answers):
            self.losses.note("form-other-not-expressed", question.id)
        if other is not None and (
            answers[-1].value != other or offered_missing(question, self.questionnaire)
        ):
            self.losses.note("form-order-not-kept", question.id)

    def hints(self, question: Question, language: str) -> list[str]:
        """Return what stands in small print."""
        if isinstance(question, AttentionCheck):
            return []
        said = [in_language(question.hint, language)] if question.hint else []
        if question.type == "number":
            said += number_hints(question, self.questionnaire, language)
        if question.type == "code":
            said.append(code_hint(question, language))
        return said

    def limits(self, item: Item, language: str) -> Row:
        """Return what an answer must satisfy."""
        row: Row = {}
        valid: list[str] = []
        if item.type == "code":
            row["validation"] = f"/^{item.pattern}$/"
        if item.type == "number":
            row |= self.bounds(item)
            valid += self.bounds_with_missing(item)
        if item.type == "multiple":
            row |= self.exclusive(item)
        tips = [bounds_in_words(item, language)] if valid else []
        refused = self.losses.refused(self.writer, self.rules[item.id])
        if refused is not None:
            valid.append(f"!({refused})")
            message = item.constraint_message
            tips.append(in_language(message, language) if message else words(language)["answer_refused"])
        if valid:
            row["em_validation_q"] = " and ".join(f"({one})" for one in valid)
            row["em_validation_q_tip"] = _markup(" ".join(filter(None, tips)))
        return row

    def bounds(self, item: Item) -> Row:
        """Return the bounds of a number that offers no missing answers."""
        row: Row = {"num_value_int_only": "1"} if item.integer else {}
        if self.writer.missing_values(item):
            return row
        if item.minimum is not None:
            row["min_num_value_n"] = without_exponent(item.minimum)
        if item.maximum is not None:
            row["max_num_value_n"] = without_exponent(item.maximum)
        return row

    def bounds_with_missing(self, item: Item) -> list[str]:
        """Return the bounds of a number whose missing answers are entered as codes below or above them."""
        codes = self.writer.missing_values(item)
        name = self.writer.answer(item)
        within = [f"{name} >= {without_exponent(item.minimum)}"] if item.minimum is not None else []
        within += [f"{name} <= {without_exponent(item.maximum)}"] if item.maximum is not None else []
        if not codes or not within:
            return []
        let_through = " or ".join(f"{name} == {code}" for code in codes)
        return [f"is_empty({name}) or ({' and '.join(within)}) or {let_through}"]

    def exclusive(self, item: Item) -> Row:
        """Return the answers that stand alone; LimeSurvey's own "other" cannot be one."""
        codes = answer_codes(item, self.questionnaire)
        answers = answers_of(item, self.questionnaire).answers
        alone = [codes[answer.value] for answer in answers if answer.exclusive]
        alone += [codes[code.code] for code in offered_missing(item, self.questionnaire)]
        if OTHER_COLUMN in alone:
            self.losses.note("form-exclusive-not-expressed", item.id)
            alone.remove(OTHER_COLUMN)
        return {"exclude_all_others": ";".join(alone)} if alone else {}


def _array_name(part: str) -> str:
    return f"{spelled(part)[: NAME - 5]}array"


def _single_line(text: str) -> str:
    return " ".join(text.split())


def _markup(text: str) -> str:
    r"""Return a text as LimeSurvey shows it: HTML, in which braces would be expressions.

    >>> _markup("a < {b}\nc")
    'a &lt; &#123;b&#125;<br />c'
    """
    escaped = html.escape(text.strip(), quote=False).replace("{", "&#123;").replace("}", "&#125;")
    return "<br />".join(" ".join(line.split()) for line in escaped.splitlines())
