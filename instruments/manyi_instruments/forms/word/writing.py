"""Paragraphs of the Word form: wordings in one language or two, boxes, and fields that Word fills in."""

from collections.abc import Sequence
from typing import Any
from unicodedata import east_asian_width

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from manyi_instruments.forms.printed import PrintedAnswer, Said
from manyi_instruments.forms.word.styles import SECOND, SYMBOL
from manyi_instruments.forms.wording import right_to_left

#: To tick, and one box a digit: characters every East Asian typeface has, so that they are set in it.
CIRCLE, BOX = "○", "□"
#: Keeps a circle and its label on one line.
TIED = "\u00a0"
OTHER_LINE = "\u00a0" + "_" * 12
#: Width in mm of a full-width and of any other character of an answer, and of what stands before and behind.
WIDE, NARROW, BEFORE, GAP = 3.75, 1.95, 8.0, 5.0


class Writer:
    """Writes wordings into paragraphs.

    Parameters
    ----------
    languages : sequence of str
        One or two; the second is set smaller.
    document : Document
        Whose styles are used; looked up once, since the library searches all of them each time.
    """

    def __init__(self, languages: Sequence[str], document: Document) -> None:
        self.languages = tuple(languages)
        self.styles = {style.name: style.style_id for style in document.styles}

    def dress(self, paragraph: Paragraph, style: str) -> Paragraph:
        """Give a paragraph a style; return it."""
        paragraph._p.style = self.styles[style]
        return paragraph

    def run(self, paragraph: Paragraph, text: str, style: str | None = None, language: str = "") -> Run:
        """Add text; each line break a break."""
        run = paragraph.add_run(text)
        if style is not None:
            run._r.style = self.styles[style]
        language = language or self.languages[0]
        if right_to_left(language):
            _property(run, "w:rtl")
        if language != self.languages[0]:
            lang = _property(run, "w:lang")
            for attribute in ("val", "eastAsia", "bidi"):
                lang.set(qn(f"w:{attribute}"), language)
        return run

    def say(
        self,
        paragraph: Paragraph,
        said: Said,
        *,
        below: bool = False,
        style: str | None = None,
        second: str = SECOND,
    ) -> None:
        """Add a wording; the second language behind or below the first."""
        for index, text in enumerate(said):
            if index:
                if below:
                    paragraph.runs[-1].add_break()
                else:
                    self.run(paragraph, " ")
            self.run(paragraph, text, second if index else style, self.languages[index])

    def answer(self, paragraph: Paragraph, answer: PrintedAnswer, mark: str = CIRCLE) -> None:
        """Add an answer to tick: circle, code, label."""
        self.symbol(paragraph, mark)
        self.run(paragraph, answer.code, "Answer code")
        for index, text in enumerate(answer.label):
            style = SECOND if index else None
            self.run(paragraph, TIED + text, style, self.languages[index])
        if answer.other:
            self.run(paragraph, OTHER_LINE)

    def rows(
        self, answers: Sequence[PrintedAnswer], width: float
    ) -> tuple[list[Sequence[PrintedAnswer]], float]:
        """Return answers in rows that fit the width in mm, and the width of a column; 0 for one row."""
        widths = [self.width(answer) + GAP for answer in answers]
        if sum(widths) <= width + GAP:
            return [answers], 0.0
        column = max(widths)
        fitting = max(1, min(6, int((width + GAP) / column)))
        rows = -(-len(answers) // fitting)
        fitting = -(-len(answers) // rows)
        return [answers[at : at + fitting] for at in range(0, len(answers), fitting)], column

    def width(self, answer: PrintedAnswer) -> float:
        """Return about how wide an answer is, in mm."""
        label = "".join(answer.label) + (OTHER_LINE if answer.other else "")
        return BEFORE + sum(WIDE if east_asian_width(sign) in "WF" else NARROW for sign in label)

    def symbol(self, paragraph: Paragraph, symbols: str) -> None:
        """Add circles or boxes."""
        run = paragraph.add_run(symbols)
        run._r.style = self.styles[SYMBOL]
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:hint"), "eastAsia")

    def field(self, paragraph: Paragraph, code: str) -> None:
        """Add a field that Word fills in, such as ``PAGE``."""
        for kind in ("begin", "", "separate", "text", "end"):
            run = paragraph.add_run()
            if kind == "":
                instruction = OxmlElement("w:instrText")
                instruction.set(qn("xml:space"), "preserve")
                instruction.text = f" {code} "
                run._r.append(instruction)
            elif kind == "text":
                run.text = "1"
            else:
                character = OxmlElement("w:fldChar")
                character.set(qn("w:fldCharType"), kind)
                run._r.append(character)


def _property(run: Run, name: str) -> Any:
    element = OxmlElement(name)
    run._r.get_or_add_rPr().append(element)
    return element
