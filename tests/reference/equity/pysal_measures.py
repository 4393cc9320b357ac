"""Theil, its parts, Atkinson, Gini by PySAL on one row a pupil; writes inequality_pysal.json."""

import json
from pathlib import Path

import inequality
import numpy as np
import pandas as pd
from inequality.atkinson import Atkinson
from inequality.gini import Gini
from inequality.theil import Theil, TheilD

here = Path(__file__).parent
schools = pd.read_csv(here / "schools.csv")
pupils = np.repeat(schools["value"].to_numpy(), schools["pupils"])
groups = np.repeat(schools["group"].to_numpy(), schools["pupils"])
parts = TheilD(pupils, groups)
found = {
    "version": inequality.__version__,
    "theil_t": float(Theil(pupils).T),
    "between": float(np.ravel(parts.bg)[0]),
    "within": float(np.ravel(parts.wg)[0]),
    "atkinson": {str(e): float(Atkinson(pupils, e).A) for e in (0.5, 1.0, 2.0)},
    "gini": float(Gini(pupils).g),
}
(here / "inequality_pysal.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
print(found)
