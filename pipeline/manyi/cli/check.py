"""``manyi check``: every fault of every definition at once."""

from pathlib import Path

import click

from manyi.cli.session import Session, json_text, manyi_command, study_argument
from manyi.study.checks import study_faults
from manyi.study.folder import STUDY_FILE, open_study
from manyi.study.history import history_faults
from manyi.study.standard_checks import definition_key, layer_faults
from manyi_instruments.definitions.loader import check_questionnaire
from manyi_instruments.faults import Fault
from manyi_instruments.standards import read_standard


@manyi_command("check")
@study_argument
@click.option(
    "--schema", is_flag=True, help="问卷定义的 JSON Schema · Print the JSON Schema of questionnaires."
)
def command(session: Session, folder: Path, schema: bool) -> None:
    """List every fault of a study, or of one questionnaire, standard or layer file, as file:line:column.

    检查定义：一次列出全部错误（文件:行:列）。
    """
    if schema:
        from manyi_instruments.definitions.schema import questionnaire_schema

        found = questionnaire_schema()
        if session.as_json:
            session.result["schema"] = found
        else:
            click.echo(json_text(found, indent=2))
        return
    if folder.name != STUDY_FILE and (folder.is_file() or folder.suffix in (".yaml", ".yml")):
        faults = definition_faults(folder)
    else:
        study = open_study(folder)
        faults = (*study_faults(study), *history_faults(study))
    session.tell(*faults)
    errors = sum(fault.severity == "error" for fault in faults)
    session.result |= {"errors": errors, "warnings": len(faults) - errors}
    session.say(
        f"{errors} 个错误，{len(faults) - errors} 个提醒。",
        f"{errors} errors, {len(faults) - errors} warnings.",
    )


def definition_faults(file: Path) -> tuple[Fault, ...]:
    """Return the faults of a standard or layer, told by its key, or else of a questionnaire."""
    kind, _ = definition_key(file)
    if kind == "standard":
        return read_standard(file).faults
    if kind == "layer":
        return layer_faults(file)
    return check_questionnaire(file)
