"""Tables about missing answers: the patterns of each scale, and Little's test."""

from collections.abc import Mapping

import pandas as pd

from manyi.topics.one_pass import Gathered, MomentSet
from manyi.topics.topic import Subject
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.missing.little import little_mcar
from manyi_analysis.records import NotComputed, PatternMoments

TEST_COLUMNS = ("set", "k", "n", "unanswered", "patterns", "chi2", "df", "p", "reason")
PATTERN_COLUMNS = ("set", "missing", "k_missing", "patterns", "n", "share", "reason")


class MissingAnswersTopic:
    """Which answers of a scale are missing together."""

    def __init__(self, subject: Subject) -> None:
        questionnaire = subject.questionnaire
        self.scales = {
            scale.id: tuple(item.id for item in questionnaire.items_of(scale.id))
            for scale in questionnaire.scales
        }
        self.minimum = subject.plan.minimum_cell

    def sets(self) -> dict[object, MomentSet]:
        """Return the moments of each scale by pattern of missing answers."""
        return {scale: MomentSet(items, rows="patterns") for scale, items in self.scales.items()}

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``missing_patterns``, rare patterns joined so that no person stands out, and ``mcar``."""
        found = {
            scale: record for scale in self.scales if isinstance(record := gathered[scale], PatternMoments)
        }
        patterns = [_patterns(name, record, self.minimum) for name, record in found.items()]
        tests = [_test(name, record) for name, record in found.items()]
        tables = {"missing_patterns": patterns, "mcar": tests}
        return {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items() if frames}


def _patterns(name: str, record: PatternMoments, minimum: int) -> pd.DataFrame:
    rows: list[tuple[str, int, int]] = []
    rare_patterns, rare_rows = 0, 0
    for observed, n in zip(record.observed, record.n.tolist(), strict=True):
        lacking = [column for column, has in zip(record.columns, observed, strict=True) if not has]
        if n >= minimum or not lacking:
            rows.append((" ".join(lacking), len(lacking), n))
        else:
            rare_patterns, rare_rows = rare_patterns + 1, rare_rows + n
    if record.overflow:
        reason = NotComputed("missing_patterns", "many-patterns", {"columns": record.columns}).reason
        frame = pd.DataFrame([{"set": name, "n": record.rows, "share": 1.0, "reason": reason}])
        return frame.reindex(columns=list(PATTERN_COLUMNS))
    if record.unanswered:
        rows.append((" ".join(record.columns), len(record.columns), record.unanswered))
    frame = pd.DataFrame(rows, columns=["missing", "k_missing", "n"]).astype({"k_missing": "float64"})
    frame["patterns"], frame["reason"] = 1, ""
    if rare_patterns:
        reason = NotComputed("missing_patterns", SMALL_CELL, {"minimum": minimum}).reason
        last = {"missing": "", "n": rare_rows, "patterns": rare_patterns, "reason": reason}
        frame = pd.concat([frame, pd.DataFrame([last])], ignore_index=True)
    frame["share"] = frame["n"] / max(record.rows, 1)
    frame.insert(0, "set", name)
    return frame[list(PATTERN_COLUMNS)]


def _test(name: str, record: PatternMoments) -> pd.DataFrame:
    found = little_mcar(record)
    row: dict[str, object] = {"set": name, "k": len(record.columns), "reason": ""}
    if isinstance(found, NotComputed):
        row |= {"n": found.n, "unanswered": record.unanswered, "patterns": len(record.n)}
        row["reason"] = found.reason
    else:
        row |= {str(key): value for key, value in found.to_frame().iloc[0].to_dict().items()}
    return pd.DataFrame([row], columns=list(TEST_COLUMNS))
