"""The received answers as files of the platforms they came from.

Parents answered on 问卷星 (an ``.xlsx`` by option number) and, in rural schools, on paper (typed into a
table); teachers on 问卷星 (a GB18030 CSV by text); pupils on a form with access codes (a UTF-8 CSV of stored
values).
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi.example.spoil import Received
from manyi.example.workbook import workbook_bytes
from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Questionnaire

SCHOOL_HEADING = "学校代码"
Question = Item | AttentionCheck


@dataclass(frozen=True, slots=True)
class Export:
    """One file of answers: its name, its bytes and which rows received it holds, in their order."""

    name: str
    content: bytes
    rows: tuple[int, ...]


def exports(role: str, received: Received, questionnaire: Questionnaire) -> tuple[Export, ...]:
    """Return the files of a role.

    Parameters
    ----------
    role : str
        ``parents``, ``teachers`` or ``students``.
    received : Received
        The answers.
    questionnaire : Questionnaire
        Wordings and answer lists.
    """
    return _WRITERS[role](received, questionnaire)


def _parents(received: Received, questionnaire: Questionnaire) -> tuple[Export, ...]:
    online = np.flatnonzero(~received.paper)
    columns = _wenjuanxing(received, questionnaire, online, "number")
    content = workbook_bytes(list(columns), [_as_numbers(cells) for cells in columns.values()])
    title = questionnaire.title["zh"]
    name = f"284617035_按序号_{title}_{len(online)}_{len(online)}.xlsx"
    paper = np.flatnonzero(received.paper)
    typed = {SCHOOL_HEADING: received.school.iloc[paper].tolist(), **_stored(received, questionnaire, paper)}
    return (
        Export(name, content, tuple(online.tolist())),
        Export("纸质问卷录入.csv", _csv(typed, "utf-8-sig"), tuple(paper.tolist())),
    )


def _teachers(received: Received, questionnaire: Questionnaire) -> tuple[Export, ...]:
    rows = np.arange(len(received.values))
    columns = _wenjuanxing(received, questionnaire, rows, "text")
    name = f"284617102_按文本_{questionnaire.title['zh']}_{len(rows)}_{len(rows)}.csv"
    return (Export(name, _csv(columns, "gb18030"), tuple(rows.tolist())),)


def _students(received: Received, questionnaire: Questionnaire) -> tuple[Export, ...]:
    rows = np.arange(len(received.values))
    columns = {
        "person": received.person.tolist(),
        "school": received.school.tolist(),
        "submitted": pd.Series(received.submitted).dt.strftime("%Y-%m-%d %H:%M:%S").tolist(),
        "seconds": received.seconds.astype(np.int64).astype(str).tolist(),
        **_stored(received, questionnaire, rows),
    }
    return (Export("students.csv", _csv(columns, "utf-8"), tuple(rows.tolist())),)


_WRITERS: Mapping[str, Callable[[Received, Questionnaire], tuple[Export, ...]]] = {
    "parents": _parents,
    "teachers": _teachers,
    "students": _students,
}


def _stored(received: Received, questionnaire: Questionnaire, rows: np.ndarray) -> dict[str, list[str]]:
    """Return stored values under the items' ids; an unanswered question is an empty cell."""
    blank = questionnaire.missing_codes["no_answer"].code
    columns = {}
    for question in questionnaire.questions():
        if questionnaire.answer_list(question) is None:
            columns[question.id] = received.open_answer.iloc[rows].tolist()
            continue
        values = received.values[question.id].to_numpy()[rows]
        columns[question.id] = _with_stray(
            received, question, rows, np.where(values == blank, "", values.astype(str))
        )
    return columns


def _wenjuanxing(
    received: Received, questionnaire: Questionnaire, rows: np.ndarray, style: str
) -> dict[str, list[str]]:
    """Return the columns of an export of 问卷星, by option number or by text."""
    count = len(rows)
    moments = pd.DatetimeIndex(received.submitted[rows])
    columns: dict[str, list[str]] = {
        "序号": [str(number) for number in range(1, count + 1)],
        "提交答卷时间": [f"{t.year}/{t.month}/{t.day} {t:%H:%M:%S}" for t in moments],
        "所用时间": [f"{seconds:.0f}秒" for seconds in received.seconds[rows]],
        "来源": ["微信"] * count,
        "来源详情": ["N/A"] * count,
        "来自IP": [""] * count,
        f"1、{SCHOOL_HEADING}": received.school.iloc[rows].tolist(),
    }
    for heading, question in _headings(questionnaire, first=2):
        cells = _spelling(questionnaire, question, style)
        if cells is None:
            empty = "(空)" if style == "text" else "-2"
            columns[heading] = [text or empty for text in received.open_answer.iloc[rows]]
            continue
        values = received.values[question.id].to_numpy()[rows]
        known, index = np.unique(values, return_inverse=True)
        spelt = np.array([cells.get(int(value), "") for value in known], dtype=object)[index]
        columns[heading] = _with_stray(received, question, rows, spelt)
    return columns


def _headings(questionnaire: Questionnaire, first: int) -> Iterator[tuple[str, Question]]:
    """Yield every question's heading: those of one scale and one answer list are a matrix with one number."""
    questions = list(questionnaire.questions())
    number, previous = first - 1, ("", "")
    for index, question in enumerate(questions):
        if isinstance(question, AttentionCheck):
            block = (previous[0], str(question.answers))
        else:
            block = (question.scale or question.id, str(question.answers))
        text = question.text["zh"]
        if block == previous:
            yield f"{number}、{text}", question
            continue
        number, previous = number + 1, block
        following = next((item for item in questions[index + 1 :] if isinstance(item, Item)), None)
        matrix = following is not None and (following.scale, following.answers) == block
        stem = f"{questionnaire.scale(block[0]).title['zh']}：下列说法与您的看法相符吗？—" if matrix else ""
        yield f"{number}、{stem}{text}", question


def _spelling(questionnaire: Questionnaire, question: Question, style: str) -> dict[int, str] | None:
    """Return how each value of a question is spelt; None for open questions."""
    answers = questionnaire.answer_list(question)
    if answers is None:
        return None
    codes = questionnaire.missing_codes
    if style == "text":
        spelling = {answer.value: answer.label["zh"] for answer in answers.answers}
        return spelling | {
            codes["dont_know"].code: codes["dont_know"].label["zh"],
            codes["no_answer"].code: "(空)",
        }
    spelling = {answer.value: str(place) for place, answer in enumerate(answers.answers, start=1)}
    return spelling | {codes["dont_know"].code: str(len(answers.answers) + 1), codes["no_answer"].code: "-2"}


def _with_stray(received: Received, question: Question, rows: np.ndarray, cells: np.ndarray) -> list[str]:
    """Return the cells of a question with the stray texts in their places."""
    stray = received.stray.loc[received.stray["item"] == question.id]
    if len(stray):
        place = pd.Series(np.arange(len(rows)), index=rows).reindex(stray["row"])
        cells = cells.astype(object)
        here = place.notna().to_numpy()
        cells[place[here].to_numpy(dtype=np.int64)] = stray["text"].to_numpy()[here]
    return [str(cell) for cell in cells]


def _as_numbers(cells: list[str]) -> list[str | int]:
    """Return whole numbers as number cells, as a spreadsheet would; codes with leading zeros stay text."""
    known: dict[str, str | int] = {}
    for cell in set(cells):
        digits = cell.removeprefix("-")
        known[cell] = int(cell) if digits.isdecimal() and (digits == "0" or digits[0] != "0") else cell
    return [known[cell] for cell in cells]


def _csv(columns: Mapping[str, list[str]], encoding: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode(encoding)
