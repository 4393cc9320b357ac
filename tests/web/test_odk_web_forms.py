"""XLSForms in a real client: ODK Web Forms, as ODK Central puts it into the browser, from npm.

pyxform converts the form, Chromium shows it, a test fills it in as a respondent does; the submission the
client makes is written down as ODK Central and KoboToolbox export it and read by the normal readers. Enketo
is not among the clients: `enketo-core` depends on a package that no registry has.

The shape of Central's export is that of central-backend `lib/data/briefcase.js`: columns of the form's
schema, groups joined by `-`. That of Kobo is formpack's `reporting/export.py` with XML names: groups joined
by `/`.
"""

import csv
import importlib.util
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser
from pyxform.xls2xform import convert

from manyi.collect.collection import CollectedForm, Collection
from manyi.collect.openrosa.submission import read_instance
from manyi.collect.store import AnswerStore, GroupWriter, Standing, open_engine
from manyi.collect.stored_table import stored_table
from manyi.readers.importing import Imported, import_answers
from manyi.study.definition import Role, Study
from manyi.study.folder import StudyFolder
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.forms.answer_checks import AnswerChecks
from manyi_instruments.forms.xlsform.form import xlsform
from manyi_instruments.forms.xlsform.workbook import write_xlsform, xlsform_bytes

TRAVEL = load_questionnaire(Path(__file__).with_name("travel.yaml"))
ROLE = Role.model_validate({"title": {"zh": "家长"}, "questionnaire": "q.yaml"})
STUDY = Study.model_validate({"study": "s", "title": {"zh": "上学"}, "roles": {"travel": ROLE}})
TEXTS = {question.id: question.text["zh"] for question in TRAVEL.questions()} | {"school": "学校代码"}


def beside(name: str) -> ModuleType:
    """Load a module that lies beside this one."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


ODK = beside("odk_web_forms_client")
Form = Any


@pytest.fixture(scope="module")
def client(node_modules: Path) -> Iterator[Any]:
    xform = convert(xlsform_bytes(xlsform(TRAVEL)), file_type=".xlsx").xform
    with ODK.served(ODK.Client(xform), node_modules) as running:
        yield running


@pytest.fixture
def form(client: Any, browser: Browser) -> Iterator[Form]:
    context = browser.new_context(viewport={"width": 420, "height": 900}, service_workers="block")
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield ODK.Form.opened(page, client, TEXTS)
    context.close()
    assert broken == []


def leaves(node: ET.Element, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield path and text of every node without children, in order."""
    for child in node:
        name = child.tag.rpartition("}")[2]
        if len(child):
            yield from leaves(child, (*path, name))
        else:
            yield (*path, name), child.text or ""


def schema(xform: str) -> list[tuple[str, ...]]:
    """Return the columns a server gives the form: the leaves of its first instance."""
    found = ET.fromstring(xform).find(".//{http://www.w3.org/2002/xforms}instance/*")
    assert found is not None
    return [path for path, _ in leaves(found)]


def exported(path: Path, client: Any, sent: list[ET.Element], platform: str) -> Path:
    """Write submissions as a server exports them."""
    columns, held = schema(client.xform), [dict(leaves(submission)) for submission in sent]
    joint = "-" if platform == "odk" else "/"
    headings = [joint.join(column) for column in columns]
    rows = [[answers.get(column, "") for column in columns] for answers in held]
    ids = [answers["meta", "instanceID"] for answers in held]
    if platform == "odk":
        headings = ["SubmissionDate", *headings, "KEY", "Status", "ReviewState", "FormVersion"]
        rows = [
            ["2026-05-02T01:00:00.000Z", *row, key, "", "", "1"] for row, key in zip(rows, ids, strict=True)
        ]
    else:
        headings = [*headings, "_id", "_uuid", "_submission_time", "_index"]
        rows = [
            [*row, str(place), key.removeprefix("uuid:"), "2026-05-02T01:00:00", str(place)]
            for place, (row, key) in enumerate(zip(rows, ids, strict=True), start=1)
        ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter="," if platform == "odk" else ";", quoting=csv.QUOTE_ALL)
        writer.writerows([headings, *rows])
    return path


Filling = Callable[[Form], None]


def by_bus(form: Form) -> None:
    """Take the school bus and be unhappy with it: asked everything."""
    for name, answer in {"school": "0012", "AGE": "9", "SIBLINGS": "1", "HOW": ["1", "2", "3"]}.items():
        form.fill(name, answer)
    form.page.get_by_text('请说明"其他"的具体内容').first.wait_for()
    form.page.locator(".question-container:visible").filter(has_text="请说明").locator("input").first.fill(
        "骑车 (自行车)"
    )
    for name, answer in {"BUS": "1", "WAIT": "25", "SAFE1": "2", "SAFE2": "4", "CHECK": "3"}.items():
        form.fill(name, answer)
    form.fill("SAFE3", "-8")
    form.fill("WHY", "太挤, 而且\n常常晚点")
    form.fill("MORE", "希望有座位")
    form.rank("WISH", "校车")


def on_foot(form: Form) -> None:
    """Walk: asked neither about waiting nor about the bus."""
    for name, answer in {"school": "0013", "AGE": "-8", "HOW": ["1"], "BUS": "1"}.items():
        form.fill(name, answer)


def changed_mind(form: Form) -> None:
    """Answer about the bus, then say that there is none: what was answered before is no answer any more."""
    for name, answer in {"school": "0014", "AGE": "5", "SIBLINGS": "0", "HOW": ["2"], "BUS": "1"}.items():
        form.fill(name, answer)
    for name, answer in {"WAIT": "10", "SAFE1": "1", "WHY": "不安全"}.items():
        form.fill(name, answer)
    form.fill("HOW", ["2", "1"])


def young_and_happy(form: Form) -> None:
    """Take the bus gladly, leave what may be left: blanks here are no answers."""
    for name, answer in {"school": "0015", "AGE": "5", "HOW": ["2"], "BUS": "-8", "SAFE1": "4"}.items():
        form.fill(name, answer)


ALWAYS = {"school", "AGE", "SIBLINGS", "HOW", "BUS", "WISH"}
RIDE = {"SAFE1", "SAFE2", "CHECK", "SAFE3"}
PEOPLE: Mapping[str, tuple[Filling, set[str]]] = {
    "by_bus": (by_bus, ALWAYS | RIDE | {"WAIT", "WHY", "MORE"}),
    "on_foot": (on_foot, ALWAYS),
    "changed_mind": (changed_mind, ALWAYS),
    "young_and_happy": (young_and_happy, ALWAYS | RIDE),
}
NO, UNSURE, UNASKED = -9.0, -8.0, -7.0
#: What must come out, in the order of PEOPLE: as answered, -9 left blank, -8 don't know, -7 not asked.
WANTED: Mapping[str, list[object]] = {
    "school": ["0012", "0013", "0014", "0015"],
    "AGE": [9, UNSURE, 5, 5],
    "SIBLINGS": [1, NO, 0, NO],
    "HOW__1": [1, 1, 1, 0],
    "HOW__2": [1, 0, 0, 1],
    "HOW__3": [1, 0, 0, 0],
    "HOW__4": [0, 0, 0, 0],
    "HOW__text": ["骑车 (自行车)", None, None, None],
    "BUS": [1, 1, 1, UNSURE],
    "WAIT": [25, UNASKED, UNASKED, UNASKED],
    "SAFE1": [2, UNASKED, UNASKED, 4],
    "SAFE2": [4, UNASKED, UNASKED, NO],
    "CHECK": [3, UNASKED, UNASKED, NO],
    "SAFE3": [UNSURE, UNASKED, UNASKED, NO],
    "WHY": ["太挤, 而且\n常常晚点", None, None, None],
    "MORE": ["希望有座位", None, None, None],
    "WISH__1": [2, NO, NO, NO],
    "WISH__2": [1, NO, NO, NO],
    "WISH__3": [3, NO, NO, NO],
    "WISH__4": [4, NO, NO, NO],
}


@pytest.fixture(scope="module")
def submissions(client: Any, browser: Browser) -> dict[str, tuple[set[str], ET.Element]]:
    """Return of each person what the client asked and the submission it made."""
    found = {}
    for name, (filling, _) in PEOPLE.items():
        # On a phone ranks are dragged, on a computer they have buttons.
        context = browser.new_context(viewport={"width": 1000, "height": 900})
        form = ODK.Form.opened(context.new_page(), client, TEXTS)
        filling(form)
        found[name] = form.asked(), form.send()
        context.close()
    return found


@pytest.mark.parametrize("person", PEOPLE)
def test_client_asks_what_the_conditions_say(
    submissions: dict[str, tuple[set[str], ET.Element]], person: str
) -> None:
    assert submissions[person][0] == PEOPLE[person][1]


def imported(
    folder: Path,
    client: Any,
    submissions: dict[str, tuple[set[str], ET.Element]],
    platform: str,
    with_form: bool = True,
) -> Imported:
    sent = [submission for _, submission in submissions.values()]
    path = exported(folder / f"{platform}.csv", client, sent, platform)
    write_xlsform(xlsform(TRAVEL), folder / "form.xlsx")
    structures = [folder / "form.xlsx"] if with_form else []
    return import_answers([path], TRAVEL, ROLE, "parents", structures=structures)


@pytest.mark.parametrize("with_form", [True, False])
@pytest.mark.parametrize("platform", ["odk", "kobo"])
def test_answers_come_back_as_they_were_entered(
    tmp_path: Path,
    client: Any,
    submissions: dict[str, tuple[set[str], ET.Element]],
    platform: str,
    with_form: bool,
) -> None:
    answers = imported(tmp_path, client, submissions, platform, with_form).answers
    got = answers[list(WANTED)].astype(object)
    assert got.where(got.notna(), None).to_dict("list") == WANTED


def test_own_server_takes_in_what_the_client_made(
    tmp_path: Path, submissions: dict[str, tuple[set[str], ET.Element]]
) -> None:
    """The submissions go to the store as OpenRosa's, and from there to the same answers as by an export."""
    form = CollectedForm("travel", TRAVEL, definition_hash(TRAVEL), AnswerChecks(TRAVEL))
    with closing(AnswerStore(open_engine(f"sqlite:///{tmp_path / 'answers.sqlite'}"))) as store:
        collection = Collection(StudyFolder(tmp_path, STUDY), {"travel": form}, store, GroupWriter(store))
        for _, sent in submissions.values():
            one = read_instance(ET.tostring(sent), collection)
            submission, faults = collection.submission(one.id, one.role, one.payload, one.school)
            assert faults == ()
            assert collection.writer.submit(submission).result().standing is Standing.accepted
        collection.writer.close()
        table = stored_table(store.kept("travel"), TRAVEL, "answers.sqlite")
    answers = import_answers([], TRAVEL, ROLE, "travel", stored=(table,)).answers
    got = answers.sort_values("school")[list(WANTED)].astype(object)
    assert got.where(got.notna(), None).to_dict("list") == WANTED


@pytest.mark.parametrize("platform", ["odk", "kobo"])
def test_nothing_is_set_aside_or_wondered_at(
    tmp_path: Path,
    client: Any,
    submissions: dict[str, tuple[set[str], ET.Element]],
    platform: str,
) -> None:
    found = imported(tmp_path, client, submissions, platform)
    assert [*found.faults, *found.quarantine["reason"]] == []


def test_every_answer_carries_the_definition_it_was_given_to(
    tmp_path: Path, client: Any, submissions: dict[str, tuple[set[str], ET.Element]]
) -> None:
    found = imported(tmp_path, client, submissions, "odk")
    assert found.answers["definition"].tolist() == [definition_hash(TRAVEL)] * len(PEOPLE)


def test_answer_that_breaks_a_constraint_is_refused(form: Form) -> None:
    for name, answer in {"school": "1", "AGE": "5", "HOW": ["2"], "BUS": "1", "SAFE1": "4"}.items():
        form.fill(name, answer)
    form.fill("WAIT", "60")
    assert form.refused()
    form.question("WAIT").get_by_text("太久").wait_for()
    form.fill("WAIT", "50")
    form.send()


def test_required_question_is_required_only_where_it_is_asked(form: Form) -> None:
    for name, answer in {"school": "1", "HOW": ["2"]}.items():
        form.fill(name, answer)
    assert form.refused()
    form.fill("HOW", ["2"])
    form.send()


def test_section_is_introduced_where_it_is_asked(form: Form) -> None:
    note = form.page.get_by_text("只问坐校车的。")
    before = note.is_visible()
    form.fill("HOW", ["2"])
    note.wait_for()
    assert not before


def test_attention_check_follows_its_item(form: Form) -> None:
    form.fill("HOW", ["2"])
    shown = form.page.locator(".question-container:visible label[for]").all_inner_texts()
    labels = [label.strip() for label in shown]
    assert labels[labels.index(TEXTS["SAFE2"]) + 1 :].index(TEXTS["CHECK"]) < labels.index(TEXTS["SAFE3"])
