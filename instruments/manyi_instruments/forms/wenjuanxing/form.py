"""The text of a questionnaire in the syntax of 问卷星's text import, one file a language.

Types stand in brackets behind the question, such as ``[单选题]``; ``[段落说明]`` is a text between them.
Of a matrix the first line holds the answers with blanks between, every further line a row. An answer that
ends in ``___`` asks for text.
"""

from collections.abc import Iterator

from manyi_instruments.definitions.questionnaire import AttentionCheck, Question, Questionnaire
from manyi_instruments.definitions.routing import rules
from manyi_instruments.expressions.definite import ALWAYS, NEVER
from manyi_instruments.faults import Fault
from manyi_instruments.forms.grids import grids
from manyi_instruments.forms.layout import Block, answers_of, is_required, kind, offered_missing, parts
from manyi_instruments.forms.losses import Losses
from manyi_instruments.forms.wenjuanxing.wording import answer, is_divided, line, single_line
from manyi_instruments.forms.wording import in_language, words

#: What the import calls the types of questions.
SINGLE, MULTIPLE, ORDER, FILL_IN = "[单选题]", "[多选题]", "[排序题]", "[填空题]"
MATRIX, LIKERT_MATRIX, PARAGRAPH = "[矩阵单选题]", "[矩阵量表题]", "[段落说明]"
#: Behind an answer: text is asked for beside it.
GAP = "___"
_TYPES = {"choice": SINGLE, "multiple": MULTIPLE, "ranking": ORDER}


def wenjuanxing_form(questionnaire: Questionnaire, language: str) -> tuple[bytes, tuple[Fault, ...]]:
    """Return the text in one language and what it cannot express: conditions, bounds, codes, keys."""
    form = _Form(questionnaire, language)
    content = "\n".join(form.lines())
    return (content + "\n").encode("utf-8"), form.losses.faults()


class _Form:
    """A text in the making."""

    def __init__(self, questionnaire: Questionnaire, language: str) -> None:
        self.questionnaire = questionnaire
        self.language = language
        self.rules = rules(questionnaire)
        self.losses = Losses(questionnaire, "问卷星")
        self.number = 0

    def say(self, wording: dict[str, str]) -> str:
        """Return a wording on one line."""
        return line(in_language(wording, self.language))

    def lines(self) -> Iterator[str]:
        """Yield the lines: title, introduction, school, questions, with a blank line behind each."""
        yield self.say(self.questionnaire.title)
        if self.questionnaire.introduction:
            text = in_language(self.questionnaire.introduction, self.language)
            yield from (line(one) for one in text.splitlines() if one.strip())
        yield ""
        yield self.heading(words(self.language)["school"], FILL_IN)
        yield ""
        for part in parts(self.questionnaire):
            yield f"{single_line(part.title(self.language))}{PARAGRAPH}"
            if part.section is not None and part.section.introduction:
                text = in_language(part.section.introduction, self.language)
                yield from (line(one) for one in text.splitlines() if one.strip())
            yield ""
            for block in grids(part, self.questionnaire, self.rules):
                if block.matrix:
                    yield from self.matrix(block)
                    yield ""
                else:
                    for question in block.questions:
                        yield from self.question(question)
                        yield ""

    def heading(self, text: str, type_: str) -> str:
        """Return the line that begins a question, with its number."""
        self.number += 1
        return f"{self.number}. {single_line(text)}{type_}"

    def matrix(self, block: Block) -> Iterator[str]:
        """Yield a matrix; answers scored 1, 2, 3 … by their place are a Likert matrix."""
        first = block.questions[0]
        answers = answers_of(first, self.questionnaire)
        by_place = answers.values == tuple(range(1, len(answers.values) + 1))
        likert = answers.ordered and by_place and not offered_missing(first, self.questionnaire)
        yield self.heading(words(self.language)["choose_row"], LIKERT_MATRIX if likert else MATRIX)
        labels = self.labels(first)
        yield " ".join(labels)
        for question in block.questions:
            yield self.say(question.text)
            self.note_losses(question)

    def question(self, question: Question) -> Iterator[str]:
        """Yield a question and its answers."""
        type_ = _TYPES.get(kind(question), FILL_IN)
        yield self.heading(in_language(question.text, self.language), type_)
        if type_ != FILL_IN:
            yield from self.labels(question)
        self.note_losses(question)

    def labels(self, question: Question) -> list[str]:
        """Return the labels of the answers and missing answers a question offers."""
        found = []
        for one in answers_of(question, self.questionnaire).answers:
            found.append(answer(in_language(one.label, self.language)) + (GAP if one.other else ""))
        for code in offered_missing(question, self.questionnaire):
            found.append(answer(in_language(code.label, self.language)))
        return found

    def note_losses(self, question: Question) -> None:
        """Note what the text has no words for."""
        rule = self.rules[question.id]
        if rule.asked != ALWAYS:
            self.losses.note("form-conditions-not-expressed", question.id)
        if rule.refused != NEVER:
            self.losses.note("form-constraints-not-expressed", question.id)
        if is_required(question, self.questionnaire):
            self.losses.note("form-required-not-expressed", question.id)
        self.losses.keys(question)
        if question.answers is not None:
            self.note_answers(question)
        if isinstance(question, AttentionCheck):
            return
        if question.hint is not None or question.type == "code" or question.unit is not None:
            self.losses.note("form-hints-not-expressed", question.id)
        if question.type in ("number", "code"):
            self.losses.note("form-bounds-not-expressed", question.id)

    def note_answers(self, question: Question) -> None:
        """Note answers whose codes or exclusions are lost, or whose labels the import may divide."""
        answers = answers_of(question, self.questionnaire)
        if answers.values != tuple(range(1, len(answers.values) + 1)):
            self.losses.note("form-codes-not-expressed", question.id)
        if kind(question) == "multiple":
            alone = any(one.exclusive for one in answers.answers)
            if alone or offered_missing(question, self.questionnaire):
                self.losses.note("form-exclusive-not-expressed", question.id)
        if is_divided([in_language(one.label, self.language) for one in answers.answers]):
            self.losses.note("form-answers-divided", question.id)
