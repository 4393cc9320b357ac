"""From the store to result tables without an export: the same as the same answers given as a file.

The file is written as ODK Central exports it (`SubmissionDate`, item names, `KEY`), by this test and not by
the program; the store is SQLite, and a real PostgreSQL.
"""

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from pandas.testing import assert_frame_equal

from manyi.collect.payload import Payload, payload_bytes
from manyi.collect.reading import stored_tables
from manyi.collect.store import AnswerStore, Standing, Submission, open_engine
from manyi.readers.importing import import_answers
from manyi.stages.manifest import open_manifest
from manyi.stages.pipeline import roles_without_answers, stages_of
from manyi.stages.raw_row import raw_row
from manyi.stages.runner import run_stages
from manyi.stages.tables import read_pieces
from manyi.stages.work import coded_file, work_folder
from manyi.study.checks import study_faults
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.forms.answer_checks import AnswerChecks

INSTRUMENT = Path(__file__).parents[1] / "instruments" / "forms_everything.yaml"
QUESTIONNAIRE = load_questionnaire(INSTRUMENT)
TODAY = definition_hash(QUESTIONNAIRE)
N = 60
#: Tables that name files and their headings; all others say nothing of where answers came from.
OF_FILES = {
    "import_files",
    "import_cells",
    "matching",
    "quarantine",
    "repaired_codes",
    "warnings",
    "manifest",
}


def sheet(number: int) -> dict[str, Any]:
    """Return one person's answers, as the form would ask them."""
    draw = random.Random(number)
    boards, walks = draw.choice([0, 1]), draw.choice([0, 1])
    ways = draw.choice([[1], [2], [3], [4], [3, 4], [1, 5], [6]])
    answers: dict[str, Any] = {
        "CODE": f"{draw.choice('ABCD')}{number % 31 + 1:02}",
        "AGE": draw.choice([draw.randint(18, 70), -6]),
        "BOARDS": boards,
        "WALK": walks,
        "WAYS": ways,
        "RANK": {str(value): rank for rank, value in enumerate(draw.sample(range(1, 7), 6), start=1)},
        **{name: draw.randint(1, 5) for name in ("S2", "CHECK", "S5")},
        **{name: draw.randint(1, 10) for name in ("T1", "T2")},
    }
    if draw.random() < 0.9:
        answers["S1"] = draw.choice([1, 2, 3, 4, 5, -8])
    if 5 in ways:
        answers["WAYS__text"] = "摩托车"
    if not walks:
        answers["KM"] = draw.choice([0.5, 3, 12.25, -8])
    if {3, 4} & set(ways):
        answers |= {"WAIT": draw.randint(0, 60), "BUSSAFE": draw.choice([0, 1])}
    if 4 in ways:
        answers |= {"S3": draw.randint(1, 5), "S4": draw.randint(1, 5)}
    if boards:
        answers |= {"DORM": draw.randint(1, 12), "DORM1": draw.randint(1, 5), "DORM2": draw.randint(1, 5)}
    if number % 7 == 0:
        answers["WISH"] = f"希望多一些书，第 {number} 位"
    return answers


def submission(number: int, answers: dict[str, Any] | None = None, **changed: Any) -> Submission:
    payload = Payload(
        sheet(number) if answers is None else answers,
        form=changed.get("definition", TODAY),
        language="zh",
        device="phone",
        started="2026-05-01T00:55Z",
        seconds={"way": 100.0 + number, "views": 60.5},
    )
    made = Submission(
        id=f"uuid:{number:032x}",
        role="travel",
        definition=payload.form,
        payload=payload_bytes(payload),
        school=f"36{number % 4:02}",
        group="3-1",
        minute=f"2026-05-01T01:{number % 60:02}Z",
    )
    return replace(made, **changed)


def cell(answer: Any) -> str:
    """Return an answer as ODK writes it."""
    if isinstance(answer, dict):
        return " ".join(sorted(answer, key=answer.__getitem__))
    return " ".join(map(str, answer)) if isinstance(answer, list) else str(answer)


def write_export(path: Path) -> None:
    """Write the answers as ODK Central exports them."""
    sheets = [sheet(number) for number in range(N)]
    names = sorted({name for one in sheets for name in one} | {"WISH"})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        headings = ["SubmissionDate", "start", "end", "school", *names, "definition", "instanceID", "KEY"]
        writer.writerow([*headings, "DeviceID", "FormVersion"])
        for number, one in enumerate(sheets):
            key = f"uuid:{number:032x}"
            end = pd.Timestamp("2026-05-01T09:00:00+08:00") + pd.Timedelta(seconds=160.5 + number)
            about = [f"2026-05-01T09:{number % 60:02}+08:00", "2026-05-01T09:00:00+08:00"]
            about += [end.isoformat(timespec="milliseconds"), f"36{number % 4:02}"]
            answers = [cell(one[name]) if name in one else "" for name in names]
            writer.writerow([*about, *answers, TODAY, key, key, "", ""])


def study(folder: Path, **more: Any) -> StudyFolder:
    (folder / "instruments").mkdir(parents=True)
    (folder / "data").mkdir()
    text = INSTRUMENT.read_text(encoding="utf-8")
    (folder / "instruments" / "travel.yaml").write_text(text, encoding="utf-8")
    definition = {
        "study": "travel-2026",
        "title": {"zh": "出行", "en": "Travel"},
        "language": "en",
        "roles": {"travel": {"title": {"en": "parents"}, "questionnaire": "instruments/travel.yaml"}},
        "analysis": {"groups": {"travel": ["BOARDS"]}, "satisfaction": {"travel": ["S5", "T1"]}},
        **more,
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(definition, allow_unicode=True), encoding="utf-8")
    return open_study(folder)


def run(study: StudyFolder) -> dict[str, str]:
    """Run a study up to its tables; return stage -> state."""
    opened = open_study(study.path)
    stages = stages_of(opened)
    wanted = stages[: [stage.name for stage in stages].index("tables") + 1]
    return {outcome.name: outcome.state for outcome in run_stages(wanted, open_manifest(opened))}


def table(study: StudyFolder, name: str) -> pd.DataFrame:
    return pd.read_csv(study.path / "results" / "tables" / f"{name}.csv", encoding="utf-8-sig")


@dataclass
class Collected:
    """A study with a store."""

    study: StudyFolder
    store: AnswerStore

    def accept(self, *submissions: Submission) -> list[Standing]:
        return [outcome.standing for outcome in self.store.accept(submissions)]

    def coded(self) -> pd.DataFrame:
        return pd.read_parquet(coded_file(self.study, "travel"))

    def piece(self, name: str) -> pd.DataFrame:
        return read_pieces(work_folder(self.study, "import-travel"))[name]


@pytest.fixture
def collected(tmp_path: Path) -> Iterator[Collected]:
    """A study with an SQLite store where it is looked for, and N answers in it."""
    made = study(tmp_path / "study")
    store = AnswerStore(open_engine(f"sqlite:///{made.store_file}"))
    found = Collected(made, store)
    found.accept(*map(submission, range(N)))
    yield found
    store.close()


def test_sheets_of_these_tests_are_sound() -> None:
    checks = AnswerChecks(QUESTIONNAIRE)
    assert [checks.faults(sheet(number)) for number in range(N)] == [()] * N


def test_tables_equal_those_of_the_same_answers_in_a_file(tmp_path: Path, store_address: str) -> None:
    of_store = study(tmp_path / "stored", collection={"store": store_address})
    store = AnswerStore(open_engine(store_address))
    assert {outcome.standing for outcome in store.accept([*map(submission, range(N))])} == {Standing.accepted}
    store.close()
    of_file = study(tmp_path / "filed", collection={"store": "data/none.sqlite"})
    (of_file.path / "data" / "responses" / "travel").mkdir(parents=True)
    write_export(of_file.path / "data" / "responses" / "travel" / "export.csv")
    # The hashes of self-generated codes need one key to be compared.
    for one in (of_store, of_file):
        one.code_key_file.write_text("ab" * 32 + "\n", encoding="utf-8")
    for one in (of_store, of_file):
        assert set(run(one).values()) == {"done"}
    coded = [
        pd.read_parquet(coded_file(one, "travel")).sort_values("submission", ignore_index=True)
        for one in (of_store, of_file)
    ]
    assert_frame_equal(*(one.drop(columns=["file", "row"]) for one in coded))
    assert coded[0]["seconds"].tolist() == [160.5 + number for number in range(N)]
    tables = {path.stem for path in (of_file.path / "results" / "tables").glob("*.csv")}
    assert {path.stem for path in (of_store.path / "results" / "tables").glob("*.csv")} == tables
    compared = sorted(tables - OF_FILES)
    assert {"satisfaction", "items", "ledger"} <= set(compared)
    for name in compared:
        # Sums depend on the order of rows in their last digits.
        assert_frame_equal(*(table(one, name) for one in (of_store, of_file)), rtol=1e-9, obj=name)


def test_own_table_as_a_file_gives_the_same_answers(collected: Collected, tmp_path: Path) -> None:
    """The reader named `manyi` reads the table of the store and the same table written to a file alike."""
    role = collected.study.definition.roles["travel"]
    (stored,) = stored_tables(collected.study, "travel")
    path = tmp_path / "table.csv"
    stored.cells.to_csv(path, index=False, encoding="utf-8")
    both = [
        import_answers([], QUESTIONNAIRE, role, "travel", stored=(stored,), code_key=b"k"),
        import_answers([path], QUESTIONNAIRE, role, "travel", code_key=b"k"),
    ]
    assert both[1].files["source"].tolist() == ["manyi"]
    assert_frame_equal(*(one.answers.drop(columns=["file", "row"]) for one in both))


def test_nothing_is_made_again_until_an_answer_comes(collected: Collected) -> None:
    run(collected.study)
    assert set(run(collected.study).values()) == {"reused"}
    collected.accept(submission(N))
    states = run(collected.study)
    assert (states["import:travel"], len(collected.coded())) == ("done", N + 1)


def test_withdrawn_answers_are_gone_after_the_next_run(collected: Collected) -> None:
    run(collected.study)
    gone = submission(3)
    assert collected.store.withdraw(collected.store.receipt(gone.id))
    run(collected.study)
    left = collected.coded()
    assert len(left) == N - 1
    assert gone.id not in set(left["submission"])
    assert table(collected.study, "ledger")["n"].iloc[0] == N - 1


def test_row_numbers_stay_when_other_answers_come_and_go(collected: Collected) -> None:
    run(collected.study)
    before = collected.coded().set_index("submission")["row"]
    collected.accept(*map(submission, range(N, 2 * N)))
    collected.store.withdraw(collected.store.receipt(submission(5).id))
    run(collected.study)
    after = collected.coded().set_index("submission")["row"]
    assert after.loc[before.index.drop(submission(5).id)].equals(before.drop(submission(5).id))
    assert after.is_unique


@pytest.mark.parametrize(
    ("changed", "standing", "code"),
    [
        ({"id": submission(0).id}, Standing.conflict, "submission-conflict"),
        ({"definition": "0123456789ab", "known": False}, Standing.aside, "submission-other-form"),
        ({"known": False, "answers": {"S2": 9}}, Standing.aside, "submission-faulty"),
        ({"known": False, "payload": b"no json"}, Standing.aside, "submission-faulty"),
        ({"known": False, "payload": b"[]"}, Standing.aside, "submission-faulty"),
    ],
)
def test_row_that_does_not_count_is_quarantined_with_its_reason(
    collected: Collected, changed: dict[str, Any], standing: Standing, code: str
) -> None:
    assert collected.accept(submission(N, **changed)) == [standing]
    run(collected.study)
    quarantine, cells = collected.piece("quarantine"), collected.piece("import_cells").iloc[0]
    assert quarantine["code"].tolist() == [code]
    assert quarantine["reason"].str.len().min() > 10
    assert (cells["rows_read"], cells["rows_kept"], cells["rows_quarantined"]) == (N + 1, N, 1)


def test_sheet_with_a_spent_code_is_quarantined(collected: Collected) -> None:
    (code,) = collected.store.codes.make("travel", "3601", "", 1)
    found = collected.store.codes.find(code)
    assert found is not None
    collected.accept(submission(N, code=found[1]), submission(N + 1, code=found[1]))
    run(collected.study)
    assert collected.piece("quarantine")["code"].tolist() == ["submission-code-spent"]


def test_sheets_of_an_earlier_version_are_taken_in_where_the_study_lists_it(collected: Collected) -> None:
    old = "0123456789ab"
    collected.accept(submission(N, definition=old, known=False))
    collected.accept(submission(N + 1, {"S2": 9}, definition=old, known=False))
    definition = yaml.safe_load(collected.study.study_file.read_text(encoding="utf-8"))
    definition["collection"] = {"definitions": [old]}
    collected.study.study_file.write_text(yaml.safe_dump(definition), encoding="utf-8")
    run(collected.study)
    coded = collected.coded().set_index("submission")
    assert coded.loc[submission(N).id, "definition"] == old
    assert collected.piece("quarantine")["code"].tolist() == ["submission-faulty"]


def test_what_is_wrong_with_a_sheet_is_shown_by_raw(collected: Collected) -> None:
    collected.accept(submission(N, {"S2": 9, "T1": 3}, known=False))
    run(collected.study)
    row = int(collected.piece("quarantine")["row"].iloc[0])
    shown = raw_row(open_study(collected.study.path), "travel", "answers.sqlite", row)
    cells = {one.column: one.cell for one in shown.cells}
    assert (cells["manyi:faults"], cells["S2"], cells["T1"]) == ("sent-not-in-list S2", "9", "3")
    assert [code for code, _ in shown.set_aside] == ["submission-faulty"]


def test_raw_shows_an_accepted_row_and_what_was_stored(collected: Collected) -> None:
    run(collected.study)
    coded = collected.coded().iloc[0]
    shown = raw_row(open_study(collected.study.path), "travel", "answers.sqlite", int(coded["row"]), "T1")
    assert [(one.item, one.stored) for one in shown.cells] == [("T1", {"T1": coded["T1"]})]


def test_files_and_store_of_one_role_are_read_together(collected: Collected) -> None:
    folder = collected.study.path / "data" / "responses" / "travel"
    folder.mkdir(parents=True)
    (folder / "paper.csv").write_text("T1,T2,S2\n1,2,3\n4,5,4\n", encoding="utf-8")
    run(collected.study)
    assert collected.coded()["file"].value_counts().to_dict() == {"answers.sqlite": N, "paper.csv": 2}


def test_columns_named_for_files_are_not_looked_for_in_the_store(tmp_path: Path) -> None:
    role = {
        "title": {"en": "p"},
        "questionnaire": "instruments/travel.yaml",
        "columns": {"school": "School no."},
    }
    made = study(tmp_path / "study", roles={"travel": role})
    store = AnswerStore(open_engine(f"sqlite:///{made.store_file}"))
    store.accept([*map(submission, range(N))])
    store.close()
    assert run(made)["import:travel"] == "done"
    coded = pd.read_parquet(coded_file(made, "travel"))
    assert sorted(coded["school"].unique()) == ["3600", "3601", "3602", "3603"]


def test_role_without_answers_in_the_store_is_told(collected: Collected) -> None:
    assert roles_without_answers(open_study(collected.study.path)) == ()
    collected.store.purge()
    told = roles_without_answers(open_study(collected.study.path))
    assert [(fault.code, fault.severity) for fault in told] == [("no-answers", "error")]


def test_store_that_is_named_and_not_there_is_told(tmp_path: Path) -> None:
    made = study(tmp_path / "study", collection={"store": "data/moved.sqlite"})
    told = [(fault.code, fault.severity) for fault in study_faults(made) if fault.code.startswith("store")]
    assert told == [("store-absent", "warning")]


def test_answers_to_questions_taken_out_since_are_columns_nobody_reads(collected: Collected) -> None:
    collected.accept(submission(N, {**sheet(N), "FORMER": [1, 2]}))
    (stored,) = stored_tables(open_study(collected.study.path), "travel")
    assert stored.cells["FORMER"].value_counts().to_dict() == {"": N, "1 2": 1}
    run(collected.study)
    assert collected.piece("import_cells")["columns_unmatched"].tolist() == [1]


def test_submission_is_dated_by_the_clock_of_the_place(tmp_path: Path) -> None:
    made = study(tmp_path / "study", collection={"utc_offset": "-03:30"})
    store = AnswerStore(open_engine(f"sqlite:///{made.store_file}"))
    store.accept([replace(submission(1), minute="2026-05-01T01:05Z")])
    store.close()
    (stored,) = stored_tables(made, "travel")
    assert stored.cells["manyi:submitted"].tolist() == ["2026-04-30T21:35-03:30"]


def test_one_damaged_payload_does_not_shift_the_others(collected: Collected) -> None:
    collected.accept(*(submission(N + k, known=False, payload=b) for k, b in enumerate([b"", b"{", b"1,2"])))
    (stored,) = stored_tables(open_study(collected.study.path), "travel")
    shown = stored.cells.set_index("manyi:submission")
    told = [shown.loc[submission(number).id, "T1"] for number in range(N)]
    assert told == [str(sheet(number)["T1"]) for number in range(N)]
    assert json.loads(submission(0).payload)["answers"]["T1"] == int(told[0])
