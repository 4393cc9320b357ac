"""The variables of a statistics file as questions, with the labels and missing values of its dictionary."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile

from manyi.readers.platforms.missing_labels import missing_kind
from manyi.readers.platforms.source import DescribedAnswer, Kind, SourceQuestion, SourceTable, guess_kind
from manyi.readers.platforms.wenjuanxing import METADATA as WENJUANXING_METADATA
from manyi.readers.tables.dictionary import FileDictionary, VariableEntry
from manyi.readers.tables.raw_table import RawTable
from manyi.readers.wording import answer_key, without_numbering
from manyi_instruments.definitions.questionnaire import MissingKind

#: What other programs call the columns that are not questions, in name or label, and what those tell; fewer
#: of one program than `_FEWEST_MARKS` are no sign of it.
_FOREIGN: Mapping[str, Mapping[str, str]] = {
    "wenjuanxing": {
        **dict.fromkeys(WENJUANXING_METADATA, ""),
        "提交答卷时间": "submitted",
        "所用时间": "seconds",
        "用户ID": "person",
        "来自IP": "device",
    },
    "qualtrics": {
        **dict.fromkeys(("Status", "Progress", "Finished", "DistributionChannel", "UserLanguage"), ""),
        **dict.fromkeys(("RecipientLastName", "RecipientFirstName", "RecipientEmail"), ""),
        **dict.fromkeys(("ExternalReference", "ExternalDataReference"), "person"),
        **dict.fromkeys(("LocationLatitude", "LocationLongitude"), ""),
        "StartDate": "started",
        "EndDate": "finished",
        "RecordedDate": "submitted",
        "Duration__in_seconds_": "seconds",
        "Duration (in seconds)": "seconds",
        "IPAddress": "device",
        "ResponseId": "submission",
        "ResponseID": "submission",
    },
    "limesurvey": {
        **dict.fromkeys(("lastpage", "startlanguage", "seed", "refurl", "datestamp"), ""),
        "id": "submission",
        "submitdate": "submitted",
        "startdate": "started",
        "token": "person",
        "ipaddr": "device",
    },
}
_FEWEST_MARKS = 3
#: The names manyi itself gives.
_ABOUT = ("submitted", "seconds", "person", "school", "started", "finished", "submission", "device")
_OWN = ("source_file", "source_row", "file", "row", "stage", "kept")
_NUMBER = re.compile(r"^\s*(?:第\s*|[Qq]\s*)?(?P<number>\d+)\s*(?:题\s*)?[、.．:：)）]")
# m__1, Q6_2, q3.4, Q1_A2; what stands before is the question's.
_PART = re.compile(r"^(?P<stem>.+?)(?:__|_|\.|\$)(?P<option>[A-Za-z]{0,2}\d+|[A-Za-z])$")
_OWN_PART = re.compile(r"^(?P<stem>.+)__(?P<option>\d+)$")
#: What the two values of a column that ticks one option are called, beside yes and no.
CHOSEN = (
    *("选中", "已选", "已选中", "选择", "勾选", "是", "有", "提及"),
    *("chosen", "selected", "checked", "ticked", "marked", "quoted", "mentioned", "yes", "true"),
)
NOT_CHOSEN = (
    *("未选", "未选中", "没选", "未选择", "未勾选", "否", "没有", "无", "未提及"),
    *("not chosen", "not selected", "unselected", "unchecked", "not checked", "not ticked", "not marked"),
    *("not quoted", "not mentioned", "no", "false"),
)
_TICKS = {"0", "1"}
_ENDS = " —-–_:：|/、(（[【"
_CLOSERS = {"(": ")", "（": "）", "[": "]", "【": "】"}


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: what the dictionary says of it, its distinct cells, those that are user-missing."""

    column: str
    entry: VariableEntry
    found: Mapping[str, int]
    missing: Mapping[str, MissingKind]

    @property
    def answered(self) -> dict[str, int]:
        """Return how often each cell that is an answer occurs."""
        return {cell: n for cell, n in self.found.items() if cell not in self.missing}

    @property
    def labels(self) -> dict[str, str]:
        """Return the value labels of codes that are answers."""
        return {code: label for code, label in self.entry.values.items() if code not in self.missing}


def format_of(raw: RawTable, program: str) -> tuple[str, ...]:
    """Return the format of a file of a statistics program, told by its first bytes; empty for any other."""
    dictionary = raw.dictionary
    return (dictionary.format,) if dictionary is not None and dictionary.program == program else ()


def read_variables(raw: RawTable, dictionary: FileDictionary) -> SourceTable:
    """Read the variables of a statistics file as questions.

    Parameters
    ----------
    raw : RawTable
        The file.
    dictionary : FileDictionary
        Its dictionary.

    Returns
    -------
    SourceTable
        The label of a variable is the wording; its value labels are the answers; user-missing cells carry
        the kind their label speaks of, ``no_answer`` where it has none. Consecutive variables named alike
        whose cells are 0 and 1 only are one multiple-choice question; if they are not, and their labels
        share what stands before a dash, colon or bracket, they are the rows of a matrix. Response sets are
        for the caller.
    """
    variables = {column: _variable(raw, column, dictionary) for column in map(str, raw.cells.columns)}
    about, metadata = _about(variables.values())
    asked = [variable for variable in variables.values() if variable.column not in metadata]
    questions: list[SourceQuestion] = []
    for stem, group in groupby(asked, key=_stem):
        questions.extend(_together(stem, list(group)))
    labelled = sum(bool(entry.values) for entry in dictionary.variables.values())
    evidence = [f"{dictionary.format}: {len(variables)} ({labelled})"]
    return SourceTable(
        source=dictionary.program,
        evidence=(*evidence, *([dictionary.label] if dictionary.label else [])),
        raw=raw,
        style="value",
        questions=tuple(questions),
        submitted=about.get("submitted"),
        seconds=about.get("seconds"),
        person=about.get("person"),
        school=about.get("school"),
        started=about.get("started"),
        finished=about.get("finished"),
        submission=about.get("submission"),
        device=about.get("device"),
        metadata=tuple(metadata),
    )


def variables_of(raw: RawTable, dictionary: FileDictionary, names: Iterable[str]) -> list[Variable]:
    """Return variables by their names."""
    return [_variable(raw, name, dictionary) for name in names]


def question_of(variable: Variable) -> SourceQuestion:
    """Return the question one variable asks on its own."""
    entry = variable.entry
    labels = variable.labels
    kind: Kind = "single" if len(labels) > 1 else "text"
    if len(labels) <= 1:
        kind = guess_kind(variable.answered, "┋")
    if entry.holds in ("date", "duration"):
        kind = "text"
    found = tuple(variable.answered) if kind in ("single", "multiple") else ()
    text = without_numbering(entry.label or entry.name)
    return SourceQuestion(
        heading=entry.name,
        number=_number_of(entry.label),
        text=text,
        row="",
        kind=kind,
        options=tuple(labels.values()) if len(labels) > 1 else found,
        columns=(variable.column,),
        code=entry.name,
        texts={"": entry.label} if entry.label else {},
        answers=tuple(
            DescribedAnswer(code, {"": label}, variable.missing.get(code))
            for code, label in entry.values.items()
        ),
        missing=variable.missing,
    )


def split_question(
    name: str, label: str, options: Sequence[str], variables: Sequence[Variable], counted: str
) -> SourceQuestion:
    """Return a multiple-choice question whose variables tick one option each.

    Parameters
    ----------
    name, label : str
        Of the question.
    options : sequence of str
        Wording of every variable's option.
    variables : sequence of Variable
        One an option.
    counted : str
        The cell that means chosen.
    """
    return SourceQuestion(
        heading=name,
        number=_number_of(label or variables[0].entry.label),
        text=without_numbering(label) if label else name,
        row="",
        kind="multiple",
        options=tuple(options),
        columns=tuple(variable.column for variable in variables),
        code=name,
        texts={"": label} if label else {},
        missing=_labelled_missing(variables, counted or "1") | _shared_missing(variables),
        counted=counted,
    )


def coded_question(name: str, label: str, variables: Sequence[Variable]) -> SourceQuestion:
    """Return a multiple-choice question whose variables hold the codes of the answers chosen."""
    values: dict[str, str] = {}
    for variable in variables:
        values.update(variable.entry.values)
    missing = _shared_missing(variables)
    options = [text for code, text in values.items() if code not in missing]
    found = dict.fromkeys(cell for variable in variables for cell in variable.answered)
    return SourceQuestion(
        heading=name,
        number=_number_of(label),
        text=without_numbering(label) if label else name,
        row="",
        kind="multiple",
        options=tuple(options or found),
        columns=tuple(variable.column for variable in variables),
        code=name,
        texts={"": label} if label else {},
        answers=tuple(DescribedAnswer(code, {"": text}, missing.get(code)) for code, text in values.items()),
        missing=missing,
        coded=True,
    )


def label_parts(labels: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return what labels share before a dash, colon or bracket, and what each says beyond.

    >>> label_parts(["爱好：运动", "爱好：阅读"]), label_parts(["6、爱好(运动)", "6、爱好(阅读)"])
    (('爱好', ('运动', '阅读')), ('6、爱好', ('运动', '阅读')))
    >>> label_parts(["How good? - Price", "How good? - Staff"])
    ('How good?', ('Price', 'Staff'))
    >>> label_parts(["Service", "Staff"])
    ('', ('Service', 'Staff'))
    """
    shared = _common_start(labels)
    cut = max((shared.rfind(mark) for mark in _ENDS if mark != " "), default=-1)
    # "A - B" shares a dash between blanks; one inside a word joins it.
    while cut >= 0 and shared[cut] in "-_" and not (shared[cut - 1 : cut] == " " or shared[cut] == "_"):
        cut = max((shared.rfind(mark, 0, cut) for mark in _ENDS if mark != " "), default=-1)
    if cut <= 0 or len(labels) < 2:
        return "", tuple(labels)
    closer = _CLOSERS.get(shared[cut], "")
    parts = [label[cut + 1 :].strip(_ENDS) for label in labels]
    if closer:
        parts = [part.removesuffix(closer).strip() for part in parts]
    if not all(parts) or len({answer_key(part) for part in parts}) < len(parts):
        return "", tuple(labels)
    return shared[:cut].strip(_ENDS), tuple(parts)


def _number_of(label: str) -> str:
    """Return the number a label begins with, or is."""
    found = _NUMBER.match(label)
    return found["number"] if found else label if label.isdecimal() else ""


def _common_start(labels: Sequence[str]) -> str:
    """Return the characters with which all labels begin."""
    first, last = min(labels), max(labels)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(character for character, _ in same)


def _variable(raw: RawTable, column: str, dictionary: FileDictionary) -> Variable:
    entry = dictionary.variables.get(column, VariableEntry(column))
    told = raw.column(column)
    found = {cell.strip(): int(n) for cell, n in zip(told.cells, told.counts, strict=True) if cell.strip()}
    missing: dict[str, MissingKind] = {}
    for code in dict.fromkeys((*entry.missing, *entry.missing_among([*found, *entry.values]))):
        label = entry.values.get(code, "")
        missing[code] = (missing_kind(label) if label else None) or "no_answer"
    return Variable(column, entry, found, missing)


def _about(variables: Iterable[Variable]) -> tuple[dict[str, str], list[str]]:
    """Return the columns that tell about the submission, and all columns that are no questions."""
    listed = list(variables)
    about: dict[str, str] = {}
    metadata: list[str] = []
    for key in _ABOUT:
        for variable in listed:
            if variable.entry.name == key:
                about.setdefault(key, variable.column)
    metadata.extend(about.values())
    metadata.extend(variable.column for variable in listed if variable.entry.name in _OWN)
    for names in _FOREIGN.values():
        marks = {
            variable.column: names.get(variable.entry.name.strip(), names.get(variable.entry.label.strip()))
            for variable in listed
        }
        known = {column: key for column, key in marks.items() if key is not None}
        if len(known) >= _FEWEST_MARKS:
            answered = {variable.column for variable in listed if variable.found}
            for column, key in known.items():
                if key and column in answered:
                    about.setdefault(key, column)
            metadata.extend(known)
    return about, list(dict.fromkeys(metadata))


def _stem(variable: Variable) -> str:
    own = _OWN_PART.match(variable.entry.name)
    part = own or _PART.match(variable.entry.name)
    # Variables of one question hold the same kind of cells.
    return f"{part['stem']}\x00{variable.entry.holds}" if part else ""


def _together(stem: str, group: Sequence[Variable]) -> list[SourceQuestion]:
    """Return the questions of consecutive variables named alike."""
    alone = [question_of(variable) for variable in group]
    if not stem or len(group) < 2:
        return alone
    labels = [variable.entry.label or variable.entry.name for variable in group]
    text, parts = label_parts(labels)
    name = stem.partition("\x00")[0]
    own = [_OWN_PART.match(variable.entry.name) for variable in group]
    if not any(variable.answered for variable in group):
        return alone
    if all(own) and all(_ticked(variable, "") for variable in group):
        options = [part["option"] for part in own if part]
        return [split_question(name, text, options, group, "")]
    if text and all(_ticked(variable, part) for variable, part in zip(group, parts, strict=True)):
        return [split_question(name, text, parts, group, "")]
    if not text or group[0].entry.holds != "number":
        return alone
    return [
        replace(question, kind="matrix" if question.kind == "single" else question.kind,
                text=without_numbering(text), row=part)
        for question, part in zip(alone, parts, strict=True)
    ]  # fmt: skip


def _ticked(variable: Variable, option: str) -> bool:
    """Tell whether a variable only ticks an option: cells 0 and 1, labels that say so or name the option."""
    words = {answer_key(word) for word in (*CHOSEN, *NOT_CHOSEN, option, variable.entry.label)}
    labelled = all(answer_key(label) in words for label in variable.labels.values())
    return labelled and set(variable.answered) | set(variable.labels) <= _TICKS


def _shared_missing(variables: Sequence[Variable]) -> dict[str, MissingKind]:
    missing: dict[str, MissingKind] = {}
    for variable in variables:
        missing.update(variable.missing)
    return missing


def _labelled_missing(variables: Sequence[Variable], counted: str) -> dict[str, MissingKind]:
    """Return codes that are not declared missing but labelled so, in columns that tick one option each."""
    missing: dict[str, MissingKind] = {}
    for variable in variables:
        for code, label in variable.labels.items():
            kind = missing_kind(label, declared=False)
            if kind is not None and code not in (counted, "0"):
                missing[code] = kind
    return missing
