"""The text of a mapping file: made new, or its proposals renewed without touching a line of a person's."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from zlib import crc32

import yaml

from manyi.readers.matching.answer_proposals import AnswerProposal
from manyi.readers.matching.mapping_file import (
    ColumnMapping,
    MappingFile,
    ProposedAnswer,
    ProposedColumn,
    nothing_is_empty,
)
from manyi.readers.matching.proposals import Proposal
from manyi_instruments.definitions.yaml_source import read_yaml_model

_COLUMNS, _ANSWERS = "proposed", "proposed_answers"
_OWN_LINE = re.compile(r"(?P<content>- \{.*\})  # (?P<sum>[0-9a-f]{8})")


def mapping_text(
    mapping: MappingFile,
    file: str,
    proposals: Iterable[Proposal],
    answers: Iterable[AnswerProposal],
    language: str,
) -> str | None:
    """Return the text of a mapping file with these proposals.

    A line belongs to the program where it stands under ``proposed`` or ``proposed_answers`` and the check sum
    behind it is still right: nobody changed it. Such lines are renewed or dropped; all others stay, as they
    are and in their order. A question a person has a line for is not proposed again.

    Parameters
    ----------
    mapping : MappingFile
        The file as it stands; with empty text where there is none.
    file : str
        Path of the file of answers, for the reader.
    proposals, answers : iterable
        What to propose.
    language : str
        Of the comments.

    Returns
    -------
    str or None
        None where the proposals cannot be put in without changing something else: the keys are written in
        a form the program does not write.
    """
    words = _words(language)
    wanted = {
        _COLUMNS: {proposal.item: _column_line(proposal, words) for proposal in proposals},
        _ANSWERS: {
            f"{proposal.item}\x00{proposal.cell}": _answer_line(proposal, words) for proposal in answers
        },
    }
    if not mapping.text:
        return _new_text(file, wanted, words)
    lines = mapping.text.splitlines(keepends=True)
    for key, entries in wanted.items():
        kept = {_key_of(entry.model_dump()) for entry in _of_persons(mapping.model, mapping.text, key)}
        found = _renewed(lines, key, {name: line for name, line in entries.items() if name not in kept})
        if found is None:
            return None
        lines = found
    text = "".join(lines)
    return text if _nothing_else_changed(mapping, text) else None


@cache
def _wordings() -> dict[str, dict[str, object]]:
    return tomllib.loads((files(__package__) / "wording.toml").read_text(encoding="utf-8"))


def _words(language: str) -> Mapping[str, object]:
    return _wordings().get(language, _wordings()["en"])


def _new_text(file: str, wanted: Mapping[str, Mapping[str, str]], words: Mapping[str, object]) -> str:
    lines = words["lines"]
    comments = [str(words["title"]).format(file=file), *(lines if isinstance(lines, list) else ())]
    text = "".join(f"# {comment}\n" for comment in comments)
    # Keys with nothing behind them: a person writes indented lines below.
    text += f"file: {_quoted(file)}\nconfirmed:\nignored:\nanswers:\n"
    for key, entries in wanted.items():
        text += f"{key}:\n" if entries else f"{key}: []\n"
        text += "".join(f"  {line}\n" for line in entries.values())
    return text


def _column_line(proposal: Proposal, words: Mapping[str, object]) -> str:
    parts = []
    for name, share in (
        ("wording", proposal.wording),
        ("answers", proposal.answers),
        ("order", proposal.order),
    ):
        if share is not None:
            parts.append(str(words[name]).format(value=f"{share:.2f}"))
    if proposal.number:
        parts.append(str(words["number"]))
    entry: dict[str, object] = {
        "item": proposal.item,
        "column": proposal.column,
        "confirm": False,
        "score": round(proposal.score, 2),
        "because": ", ".join(parts),
    }
    if proposal.runner_up:
        entry["runner_up"] = f"{proposal.runner_up} ({proposal.runner_up_score:.2f})"
    return _line(entry)


def _answer_line(proposal: AnswerProposal, words: Mapping[str, object]) -> str:
    entry: dict[str, object] = {
        "item": proposal.item,
        "cell": proposal.cell,
        "answer": proposal.answer,
        "confirm": False,
        "score": round(proposal.score, 2),
        "because": str(words["like"]).format(label=proposal.label, n=proposal.n),
    }
    return _line(entry)


def _line(entry: Mapping[str, object]) -> str:
    """Return an entry of a list as the program writes it: on one line, its check sum behind it."""
    parts = []
    for key, value in entry.items():
        if key == "confirm":
            shown = "yes" if value else "no"
        elif isinstance(value, str) and key != "item":
            shown = _quoted(value)
        else:
            shown = f"{value:.2f}" if isinstance(value, float) else str(value)
        parts.append(f"{key}: {shown}")
    content = f"- {{{', '.join(parts)}}}"
    return f"{content}  # {_check_sum(content)}"


def _check_sum(content: str) -> str:
    return f"{crc32(content.encode()):08x}"


def _quoted(text: str) -> str:
    """Return a text in double quotes as YAML reads it, on one line."""
    dumped: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=2**31)
    return dumped.removesuffix("\n")


def _own(line: str) -> dict[str, object] | None:
    """Return the entry of a line that the program wrote and nobody changed; None for any other line."""
    found = _OWN_LINE.fullmatch(line.strip())
    if found is None or _check_sum(found["content"]) != found["sum"]:
        return None
    entry: dict[str, object] = yaml.safe_load(found["content"])[0]
    return entry


def _key_of(entry: Mapping[str, object]) -> str:
    return f"{entry['item']}\x00{entry['cell']}" if "cell" in entry else str(entry["item"])


def _of_persons(model: ColumnMapping, text: str, key: str) -> list[ProposedColumn | ProposedAnswer]:
    """Return the entries under a key that a person wrote or changed."""
    own = [entry for line in text.splitlines() if (entry := _own(line)) is not None]
    kind: type[ProposedColumn | ProposedAnswer] = ProposedAnswer if key == _ANSWERS else ProposedColumn
    written = [kind.model_validate(entry) for entry in own if ("cell" in entry) == (key == _ANSWERS)]
    return [entry for entry in getattr(model, key) if entry not in written]


def _renewed(lines: list[str], key: str, entries: Mapping[str, str]) -> list[str] | None:
    """Return the lines, the program's own under a key renewed; None where the key is written otherwise."""
    heading = re.compile(rf"^{key}:(?P<value>[ \t]*(?:\[[ \t]*\])?)(?P<rest>[ \t]*(?:#.*)?)\r?\n?$")
    start = next((at for at, line in enumerate(lines) if re.match(rf"{key}[ \t]*:", line)), None)
    newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
    if start is None:
        if not entries:
            return lines
        if not lines[-1].endswith("\n"):
            lines = [*lines[:-1], lines[-1] + newline]
        return [*lines, f"{key}:{newline}", *(f"  {line}{newline}" for line in entries.values())]
    head = heading.match(lines[start])
    if head is None:
        return None
    end = start + 1
    while end < len(lines) and (lines[end][:1] in " \t#-\r\n"):
        end += 1
    body, left = _body(lines[start + 1 : end], entries)
    indent = next((_indent(line) for line in body if line.lstrip().startswith("-")), "  ")
    at = len(body)
    # What follows the last entry, such as blank lines and the comment of the next key, stays behind it.
    while at and not body[at - 1].lstrip().startswith("-"):
        at -= 1
    if body and not body[-1].endswith("\n"):
        body[-1] += newline
    body[at:at] = [f"{indent}{line}{newline}" for line in left]
    holds = any(line.lstrip().startswith("-") for line in body)
    value = "" if holds else " []"
    return [*lines[:start], f"{key}:{value}{head['rest']}{newline}", *body, *lines[end:]]


def _body(lines: list[str], entries: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return the lines under a key, the program's own renewed in their place, and the entries to add."""
    left = dict(entries)
    body = []
    for line in lines:
        own = _own(line.strip())
        if own is None:
            body.append(line)
        elif _key_of(own) in left:
            body.append(f"{_indent(line)}{left.pop(_key_of(own))}{line[len(line.rstrip()) :]}")
    return body, list(left.values())


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _nothing_else_changed(mapping: MappingFile, text: str) -> bool:
    """Return whether a new text reads as the old one but for open proposals."""
    now = read_yaml_model(text, ColumnMapping, prepare=nothing_is_empty).model
    if now is None:
        return False
    return _said(now, text) == _said(mapping.model, mapping.text)


def _said(model: ColumnMapping, text: str) -> tuple[object, ...]:
    said = model.model_dump(exclude={_COLUMNS, _ANSWERS})
    return (said, *(_of_persons(model, text, key) for key in (_COLUMNS, _ANSWERS)))
