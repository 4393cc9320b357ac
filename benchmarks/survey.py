"""The survey that is measured: a study folder with answers of any number of pupils, from a known model.

Thirty five-point items in five scales of six, four of them reverse-keyed, grade and boarding, one school to
some 333 pupils. With q the four qualities (correlated .5), u and v normal,

    satisfaction = .3 Σ q + .10 books + .35 u_school + .8 v,    item = loading · factor + √(1 - loading²) · e,

items cut into five answers. 3 % of the answers are blank, 2 % of the pupils answer everything alike, 1 % are
too fast, and 1 in 200 sends the form twice.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import yaml
from numpy.typing import NDArray

SEED = 20_180_609
ROLE = "pupils"
SCALES = ("TEA", "RES", "SAF", "COM", "SAT")
QUALITIES, OUTCOME = SCALES[:-1], SCALES[-1]
ITEMS = tuple(f"{scale}{number}" for scale in SCALES for number in range(1, 7))
REVERSED = ("TEA3", "RES5", "SAF2", "COM6")
KEYED = tuple(f"{item}_r" if item in REVERSED else item for item in ITEMS)
QUESTIONS = ("GRADE", "BOARD", *ITEMS)
BLOCKS = {"background": ("GRADE", "BOARD"), "school": ("books", "computers"), "perceived": QUALITIES}
PUPILS_A_SCHOOL = 333
#: Rows made at a time, so that a million need no more memory than a hundred thousand.
CHUNK = 100_000
LOADINGS = np.tile([0.80, 0.75, 0.70, 0.70, 0.65, 0.60], 5)
CUTS = np.array([-1.6, -0.8, 0.1, 1.0])
ANSWERS = {
    "values": [1, 2, 3, 4, 5],
    "zh": ["很不同意", "不同意", "一般", "同意", "很同意"],
    "en": ["strongly disagree", "disagree", "neither", "agree", "strongly agree"],
}


def write_study(folder: Path, respondents: int) -> None:
    """Write a study folder with ``respondents`` rows of answers in one CSV file.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    respondents : int
        Rows of answers; the same number gives the same bytes.
    """
    answers = folder / "data" / "responses" / ROLE
    answers.mkdir(parents=True, exist_ok=True)
    (folder / "instruments").mkdir(exist_ok=True)
    _write_yaml(folder / "instruments" / f"{ROLE}.yaml", _questionnaire())
    _write_yaml(folder / "study.yaml", _study(respondents))
    schools = _schools(respondents)
    schools.to_csv(folder / "data" / "schools.csv", index=False, encoding="utf-8-sig")
    with (answers / "answers.csv").open("wb") as file:
        for number, chunk in enumerate(_chunks(schools, respondents)):
            if number == 0:
                file.write((",".join(chunk.column_names) + "\n").encode("utf-8"))
            options = pacsv.WriteOptions(include_header=False, quoting_style="none")
            pacsv.write_csv(chunk, file, options)


def _write_yaml(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _questionnaire() -> dict[str, object]:
    def item(name: str) -> dict[str, object]:
        text = {"zh": f"题目 {name}", "en": f"Item {name}"}
        declared: dict[str, object] = {"id": name, "text": text, "answers": "agree", "scale": name[:3]}
        return declared | {"reverse": True} if name in REVERSED else declared

    def background(name: str, answers: str) -> dict[str, object]:
        return {"id": name, "text": {"zh": f"背景 {name}", "en": f"Background {name}"}, "answers": answers}

    return {
        "questionnaire": ROLE,
        "title": {"zh": "学生问卷", "en": "Pupils"},
        "languages": ["zh", "en"],
        "answer_lists": {
            "agree": ANSWERS,
            "grade": {"values": [7, 8, 9], "zh": ["七年级", "八年级", "九年级"], "en": ["7", "8", "9"]},
            "board": {"values": [0, 1], "zh": ["不住校", "住校"], "en": ["home", "school"], "ordered": False},
        },
        "scales": [{"id": scale, "title": {"zh": f"量表 {scale}", "en": scale}} for scale in SCALES],
        "demographics": [background("GRADE", "grade"), background("BOARD", "board")],
        "items": [item(name) for name in ITEMS],
    }


def _study(respondents: int) -> dict[str, object]:
    rules = ("too_many_missing", "straight_lining", "too_fast", "duplicate")
    columns = {name: name for name in ("school", "person", "submitted", "seconds")}
    return {
        "study": "benchmark",
        "title": {"zh": "性能测量", "en": "Benchmark"},
        "language": "en",
        "roles": {
            ROLE: {
                "title": {"zh": "学生", "en": "Pupils"},
                "questionnaire": f"instruments/{ROLE}.yaml",
                "issued": respondents,
                "columns": columns,
            }
        },
        "schools": {"table": "data/schools.csv", "code": "school", "name": "school_name"},
        "cleaning": {"rules": {rule: {} for rule in rules}, "exclude": list(rules)},
        "analysis": {
            "groups": {ROLE: ["GRADE"]},
            "factors": {ROLE: {"number": len(SCALES)}},
            "satisfaction": {ROLE: [OUTCOME]},
            "regression": [
                {"role": ROLE, "outcome": OUTCOME, "blocks": {k: list(v) for k, v in BLOCKS.items()}}
            ],
        },
    }


def _schools(respondents: int) -> pd.DataFrame:
    rng = np.random.default_rng((SEED, respondents))
    # The regression has 3 predictors that vary between schools only or nearly so.
    number = max(8, round(respondents / PUPILS_A_SCHOOL))
    codes = [str(1_000_000 + place) for place in range(number)]
    return pd.DataFrame(
        {
            "school": codes,
            "school_name": [f"School {code}" for code in codes],
            "books": rng.normal(30, 8, number).round(1),
            "computers": rng.normal(12, 4, number).round(2),
        }
    )


def _chunks(schools: pd.DataFrame, respondents: int) -> Iterator[pa.Table]:
    effects = np.random.default_rng((SEED, respondents, 1)).standard_normal(len(schools))
    for start in range(0, respondents, CHUNK):
        rng = np.random.default_rng((SEED, respondents, 2, start))
        yield _chunk(rng, schools, effects, start, min(CHUNK, respondents - start))


def _chunk(
    rng: np.random.Generator, schools: pd.DataFrame, effects: NDArray[np.float64], start: int, rows: int
) -> pa.Table:
    school = rng.integers(len(schools), size=rows)
    books = (schools["books"].to_numpy()[school] - 30) / 8
    shared = rng.standard_normal((rows, 1))
    quality = np.sqrt(0.5) * (shared + rng.standard_normal((rows, len(QUALITIES))))
    outcome = (
        0.3 * quality.sum(axis=1) + 0.10 * books + 0.35 * effects[school] + 0.8 * rng.standard_normal(rows)
    )
    factors = np.repeat(np.column_stack([quality, outcome / outcome.std()]), 6, axis=1)
    noise = rng.standard_normal(factors.shape)
    answers = np.digitize(LOADINGS * factors + np.sqrt(1 - LOADINGS**2) * noise, CUTS).astype(np.int8) + 1
    turned = [ITEMS.index(item) for item in REVERSED]
    answers[:, turned] = 6 - answers[:, turned]
    alike = rng.random(rows) < 0.02
    answers[alike] = answers[alike, :1]
    blank = rng.random(answers.shape) < 0.03
    person = np.arange(start, start + rows)
    twice = np.flatnonzero(rng.random(rows - 1) < 0.005) + 1
    person[twice] -= 1
    seconds = np.where(rng.random(rows) < 0.01, rng.integers(5, 30, rows), rng.integers(60, 900, rows))
    moment = np.datetime64("2018-06-09T08:00:00") + rng.integers(14 * 86_400, size=rows)
    columns = {
        "person": np.char.add("p", person.astype(str)),
        "school": schools["school"].to_numpy(dtype=str)[school],
        "submitted": moment.astype(str),
        "seconds": seconds,
        "GRADE": rng.integers(7, 10, rows),
        "BOARD": (rng.random(rows) < 0.3).astype(np.int8),
    }
    table = {name: pa.array(values) for name, values in columns.items()}
    table |= {name: pa.array(answers[:, i], mask=blank[:, i]) for i, name in enumerate(ITEMS)}
    return pa.table(table)
