"""The table ``items``: every rated item by itself and within its scale."""

from collections.abc import Mapping, Sequence

import pandas as pd

from manyi.topics.instrument import Instrument
from manyi.topics.one_pass import Gathered, MomentSet, TableSet, TotalSet
from manyi.topics.topic import Subject
from manyi_analysis.measurement import answer_range, item_analysis, item_discrimination
from manyi_analysis.records import Moments, NotComputed, PairwiseMoments, Tables, TotalCounts

#: Columns of the extreme groups: those of the record's own frame by another name where that would be unclear.
EXTREMES = {
    "low_cut": "low_cut",
    "high_cut": "high_cut",
    "n_low": "n_low",
    "n_high": "n_high",
    "mean_low": "mean_low",
    "mean_high": "mean_high",
    "discrimination": "discrimination",
    "cr": "cr",
    "df": "cr_df",
    "p": "cr_p",
    "cr_pooled": "cr_pooled",
    "df_pooled": "cr_pooled_df",
    "p_pooled": "cr_pooled_p",
    "levene_f": "levene_f",
    "levene_p": "levene_p",
    "reason": "cr_reason",
}
RANGE = ("floor", "ceiling", "floor_effect", "ceiling_effect", "kurtosis_type")


class ItemsTopic:
    """How each item behaves."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.instrument = Instrument.of(subject.questionnaire)
        self.reverse = {item.keyed_name: item for item in subject.questionnaire.items}

    def sets(self) -> dict[object, MomentSet | TableSet | TotalSet]:
        """Return moments, answer counts and counts by total of each scale; the first two of other ratings."""
        rows = self.subject.plan.missing
        sets: dict[object, MomentSet | TableSet | TotalSet] = {}
        for scale, items in self.instrument.own_scales.items():
            sets["moments", scale] = MomentSet(items, rows=rows)
            sets["tables", scale] = TableSet(items, complete=rows == "listwise")
            if len(items) > 1:
                bounds = self._bounds(items)
                sets["totals", scale] = TotalSet(items, tuple(bounds[name] for name in items))
        for item in self.instrument.standalone:
            sets["moments", item.id] = MomentSet((item.id,))
            sets["tables", item.id] = TableSet((item.id,))
        return sets

    def _bounds(self, columns: Sequence[str]) -> dict[str, tuple[float, ...]]:
        """Return the lowest and highest possible answer of items by column; empty where none is declared."""
        questionnaire = self.subject.questionnaire
        return {name: questionnaire.bounds(self.reverse[name]) or () for name in columns}

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``items``."""
        frames = []
        units = [(scale, scale) for scale in self.instrument.own_scales]
        units += [(item.id, "") for item in self.instrument.standalone]
        for key, scale in units:
            moments, tables = gathered["moments", key], gathered["tables", key]
            if not isinstance(moments, Moments | PairwiseMoments) or not isinstance(tables, Tables):
                raise TypeError("items need moments and answer counts")
            found = item_analysis(moments, tables)
            frame = found.to_frame()
            if isinstance(found, NotComputed):
                frame = pd.DataFrame({"item": moments.columns, "n": found.n, "reason": found.reason})
            elif not scale:
                # A rating outside scales has no rest to correlate with; that is not a failure.
                frame["reason"] = ""
            frame["missing_rule"] = self.subject.plan.missing
            frame = self._with_range(frame, tables)
            frame = _with_extremes(frame, gathered.get(("totals", key)))
            frame.insert(0, "scale", scale)
            frame.insert(2, "reversed", [self.reverse[name].reverse for name in frame["item"]])
            frame["item"] = [self.reverse[name].id for name in frame["item"]]
            frames.append(frame)
        return {"items": pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()}

    def _with_range(self, frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
        """Add the shares of the lowest and the highest possible answer."""
        nobody = pd.DataFrame({name: pd.Series(dtype="float64") for name in tables.columns})
        bounds = Tables.of(nobody, tables.columns, self._bounds(tables.columns), pairs=False)
        found = answer_range(tables + bounds).to_frame().set_index("item")
        return frame.join(found[list(RANGE)], on="item")


def _with_extremes(frame: pd.DataFrame, totals: Gathered | None) -> pd.DataFrame:
    """Add the comparison of the respondents of lowest and highest total; empty outside scales."""
    if not isinstance(totals, TotalCounts):
        return frame.reindex(columns=[*frame.columns, *EXTREMES.values()]).assign(cr_reason="")
    found = item_discrimination(totals, "total", totals.columns)
    if isinstance(found, NotComputed):
        empty = frame.reindex(columns=[*frame.columns, *EXTREMES.values()])
        return empty.assign(cr_reason=found.reason)
    extremes = found.to_frame().set_index("item")[list(EXTREMES)].rename(columns=EXTREMES)
    return frame.join(extremes, on="item")
