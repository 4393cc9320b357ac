"""Ids for drafted items: from headings where these can name variables, else from question numbers."""

import re
from collections.abc import Sequence

from manyi.readers.platforms.source import SourceQuestion
from manyi_instruments.definitions.questionnaire import RESERVED

LONGEST = 24
#: Names that cannot be ids: columns of manyi, words of SPSS syntax, what YAML reads as no text, result terms.
TAKEN = {
    *RESERVED,
    *("yes", "no", "on", "off", "true", "false", "null"),
    *("kept", "all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"),
    *("constant", "intercept", "const"),
}


def draft_ids(questions: Sequence[SourceQuestion]) -> list[str]:
    """Return a unique id for every question, usable as a variable name in SPSS, R and Python.

    The platform's own name of the question becomes the id, else an ASCII heading of one to four words.
    Others take the number the platform gave, ``Q8`` and ``Q8_2`` for the second row of a matrix, or their
    place in the file where numbers restart.

    Parameters
    ----------
    questions : sequence of SourceQuestion
        In the order of the file.

    Returns
    -------
    list of str
        Ids that differ without regard to case and end in nothing that manyi adds to ids.
    """
    numbers = _numbers(questions)
    taken = set(TAKEN)
    ids = []
    for question, number in zip(questions, numbers, strict=True):
        name = _from_heading(question) or number
        # "_r" is added to reversed items, "__" to the answers of a multiple choice.
        name = re.sub(r"_{2,}", "_", name)
        name = f"{name}_item" if name.lower().endswith("_r") else name
        name = f"Q_{name}" if name.lower().startswith("flag_") else name
        unique, copy = name, 2
        while unique.lower() in taken:
            unique, copy = f"{name}_{copy}", copy + 1
        taken.add(unique.lower())
        ids.append(unique)
    return ids


def _from_heading(question: SourceQuestion) -> str:
    if question.code.isascii() and len(question.code) <= LONGEST:
        code = re.sub(r"[^A-Za-z0-9]+", "_", question.code).strip("_")
        if re.match(r"[A-Za-z]", code):
            return code
    heading = question.heading.strip()
    if question.number or not heading.isascii() or len(heading) > LONGEST or len(heading.split()) > 4:
        return ""
    name = re.sub(r"[^A-Za-z0-9]+", "_", heading).strip("_")
    return name if re.match(r"[A-Za-z]", name) else ""


def _numbers(questions: Sequence[SourceQuestion]) -> list[str]:
    groups: list[tuple[str, str]] = []
    for question in questions:
        key = (question.number, question.text if question.kind == "matrix" else question.heading)
        if not groups or groups[-1] != key or question.kind != "matrix":
            groups.append(key)
    given = [number for number, _ in groups]
    restarted = len(set(given)) < len(given) or not all(given)
    names = []
    group, row, last = 0, 0, ("", "")
    for question in questions:
        key = (question.number, question.text if question.kind == "matrix" else question.heading)
        if key != last or question.kind != "matrix":
            group, row, last = group + 1, 0, key
        row += 1
        base = f"Q{group}" if restarted else f"Q{question.number}"
        names.append(f"{base}_{row}" if question.kind == "matrix" else base)
    return names
