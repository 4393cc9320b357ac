"""Broken YAML syntax as named faults: what a parser says in English, sorted by its cause."""

import re

import yaml

from manyi_instruments.faults import Fault, Place

#: Characters YAML forbids (YAML 1.1, section 5.1), as PyYAML's reader has them.
_FORBIDDEN = re.compile("[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FULLWIDTH_COLON = re.compile(r"^\s*(?:- )?\s*[\w\"']+\s*：")

#: First match wins: pattern of the parser's words (libyaml's and PyYAML's differ a little) and the fault.
_CAUSES = (
    (re.compile(r"'\\t'|found a tab|cannot start any token.*\t|tab character", re.S), "yaml-tab"),
    (re.compile(r"mapping values are not allowed"), "yaml-colon"),
    (re.compile(r"while scanning a quoted scalar.*(unexpected end of stream|document)", re.S), "yaml-quote"),
    (re.compile(r"unknown escape|did not find expected hexdecimal|invalid Unicode"), "yaml-escape"),
    (re.compile(r"undefined alias"), "yaml-alias"),
    (re.compile(r"flow (sequence|mapping)|expected ',' or"), "yaml-bracket"),
    (re.compile(r"could not find expected ':'"), "yaml-no-colon"),
    (re.compile(r"single document"), "yaml-documents"),
    (re.compile(r"block (mapping|collection|sequence)|indent"), "yaml-indent"),
)


def control_character(text: str, file: str) -> Fault | None:
    """Return a fault for the first character that YAML forbids, or None."""
    match = _FORBIDDEN.search(text)
    if match is None:
        return None
    before = text[: match.start()]
    line = before.count("\n") + 1
    column = match.start() - (before.rfind("\n") + 1) + 1
    return Fault("yaml-character", Place(file, line, column), {"character": f"U+{ord(match[0]):04X}"})


def syntax_fault(error: yaml.MarkedYAMLError, text: str, file: str) -> Fault:
    """Return the fault behind a parser's error.

    Parameters
    ----------
    error : yaml.MarkedYAMLError
        What PyYAML raised.
    text : str
        The whole text, to show the line.
    file : str
        Name shown in the place.

    Returns
    -------
    Fault
        A ``yaml-…`` fault at the parser's mark; for an opened quote or bracket, where it was opened.
    """
    words = f"{error.context or ''} {error.problem or ''}"
    code = next((code for pattern, code in _CAUSES if pattern.search(words)), "yaml-syntax")
    opened = code in ("yaml-quote", "yaml-bracket") and error.context_mark is not None
    mark = error.context_mark if opened else error.problem_mark or error.context_mark
    lines = text.splitlines() or [""]
    row = min(mark.line, len(lines) - 1) if mark is not None else 0
    column = mark.column + 1 if mark is not None else 1
    # The parser stops a line or two after a full-width colon; look back for it.
    for near in range(row, max(-1, row - 3), -1):
        if _FULLWIDTH_COLON.match(lines[near]):
            return Fault(
                "yaml-fullwidth-colon", Place(file, near + 1, lines[near].index("：") + 1), _line(lines[near])
            )
    if code == "yaml-syntax" and "\t" in lines[row][: len(lines[row]) - len(lines[row].lstrip())]:
        code = "yaml-tab"
    return Fault(code, Place(file, row + 1, column), _line(lines[row]))


def _line(line: str) -> dict[str, object]:
    shown = line.strip()
    return {"line": shown if len(shown) <= 60 else shown[:59] + "…"}
