"""The writing stages: result tables as CSV, the Excel appendix, figures, the report as HTML and for Word."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manyi.stages.manifest import Touched
from manyi.stages.stage import Stage
from manyi.stages.work import tables_folder, whole_folder, work_folder
from manyi.study.analysis_plan import Factors
from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault, ManyiError
from manyi_instruments.standards import Standard

if TYPE_CHECKING:
    from manyi_outputs.context import Context
    from manyi_outputs.tidy import StoredTables


def tables_stage(study: StudyFolder, made: Sequence[Stage]) -> Stage:
    """Return the stage that joins what the stages before left into ``results/tables/*.csv``."""
    folders = tuple(
        path for stage in made for path in stage.outputs if path.parent == work_folder(study, "x").parent
    )
    return Stage(
        name="tables",
        run=partial(_write_tables, study, folders),
        inputs=folders,
        outputs=(tables_folder(study),),
        intermediate=False,
    )


def _write_tables(study: StudyFolder, folders: Sequence[Path]) -> tuple[Fault, ...]:
    from manyi.stages.tables import join_pieces
    from manyi_outputs.tidy import write_tables

    tables = join_pieces(folders)
    tables.pop("schools", None)
    written = set(write_tables(tables_folder(study), tables))
    _drop_others(tables_folder(study).glob("*.csv"), written)
    return ()


def _drop_others(found: Iterable[Path], written: set[Path]) -> None:
    """Remove what an earlier run made and this one did not: it no longer holds."""
    for path in set(found) - written:
        path.unlink()


def context_of(study: StudyFolder, language: str) -> "Context":
    """Return the names behind the ids of a study's result tables, in one language."""
    from manyi_outputs.context import Context

    definition = study.definition
    try:
        standard = study.standard
    except ManyiError:
        # The schools stage has told its faults; the other tables are written all the same.
        standard = None

    def spoken(text: dict[str, str]) -> str:
        return text.get(language, next(iter(text.values())))

    factors = {role: definition.analysis.factors.get(role, Factors()) for role in definition.roles}
    return Context(
        title=spoken(definition.title),
        language=language,
        questionnaires=study.questionnaires,
        roles={role: spoken(entry.title) for role, entry in definition.roles.items()},
        extraction={role: entry.extraction for role, entry in factors.items()},
        rotation={role: entry.rotation for role, entry in factors.items()},
        confidence=definition.analysis.confidence,
        chapter=definition.outputs.chapter,
        style=definition.outputs.style or "",
        main=definition.outputs.chosen,
        **(_standard_titles(standard, spoken) if standard is not None else {}),
    )


def _standard_titles(standard: Standard, spoken: Callable[[dict[str, str]], str]) -> dict[str, Any]:
    """Return the titles of what a standard names: stages, indicators, columns and their groups."""
    titles = {key: entry.title for key, entry in standard.columns.items()}
    titles |= {key: entry.title for key, entry in standard.groupings.items()}
    titles |= {key: entry.title for key, entry in standard.facts.items()}
    units = {key: entry.unit for key, entry in standard.facts.items()}
    units |= {key: entry.unit for key, entry in standard.columns.items()}
    requirements = {entry.id: entry for entry in standard.requirements}
    asked = standard.recognition
    return {
        "recognition": {key: spoken(one.title) for key, one in asked.definitions.items()} if asked else {},
        "recognition_groups": {key: spoken(one.title) for key, one in asked.groups.items()} if asked else {},
        "exclusions": {rule.id: spoken(rule.title) for rule in standard.exclusions},
        "areas": {key: spoken(title) for key, title in standard.areas.items()},
        "requirements": {key: spoken(entry.title) for key, entry in requirements.items()}
        | {veto.id: spoken(veto.title) for veto in standard.vetoes},
        "bounds": {
            (key, name): spoken(bound.title)
            for key, entry in requirements.items()
            for name, bound in entry.bounds.items()
            if bound.title is not None
        },
        "units": {key: spoken(unit) for key, unit in units.items() if unit is not None},
        "standard": spoken(standard.title),
        "stages": {key: spoken(stage.title) for key, stage in standard.stages.items()},
        "indicators": {entry.id: spoken(entry.title) for entry in standard.indicators},
        "columns": {key: spoken(title) for key, title in titles.items()},
        "levels": {
            key: {group: spoken(entry.title) for group, entry in grouping.groups.items()}
            for key, grouping in standard.groupings.items()
        }
        | {"run_type": {key: spoken(entry.title) for key, entry in standard.run_types.items()}},
    }


def appendix_stage(study: StudyFolder, languages: Sequence[str]) -> Stage:
    """Return the stage that writes ``results/appendix.xlsx``, in one language or two."""
    return _rendering(study, " ".join(languages), "appendix", ("appendix.xlsx",), _write_appendix)


def figures_stage(study: StudyFolder, language: str) -> Stage:
    """Return the stage that draws the figures: as files, and as the report's page has them."""
    made = _rendering(study, language, "figures", ("figures",), _write_figures)
    return replace(made, outputs=(*made.outputs, work_folder(study, "figures")))


def report_stage(study: StudyFolder, language: str) -> Stage:
    """Return the stage that writes ``results/report.html`` around the figures."""
    made = _rendering(study, language, "report", ("report.html",), _write_report)
    return replace(made, inputs=(*made.inputs, work_folder(study, "figures")), after=("tables", "figures"))


def word_stage(study: StudyFolder, language: str) -> Stage:
    """Return the stage that writes ``results/report.docx`` around the figures."""
    made = _rendering(study, language, "word", ("report.docx",), _write_word)
    return replace(made, inputs=(*made.inputs, study.results / "figures"), after=("tables", "figures"))


def _rendering(
    study: StudyFolder,
    language: str,
    name: str,
    names: tuple[str, ...],
    write: Callable[[StudyFolder, str], tuple[Fault, ...]],
) -> Stage:
    inputs = [tables_folder(study), study.study_file]
    inputs += [study.questionnaire_file(role) for role in study.questionnaires]
    return Stage(
        name=name,
        run=partial(write, study, language),
        inputs=tuple(inputs),
        outputs=tuple(study.results / made for made in names),
        parameters={"language": language},
        after=("tables",),
        intermediate=False,
    )


def _result_tables(study: StudyFolder) -> "StoredTables":
    """Return the result tables; those a stage before in this process has read, as long as the files stay."""
    folder = tables_folder(study)
    return _stored(folder, tuple((path.name, Touched.of(path)) for path in sorted(folder.glob("*.csv"))))


@lru_cache(maxsize=1)
def _stored(folder: Path, files: tuple[tuple[str, Touched], ...]) -> "StoredTables":
    from manyi_outputs.tidy import StoredTables

    return StoredTables(folder)


def _write_appendix(study: StudyFolder, languages: str) -> tuple[Fault, ...]:
    from manyi_outputs.excel import write_appendix

    write_appendix(
        study.results / "appendix.xlsx",
        _result_tables(study),
        [context_of(study, language) for language in languages.split()],
        study.definition.outputs.bilingual,
    )
    return ()


def _write_figures(study: StudyFolder, language: str) -> tuple[Fault, ...]:
    from manyi_outputs.figures import write_figures, write_inline
    from manyi_outputs.report import report_drawings

    tables, context = _result_tables(study), context_of(study, language)
    drawn = report_drawings(tables, context)
    folder = study.results / "figures"
    written = set(write_figures(folder, tables, context, drawn))
    _drop_others((path for form in ("svg", "png") for path in folder.glob(f"*.{form}")), written)
    with whole_folder(work_folder(study, "figures")) as inline:
        write_inline(inline, drawn)
    return ()


def _write_report(study: StudyFolder, language: str) -> tuple[Fault, ...]:
    from manyi.stages.report_facts import facts_of
    from manyi_outputs.report import write_report

    tables, context = _result_tables(study), context_of(study, language)
    inline = work_folder(study, "figures")
    pictures = {path.stem: path.read_text(encoding="utf-8") for path in inline.glob("*.svg")}
    write_report(study.results / "report.html", tables, context, facts=facts_of(study), pictures=pictures)
    return ()


def _write_word(study: StudyFolder, language: str) -> tuple[Fault, ...]:
    from manyi.stages.report_facts import facts_of
    from manyi_outputs.word import write_word

    tables, context = _result_tables(study), context_of(study, language)
    pictures = {path.stem: path.read_bytes() for path in (study.results / "figures").glob("*.png")}
    write_word(study.results / "report.docx", tables, context, facts=facts_of(study), pictures=pictures)
    return ()
