"""Teachers of the example county who changed school: more of them towards the town than away from it."""

import csv
import io

import numpy as np

from manyi.example.county import County

HEADINGS = ("调出学校代码", "调入学校代码", "人数")
#: How readily a school is left and entered, by area.
LEFT = {"urban": 0.5, "town": 1.0, "rural": 2.5}
ENTERED = {"urban": 3.0, "town": 1.0, "rural": 0.4}
MOVES = 90


def transfers_text(county: County, seed: int) -> str:
    """Return the table of transfers as CSV; the same seed gives the same moves."""
    rng = np.random.default_rng((seed, 6))
    units = county.units[county.units["listed"]].drop_duplicates("school")
    schools = units["school"].to_numpy(dtype=object)
    size = units["pupils"].to_numpy(dtype=float)
    chances = [size * units["area"].map(ready).to_numpy(dtype=float) for ready in (LEFT, ENTERED)]
    origin, destination = (rng.choice(len(schools), MOVES, p=chance / chance.sum()) for chance in chances)
    moved = rng.integers(1, 3, MOVES)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for one, other, count in zip(origin, destination, moved, strict=True):
        if one != other:
            writer.writerow((schools[one], schools[other], int(count)))
    return stream.getvalue()
