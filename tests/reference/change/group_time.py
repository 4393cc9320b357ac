"""Group-time effects without covariates by diff-diff 3.13.0; writes group_time.json. Run in this folder."""

import json
import warnings
from pathlib import Path

import diff_diff
import pandas as pd
from diff_diff import CallawaySantAnna

warnings.simplefilter("ignore")
here = Path(__file__).parent
panel = pd.read_csv(here / "panel.csv")
panel["first"] = panel["begins"].fillna(0).astype(int)
found = {"version": diff_diff.__version__}
for name, group in (("never", "never_treated"), ("not_yet", "not_yet_treated")):
    fit = CallawaySantAnna(control_group=group, estimation_method="reg").fit(
        panel, outcome="outcome", unit="unit", time="period", first_treat="first", aggregate="all"
    )
    found[name] = {
        "effects": {f"{g}-{t}": [e["effect"], e["se"]] for (g, t), e in fit.group_time_effects.items()},
        "overall": [fit.overall_att, fit.overall_se],
        "event": {str(e): [v["effect"], v["se"]] for e, v in (fit.event_study_effects or {}).items()},
        "group": {str(g): [v["effect"], v["se"]] for g, v in (fit.group_effects or {}).items()},
    }
(here / "group_time.json").write_text(json.dumps(found, indent=1, default=float) + "\n", encoding="utf-8")
print(json.dumps(found, default=float)[:1500])
