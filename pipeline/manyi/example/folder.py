"""The example county as a study folder: definitions, school table, answers, and what was planted in them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from manyi.example.answers import draw_answers
from manyi.example.county import County, build_county
from manyi.example.earlier import CERTIFIED, EARLIER, WAVE, school_tables
from manyi.example.exports import SCHOOL_HEADING, Export, exports
from manyi.example.roles import TRUTH
from manyi.example.spoil import Received, spoil
from manyi.example.transfers import HEADINGS, transfers_text
from manyi.study.template import filled, template_text
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire

SEED = 20170519
PLANTED_FILE = "data/planted.json"
LAYER_FILE = "instruments/city-layer.yaml"
FACTS_FILE = "data/county-facts.csv"
TRANSFERS_FILE = "data/transfers.csv"
SCHOOLS_FILE, EARLIER_FILE = "data/schools.csv", "data/schools-{}.csv"
#: All schools were surveyed, so that weights only say who did not answer; pupils also by sex, known from the
#: registers (shares as in the truth).
SAMPLE_AND_WEIGHTS = """
# 示例的样本与权数 · sample and weights of the example
sampling:
  residents: 412000
  per_mille: 1.5
  floor: 600
  strata: [urban_rural, stage]
  roles:
    parents: {population: pupils, share: 0.5, minimum_share: 0.5, response: 0.9}
    students: {population: pupils, response: 0.95, grades: {primary: [3, 4, 5, 6], junior: [7, 8, 9]}}
    teachers: {population: teachers, response: 0.95}
weights:
  parents: {design: schools, population: pupils, strata: [urban_rural, stage], trim: 4}
  teachers: {design: schools, population: teachers, strata: [urban_rural, stage]}
  students:
    design: schools
    population: pupils
    strata: [urban_rural, stage]
    margins: {S_SEX: {1: 0.53, 2: 0.47}}
"""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """The example county of one seed.

    Attributes
    ----------
    county : County
        Its schools.
    questionnaires : Mapping
        Role -> questionnaire.
    received : Mapping
        Role -> answers as received, and what was planted in them.
    files : Mapping
        Role -> the files of its answers.
    """

    county: County
    questionnaires: Mapping[str, Questionnaire]
    received: Mapping[str, Received]
    files: Mapping[str, tuple[Export, ...]]


def build_example(seed: int = SEED) -> Example:
    """Build the example county.

    Parameters
    ----------
    seed : int
        The same seed gives the same schools and answers.
    """
    county = build_county(seed)
    questionnaires = {}
    received = {}
    written = {}
    for number, role in enumerate(TRUTH.roles):
        source = files("manyi_instruments") / "questionnaires" / f"{role.role}.yaml"
        questionnaire = load_questionnaire(Path(str(source)))
        # One stream a role and step, so that a change in one leaves the others as they were. Why 4 and 5:
        # docs/example-county.md, "The sample drawn".
        answers = draw_answers(TRUTH, role, county, questionnaire, np.random.default_rng((seed, 4, number)))
        spoilt = spoil(role, county, answers, questionnaire, np.random.default_rng((seed, 5, number)))
        questionnaires[role.role] = questionnaire
        received[role.role] = spoilt
        written[role.role] = exports(role.role, spoilt, questionnaire)
    return Example(county, questionnaires, received, written)


def write_example(folder: Path, seed: int = SEED) -> None:
    """Write the example county as a study folder.

    The same seed writes the same bytes. ``data/planted.json`` says what was planted in the answers.

    Parameters
    ----------
    folder : Path
        New or empty folder.
    seed : int
        Source of chance.
    """
    example = build_example(seed)
    _write(folder / "study.yaml", study_text(example).encode("utf-8"))
    for role in example.questionnaires:
        source = files("manyi_instruments") / "questionnaires" / f"{role}.yaml"
        _write(folder / "instruments" / f"{role}.yaml", source.read_bytes())
        for export in example.files[role]:
            _write(folder / "data" / "responses" / role / export.name, export.content)
    for wave, schools in school_tables(example.county, seed).items():
        table = schools.to_csv(index=False, lineterminator="\r\n")
        _write(
            folder / (SCHOOLS_FILE if wave == WAVE else EARLIER_FILE.format(wave)), table.encode("utf-8-sig")
        )
    _write(folder / LAYER_FILE, (files("manyi.example") / "city_layer.yaml").read_bytes())
    facts = (files("manyi.example") / "county_facts.csv").read_text(encoding="utf-8")
    _write(folder / FACTS_FILE, facts.encode("utf-8-sig"))
    _write(folder / TRANSFERS_FILE, transfers_text(example.county, seed).encode("utf-8-sig"))
    report = json.dumps(planted(example, seed), ensure_ascii=False, indent=2) + "\n"
    _write(folder / PLANTED_FILE, report.encode("utf-8"))


def study_text(example: Example) -> str:
    """Return the ``study.yaml`` of the example: the template, with the roles that answered."""
    values: dict[tuple[str, ...], object] = {
        ("study",): "qinghe-county",
        ("title",): {
            "zh": "青禾县义务教育优质均衡发展满意度调查（示例，数据为模拟生成）",
            "en": "Satisfaction with compulsory education in Qinghe county (example, generated answers)",
        },
    }
    for role in TRUTH.roles:
        values["roles", role.role, "issued"] = role.issued
    for role_id in ("parents", "teachers"):
        values["roles", role_id, "columns"] = {"school": SCHOOL_HEADING}
    own = {"school": "school", "person": "person", "submitted": "submitted", "seconds": "seconds"}
    values["roles", "students", "columns"] = own
    origin, destination, moved = HEADINGS
    transfers = {"table": TRANSFERS_FILE, "origin": origin, "destination": destination}
    transfers |= {"moved": moved, "stock": "teachers"}
    values["schools", "county"] = "青禾县"
    values["schools", "layers"] = [LAYER_FILE]
    values["schools", "facts"] = FACTS_FILE
    values["schools", "wave"] = WAVE
    values["schools", "earlier"] = {wave: EARLIER_FILE.format(wave) for wave in sorted(EARLIER)}
    values["analysis", "monitoring"] = {"certification": CERTIFIED, "controls": "not_yet"}
    values["schools", "equity"] = {
        "prefixes": {"addr_code": 9},
        "pairs": [{"by": "urban_rural", "first": "urban", "second": "rural"}],
        "transfers": transfers,
    }
    without = [
        path
        for role_id in ("principals", "society")
        for path in (
            ("roles", role_id),
            ("analysis", "groups", role_id),
            ("analysis", "satisfaction", role_id),
        )
    ]
    return filled(template_text(), values, without) + SAMPLE_AND_WEIGHTS


def planted(example: Example, seed: int) -> dict[str, object]:
    """Return what was planted, in numbers: rows by rule, cells, school codes, schools that are not listed."""
    units = example.county.units
    unlisted = units.loc[~units["listed"]]
    roles = {}
    for role, received in example.received.items():
        counts = np.bincount(received.unit, minlength=len(units))
        roles[role] = {
            "received": len(received.values),
            "flagged": {rule: int(flag.sum()) for rule, flag in received.flags.items()},
            "cells_outside_answer_list": len(received.stray),
            "school_codes_repairable": received.repaired,
            "from_unlisted_schools": {
                str(code): int(count)
                for code, count in zip(unlisted["school"], counts[unlisted.index], strict=True)
            },
        }
    return {
        "about": "Generated answers: what was planted in them. Truth of the model: docs/example-county.md",
        "seed": seed,
        "roles": roles,
    }


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
