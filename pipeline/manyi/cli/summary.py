"""The end of a run on the terminal: the study in a few lines, and where its files are."""

import json
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from manyi.cli.session import Session

if TYPE_CHECKING:
    from manyi.study.folder import StudyFolder

#: What is told of ``results/`` and what each is, in the order in which they are made.
FILES = {
    "appendix.xlsx": ("附录", "appendix"),
    "report.html": ("报告", "report"),
    "report.docx": ("报告（Word）", "report (Word)"),
    "figures": ("图", "figures"),
    "spss": ("SPSS", "SPSS"),
    "tables": ("结果表", "result tables"),
}


def tell_summary(session: Session, study: "StudyFolder") -> None:
    """Print what the results come to, how many warnings there are, and the files; keep it for ``--json``."""
    kept = _kept_summary(study, session.language)
    session.result["summary"] = kept["roles"]
    if session.as_json:
        return
    click.echo()
    click.secho(kept["title"], bold=True)
    for number, line in enumerate(columns(kept["rows"])):
        click.secho(f"  {line}", dim=number == 0)
    if kept["definition"]:
        click.secho(f"  {kept['definition']}", dim=True)
    _tell_faults(session)
    for path, label in made_files(study, session.language):
        click.echo(f"→ {label}{'：' if session.language == 'zh' else ': '}{path}")


def _kept_summary(study: "StudyFolder", language: str) -> dict[str, Any]:
    """Return the summary of these result tables; kept, so that a run that makes nothing loads no pandas."""
    from manyi.stages.manifest import file_hash
    from manyi.stages.work import tables_folder
    from manyi_outputs.files import write_whole

    inputs = (tables_folder(study), study.study_file, *map(study.questionnaire_file, study.questionnaires))
    of = {path.name: file_hash(path) for path in inputs}
    file = study.results / "work" / "summary" / f"{language}.json"
    with suppress(OSError, ValueError):
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if found.pop("of", None) == of:
            return found
    made = _summary(study, language)
    write_whole(file, json.dumps({"of": of, **made}, ensure_ascii=False, indent=1).encode())
    return made


def _summary(study: "StudyFolder", language: str) -> dict[str, Any]:
    """Return the title, the roles' numbers, the rows of the table shown, and what the index means."""
    from manyi.stages.work import tables_folder
    from manyi.stages.writing import context_of
    from manyi_outputs.report.summary import SUMMARY_TABLES, summary, summary_rows
    from manyi_outputs.tidy import read_table

    folder = tables_folder(study)
    tables = {
        name: read_table(folder / f"{name}.csv")
        for name in SUMMARY_TABLES
        if (folder / f"{name}.csv").is_file()
    }
    context = context_of(study, language)
    found = summary(tables, context)
    definition = next((one.definition for one in found if one.definition), "")
    said = context.words.term("definition", definition) if definition else ""
    return {
        "title": context.title,
        "roles": [_plain(asdict(one)) for one in found],
        "rows": summary_rows(found, context) if found else [],
        "definition": context.words("report.satisfaction_definition", definition=said) if said else "",
    }


def _tell_faults(session: Session) -> None:
    warnings = sum(fault.severity == "warning" for fault in session.faults)
    errors = len(session.faults) - warnings
    if errors:
        said = f"错误 {errors} 条" if session.language == "zh" else f"{errors} errors"
        click.secho(f"  {said}", fg="red")
    if warnings:
        said = f"提醒 {warnings} 条" if session.language == "zh" else f"{warnings} warnings"
        click.secho(f"  {said}", fg="yellow")


def made_files(study: "StudyFolder", language: str) -> list[tuple[Path, str]]:
    """Return the files and folders of results that there are, each with what it is."""
    spoken = 0 if language == "zh" else 1
    found = [(study.results / name, titles[spoken]) for name, titles in FILES.items()]
    return [(path, title) for path, title in found if path.exists()]


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines whose columns stand under each other on a terminal.

    Parameters
    ----------
    rows : sequence of sequence of str
        Of equal length.

    Examples
    --------
    >>> columns([("对象", "n"), ("家长", "2812"), ("a", "5")])
    ['对象  n', '家长  2812', 'a     5']
    """
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def width(text: str) -> int:
    r"""Return how many columns of a terminal a text takes: two a Chinese character, none a combining mark.

    Examples
    --------
    >>> width("满意度 72.0"), width("ΔR²"), width("e\u0301")
    (11, 3, 1)
    """
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return values that JSON has: no float that is not a number."""
    return {name: None if value != value else value for name, value in values.items()}
