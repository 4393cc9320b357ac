"""The report as a document: chapters of findings, figures and tables in reading order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from manyi_outputs.appendix import Numbered, Section, appendix
from manyi_outputs.appendix.records import Tables
from manyi_outputs.context import Context
from manyi_outputs.figures import Drawing, Shown, Undrawn, gallery
from manyi_outputs.report.chapters import (
    ChapterKey,
    answer_findings,
    chapter_findings,
    chapter_notes,
)
from manyi_outputs.report.facts import Facts
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.report.flow import flow_drawing
from manyi_outputs.report.methods import method_references
from manyi_outputs.report.references import Reference

#: Which sections of the appendix a chapter shows, in reading order.
_SECTIONS: dict[ChapterKey, tuple[Section, ...]] = {
    "study": (),
    "sample": ("sample",),
    "measurement": ("items", "reliability", "validity"),
    "level": ("satisfaction", "voices"),
    "standard": ("schools", "monitoring"),
    "explanation": ("differences", "correlations", "regression"),
    "robustness": ("robustness",),
    "limits": (),
    "methods": (),
}
#: Tables that belong to another chapter than the rest of their section.
_ELSEWHERE: dict[str, ChapterKey] = {
    "specification": "robustness",
    "specification-summary": "robustness",
    "imputed": "robustness",
    "imputed-multilevel": "robustness",
    "imputed-ordinal": "robustness",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure with its number.

    Parameters
    ----------
    label : str
        Such as ``图1``.
    drawing : Drawing
    """

    label: str
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Passage:
    """Findings that stand under one heading.

    Parameters
    ----------
    heading : str
        Empty where the findings stand directly under the chapter's title.
    tested : tuple of str
        What was tested, each sentence once.
    findings : tuple of Finding
    beyond : tuple of str
        What the findings do not show, each sentence once.
    """

    heading: str
    tested: tuple[str, ...]
    findings: tuple[Finding, ...]
    beyond: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter of the report.

    Parameters
    ----------
    key : str
        ``study``, ``sample``, ``measurement``, ``level``, ``standard``, ``explanation``, ``robustness``,
        ``limits`` or ``methods``.
    title : str
    findings : tuple of Finding
        In reading order; `passages` has them by heading.
    notes : tuple of str
        What holds for all findings of the chapter.
    figures : tuple of Picture
    tables : tuple of Numbered
        Tables of the appendix that belong here, in its order.
    main : frozenset of str
        Labels of the tables that stand open; the others can be folded or left to the appendix.
    references : tuple of Reference
        Works cited, as a reference list has them; of the chapter ``methods`` only.
    """

    key: ChapterKey
    title: str
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    figures: tuple[Picture, ...] = ()
    tables: tuple[Numbered, ...] = ()
    main: frozenset[str] = frozenset()
    references: tuple[Reference, ...] = ()

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Return the findings by heading."""
        return passages(self.findings)


@dataclass(frozen=True, slots=True)
class Document:
    """A report in one language, ready to be rendered; renderers decide no content.

    Parameters
    ----------
    title : str
        Of the study.
    subtitle : str
        What kind of text it is.
    answer : tuple of Finding
        What the report opens with.
    chapters : tuple of Chapter
        Those that have something to say, in reading order.
    """

    title: str
    subtitle: str
    answer: tuple[Finding, ...]
    chapters: tuple[Chapter, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return every finding, the opening first."""
        return (*self.answer, *(one for chapter in self.chapters for one in chapter.findings))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Return every figure in reading order."""
        return tuple(picture for chapter in self.chapters for picture in chapter.figures)

    @property
    def tables(self) -> tuple[Numbered, ...]:
        """Return every table in reading order."""
        return tuple(entry for chapter in self.chapters for entry in chapter.tables)


def passages(findings: Sequence[Finding]) -> tuple[Passage, ...]:
    """Return findings that follow each other under one heading as passages."""
    made = []
    for heading, members in groupby(findings, lambda each: each.heading):
        own = tuple(members)
        tested = dict.fromkeys(each.tested for each in own if each.tested)
        beyond = dict.fromkeys(each.beyond for each in own if each.beyond)
        made.append(Passage(heading, tuple(tested), own, tuple(beyond)))
    return tuple(made)


def document(
    tables: Tables,
    context: Context,
    drawn: Sequence[Shown] | None = None,
    facts: Facts | None = None,
) -> Document:
    """Return the report of a study's result tables.

    Parameters
    ----------
    tables : Mapping
        Name -> tidy result table.
    context : Context
        Language and titles.
    drawn : sequence of Drawing or Undrawn, optional
        From `report_drawings`, to draw figures once that are written as files too.
    facts : Facts, optional
        What the tables do not hold: versions, seed, imputations; what is not known is not said.

    Returns
    -------
    Document
    """
    told = facts or Facts()
    numbered = appendix(tables, context)
    figures = report_drawings(tables, context) if drawn is None else drawn
    chapters: list[Chapter] = []
    count = 0
    for key in _SECTIONS:
        own = tuple(entry for entry in numbered if _chapter(entry.table.key, entry.table.section) == key)
        pictures = []
        for shown in figures:
            if isinstance(shown, Drawing) and _chapter(shown.table, shown.section) == key:
                count += 1
                pictures.append(Picture(context.words("table.figure", number=count), shown))
        findings = tuple(_told(key, tables, context, told, numbered))
        if key == "limits":
            findings += _shortfalls(numbered, figures, context)
        cited = method_references(tables, context) if key == "methods" else ()
        if own or pictures or findings:
            chapters.append(
                Chapter(
                    key,
                    context.words(f"report.chapter_{key}"),
                    findings,
                    chapter_notes(key, tables, context),
                    tuple(pictures),
                    own,
                    frozenset(entry.label for entry in own if entry.part == "main"),
                    cited,
                )
            )
    return Document(
        context.title,
        context.words("report.subtitle"),
        tuple(_labelled(each, numbered) for each in answer_findings(tables, context)),
        tuple(chapters),
    )


def findings_in_order(
    tables: Tables,
    context: Context,
    facts: Facts,
    numbered: Sequence[Numbered],
    drawn: Callable[[], Sequence[Shown]],
) -> Iterator[Finding]:
    """Yield what `Document.findings` of the same study holds, each chapter made when it is come to.

    Parameters
    ----------
    tables, context, facts
        As of `document`.
    numbered : sequence of Numbered
        The tables of `appendix`.
    drawn : callable
        Returns what `report_drawings` does; asked at the chapter that names figures not drawn.
    """
    yield from (_labelled(each, numbered) for each in answer_findings(tables, context))
    for key in _SECTIONS:
        yield from _told(key, tables, context, facts, numbered)
        if key == "limits":
            yield from _shortfalls(numbered, drawn(), context)


def _told(
    key: ChapterKey, tables: Tables, context: Context, facts: Facts, numbered: Sequence[Numbered]
) -> Iterator[Finding]:
    return (_labelled(each, numbered) for each in chapter_findings(key, tables, context, facts))


def report_drawings(tables: Tables, context: Context) -> tuple[Shown, ...]:
    """Return the figures of the report, drawn or not: the flow of the sample, then those of the results."""
    flow = flow_drawing(tables, context)
    return (*(() if flow is None else (flow,)), *gallery(tables, context))


def _chapter(key: str, section: Section) -> ChapterKey:
    """Return the chapter in which a table, or a figure of that table, stands."""
    for start, chapter in _ELSEWHERE.items():
        if _begins(key, start):
            return chapter
    return next(chapter for chapter, sections in _SECTIONS.items() if section in sections)


def _begins(key: str, start: str) -> bool:
    """Return whether a key is this one, or begins with it before a hyphen or colon.

    Examples
    --------
    >>> _begins("regression-parents-SAT", "regression"), _begins("reliability_groups", "reliability")
    (True, False)
    """
    return key == start or key.startswith((f"{start}-", f"{start}:"))


def _shortfalls(
    numbered: Sequence[Numbered], figures: Sequence[Shown], context: Context
) -> tuple[Finding, ...]:
    """Return each reason for which something was not computed, with the tables that say so; the figures."""
    words = context.words
    opening = words("note.not_computed") + words("numbers.colon")
    labels: dict[str, dict[str, None]] = {}
    for entry in numbered:
        for _, text in entry.table.specific:
            if text.startswith(opening):
                labels.setdefault(text.removeprefix(opening), {})[entry.label] = None
    found = [Finding("", (reason,), kind="unknown", labels=tuple(shown)) for reason, shown in labels.items()]
    found += [
        Finding("", (words("report.not_drawn", title=one.title, reason=one.reason),), kind="unknown")
        for one in figures
        if isinstance(one, Undrawn)
    ]
    return under(found, words("report.not_computed"), words("report.not_computed_intro"))


def _labelled(finding: Finding, numbered: Sequence[Numbered]) -> Finding:
    """Return a finding with the numbers of the tables that show it."""
    labels = dict.fromkeys(
        entry.label for start in finding.keys for entry in numbered if _begins(entry.table.key, start)
    )
    return replace(finding, labels=tuple(labels))
