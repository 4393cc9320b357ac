"""One large `.sav` by manyi, labelled, beside the same cells written bare by pyreadstat.

60 variables: 45 five-point items with missing codes, 5 of them reversed too, 5 scores, codes of respondent,
school and file as text, the row, and whether it is kept. Both sides start from frames in memory; every
measurement runs in a process of its own, in turn.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from measurement import Measurement, forget_peak, in_own_process, peak, resident
from medians import middle, tell
from survey import SEED

ROLE = "pupils"
SCALES = tuple(f"S{number}" for number in range(1, 6))
#: Nine items a scale, the fourth of each reverse-keyed.
ITEMS = {scale: tuple(f"{scale}_{number}" for number in range(1, 10)) for scale in SCALES}
REVERSED = tuple(items[3] for items in ITEMS.values())
VARIABLES = 60
SIDES = ("pyreadstat", "manyi")


def definition() -> str:
    """Return the questionnaire, as YAML (JSON is YAML)."""
    words = ("never", "seldom", "sometimes", "often", "always")
    answers = [{"value": value, "label": {"en": word}} for value, word in enumerate(words, start=1)]
    items = [
        {
            "id": item,
            "text": {"en": f"How often does what item {item} speaks of happen at your school?"},
            "answers": "often",
            "scale": scale,
            "reverse": item in REVERSED,
        }
        for scale, items in ITEMS.items()
        for item in items
    ]
    return json.dumps(
        {
            "questionnaire": ROLE,
            "title": {"en": "Pupils"},
            "languages": ["en"],
            "answer_lists": {"often": {"answers": answers}},
            "scales": [{"id": scale, "title": {"en": f"Scale {scale}"}} for scale in SCALES],
            "items": items,
        }
    )


def write_frames(folder: Path, rows: int) -> None:
    """Write coded and scored answers as the pipeline keeps them; the same number gives the same answers."""
    from manyi_instruments.definitions.loader import load_questionnaire
    from manyi_instruments.scoring import score

    rng = np.random.default_rng((SEED, rows))
    number = np.arange(rows)
    coded = pd.DataFrame(
        {
            "file": pd.array(np.full(rows, "answers.csv", dtype=object), dtype="string"),
            "row": number + 2,
            "person": pd.array(np.char.add("p", number.astype(str)).astype(object), dtype="string"),
            "school": pd.array((1_000_000 + number // 333).astype(str).astype(object), dtype="string"),
        }
    )
    names = [item for items in ITEMS.values() for item in items]
    latent = 0.7 * rng.standard_normal((rows, 1)) + 0.7 * rng.standard_normal((rows, len(names)))
    answers = (np.digitize(latent, (-1.6, -0.8, 0.1, 1.0)) + 1).astype(float)
    answers[rng.random(answers.shape) < 0.03] = -9.0
    coded = pd.concat([coded, pd.DataFrame(answers, columns=names)], axis=1)
    scored = score(coded, load_questionnaire(definition())).assign(kept=True)
    coded.to_parquet(folder / "coded.parquet")
    scored.to_parquet(folder / "scored.parquet")


def write(side: str, folder: Path) -> None:
    """Write the file as one side does, and print time and memory as JSON."""
    import pyreadstat

    from manyi_instruments.definitions.loader import load_questionnaire
    from manyi_outputs.spss import RoleAnswers, variables, write_sav
    from manyi_outputs.spss.sav import role_frame

    path = folder / f"{side}.sav"
    before = resident()
    coded, scored = (pd.read_parquet(folder / f"{name}.parquet") for name in ("coded", "scored"))
    answers = RoleAnswers(ROLE, load_questionnaire(definition()), coded, scored)
    frame = None
    if side == "pyreadstat":
        frame = role_frame(answers, variables(answers, "en"))
        del coded, scored, answers
    forget_peak()
    started = time.perf_counter()
    if frame is None:
        write_sav(path, answers, "en")
    else:
        pyreadstat.write_sav(frame, str(path), row_compress=True)
    seconds = time.perf_counter() - started
    found = {"seconds": seconds, "peak": max(0, peak() - before)}
    _, meta = pyreadstat.read_sav(str(path), metadataonly=True)
    if meta.number_columns != VARIABLES:
        raise SystemExit(f"{path.name} has {meta.number_columns} variables, not {VARIABLES}")
    print(json.dumps(found))


def compare(folder: Path, repeats: int) -> dict[str, Measurement]:
    """Measure both sides in turn; return the medians."""
    found: dict[str, list[Measurement]] = {side: [] for side in SIDES}
    for _ in range(repeats):
        for side in SIDES:
            words = ("--write", side, "--folder", str(folder))
            found[side].append(Measurement(**in_own_process(Path(__file__), words, side)))
    return {side: middle(runs) for side, runs in found.items()}


def main(words: Sequence[str] | None = None) -> None:
    """Make the answers, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of answers (default %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median is shown")
    parser.add_argument("--folder", type=Path, help="where answers are made and kept (default: temporary)")
    parser.add_argument("--json", type=Path, help="write the medians to this file too")
    parser.add_argument("--write", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.write:
        write(options.write, options.folder)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        write_frames(folder, options.rows)
        print(f"{options.rows:,} rows × {VARIABLES} variables", file=sys.stderr)
        found = compare(folder, options.repeats)
    tell(found, "pyreadstat", "pyreadstat", options.json)


if __name__ == "__main__":
    main()
