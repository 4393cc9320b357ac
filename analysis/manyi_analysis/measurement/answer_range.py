"""Floor, ceiling and missing share of items: how much of the answer scale respondents use."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.records import NotComputed, Shape, Tables

#: Share of lowest or highest answers from which an item has a floor or ceiling effect.
EFFECT = 0.15


@dataclass(frozen=True, slots=True)
class ItemRange:
    """How the answers to one item lie between its lowest and its highest.

    Parameters
    ----------
    item : str
        Its column.
    n, missing : int
        Respondents who answered, and who did not, for whatever reason.
    lowest, highest : float or None
        Bounds of the answer scale: of the answers declared or found. None if there are none.
    floor, ceiling : float or None
        Shares of the answers at the bounds; None with no answer.
    shape : Shape
        Mean, standard deviation, skewness and kurtosis (G1 and G2, as SPSS prints them).
    """

    item: str
    n: int
    missing: int
    lowest: float | None
    highest: float | None
    floor: float | None
    ceiling: float | None
    shape: Shape

    @property
    def missing_share(self) -> float | None:
        """Return the share of all respondents who did not answer; None with no respondent."""
        rows = self.n + self.missing
        return self.missing / rows if rows else None


@dataclass(frozen=True, slots=True)
class AnswerRange:
    """Floor and ceiling of the items of a questionnaire."""

    items: tuple[ItemRange, ...]
    effect: float
    method: str = "shares of lowest and highest possible answers; skewness and kurtosis of type 2"
    source: str = "McHorney & Tarlov (1995); Joanes & Gill (1998)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item.

        Columns ``item, n, missing, missing_share, lowest, highest, floor, ceiling, floor_effect,
        ceiling_effect, skew, kurtosis, kurtosis_type, reason``.
        """
        columns = {
            "item": [one.item for one in self.items],
            "n": [one.n for one in self.items],
            "missing": [one.missing for one in self.items],
            "missing_share": [one.missing_share for one in self.items],
            "lowest": [one.lowest for one in self.items],
            "highest": [one.highest for one in self.items],
            "floor": [one.floor for one in self.items],
            "ceiling": [one.ceiling for one in self.items],
            "floor_effect": [one.floor is not None and one.floor >= self.effect for one in self.items],
            "ceiling_effect": [one.ceiling is not None and one.ceiling >= self.effect for one in self.items],
            "skew": [one.shape.skew for one in self.items],
            "kurtosis": [one.shape.kurtosis for one in self.items],
            "kurtosis_type": 2,
            "reason": [
                ""
                if one.n
                else NotComputed("answer_range", "item-without-answers", {"item": one.item}).reason
                for one in self.items
            ],
        }
        numbers = ("missing_share", "lowest", "highest", "floor", "ceiling", "skew", "kurtosis")
        return pd.DataFrame(columns).astype(dict.fromkeys(numbers, "float64"))


def answer_range(tables: Tables, effect: float = EFFECT) -> AnswerRange:
    """Return floor, ceiling and missing share of every item.

    The bounds are those of the answer scale where it is declared in the tables; otherwise of the answers
    found, and then an answer nobody gave is not seen.

    floor = n(lowest answer) / n, ceiling = n(highest answer) / n, missing share = (rows - n) / rows.

    Parameters
    ----------
    tables : Tables
        Answer counts; pairs are not needed.
    effect : float
        Share from which floor or ceiling is called an effect.

    References
    ----------
    McHorney, C. A., & Tarlov, A. R. (1995). Individual-patient monitoring in clinical practice. Quality of
    Life Research, 4, 293-307. Joanes, D. N., & Gill, C. A. (1998). The Statistician, 47, 183-189.
    R: ``mean(x == 1, na.rm = TRUE)``; ``psych::describe(x, type = 2)``.
    """
    return AnswerRange(tuple(_of_item(tables, item) for item in tables.columns), effect)


def _of_item(tables: Tables, item: str) -> ItemRange:
    values, counts = tables.answers(item)
    n = int(counts.sum())
    known = len(values) > 0
    return ItemRange(
        item=item,
        n=n,
        missing=tables.rows - n,
        lowest=float(values[0]) if known else None,
        highest=float(values[-1]) if known else None,
        floor=float(np.float64(counts[0]) / n) if n else None,
        ceiling=float(np.float64(counts[-1]) / n) if n else None,
        shape=Shape.of(values, counts),
    )
