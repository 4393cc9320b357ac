"""What exports of Kobo and ODK share: groups in headings, answers split over columns, the form beside."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from manyi.readers.platforms.source import Kind, SourceQuestion, distinct, guess_kind
from manyi.readers.platforms.xforms_names import NAME, OF_THE_DEVICE, FormNames, Located, is_added, plain
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable
from manyi_instruments.definitions.questionnaire import MissingKind
from manyi_instruments.faults import AnswersFaulty, Fault, Place

#: Joins the answers of a multiple choice in one cell, and of a ranking in the order given.
SEPARATOR = " "
_TICKS = {"0", "1", "TRUE", "FALSE"}
_TAG = re.compile(r"#[a-z][\w+ ]*", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?")
_ASKED_ALL_THE_SAME = ("calculation", "unknown")
_TOKEN = re.compile(r"-?\w+")


@dataclass(frozen=True, slots=True)
class XForms:
    """The columns of one export.

    Attributes
    ----------
    questions : tuple of SourceQuestion
        In the order of the file.
    metadata : tuple of str
        All other columns.
    about : Mapping
        Role -> column: ``start``, ``end``, ``device``, ``school``.
    """

    questions: tuple[SourceQuestion, ...]
    metadata: tuple[str, ...]
    about: Mapping[str, str]

    @property
    def finished(self) -> str | None:
        """Return the column that tells when a form was finished."""
        return self.about.get("end")

    @property
    def started(self) -> str | None:
        """Return the column of the start, where there is one of the end.

        Until a submission reaches the server days may pass: from the start to then is no duration.
        """
        return self.about.get("start") if self.finished is not None else None


@dataclass(slots=True)
class _Column:
    """One column: what the form or the heading tells, and its cells."""

    name: str
    heading: str
    found: Mapping[str, int]
    located: Located | None
    code: str = ""
    stem: str = ""
    option: str = ""


@dataclass(slots=True)
class _Split:
    """A multiple choice under way: the column of the joined answers, if any, and one an option."""

    first: _Column
    joined: _Column | None
    options: list[_Column] = field(default_factory=list)


def known_share(raw: RawTable, structure: Structure) -> float:
    """Return the share of the headings that could be questions which a form knows, 0 to 1."""
    names = FormNames(structure)
    asked = [plain(heading) for heading in raw.headings if plain(heading)]
    asked = [text for text in asked if not is_added(text) and text not in OF_THE_DEVICE]
    return sum(names.locate(text) is not None for text in asked) / len(asked) if asked else 0.0


def refuse_repeats(raw: RawTable, marks: Sequence[str]) -> None:
    """Refuse the table of a repeat: its rows are no submissions.

    Raises
    ------
    AnswersFaulty
        ``repeat-table``.
    """
    headings = {heading.strip() for heading in raw.headings}
    if set(marks) & headings:
        details = {"file": raw.path.name, "columns": "、".join(mark for mark in marks if mark in headings)}
        raise AnswersFaulty(Fault("repeat-table", Place(file=raw.path.name, sheet=raw.sheet), details))


def tag_rows(raw: RawTable) -> tuple[int, ...]:
    """Return the row of HXL tags below the headings (``#affected``), where an export has one."""
    first = [str(cell).strip() for cell in raw.cells.iloc[0]]
    filled = [cell for cell in first if cell]
    return (raw.first_data_row,) if filled and all(map(_TAG.fullmatch, filled)) else ()


def rows_where(raw: RawTable, column: str, values: Sequence[str]) -> tuple[int, ...]:
    """Return the spreadsheet rows in which a column holds one of these values, whatever their case."""
    names = {name.strip(): name for name in map(str, raw.cells.columns)}
    if column not in names:
        return ()
    held = raw.cells[names[column]].str.strip().str.casefold().isin(values)
    return tuple(raw.rows[held.to_numpy(dtype=bool)].tolist())


def read_xforms(
    raw: RawTable,
    missing: Mapping[str, MissingKind],
    groups: str,
    structure: Structure | None,
    rows_left_out: Sequence[int] = (),
) -> XForms:
    """Read the columns of an export of Kobo or ODK.

    Parameters
    ----------
    raw : RawTable
        The file.
    missing : Mapping
        Cell text of the platform -> kind of missing answer.
    groups : str
        Joins groups and name in a heading; empty where headings have no groups.
    structure : Structure, optional
        The form. With it headings are found by name or wording in any of its languages, joined by
        whatever; without it a name is what stands behind the last ``groups``.
    rows_left_out : sequence of int
        Spreadsheet rows that are no submissions.

    Returns
    -------
    XForms
        A multiple choice that stands both joined and split is read from the joined column where that holds
        names, since only there a skipped question differs from one without a tick; else from the split ones.
    """
    names = FormNames(structure) if structure is not None else None
    kept = ~raw.rows.isin(list(rows_left_out)).to_numpy(dtype=bool)
    cells = raw.cells[kept] if rows_left_out else raw.cells
    columns: list[_Column] = []
    metadata: list[str] = []
    about: dict[str, str] = {}
    for name, heading in zip(map(str, raw.cells.columns), raw.headings, strict=True):
        text = plain(heading)
        if is_added(text):
            metadata.append(name)
            continue
        found = distinct(cells[name] if rows_left_out else raw.column(name), missing)
        located = names.locate(text) if names is not None else _of_the_device(text, found)
        column = _Column(name, heading, found, located)
        _name(column, text, groups)
        if column.code == "school":
            about["school"] = name
            metadata.append(name)
        elif located is not None and located.question is None and located.role not in _ASKED_ALL_THE_SAME:
            about.setdefault(located.role, name)
            metadata.append(name)
        else:
            columns.append(column)
    questions: list[SourceQuestion] = []
    for part in _split_parts(columns, groups):
        if isinstance(part, _Column):
            questions.append(_question(part, structure))
        else:
            question, unread = _multiple(part, structure)
            questions.append(question)
            metadata.extend(unread)
    return XForms(tuple(_with_texts(questions)), tuple(metadata), about)


def _of_the_device(text: str, found: Mapping[str, int]) -> Located | None:
    """Return what a form asks of the device, known by its name and, for moments, by its cells."""
    role = OF_THE_DEVICE.get(text, "")
    timed = role not in ("start", "end", "today") or all(map(_MOMENT.fullmatch, found))
    return Located(None, role) if role and timed else None


def _name(column: _Column, text: str, groups: str) -> None:
    """Write down code, stem and option of a column, from the form or else from its heading."""
    located = column.located
    if located is not None and located.question is not None:
        column.code = located.question.code
        if located.option is not None:
            column.option = located.option.code
            column.stem = f"{located.question.group}/{located.question.code}"
        return
    if NAME.fullmatch(text):
        column.code = (text.rsplit(groups, 1) if groups else [text])[-1]
    column.stem, _, column.option = text.rpartition("/")


def _split_parts(columns: Sequence[_Column], groups: str) -> Iterator[_Column | _Split]:
    """Yield the columns in order, those of one multiple choice together."""
    at = 0
    while at < len(columns):
        first = columns[at]
        joined = first if first.located is None or first.located.option is None else None
        followers = _followers(columns, at + 1, first) if joined else []
        if not followers:
            joined, followers = None, _alone(columns, at, groups)
        if followers:
            yield _Split(first, joined, followers)
        else:
            yield first
        at += len(followers) + (1 if joined or not followers else 0)


def _followers(columns: Sequence[_Column], start: int, first: _Column) -> list[_Column]:
    """Return the option columns that follow the joined column of a multiple choice."""
    question = first.located.question if first.located else None
    found = []
    for column in columns[start:]:
        if question is not None:
            fits = column.located is not None and column.located.question is question
            fits = fits and column.located is not None and column.located.option is not None
        else:
            fits = column.located is None and column.stem == plain(first.heading)
            fits = fits and set(column.found) <= _TICKS
        if not fits:
            break
        found.append(column)
    return found


def _alone(columns: Sequence[_Column], start: int, groups: str) -> list[_Column]:
    """Return option columns that stand without a joined one; ODK always gives the joined one."""
    first = columns[start]
    if first.located is not None and first.located.option is None:
        return []
    if first.located is None and (groups != "/" or not first.stem):
        return []
    found = []
    for column in columns[start:]:
        told = (column.located is None) == (first.located is None) and column.stem == first.stem
        if not told or not column.option or not set(column.found) <= _TICKS:
            break
        found.append(column)
    sure = first.located is not None
    return found if sure or (len(found) > 1 and any(column.found for column in found)) else []


def _multiple(split: _Split, structure: Structure | None) -> tuple[SourceQuestion, list[str]]:
    """Return a multiple choice that stands in several columns, and those of them that are not read."""
    options = tuple(column.option for column in split.options)
    names = tuple(column.name for column in split.options)
    question = _question(split.first, structure)
    codes = {*options, *(answer.code for answer in question.answers)}
    if split.joined is not None and _tokens(split.joined.found) <= codes:
        listed = tuple(answer.code for answer in question.answers) or options
        columns, unread = (split.joined.name,), list(names)
        return _as_multiple(question, split.joined.heading, listed, columns), unread
    unread = [split.joined.name] if split.joined else []
    made = _as_multiple(question, split.first.heading, options, names)
    if split.joined is None and split.first.located is None:
        stem = split.first.stem
        code = stem.rpartition("/")[2] if NAME.fullmatch(stem) else ""
        made = replace(made, heading=stem, text=code or stem, code=code, texts={})
    return made, unread


def _tokens(found: Mapping[str, int]) -> set[str]:
    return {token for cell in found for token in cell.split()}


def _as_multiple(
    question: SourceQuestion, heading: str, options: tuple[str, ...], columns: tuple[str, ...]
) -> SourceQuestion:
    return replace(question, heading=heading, kind="multiple", options=options, columns=columns)


def _question(column: _Column, structure: Structure | None) -> SourceQuestion:
    """Return a question that stands in one column."""
    described = column.located.question if column.located else None
    if described is None or structure is None:
        kind = _kind(column.found)
        options = tuple(column.found) if kind == "single" else ()
        if kind == "multiple":
            options = tuple(dict.fromkeys(token for cell in column.found for token in cell.split()))
        text = column.code or plain(column.heading)
        tail = "" if column.code else text.rpartition("/")[2].strip()
        texts = {"": tail} if tail and tail != text else {}
        return SourceQuestion(column.heading, "", text, "", kind, options, (column.name,), column.code, texts)
    language = next((known for known in structure.languages if known in described.texts), "")
    stem = described.stem.get(language, "")
    text = described.texts.get(language, described.code)
    return SourceQuestion(
        column.heading,
        "",
        stem or text,
        text.removeprefix(f"{stem}—") if stem else "",
        described.kind,
        tuple(answer.code for answer in described.answers),
        (column.name,),
        described.code,
        described.texts,
        described.answers,
        other=described.other or None,
    )


def _kind(found: Mapping[str, int]) -> Kind:
    """Return what the cells of a column look like; several answers are words that occur alone too."""
    parts = [cell.split() for cell in found]
    tokens = {token for cell in parts for token in cell}
    joined = any(len(cell) > 1 for cell in parts) and all(len(set(cell)) == len(cell) for cell in parts)
    alone = {cell[0] for cell in parts if len(cell) == 1}
    if joined and tokens == alone and all(map(_TOKEN.fullmatch, tokens)):
        return "multiple"
    kind = guess_kind(found, "\x00")
    return "text" if kind == "multiple" else kind


def _with_texts(questions: Sequence[SourceQuestion]) -> Iterator[SourceQuestion]:
    """Yield the questions with the column of the text beside an answer, named by the form or by habit."""
    columns = {question.code: question.columns[0] for question in questions if question.code}
    for question in questions:
        named = [question.other, f"{question.code}__text"]
        if "other" in question.options:
            named.append(f"{question.code}_other")
        told = question.code and question.kind not in ("text", "number")
        beside = next((columns[name] for name in named if name in columns), None) if told else None
        yield replace(question, other=beside)
