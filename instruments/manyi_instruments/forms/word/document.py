"""The form on paper as a Word document: the same words, numbers and skip instructions as the PDF."""

from collections.abc import Sequence
from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.shared import Mm
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms.languages import require_languages
from manyi_instruments.forms.printed import (
    SCHOOL_BOXES,
    SERIAL_BOXES,
    Printed,
    PrintedBlock,
    PrintedPart,
    PrintedQuestion,
    Said,
    printed_form,
)
from manyi_instruments.forms.word.styles import SECOND, SECOND_HEADING, define_styles
from manyi_instruments.forms.word.tables import (
    HAIRLINE,
    RULE,
    add_table,
    boxed,
    line_below,
    repeat_row,
    shaded,
)
from manyi_instruments.forms.word.writing import BOX, CIRCLE, Writer
from manyi_instruments.forms.wording import right_to_left
from manyi_instruments.timeless import EPOCH, without_times

#: Widths in mm: between the margins, of a row's number, and the share of a matrix' answers with its limits.
TEXT, NUMBER = 176.0, 8.0
ANSWERS, ANSWER = 92.0, (7.5, 17.0)
BOX_WIDTH = 5.4

#: Characters that a property of an Office document may have; the title stands whole on the page.
PROPERTY = 255


def word_form(questionnaire: Questionnaire, language: str, second: str | None = None) -> bytes:
    """Return the form on paper as a ``.docx``, in one language or two.

    Parameters
    ----------
    questionnaire : Questionnaire
        Reverse keys, scales and expected answers are not shown.
    language : str
        One of its languages.
    second : str, optional
        Another one, set smaller behind or below every wording.

    Returns
    -------
    bytes
        The same questionnaire gives the same bytes. Every style names a Latin, an East Asian and a complex
        typeface, of which none is embedded.

    Raises
    ------
    DefinitionFaulty
        If the questionnaire lacks a language.
    """
    languages = (language,) if second is None else (language, second)
    require_languages(questionnaire, languages)
    return _Sheet(printed_form(questionnaire, languages)).content()


class _Sheet:
    """The document under way."""

    def __init__(self, form: Printed) -> None:
        self.form = form
        self.rtl = right_to_left(form.languages[0])
        self.document: WordDocument = Document()
        define_styles(self.document, form.languages[0], self.rtl)
        self.writer = Writer(form.languages, self.document)

    def content(self) -> bytes:
        self.page()
        self.properties()
        self.head()
        self.how()
        for part in self.form.parts:
            self.part(part)
        self.say("Closing", self.form.own["thanks"])
        written = BytesIO()
        self.document.save(written)
        return without_times(written.getvalue())

    def add(self, style: str) -> Paragraph:
        """Add a paragraph."""
        return self.writer.dress(self.document.add_paragraph(), style)

    def say(self, style: str, said: Said, below: bool = False) -> None:
        """Add a paragraph with a wording."""
        self.writer.say(self.add(style), said, below=below)

    # --- page, head, how to -------------------------------------------------------------------------------

    def page(self) -> None:
        """Set A4, margins, and the footer: definition, end of the form, page and pages as fields."""
        (section,) = self.document.sections
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(17)
        section.top_margin, section.bottom_margin = Mm(15), Mm(17)
        section.header_distance, section.footer_distance = Mm(8), Mm(9)
        footer = section.footer.paragraphs[0]
        footer.style = self.document.styles["Footer"]
        footer.style.paragraph_format.tab_stops.clear_all()
        footer.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT), WD_TAB_ALIGNMENT.RIGHT)
        self.writer.run(footer, f"{self.form.footer}\t")
        for index, said in enumerate(self.form.own["pages"]):
            if index:
                self.writer.run(footer, " · ")
            before, _, rest = said.partition("{page}")
            between, _, behind = rest.partition("{pages}")
            self.writer.run(footer, before)
            self.writer.field(footer, "PAGE")
            self.writer.run(footer, between)
            self.writer.field(footer, "NUMPAGES")
            self.writer.run(footer, behind)

    def properties(self) -> None:
        """Set what the file says about itself; no time, and no name of a person."""
        about = self.document.core_properties
        about.title, about.author, about.last_modified_by = self.form.title[0][:PROPERTY], "manyi", "manyi"
        about.comments, about.keywords, about.revision = "", self.form.mark, 1
        about.language = self.form.languages[0]
        about.created = about.modified = EPOCH

    def head(self) -> None:
        """Add the mark of the definition, boxes for school code and serial number, title and introduction."""
        import segno

        between = 5.0
        boxes = (SCHOOL_BOXES, SERIAL_BOXES)
        widths = [
            TEXT - between - BOX_WIDTH * sum(boxes),
            *[BOX_WIDTH] * boxes[0],
            between,
            *[BOX_WIDTH] * boxes[1],
        ]
        table = add_table(self.document, 2, widths, self.rtl)
        mark = table.cell(0, 0).merge(table.cell(1, 0))
        picture = BytesIO()
        segno.make_qr(self.form.mark, error="m").save(picture, kind="png", scale=6, border=0)
        picture.seek(0)
        mark.paragraphs[0].add_run().add_picture(picture, width=Mm(15))
        start = 1
        for key, count in zip(("school", "serial"), boxes, strict=True):
            cell = table.cell(0, start).merge(table.cell(0, start + count - 1))
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.BOTTOM
            self.writer.dress(cell.paragraphs[0], "Head field")
            self.writer.say(cell.paragraphs[0], self.form.own[key])
            for place in range(start, start + count):
                boxed(table.cell(1, place))
            start += count + 1
        # Both rows together hold the picture, which an exact height would cut off.
        table.rows[0].height = Mm(9.4)
        table.rows[1].height, table.rows[1].height_rule = Mm(6.4), WD_ROW_HEIGHT_RULE.EXACTLY
        title = self.add("Title")
        self.writer.say(title, self.form.title, below=True)
        for index, said in enumerate(self.form.introduction):
            for text in filter(None, map(str.strip, said.split("\n"))):
                paragraph = self.add("Introduction")
                style = SECOND if index else None
                self.writer.run(paragraph, text, style, self.form.languages[index])

    def how(self) -> None:
        """Add how to fill in the form, in a box."""
        self.add("Spacer")
        table = add_table(self.document, 1, [TEXT], self.rtl)
        cell = table.cell(0, 0)
        boxed(cell, HAIRLINE)
        heading = cell.paragraphs[0]
        self.writer.dress(heading, "How to")
        self.writer.say(heading, self.form.own["how_title"])
        heading.runs[0].bold = True
        for said in self.form.how:
            line = self.writer.dress(cell.add_paragraph(), "How to")
            self.writer.run(line, "· ")
            self.writer.say(line, said, below=True)

    # --- parts --------------------------------------------------------------------------------------------

    def part(self, part: PrintedPart) -> None:
        self.say("Heading 1", part.heading)
        if part.condition:
            self.say("Instruction", part.condition, below=True)
        if part.introduction:
            self.say("Section introduction", part.introduction, below=True)
        for block in part.blocks:
            if block.matrix:
                self.matrix(block)
            else:
                for question in block.questions:
                    self.question(question)

    def question(self, question: PrintedQuestion) -> None:
        """Add a question that stands by itself and how it is answered."""
        if question.condition:
            self.say("Instruction", question.condition, below=True)
        paragraph = self.add("Question")
        self.writer.run(paragraph, f"{question.number}").bold = True
        self.writer.run(paragraph, "\t")
        for index, text in enumerate(question.text):
            if index:
                paragraph = self.add("Question hint")
            language = self.form.languages[index]
            self.writer.run(paragraph, text, SECOND if index else None, language)
            if index < len(question.note):
                self.writer.run(paragraph, f" {question.note[index]}", "Note", language)
        if question.hint:
            self.say("Question hint", question.hint, below=True)
        self.answers(question)

    def answers(self, question: PrintedQuestion) -> None:
        if question.kind == "text":
            for _ in range(question.lines):
                self.add("Answer line")
            return
        if question.kind == "number":
            self.boxes(question)
            return
        mark = BOX if question.kind == "ranking" else CIRCLE
        rows, column = self.writer.rows(question.answers, TEXT - NUMBER)
        for row in rows:
            paragraph = self.add("Answers")
            # Answers of one question stay on one page, the last row included.
            paragraph.paragraph_format.keep_with_next = row is not rows[-1]
            for place, answer in enumerate(row):
                if place and column:
                    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(NUMBER + place * column))
                if place:
                    self.writer.run(paragraph, "\t" if column else "\u2003\u2003")
                self.writer.answer(paragraph, answer, mark)

    def boxes(self, question: PrintedQuestion) -> None:
        """Add one box a digit, the unit, and the missing answers a number offers."""
        paragraph = self.add("Answers")
        self.writer.symbol(paragraph, BOX * question.whole)
        if question.decimals:
            self.writer.run(paragraph, ".")
            self.writer.symbol(paragraph, BOX * question.decimals)
        if question.unit:
            self.writer.run(paragraph, " ")
            self.writer.say(paragraph, question.unit)
        for answer in question.answers:
            self.writer.run(paragraph, "\u2003\u2003")
            self.writer.answer(paragraph, answer)

    def matrix(self, block: PrintedBlock) -> None:
        """Add a matrix: headings that come again on every page, rows that are never split."""
        answers = (*block.columns, *block.missing)
        width = min(max(ANSWERS / len(answers), ANSWER[0]), ANSWER[1])
        widths = [NUMBER, TEXT - NUMBER - width * len(answers), *[width] * len(answers)]
        table = add_table(self.document, 1 + len(block.questions), widths, self.rtl)
        heading = table.rows[0]
        repeat_row(heading)
        cells = heading.cells
        corner = cells[0].merge(cells[1])
        self.writer.dress(corner.paragraphs[0], "Matrix heading")
        corner.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.LEFT
        self.writer.say(corner.paragraphs[0], self.form.own["choose_row"], below=True)
        for cell, answer in zip(cells[2:], answers, strict=True):
            self.writer.dress(cell.paragraphs[0], "Matrix heading")
            self.writer.say(cell.paragraphs[0], answer.label, below=True, second=SECOND_HEADING)
        for cell in {id(cell._tc): cell for cell in cells}.values():
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.BOTTOM
            line_below(cell, RULE, 8)
        for place, (row, question) in enumerate(zip(list(table.rows)[1:], block.questions, strict=True)):
            self.row(row.cells, question, block, place)
        self.add("Spacer")

    def row(self, cells: Sequence[_Cell], question: PrintedQuestion, block: PrintedBlock, place: int) -> None:
        number, text, *boxes = cells
        self.writer.dress(number.paragraphs[0], "Matrix row")
        self.writer.run(number.paragraphs[0], str(question.number)).bold = True
        paragraph = text.paragraphs[0]
        if question.condition:
            self.writer.dress(paragraph, "Instruction")
            self.writer.say(paragraph, question.condition, below=True)
            paragraph = text.add_paragraph()
        self.writer.dress(paragraph, "Matrix row")
        self.writer.say(paragraph, question.text, below=True)
        if question.hint:
            paragraph.runs[-1].add_break()
            self.writer.say(paragraph, question.hint, below=True, style="Note")
        answers = (*block.columns, *block.missing)
        for column, (cell, answer) in enumerate(zip(boxes, answers, strict=True)):
            self.writer.dress(cell.paragraphs[0], "Matrix answer")
            if column < len(block.columns) or answer.code in question.missing:
                self.writer.symbol(cell.paragraphs[0], CIRCLE)
                self.writer.run(cell.paragraphs[0], answer.code, "Answer code")
        for cell in cells:
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            line_below(cell, HAIRLINE, 4)
            if place % 2:
                shaded(cell, "F3F3F3")
        if place < min(2, len(block.questions) - 1):
            # The headings and the first rows stay together.
            for cell in cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
