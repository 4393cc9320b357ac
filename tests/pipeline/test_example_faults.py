"""What was planted in the example county is what import and cleaning find: row by row, cell by cell."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi.cleaning import Cleaned, clean
from manyi.example import Example, build_example, write_example
from manyi.example.folder import SEED
from manyi.example.roles import TRUTH
from manyi.readers.importing import Imported, import_answers
from manyi.schools.table import read_schools
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.standards import load_standard

ROLES = ("parents", "teachers", "students")
RULES = (
    "out_of_range",
    "too_many_missing",
    "straight_lining",
    "too_fast",
    "attention_failed",
    "duplicate",
    "unknown_school",
)


@pytest.fixture(scope="module")
def example() -> Example:
    return build_example()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    folder: Path = tmp_path_factory.mktemp("示例 县") / "qinghe"
    write_example(folder)
    return open_study(folder)


@pytest.fixture(scope="module")
def imported(study: StudyFolder) -> dict[str, Imported]:
    return {
        role: import_answers(
            study.answer_files(role), study.questionnaires[role], study.definition.roles[role], role
        )
        for role in ROLES
    }


@pytest.fixture(scope="module")
def cleaned(study: StudyFolder, imported: dict[str, Imported]) -> dict[str, Cleaned]:
    schools = study.definition.schools
    assert schools is not None
    assert study.schools_file is not None
    roster = read_schools(study.schools_file, schools, load_standard("national-2017")).frame
    return {
        role: clean(imported[role].answers, study.questionnaires[role], study.definition, role, roster)
        for role in ROLES
    }


def step(ledger: pd.DataFrame, name: str) -> dict[str, int]:
    rows = ledger[ledger["step"] == name]
    return dict(zip(rows["reason"], rows["n"].astype(int), strict=True))


def in_file_order(example: Example, role: str, files: tuple[Path, ...]) -> np.ndarray:
    """Return the rows received in the order in which the role's files hold them."""
    by_name = {export.name: export.rows for export in example.files[role]}
    return np.concatenate([np.array(by_name[path.name]) for path in files])


@pytest.mark.parametrize("role", ROLES)
def test_every_row_is_received(example: Example, cleaned: dict[str, Cleaned], role: str) -> None:
    assert step(cleaned[role].ledger, "received")[""] == len(example.received[role].values)


@pytest.mark.parametrize("role", ROLES)
def test_rows_received_are_the_people_and_the_duplicates(example: Example, role: str) -> None:
    truth = TRUTH.role(role)
    assert len(example.received[role].values) == truth.respondents + truth.faults.duplicate


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("role", ROLES)
def test_rule_flags_exactly_the_planted_rows(
    example: Example, study: StudyFolder, cleaned: dict[str, Cleaned], role: str, rule: str
) -> None:
    rows = in_file_order(example, role, study.answer_files(role))
    expected = example.received[role].flags[rule][rows]
    assert np.array_equal(cleaned[role].answers[f"flag_{rule}"].to_numpy(dtype=bool), expected)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("role", ROLES)
def test_every_kind_of_fault_is_planted(example: Example, role: str, rule: str) -> None:
    assert example.received[role].flags[rule].sum() > 0


@pytest.mark.parametrize("role", ROLES)
def test_exclusions_add_up_as_planted(
    example: Example, study: StudyFolder, cleaned: dict[str, Cleaned], role: str
) -> None:
    order = study.definition.cleaning.exclude
    ledger = cleaned[role].ledger
    counted = step(ledger, "excluded") | {"kept": step(ledger, "kept")[""]}
    assert counted == example.received[role].excluded(order)


@pytest.mark.parametrize("role", ROLES)
def test_values_come_back_as_they_were(
    example: Example, study: StudyFolder, imported: dict[str, Imported], role: str
) -> None:
    rows = in_file_order(example, role, study.answer_files(role))
    asked = [item.id for item in study.questionnaires[role].questions() if item.answers is not None]
    expected = example.received[role].values[asked].to_numpy(dtype=float)[rows]
    assert np.array_equal(imported[role].answers[asked].to_numpy(dtype=float), expected)


@pytest.mark.parametrize("role", ROLES)
def test_cells_outside_the_answer_lists_are_quarantined(
    example: Example, imported: dict[str, Imported], role: str
) -> None:
    planted = sorted(
        zip(example.received[role].stray["item"], example.received[role].stray["text"], strict=True)
    )
    quarantine = imported[role].quarantine
    assert sorted(zip(quarantine["item"], quarantine["value"], strict=True)) == planted


@pytest.mark.parametrize("role", ROLES)
def test_every_cell_read_is_accounted_for(imported: dict[str, Imported], role: str) -> None:
    cells = imported[role].cells
    parts = cells[["cells_kept", "cells_recoded", "cells_missing", "cells_rejected"]].to_numpy().sum()
    assert parts == cells["cells_read"].sum()


@pytest.mark.parametrize("role", ROLES)
def test_no_file_draws_a_warning(imported: dict[str, Imported], role: str) -> None:
    assert imported[role].faults == ()


@pytest.mark.parametrize("role", ROLES)
def test_damaged_school_codes_are_repaired(
    example: Example, imported: dict[str, Imported], cleaned: dict[str, Cleaned], role: str
) -> None:
    matched = cleaned[role].schools
    assert matched is not None
    repaired = int(imported[role].repaired_codes["n"].sum()) + int(matched.repaired["n"].sum())
    assert repaired == example.received[role].repaired


@pytest.mark.parametrize("role", ROLES)
def test_every_respondent_is_back_at_the_true_school(
    example: Example, study: StudyFolder, cleaned: dict[str, Cleaned], role: str
) -> None:
    rows = in_file_order(example, role, study.answer_files(role))
    true = example.county.units["school"].to_numpy()[example.received[role].unit[rows]]
    assert cleaned[role].answers["school"].tolist() == true.tolist()


@pytest.mark.parametrize("role", ROLES)
def test_schools_missing_from_the_table_are_listed_with_their_counts(
    example: Example, cleaned: dict[str, Cleaned], role: str
) -> None:
    units = example.county.units
    counts = np.bincount(example.received[role].unit, minlength=len(units))
    planted = {code: int(n) for code, n in zip(units["school"], counts, strict=True)}
    unlisted = units.loc[~units["listed"], "school"]
    matched = cleaned[role].schools
    assert matched is not None
    found = dict(zip(matched.unmatched["value"], matched.unmatched["n"], strict=True))
    assert found == {code: planted[code] for code in unlisted}


def test_other_seeds_plant_as_exactly(tmp_path: Path) -> None:
    write_example(tmp_path / "other", SEED + 1)
    study = open_study(tmp_path / "other")
    received = build_example(SEED + 1).received["teachers"]
    role = study.definition.roles["teachers"]
    questionnaire = study.questionnaires["teachers"]
    coded = import_answers(study.answer_files("teachers"), questionnaire, role, "teachers").answers
    ledger = clean(coded, questionnaire, study.definition, "teachers", None).ledger
    planted = {rule: int(flag.sum()) for rule, flag in received.flags.items() if rule != "unknown_school"}
    found = step(ledger, "flagged")
    assert {rule: found[rule] for rule in planted} == planted
