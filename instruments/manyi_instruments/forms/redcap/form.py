"""REDCap's data dictionary of a questionnaire: a CSV of 18 columns, one field a row."""

import csv
import io
import re
from collections.abc import Iterator

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Question, Questionnaire
from manyi_instruments.definitions.routing import rules
from manyi_instruments.expressions.definite import NEVER
from manyi_instruments.faults import Fault
from manyi_instruments.forms.conditions import without_exponent
from manyi_instruments.forms.grids import grids
from manyi_instruments.forms.hints import code_hint, number_hints
from manyi_instruments.forms.layout import answers_of, is_required, kind, offered_missing, parts
from manyi_instruments.forms.losses import Losses
from manyi_instruments.forms.platform_names import is_same, platform_names
from manyi_instruments.forms.redcap.conditions import BranchingLogic
from manyi_instruments.forms.redcap.names import (
    DEFINITION,
    LONGEST,
    RECORD,
    SCHOOL,
    TAKEN,
    TEXT_SUFFIX,
    rank_field,
    spelled,
)
from manyi_instruments.forms.wording import in_language, words

Row = dict[str, str]

#: Headings as REDCap writes and reads them.
NAME, FORM, SECTION = "Variable / Field Name", "Form Name", "Section Header"
TYPE, LABEL = "Field Type", "Field Label"
CHOICES, NOTE = "Choices, Calculations, OR Slider Labels", "Field Note"
VALIDATION = "Text Validation Type OR Show Slider Number"
LOW, HIGH, IDENTIFIER = "Text Validation Min", "Text Validation Max", "Identifier?"
BRANCHING, REQUIRED = "Branching Logic (Show field only if...)", "Required Field?"
ALIGNMENT, NUMBER = "Custom Alignment", "Question Number (surveys only)"
MATRIX, RANKING, ANNOTATION = "Matrix Group Name", "Matrix Ranking?", "Field Annotation"
COLUMNS = (
    *(NAME, FORM, SECTION, TYPE, LABEL, CHOICES, NOTE, VALIDATION, LOW, HIGH, IDENTIFIER, BRANCHING),
    *(REQUIRED, ALIGNMENT, NUMBER, MATRIX, RANKING, ANNOTATION),
)
_TYPES = {"choice": "radio", "multiple": "checkbox", "text": "notes"}


def redcap_form(questionnaire: Questionnaire, language: str) -> tuple[bytes, tuple[Fault, ...]]:
    """Return the data dictionary in one language and what it cannot express.

    Ids in lower case are the names of fields, stored values and missing codes their choices. Field
    annotations carry scale, reverse key and a check's expected answer; a hidden field ``definition`` keeps
    the hash of the questionnaire with every record.
    """
    form = _Form(questionnaire, language)
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(form.rows())
    return written.getvalue().encode("utf-8-sig"), form.losses.faults()


class _Form:
    """A dictionary in the making."""

    def __init__(self, questionnaire: Questionnaire, language: str) -> None:
        self.questionnaire = questionnaire
        self.language = language
        self.rules = rules(questionnaire)
        self.losses = Losses(questionnaire, "REDCap")
        # Fields of ranks and texts beside answers have the name of theirs and some signs more.
        longest = LONGEST - len(TEXT_SUFFIX)
        ids = [one.id for one in questionnaire.questions()]
        taken = (*TAKEN, *(f"{spelled(id_)[:longest]}{TEXT_SUFFIX}" for id_ in ids))
        self.fields = platform_names(ids, spelled, longest, taken)
        for item, name in self.fields.items():
            if not is_same(item, name):
                self.losses.note("form-names-changed", f"{item} → {name}")
        self.writer = BranchingLogic(questionnaire, self.fields)
        self.form_name = spelled(questionnaire.questionnaire) or "form"
        self.used = {name.lower() for name in (*self.fields.values(), *taken)}

    def fresh(self, name: str) -> str:
        """Return a name that no field has."""
        (found,) = platform_names([name], lambda id_: id_, LONGEST, self.used).values()
        self.used.add(found)
        return found

    def rows(self) -> Iterator[Row]:
        """Yield every field."""
        own = words(self.language)
        yield self.field(RECORD, "text", "Record ID")
        yield self.field(DEFINITION, "text", "Definition") | {
            ANNOTATION: f"@HIDDEN @DEFAULT='{definition_hash(self.questionnaire)}'"
        }
        yield self.field(SCHOOL, "text", own["school"]) | {NOTE: _line(own["school_hint"]), REQUIRED: "y"}
        for part in parts(self.questionnaire):
            heading = part.title(self.language)
            if part.section is not None and part.section.introduction:
                heading += "\n" + in_language(part.section.introduction, self.language)
            for block in grids(part, self.questionnaire, self.rules):
                matrix = self.fresh(f"{spelled(part.name)[:18]}_matrix") if block.matrix else ""
                for question in block.questions:
                    for row in self.question(question, matrix):
                        yield row | ({SECTION: heading} if heading else {})
                        heading = ""

    def field(self, name: str, type_: str, label: str) -> Row:
        """Return a field."""
        return {NAME: name, FORM: self.form_name, TYPE: type_, LABEL: label}

    def question(self, question: Question, matrix: str) -> Iterator[Row]:
        """Yield the fields of a question."""
        name, label = self.fields[question.id], in_language(question.text, self.language)
        asked = self.losses.asked(self.writer, self.rules[question.id])
        shared: Row = {BRANCHING: asked} if asked is not None else {}
        if is_required(question, self.questionnaire):
            shared[REQUIRED] = "y"
        if kind(question) == "ranking" and isinstance(question, Item):
            yield from self.ranks(question, name, label, shared)
        else:
            row = self.field(name, _TYPES.get(kind(question), "text"), label) | shared
            if kind(question) in ("choice", "multiple"):
                row[CHOICES] = self.choices(question)
            row |= {NOTE: self.note(question), MATRIX: matrix, ANNOTATION: self.annotation(question)}
            if isinstance(question, Item) and question.type == "number":
                row |= self.bounds(question)
            yield row
        if isinstance(question, Item):
            self.note_losses(question)
            yield from self.other_text(question, name, asked)

    def ranks(self, item: Item, name: str, label: str, shared: Row) -> Iterator[Row]:
        """Yield a ranking: a matrix in which every answer has a rank and no two have the same."""
        answers = answers_of(item, self.questionnaire).answers
        matrix = self.fresh(f"{name}_ranks")
        ranks = " | ".join(f"{rank}, {rank}" for rank in range(1, len(answers) + 1))
        head = f"{label}\n{words(self.language)['rank_all']}"
        for place, answer in enumerate(answers, start=1):
            row = self.field(rank_field(name, place), "radio", in_language(answer.label, self.language))
            row |= shared | {CHOICES: ranks, MATRIX: matrix, RANKING: "y"}
            row[ANNOTATION] = f"ranking={item.id} answer={answer.value}"
            if place == 1:
                row[SECTION] = head
            yield row

    def choices(self, question: Question) -> str:
        """Return answers and missing answers: code, comma, label, with bars between."""
        pairs = [(answer.value, answer.label) for answer in answers_of(question, self.questionnaire).answers]
        pairs += [(code.code, code.label) for code in offered_missing(question, self.questionnaire)]
        return " | ".join(
            f"{value}, {_line(in_language(label, self.language)).replace('|', '｜')}"
            for value, label in pairs
        )

    def note(self, question: Question) -> str:
        """Return the small print."""
        if isinstance(question, AttentionCheck):
            return ""
        said = [in_language(question.hint, self.language)] if question.hint else []
        if question.type == "number":
            said += number_hints(question, self.questionnaire, self.language)
        if question.type == "code":
            said.append(code_hint(question, self.language))
        if question.type == "multiple":
            said.append(words(self.language)["choose_all"])
        return _line(" ".join(said))

    def annotation(self, question: Question) -> str:
        """Return the psychometric keys and the answers that exclude all others."""
        if isinstance(question, AttentionCheck):
            return f"expected={question.expected}"
        said = []
        if question.type == "multiple":
            answers = answers_of(question, self.questionnaire).answers
            alone = [answer.value for answer in answers if answer.exclusive]
            alone += [code.code for code in offered_missing(question, self.questionnaire)]
            if alone:
                said.append(f"@NONEOFTHEABOVE='{','.join(map(str, alone))}'")
        if question.scale is not None:
            said.append(f"scale={question.scale} reverse={str(question.reverse).lower()}")
        return " ".join(said)

    def bounds(self, item: Item) -> Row:
        """Return what numbers are right; REDCap warns of others and takes them all the same."""
        row = {VALIDATION: "integer" if item.integer else "number"}
        if item.minimum is not None:
            row[LOW] = without_exponent(item.minimum)
        if item.maximum is not None:
            row[HIGH] = without_exponent(item.maximum)
        return row

    def note_losses(self, item: Item) -> None:
        """Note what a data dictionary has no column for."""
        if self.rules[item.id].refused != NEVER:
            self.losses.note("form-constraints-not-expressed", item.id)
        if item.type == "code":
            self.losses.note("form-bounds-not-expressed", item.id)

    def other_text(self, item: Item, name: str, asked: str | None) -> Iterator[Row]:
        """Yield the field of the text beside an answer."""
        if item.answers is None:
            return
        others = [answer for answer in answers_of(item, self.questionnaire).answers if answer.other]
        if not others:
            return
        label = words(self.language)["other_text"].format(
            answer=" / ".join(in_language(answer.label, self.language) for answer in others)
        )
        row = self.field(f"{name}{TEXT_SUFFIX}", "text", label)
        if item.type != "ranking":
            row[BRANCHING] = " or ".join(self.writer.selected(item, answer.value, True) for answer in others)
        elif asked is not None:
            row[BRANCHING] = asked
        yield row


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
