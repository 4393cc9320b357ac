"""Drafting a questionnaire and a study from a file of answers, every suggestion marked as one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from manyi.readers.about_headings import looks_like
from manyi.readers.drafting.draft_text import ABOUT_LISTS, questionnaire_text, spoken, study_text
from manyi.readers.drafting.drafted import DraftedItem
from manyi.readers.drafting.items import draft_item
from manyi.readers.drafting.names import draft_ids
from manyi.readers.drafting.scales import DraftedScale, share_lists, suggest_scales
from manyi.readers.platforms.source import SourceQuestion, SourceTable, distinct
from manyi.readers.platforms.wenjuanxing_twin import Companion, find_companion
from manyi.readers.structures.find import read_described, refuse_structure
from manyi.readers.tables.raw_table import read_table
from manyi_instruments.faults import AnswersFaulty, Fault, Place


@dataclass(frozen=True, slots=True)
class Draft:
    """A questionnaire drafted from a file.

    Attributes
    ----------
    yaml : str
        The questionnaire, loadable as it is; every suggestion has a comment beside it.
    name : str
        Id of the questionnaire.
    language : str
        Main language of the wordings: ``zh`` or ``en``, or another that labels or structure name.
    items : tuple of DraftedItem
        In the order of the file.
    scales : tuple of DraftedScale
        Scales suggested.
    columns : Mapping
        ``school``, ``person``, ``submitted``, ``seconds`` -> heading, for ``study.yaml``; only those found.
    faults : tuple of Fault
        All suggestions with their reasons, and warnings of reading, none of them an error.
    source : SourceTable
        The file.
    companion : Companion or None
        The by-number twin option numbers were taken from.
    """

    yaml: str
    name: str
    language: str
    items: tuple[DraftedItem, ...]
    scales: tuple[DraftedScale, ...]
    columns: Mapping[str, str]
    faults: tuple[Fault, ...]
    source: SourceTable
    companion: Companion | None = None

    def study_yaml(self, role: str, title: str) -> str:
        """Return a ``study.yaml`` for a study of this one role.

        Parameters
        ----------
        role : str
            Id of the role; the questionnaire is ``instruments/<role>.yaml``.
        title : str
            Title of the study.
        """
        timed = self.source.seconds is not None or "seconds" in self.columns
        return study_text(role, title, spoken(self.language), self.items, self.scales, self.columns, timed)


def draft_questionnaire(
    path: Path | str, source: str = "auto", name: str | None = None, structures: Sequence[Path] = ()
) -> Draft:
    """Draft the questionnaire that a file of answers belongs to.

    Parameters
    ----------
    path : Path or str
        Export of a platform, or a plain table with a column a question. Beside a 问卷星 export by text the
        export by number of the same answers is used, where there is one, for numbers and order of options.
    source : str
        Platform of the file, as ``detect.SOURCES`` names it.
    name : str, optional
        Id of the questionnaire; made from the file's name by default.
    structures : sequence of Path
        Structure files, or folders of them: the one that fits the file tells wordings and answer lists.

    Returns
    -------
    Draft
        Its items keep the headings, so that the same file then imports completely.

    Raises
    ------
    FileUnreadable, AnswersFaulty
        If the file cannot be read, or holds no column that could be a question (``nothing-to-draft``).
    """
    refuse_structure(Path(path))
    table = read_described(read_table(path), source, structures)
    columns, about = _about_columns(table)
    questions = [question for question in table.questions if question.columns[0] not in about]
    if not questions:
        place = Place(file=table.raw.path.name)
        raise AnswersFaulty(Fault("nothing-to-draft", place, {"file": table.raw.path.name}))
    languages = _languages(questions)
    language = languages[0]
    companion = find_companion(table)
    ids = draft_ids(questions)
    items = [
        draft_item(item_id, question, table, companion, language)
        for item_id, question in zip(ids, questions, strict=True)
    ]
    items, scales = suggest_scales(share_lists(items), table, language)
    name = _name(name or table.raw.path.stem)
    faults = [*_of_file(table, columns, companion)]
    text = questionnaire_text(name, table, languages, items, scales, faults)
    faults.extend(scale.suggestion for scale in scales)
    faults.extend(_of_items(items))
    return Draft(
        yaml=text,
        name=name,
        language=language,
        items=tuple(items),
        scales=tuple(scales),
        columns=columns,
        faults=(*table.raw.faults, *table.faults, *faults),
        source=table,
        companion=companion,
    )


def _of_items(items: Sequence[DraftedItem]) -> list[Fault]:
    """Return the suggestions of all items; those about an answer list once, from the first that has it."""
    told: set[tuple[str, object]] = set()
    faults = []
    for item in items:
        for fault in item.suggestions:
            key = (fault.code, item.answers if fault.code in ABOUT_LISTS else item.id)
            if key not in told or fault.code == "suggest-option-unseen":
                faults.append(fault)
            told.add(key)
    return faults


def _name(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")[:40]
    return name if re.match(r"[A-Za-z]", name) else f"survey_{name}".rstrip("_")[:40]


def _language(questions: Sequence[SourceQuestion]) -> str:
    texts = [question.heading + "".join(question.options) for question in questions]
    chinese = sum(bool(re.search(r"[\u4e00-\u9fff]", text)) for text in texts)
    return "zh" if chinese * 3 >= len(texts) else "en"


def _languages(questions: Sequence[SourceQuestion]) -> list[str]:
    """Return the languages every wording is given in, the main one first; else the one they look like."""
    complete: dict[str, None] = {}
    for position, question in enumerate(questions):
        wordings = [question.texts, *(answer.labels for answer in question.answers)]
        here = [one for one in question.texts if one and all(one in texts for texts in wordings)]
        complete = dict.fromkeys(here) if position == 0 else {one: None for one in complete if one in here}
    # A structure names its main language first.
    return list(complete) or [_language(questions)]


def _about_columns(table: SourceTable) -> tuple[dict[str, str], set[str]]:
    """Return the headings of school, person, time and duration, and the names of those columns."""
    names = {
        "submitted": table.submitted,
        "seconds": table.seconds,
        "person": table.person,
        "school": table.school,
    }
    plain = [question for question in table.questions if len(question.columns) == 1]
    rows = len(table.raw.cells)
    if names["school"] is None:
        names["school"] = _school(table, plain)
    free = [question for question in plain if question.columns[0] != names["school"]]
    for key in ("person", "submitted", "seconds"):
        for question in free:
            if names[key] is None and looks_like(key, question) is not None:
                different = table.raw.cells[question.columns[0]].nunique()
                if key != "person" or different * 10 >= rows * 9:
                    names[key] = question.columns[0]
    found = {key: name for key, name in names.items() if name is not None}
    # A platform's own columns are known without being named in study.yaml.
    told = {key: name.strip() for key, name in found.items() if name not in table.metadata}
    return told, set(found.values())


def _school(table: SourceTable, plain: Sequence[SourceQuestion]) -> str | None:
    rows = len(table.raw.cells)
    ranked = [(rank, question) for question in plain if (rank := looks_like("school", question)) is not None]
    for _, question in sorted(ranked, key=lambda pair: pair[0]):
        found = distinct(table.raw.cells[question.columns[0]], table.missing)
        if len(found) >= 2 and len(found) * 2 <= rows:
            return question.columns[0]
    return None


def _of_file(table: SourceTable, columns: Mapping[str, str], companion: Companion | None) -> list[Fault]:
    """Return the suggestions that concern the file as a whole."""
    place = Place(file=table.raw.path.name)
    faults = []
    if "school" in columns:
        faults.append(Fault("suggest-school", place, {"heading": columns["school"]}, "warning"))
    if table.structure:
        faults.append(Fault("suggest-structure", place, {"file": table.structure}, "warning"))
    if companion is not None:
        faults.append(Fault("suggest-companion", place, {"file": companion.file}, "warning"))
    elif table.source == "wenjuanxing" and table.style == "text":
        faults.append(Fault("suggest-by-text", place, {"file": table.raw.path.name}, "warning"))
    return faults
