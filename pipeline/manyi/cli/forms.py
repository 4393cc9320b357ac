"""``manyi forms``: every collection form of every role."""

from pathlib import Path

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.study.checks import study_faults
from manyi.study.folder import open_study
from manyi_instruments.faults import DefinitionFaulty, ManyiError


@manyi_command("forms")
@study_argument
def command(session: Session, folder: Path) -> None:
    """Write the XLSForm and, in every language, the paper form of every role into forms/.

    生成问卷：每个角色的 XLSForm 和每种语言的纸质问卷（PDF）。
    """
    from manyi_instruments.forms import FORMS

    study = open_study(folder)
    errors = [fault for fault in study_faults(study) if fault.severity == "error"]
    if errors and not study.questionnaires:
        raise DefinitionFaulty(errors)
    session.tell(*errors)
    study.forms.mkdir(exist_ok=True)
    written = []
    for role, questionnaire in study.questionnaires.items():
        for make in FORMS.values():
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
    session.result["forms"] = written
    for name in written:
        session.say(f"→ {name}", f"→ {name}")
