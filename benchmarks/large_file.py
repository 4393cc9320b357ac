"""One large CSV imported and cleaned with every rule of a row, beside `pandas.read_csv` of the same file.

Rows of 40 five-point answers with ids, school codes, times and durations. 3 % of the cells are blank, 1 row
in 500 holds a cell that means nothing, 1 in 200 a school code that became a number; 2 % answer all alike,
1 % are too fast and 1 in 200 is sent twice. Every measurement runs in a process of its own, in turn.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import yaml
from measurement import Measurement, measure
from medians import middle, tell
from survey import ANSWERS, CHUNK, ROLE, SEED

ITEMS = tuple(f"Q{number}" for number in range(1, 41))
#: Eight items a scale, the fourth of each reverse-keyed.
SCALES = tuple(f"S{number}" for number in range(1, 6))
#: All but those fitted to the whole sample (synonyms, antonyms, mahalanobis).
RULES: dict[str, dict[str, object]] = {
    name: {}
    for name in (
        *("out_of_range", "too_many_missing", "straight_lining", "longstring", "too_fast"),
        *("reverse_pairs", "even_odd", "duplicate"),
    )
} | {"irv": {"low": 0.2}}
STAGES = (f"import:{ROLE}", f"clean:{ROLE}")


def write_large(folder: Path, rows: int) -> Path:
    """Write a study folder with one file of answers; the same number gives the same bytes.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    rows : int
        Rows of answers.

    Returns
    -------
    Path
        The file.
    """
    answers = folder / "data" / "responses" / ROLE
    for made in (answers, folder / "instruments"):
        made.mkdir(parents=True, exist_ok=True)
    items = [
        {
            "id": item,
            "text": {"en": f"Item {item}"},
            "answers": "agree",
            "scale": SCALES[place // 8],
            **({"reverse": True} if place % 8 == 3 else {}),
        }
        for place, item in enumerate(ITEMS)
    ]
    questionnaire = {
        "questionnaire": ROLE,
        "title": {"en": "Pupils"},
        "languages": ["en"],
        "answer_lists": {"agree": {"values": ANSWERS["values"], "en": ANSWERS["en"]}},
        "scales": [{"id": scale, "title": {"en": scale}} for scale in SCALES],
        "items": items,
    }
    study = {
        "study": "large",
        "title": {"en": "Large file"},
        "language": "en",
        "roles": {ROLE: {"title": {"en": "Pupils"}, "questionnaire": f"instruments/{ROLE}.yaml"}},
        "cleaning": {"rules": RULES, "exclude": list(RULES)},
    }
    for path, content in (
        (folder / "instruments" / f"{ROLE}.yaml", questionnaire),
        (folder / "study.yaml", study),
    ):
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    file = answers / "answers.csv"
    with file.open("wb") as stream:
        for start in range(0, rows, CHUNK):
            chunk = _chunk(start, min(CHUNK, rows - start))
            options = pacsv.WriteOptions(include_header=start == 0, quoting_style="none")
            pacsv.write_csv(chunk, stream, options)
    return file


def _chunk(start: int, rows: int) -> pa.Table:
    rng = np.random.default_rng((SEED, start))
    factor = rng.standard_normal((rows, 1))
    latent = 0.7 * factor + np.sqrt(1 - 0.7**2) * rng.standard_normal((rows, len(ITEMS)))
    answers = np.digitize(latent, (-1.6, -0.8, 0.1, 1.0)).astype(np.int8) + 1
    answers[:, 3::8] = 6 - answers[:, 3::8]
    alike = rng.random(rows) < 0.02
    answers[alike] = answers[alike, :1]
    blank = rng.random(answers.shape) < 0.03
    cells = answers.astype("U3")
    cells[blank] = ""
    stray = np.flatnonzero(rng.random(rows) < 0.002)
    cells[stray, rng.integers(len(ITEMS), size=len(stray))] = "9"
    number = np.arange(start, start + rows)
    twice = np.flatnonzero(rng.random(rows - 1) < 0.005) + 1
    person = number.copy()
    person[twice] -= 1
    school = (1_000_000 + rng.integers(3000, size=rows)).astype(str)
    spoilt = rng.random(rows) < 0.005
    school = np.where(spoilt, np.char.add(school, ".0"), school)
    seconds = np.where(rng.random(rows) < 0.01, rng.integers(5, 30, rows), rng.integers(60, 900, rows))
    moment = np.datetime64("2024-05-06T08:00:00") + rng.integers(14 * 86_400, size=rows)
    table = {
        "submission": np.char.add("2f6c0d1e-", number.astype(str)),
        "person": np.char.add("p", person.astype(str)),
        "school": school,
        "submitted": np.char.replace(moment.astype(str), "T", " "),
        "seconds": seconds.astype(str),
        **{item: cells[:, place] for place, item in enumerate(ITEMS)},
    }
    return pa.table({name: pa.array(column) for name, column in table.items()})


def compare(folder: Path, repeats: int) -> dict[str, Measurement]:
    """Measure reading, import and cleaning in turn; return the medians, import and cleaning together too."""
    found: dict[str, list[Measurement]] = {"read_csv": [], **{stage: [] for stage in STAGES}}
    for _ in range(repeats):
        found["read_csv"].append(measure("packages", "read", folder))
        for stage in STAGES:
            found[stage].append(measure("stage", stage, folder))
    medians = {name: middle(runs) for name, runs in found.items()}
    both = [medians[stage] for stage in STAGES]
    medians["import and clean"] = Measurement(sum(m.seconds for m in both), max(m.peak for m in both))
    return medians


def main(words: Sequence[str] | None = None) -> None:
    """Write the file, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of answers (default %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median is shown")
    parser.add_argument("--folder", type=Path, help="where the study is made and kept (default: temporary)")
    parser.add_argument("--json", type=Path, help="write the medians to this file too")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        size = write_large(folder, options.rows).stat().st_size
        print(f"{options.rows:,} rows × {len(ITEMS)} answers, {size / 1e6:,.0f} MB", file=sys.stderr)
        found = compare(folder, options.repeats)
    tell(found, "read_csv", "`pandas.read_csv(dtype=str)`", options.json)


if __name__ == "__main__":
    main()
