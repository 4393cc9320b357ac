"""The table ``items``: every rated item by itself and within its scale."""

from collections.abc import Mapping

import pandas as pd

from manyi.topics.instrument import Instrument
from manyi.topics.one_pass import Gathered, MomentSet, TableSet
from manyi.topics.topic import Subject
from manyi_analysis.measurement import item_analysis
from manyi_analysis.records import NotComputed


class ItemsTopic:
    """How each item behaves."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.instrument = Instrument.of(subject.questionnaire)

    def sets(self) -> dict[object, MomentSet | TableSet]:
        """Return moments and answer counts of each scale, and of each rating outside scales."""
        rows = self.subject.plan.missing
        sets: dict[object, MomentSet | TableSet] = {}
        for scale, items in self.instrument.own_scales.items():
            sets["moments", scale] = MomentSet(items, rows=rows)
            sets["tables", scale] = TableSet(items, complete=rows == "listwise")
        for item in self.instrument.standalone:
            sets["moments", item.id] = MomentSet((item.id,))
            sets["tables", item.id] = TableSet((item.id,))
        return sets

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``items``."""
        reverse = {item.keyed_name: item for item in self.subject.questionnaire.items}
        frames = []
        units = [(scale, scale) for scale in self.instrument.own_scales]
        units += [(item.id, "") for item in self.instrument.standalone]
        for key, scale in units:
            found = item_analysis(gathered["moments", key], gathered["tables", key])  # type: ignore[arg-type]
            frame = found.to_frame()
            if isinstance(found, NotComputed):
                items = gathered["moments", key].columns  # type: ignore[union-attr]
                frame = pd.DataFrame({"item": items, "n": found.n, "reason": found.reason})
            elif not scale:
                # A rating outside scales has no rest to correlate with; that is not a failure.
                frame["reason"] = ""
            frame["missing_rule"] = self.subject.plan.missing
            frame.insert(0, "scale", scale)
            frame.insert(2, "reversed", [reverse[name].reverse for name in frame["item"]])
            frame["item"] = [reverse[name].id for name in frame["item"]]
            frames.append(frame)
        return {"items": pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()}
