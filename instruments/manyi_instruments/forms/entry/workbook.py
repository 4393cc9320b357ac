"""The entry sheet as an Excel workbook: two sheets to type into, one of codes, one that tells how."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms.definition_mark import definition_mark
from manyi_instruments.forms.entry.columns import EntryColumn, entry_columns
from manyi_instruments.forms.entry.names import ABOUT, CODES, ENTRIES
from manyi_instruments.forms.hints import plain
from manyi_instruments.forms.wording import in_language, words
from manyi_instruments.timeless import EPOCH, without_times

#: Cell of ``about`` that holds the mark of the definition.
MARK = "B1"
#: Rows that are checked while typing.
ROWS = 5000

# Limits of Excel.
_LIST, _PROMPT, _TITLE = 250, 250, 30
_HEADING = PatternFill("solid", fgColor="DCE6F1")
_KEY = PatternFill("solid", fgColor="FFF2CC")
_DIFFERENT = PatternFill("solid", bgColor="F8CBAD")
_LINE = Border(bottom=Side("thin", color="8C8C8C"))


def entry_workbook(questionnaire: Questionnaire) -> bytes:
    """Return the entry sheet of a questionnaire as the content of an ``.xlsx``.

    Parameters
    ----------
    questionnaire : Questionnaire
        Any. Headings show its first two languages.

    Returns
    -------
    bytes
        The same questionnaire gives the same bytes. A cell outside the answers or bounds is refused by
        Excel; cells in which two entries of one serial number differ are coloured in both sheets.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    columns = entry_columns(questionnaire)
    sheets = [book.create_sheet(name) for name in ENTRIES]
    rows = _codes(book.create_sheet(CODES), columns, questionnaire)
    for sheet, other in zip(sheets, reversed(ENTRIES), strict=True):
        _entry(sheet, columns, other, rows)
    _about(book.create_sheet(ABOUT), questionnaire)
    book.properties.creator = "manyi"
    book.properties.created = EPOCH
    written = BytesIO()
    book.save(written)
    return without_times(written.getvalue())


def _entry(
    sheet: Worksheet, columns: tuple[EntryColumn, ...], other: str, listed: dict[str, tuple[int, int]]
) -> None:
    """Fill one of the two sheets: headings, checks of each column, colours where the other one differs."""
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        cell = sheet.cell(1, number)
        cell.value, cell.data_type = column.heading, "s"
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        cell.font, cell.fill, cell.border = Font(size=9, bold=number <= 2), _HEADING, _LINE
        dimension = sheet.column_dimensions[letter]
        dimension.width = 14 if number <= 2 else 24 if column.is_text else 16
        if number <= 2:
            cell.fill = _KEY
        if column.is_text:
            dimension.number_format = "@"
        sheet.add_data_validation(_validation(column, letter, listed))
    sheet.row_dimensions[1].height = 110
    sheet.freeze_panes = "C2"
    last = get_column_letter(len(columns))
    serials = f"{other}!$A$2:$A${ROWS + 1}"
    theirs = f"INDEX({other}!B$2:B${ROWS + 1},MATCH($A2,{serials},0))"
    differs = f'IFERROR(AND($A2<>"",COUNTIF({serials},$A2)=1,B2&""<>{theirs}&""),FALSE)'
    sheet.conditional_formatting.add(f"B2:{last}{ROWS + 1}", _coloured(differs))
    twice = f'AND($A2<>"",COUNTIF($A$2:$A${ROWS + 1},$A2)>1)'
    sheet.conditional_formatting.add(f"A2:A{ROWS + 1}", _coloured(twice))


def _coloured(formula: str) -> Rule:
    style = DifferentialStyle(fill=_DIFFERENT)
    return Rule(type="expression", dxf=style, formula=[formula])


def _validation(column: EntryColumn, letter: str, listed: dict[str, tuple[int, int]]) -> DataValidation:
    """Return what Excel checks in a column, and what it shows beside the cell."""
    if column.bounds is not None:
        rule = _bounded(column, letter)
    elif column.accepted:
        values = ",".join(map(str, column.accepted))
        first, last = listed[column.code]
        formula = f'"{values}"' if len(values) <= _LIST else f"{CODES}!$D${first}:$D${last}"
        rule = DataValidation(type="list", formula1=formula)
    else:
        rule = DataValidation()
    labels = "\n".join(f"{value} = {label}" for value, label in column.accepted.items() if label)
    prompt = f"{column.prompt}\n{labels}" if labels else column.prompt
    rule.promptTitle = _cut(column.code, _TITLE)
    rule.prompt = _cut(prompt, _PROMPT)
    rule.errorTitle = rule.promptTitle
    rule.error = _cut(f"{column.code}: {prompt}", _PROMPT)
    rule.errorStyle = "stop"
    rule.showInputMessage, rule.showErrorMessage = True, rule.type is not None
    rule.allow_blank = True
    rule.add(f"{letter}2:{letter}{ROWS + 1}")
    return rule


def _bounded(column: EntryColumn, letter: str) -> DataValidation:
    """Return the check of a number: its bounds, or one of the codes it accepts besides."""
    low, high = column.bounds or (None, None)
    cell = f"{letter}2"
    terms = [f"ISNUMBER({cell})"]
    terms += [f"{cell}>={plain(low)}"] if low is not None else []
    terms += [f"{cell}<={plain(high)}"] if high is not None else []
    terms += [f"{cell}=INT({cell})"] if column.whole else []
    condition = f"AND({','.join(terms)})"
    codes = [f"{cell}={code}" for code in column.accepted]
    formula = f"OR({','.join((condition, *codes))})" if codes else condition
    return DataValidation(type="custom", formula1=formula)


def _codes(
    sheet: Worksheet, columns: tuple[EntryColumn, ...], questionnaire: Questionnaire
) -> dict[str, tuple[int, int]]:
    """Fill the sheet of codes; return the rows in which each column's stand."""
    own = words(questionnaire.languages[0])
    headings = [own[f"entry_{name}"] for name in ("item", "question", "wording", "code", "label")]
    _heading(sheet, headings, (16, 10, 60, 8, 40))
    rows: dict[str, tuple[int, int]] = {}
    at = 2
    for column in columns:
        if not column.accepted:
            continue
        number, _, wording = column.wording.partition(". ")
        rows[column.code] = (at, at + len(column.accepted) - 1)
        for value, label in column.accepted.items():
            contents: tuple[str | int, ...] = (column.code, int(number), wording, value, label)
            for place, content in enumerate(contents, start=1):
                cell = sheet.cell(at, place)
                cell.value = content
                if isinstance(content, str):
                    cell.data_type = "s"
                cell.alignment = Alignment(vertical="top", wrap_text=place in (3, 5))
            at += 1
    return rows


def _about(sheet: Worksheet, questionnaire: Questionnaire) -> None:
    """Fill the sheet that tells how to type in, and which definition the workbook belongs to."""
    sheet["A1"] = "manyi"
    sheet[MARK] = definition_mark(questionnaire, questionnaire.languages).written()
    at = 3
    for language in questionnaire.languages[:2]:
        title = sheet.cell(at, 1)
        title.value, title.data_type = in_language(questionnaire.title, language), "s"
        title.font = Font(size=13, bold=True)
        for line in words(language)["entry_how"].split("|"):
            at += 1
            cell = sheet.cell(at, 1)
            cell.value, cell.data_type = line, "s"
            sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=2)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            sheet.row_dimensions[at].height = 32
        at += 2
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 40, 70


def _heading(sheet: Worksheet, headings: list[str], widths: tuple[int, ...]) -> None:
    for number, (text, width) in enumerate(zip(headings, widths, strict=True), start=1):
        cell = sheet.cell(1, number)
        cell.value, cell.font, cell.fill = text, Font(bold=True), _HEADING
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"


def _cut(text: str, most: int) -> str:
    """Return a text no longer than Excel allows."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
