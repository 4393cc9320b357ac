"""Write completed.csv: five completed data sets that both sides fit their models to.

    python completed.py

The answers are those of 40 schools of hsb82.csv (folder explanation), every second pupil; ``level`` is the
achievement in four classes. Every fifth value of mAch and level, and every sixth of ses, was taken out by a
fixed rule of the row's number, then imputed by manyi_analysis (predictive mean matching, schools kept in).
"""

from pathlib import Path

import numpy as np
import pandas as pd

from manyi_analysis.missing.chained import ChainedEquations
from manyi_analysis.missing.imputations import Imputations, imputations

HERE = Path(__file__).parent
COLUMNS = ("school", "mAch", "level", "ses", "minority", "public")


def incomplete() -> pd.DataFrame:
    """Return the answers with their holes."""
    frame = pd.read_csv(HERE.parent / "explanation" / "hsb82.csv", encoding="utf-8")
    frame = frame[frame["school"].isin(sorted(frame["school"].unique())[:160:4])].iloc[::2]
    frame = frame.reset_index(drop=True)
    frame["level"] = np.digitize(frame["mAch"], [6.0, 12.0, 18.0]) + 1.0
    row = frame.index.to_numpy()
    frame["mAch"] = frame["mAch"].mask(row % 5 == 1)
    frame["level"] = frame["level"].mask(row % 5 == 3)
    frame["ses"] = frame["ses"].mask(row % 6 == 2)
    return frame


def main() -> None:
    """Write the completed data sets below each other."""
    frame = incomplete()
    plan = ChainedEquations(5, 5, seed=20170519)
    given = imputations(frame, "mAch", ["level", "ses", "minority", "public"], (), "school", plan)
    if not isinstance(given, Imputations):
        raise SystemExit(given.reason)
    sets = [data[list(COLUMNS)].assign(set=at) for at, data in enumerate(given.sets(), start=1)]
    pd.concat(sets).to_csv(HERE / "completed.csv", index=False, encoding="utf-8", lineterminator="\n")


if __name__ == "__main__":
    main()
