"""Whether one set of slopes holds at every threshold of an ordinal regression: Brant's test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.categorical.cumulative_link import LINKS, Link, cluster_scores, derivatives
from manyi_analysis.categorical.distinct_rows import DistinctRows
from manyi_analysis.categorical.ordinal import OrdinalRegression, ordinal_regression
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats

#: Name of the test of all predictors together.
OMNIBUS = "(all)"


@dataclass(frozen=True, slots=True)
class ParallelSlopes:
    """Test that the slopes of some columns are the same at all thresholds.

    Parameters
    ----------
    term : str
        Predictor, or ``(all)``.
    chi2 : float
        Wald statistic; NaN where the differences' covariance is singular.
    df : int
        Columns times thresholds less one.
    p : float
    """

    term: str
    chi2: float
    df: int
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalOdds:
    """Brant's test of parallel regressions.

    Parameters
    ----------
    outcome, link : str
    columns : tuple of str
        The k predictors.
    levels : tuple of float
        The K answers.
    n, missing, clusters : int
        As in the regression.
    slopes : ndarray, shape (K - 1, k)
        Slope of every predictor in the binary regression of answers above each threshold.
    se : ndarray, shape (K - 1, k)
        Their standard errors.
    tests : tuple of ParallelSlopes
        All predictors together, then each.
    se_type : {"ML", "CR1"}
        Model-based as Brant has it, or from the clusters' scores.
    """

    outcome: str
    link: str
    columns: tuple[str, ...]
    levels: tuple[float, ...]
    n: int
    missing: int
    clusters: int
    slopes: Floats
    se: Floats
    tests: tuple[ParallelSlopes, ...]
    se_type: str
    method: str = "Brant's Wald test"
    source: str = "Brant (1990)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a test: ``outcome, link, term, chi2, df, p, se_type, n, reason``."""
        rows = [{"term": one.term, "chi2": one.chi2, "df": one.df, "p": one.p} for one in self.tests]
        frame = pd.DataFrame(rows)
        frame.insert(0, "link", self.link)
        frame.insert(0, "outcome", self.outcome)
        return frame.assign(se_type=self.se_type, n=self.n, reason="")

    def slopes_to_frame(self) -> pd.DataFrame:
        """Return one row a threshold and predictor: ``outcome, threshold, term, estimate, se``."""
        thresholds = [
            f"{low:.12g}|{high:.12g}" for low, high in zip(self.levels, self.levels[1:], strict=False)
        ]
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "threshold": np.repeat(thresholds, len(self.columns)),
                "term": list(self.columns) * len(thresholds),
                "estimate": self.slopes.ravel(),
                "se": self.se.ravel(),
            }
        )


def proportional_odds_test(
    rows: DistinctRows, link: str = "logit", terms: Sequence[Sequence[str]] | None = None
) -> ProportionalOdds | NotComputed:
    """Test whether the predictors act alike at every threshold.

    A binary regression of "above the threshold" is fitted at each, and the equality of their slopes tested
    by Wald, with the covariance of slopes at different thresholds: model-based, p_j(1 - p_l) for j > l in the
    weights (Brant, 1990), or where rows carry a cluster, from the sums of scores in each cluster, which the
    correlation within schools does not distort. With large samples trifling differences are significant: read
    the slopes too.

    Parameters
    ----------
    rows : DistinctRows
        Answer with three levels or more.
    link : {"logit", "probit"}
    terms : sequence of sequence of str, optional
        Columns tested together, the dummies of one predictor; default each column.

    Returns
    -------
    ProportionalOdds or NotComputed
        NotComputed with two levels, and as for `ordinal_regression`, for the binary ones too: a threshold
        that a predictor separates has no finite slope.

    References
    ----------
    Brant, R. (1990). Biometrics 46, 1171-1178. R: ``brant::brant(MASS::polr(...))``; Stata ``brant``.
    """
    if len(rows.levels) < 3:
        details: dict[str, object] = {"outcome": rows.outcome, "levels": len(rows.levels)}
        return NotComputed("proportional-odds", "parallel-two-levels", details, rows.n)
    if not rows.columns:
        return NotComputed("proportional-odds", "parallel-no-columns", {"outcome": rows.outcome}, rows.n)
    fits: list[OrdinalRegression] = []
    for level in rows.levels[1:]:
        fit = ordinal_regression(rows.dichotomized(level), link)
        if isinstance(fit, NotComputed):
            return fit
        fits.append(fit)
    k, cuts = len(rows.columns), len(fits)
    pieces = [_pieces(LINKS[link], rows, cut, fit) for cut, fit in enumerate(fits)]
    joint = _joint_by_cluster(rows, pieces) if rows.clusters else _joint_by_model(rows, pieces)
    slopes = np.array([fit.b for fit in fits])
    groups = [(name,) for name in rows.columns] if terms is None else [tuple(names) for names in terms]
    named = [(OMNIBUS, tuple(range(k)))]
    named += [(" ".join(names), tuple(rows.columns.index(name) for name in names)) for names in groups]
    return ProportionalOdds(
        outcome=rows.outcome,
        link=link,
        columns=rows.columns,
        levels=rows.levels,
        n=rows.n,
        missing=rows.missing,
        clusters=rows.clusters,
        slopes=slopes,
        se=np.sqrt(np.diag(joint)).reshape(cuts, k),
        tests=tuple(_wald(name, slopes, joint, at) for name, at in named),
        se_type="CR1" if rows.clusters else "ML",
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Binary:
    """What a binary regression adds to the joint covariance; m rows as they stand in the record.

    Parameters
    ----------
    inverse : ndarray, shape (k + 1, k + 1)
        Inverse expected information of (slopes, threshold).
    share : ndarray, shape (m,)
        Fitted probability of an answer above the threshold.
    weight : ndarray, shape (m,)
        density / (p (1 - p)).
    scores : ndarray, shape (G, k + 1)
        Scores summed in clusters.
    observed : ndarray, shape (k + 1, k + 1)
        Inverse observed information.
    """

    inverse: Floats
    share: Floats
    weight: Floats
    scores: Floats
    observed: Floats


def _pieces(link: Link, rows: DistinctRows, cut: int, fit: OrdinalRegression) -> _Binary:
    """Return the parts of the regression of answers above a cut, on the rows of all answers."""
    line = fit.thresholds[0] - rows.x @ fit.b
    tails = link.tails(line)
    density, share, below = tails.density, tails.above, tails.below
    z = np.column_stack([-rows.x, np.ones(len(rows.x))])
    weight = density / (share * below)
    expected = (z * (rows.weight * density * weight)[:, None]).T @ z
    answer = (rows.answer > cut).astype(np.intp)
    found = derivatives(link, rows.x, answer, rows.weight, fit.b, fit.thresholds)
    scores = cluster_scores(found, rows.x, answer, rows.cluster, max(rows.clusters, 1), 2)
    return _Binary(
        inverse=np.asarray(np.linalg.inv(expected)),
        share=share,
        weight=weight,
        scores=scores,
        observed=np.asarray(np.linalg.inv(found.information)),
    )


def _joint_by_model(rows: DistinctRows, pieces: Sequence[_Binary]) -> Floats:
    """Return the model-based covariance of all slopes, thresholds in order, (cuts·k, cuts·k)."""
    k, cuts = len(rows.columns), len(pieces)
    z = np.column_stack([-rows.x, np.ones(len(rows.x))])
    result = np.empty((cuts * k, cuts * k))
    for low, first in enumerate(pieces):
        for high in range(low, cuts):
            second = pieces[high]
            # Above the higher threshold implies above the lower: the covariance is p_high (1 - p_low).
            shared = rows.weight * second.share * (1.0 - first.share) * first.weight * second.weight
            block = (first.inverse @ ((z * shared[:, None]).T @ z) @ second.inverse)[:k, :k]
            result[low * k : (low + 1) * k, high * k : (high + 1) * k] = block
            result[high * k : (high + 1) * k, low * k : (low + 1) * k] = block.T
    return result


def _joint_by_cluster(rows: DistinctRows, pieces: Sequence[_Binary]) -> Floats:
    """Return the sandwich covariance of all slopes from the scores of clusters, times G/(G - 1)."""
    k = len(rows.columns)
    half = np.hstack([(one.scores @ one.observed)[:, :k] for one in pieces])
    return np.asarray(rows.clusters / (rows.clusters - 1) * half.T @ half)


def _wald(name: str, slopes: Floats, joint: Floats, at: Sequence[int]) -> ParallelSlopes:
    """Test the slopes of some columns at later thresholds against those at the first."""
    cuts, k = slopes.shape
    size = len(at)
    lines = np.zeros(((cuts - 1) * size, cuts * k))
    for later in range(1, cuts):
        for position, column in enumerate(at):
            row = (later - 1) * size + position
            lines[row, column], lines[row, later * k + column] = 1.0, -1.0
    difference = lines @ slopes.ravel()
    covariance = lines @ joint @ lines.T
    df = len(lines)
    scale = np.sqrt(np.diag(covariance))
    if np.linalg.cond(covariance / np.outer(scale, scale)) > 1e12:
        return ParallelSlopes(name, float("nan"), df, float("nan"))
    chi2 = float(difference @ np.linalg.solve(covariance, difference))
    return ParallelSlopes(name, chi2, df, float(stats.chi2.sf(chi2, df)))
