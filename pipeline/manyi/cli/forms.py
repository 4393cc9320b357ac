"""``manyi forms``: every collection form of every role."""

from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.study.checks import study_faults
from manyi.study.folder import open_study
from manyi.study.history import keep_definition
from manyi_instruments.faults import DefinitionFaulty, ManyiError, Place


@manyi_command("forms")
@study_argument
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    help="种类 · Only this kind: web, paper, word, entry, xlsform … Several times for several; default all.",
)
def command(session: Session, folder: Path, kinds: tuple[str, ...]) -> None:
    """Write every form of every role into forms/, and keep their definitions in instruments/history.

    生成问卷：每个角色的各种表单；所用的问卷定义另存一份。
    """
    from manyi_instruments.definitions.model_faults import choice_fault
    from manyi_instruments.forms import FORMS

    unknown = [kind for kind in kinds if kind not in FORMS]
    if unknown:
        raise ManyiError([choice_fault("form-kind-unknown", Place(), kind, FORMS) for kind in unknown])
    study = open_study(folder)
    errors = [fault for fault in study_faults(study) if fault.severity == "error"]
    if errors and not study.questionnaires:
        raise DefinitionFaulty(errors)
    session.tell(*errors)
    study.forms.mkdir(exist_ok=True)
    written = []
    kept = []
    for role, questionnaire in study.questionnaires.items():
        kept.append(str(keep_definition(study, role)))
        for make in (FORMS[kind] for kind in kinds or FORMS):
            try:
                made = make(questionnaire, role)
            except ManyiError as error:
                # One form that cannot be made must not keep the others from being made.
                session.tell(*error.faults)
                continue
            for name, content in made.files.items():
                path = study.forms / name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
                written.append(str(path))
            session.tell(*made.faults)
    session.result |= {"forms": written, "kept": kept}
    for name in written:
        session.say(f"→ {name}", f"→ {name}")
