"""How respondents ranked the answers of a ranking question."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_instruments.definitions.questionnaire import Item, Questionnaire

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Rankings:
    """Ranks that the answers of ranking questions were given.

    Parameters
    ----------
    items : tuple of str
        Question of each row.
    answers : tuple of int
        Answer of each row; answers nobody ranked stand with 0.
    n : (rows,) array of int
        Respondents who gave the answer a rank.
    answered : (rows,) array of int
        Respondents who ranked any answer of the question; the denominator of every share and of `score`.
    missing : (rows,) array of int
        Respondents who ranked none.
    first : (rows,) array of int
        Respondents who put the answer first.
    rank_sum : (rows,) array of float
        Sum of its ranks.
    points : (rows,) array of float
        Sum of its points: of k answers the first has k, the last 1, one without a rank 0.
    """

    items: tuple[str, ...]
    answers: tuple[int, ...]
    n: Counts
    answered: Counts
    missing: Counts
    first: Counts
    rank_sum: Floats
    points: Floats

    def to_frame(self) -> pd.DataFrame:
        """Return one row a question and answer: table ``rankings``.

        `mean_rank` is empty where nobody ranked the answer, shares and `score` where nobody answered.
        """
        answered = np.where(self.answered > 0, self.answered, np.nan)
        ranked = np.where(self.n > 0, self.n, np.nan)
        return pd.DataFrame(
            {
                "item": self.items,
                "answer": np.array(self.answers, dtype=np.int64),
                "n": self.n,
                "share": self.n / answered,
                "mean_rank": self.rank_sum / ranked,
                "first": self.first,
                "first_share": self.first / answered,
                "score": self.points / answered,
                "answered": self.answered,
                "missing": self.missing,
            }
        )


def rankings(
    coded: pd.DataFrame, questionnaire: Questionnaire, items: Sequence[Item] | None = None
) -> Rankings:
    """Count the ranks of ranking questions.

    mean_rank = Σ rank / n(ranked); score = Σ (k + 1 - rank) / n(answered) over k answers.

    Parameters
    ----------
    coded : DataFrame
        Coded answers of the respondents counted: ``{item}__{value}`` holds a rank from 1, or a missing code
        where the answer was given none.
    questionnaire : Questionnaire
        Names the answers of every question.
    items : sequence of Item, optional
        Questions counted; default demographics and items. Other types, and questions the table does not hold,
        are left out.

    Returns
    -------
    Rankings
        A row an answer in the order of the list.

    Notes
    -----
    `mean_rank` is of those who ranked the answer: where respondents rank only their first few, an answer that
    few ranked can have a better mean than one that many did. `score` counts everyone who answered:
    Σ (k + 1 − rank) / answered over k answers, 0 where no rank was given. It is the Borda count (de Borda,
    1781) a respondent, and what 问卷星 calls 平均综合得分. In R: ``points <- k + 1 - ranks;
    points[is.na(points)] <- 0; colMeans(points)``.

    R: ``colMeans(ranks, na.rm = TRUE)``; points as in the notes above.

    References
    ----------
    de Borda, J.-C. (1781). Mémoire sur les élections au scrutin.
    """
    codes = [float(missing.code) for missing in questionnaire.missing_codes.values()]
    chosen = questionnaire.all_items() if items is None else tuple(items)
    rows: list[tuple[str, int, int, int, int, float, float]] = []
    for item in chosen:
        answers = questionnaire.answer_list(item)
        if item.type != "ranking" or answers is None:
            continue
        names = {value: f"{item.id}__{value}" for value in answers.values}
        held = {value: name for value, name in names.items() if name in coded}
        if not held:
            continue
        ranks = coded[list(held.values())].to_numpy(dtype=np.float64, copy=True)
        ranks[np.isin(ranks, codes)] = np.nan
        given = ~np.isnan(ranks)
        answered = int(given.any(axis=1).sum())
        points = np.where(given, len(answers.answers) + 1 - ranks, 0.0).sum(axis=0)
        columns = zip(
            held,
            given.sum(axis=0).tolist(),
            (ranks == 1.0).sum(axis=0).tolist(),
            np.nansum(ranks, axis=0).tolist(),
            points.tolist(),
            strict=True,
        )
        rows += [
            (item.id, value, answered, n, first, total, score) for value, n, first, total, score in columns
        ]
    answered_of, n_of, first_of = (np.array([row[at] for row in rows], dtype=np.int64) for at in (2, 3, 4))
    rank_sum, points_of = (np.array([row[at] for row in rows], dtype=np.float64) for at in (5, 6))
    return Rankings(
        items=tuple(row[0] for row in rows),
        answers=tuple(row[1] for row in rows),
        n=n_of,
        answered=answered_of,
        missing=len(coded) - answered_of,
        first=first_of,
        rank_sum=rank_sum,
        points=points_of,
    )
