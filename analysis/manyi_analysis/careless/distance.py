"""Mahalanobis distance: how unusual a respondent's answers are as a pattern."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg, special

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.pairwise import PairwiseMoments
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class MahalanobisMetric:
    """Centre and scale of a set of items: what squared distances are measured in.

    Parameters
    ----------
    items : tuple of str
        The k items.
    n : int
        Rows of the pair of items that has fewest.
    mean, sd : ndarray, shape (k,)
        Of each item over the rows that have it.
    whitening : ndarray, shape (k, k)
        Inverse of the lower Cholesky factor of the correlations.
    """

    items: tuple[str, ...]
    n: int
    mean: Floats
    sd: Floats
    whitening: Floats

    def squared(self, answers: Floats) -> Floats:
        """Return squared distances D², shape (respondents,), NaN for who answered nothing.

        Parameters
        ----------
        answers : ndarray, shape (k, respondents)
            NaN is missing and adds nothing to the distance, which is the same as the item's mean in its
            place: with missing answers D² is too small, so a cut by chi-square errs towards not flagging.
        """
        standard = (answers - self.mean[:, None]) / self.sd[:, None]
        missing = np.isnan(standard)
        standard[missing] = 0.0
        white = self.whitening @ standard
        found = np.einsum("ij,ij->j", white, white)
        found[missing.all(axis=0)] = np.nan
        return np.asarray(found)

    def cut(self, p: float) -> float:
        """Return the D² that normal answers exceed with probability ``p``: chi-square on k."""
        return float(special.chdtri(len(self.items), p))


def mahalanobis_metric(moments: PairwiseMoments) -> MahalanobisMetric | NotComputed:
    r"""Return the metric of :math:`D^2 = (x - \bar x)' S^{-1} (x - \bar x)`.

    S holds the covariances of every pair of items on the rows that have both.

    Parameters
    ----------
    moments : PairwiseMoments
        Of the items, as given or reverse-keyed: D² is the same.

    Returns
    -------
    MahalanobisMetric or NotComputed
        A constant item, not more rows than items, or a matrix that is singular or not positive definite
        (R would go on with an inverse that means nothing).

    Notes
    -----
    R: ``careless::mahad(x)`` 1.2.2, which is ``psych::outlier(x)``; missing answers as there. Flag by
    ``D2 > qchisq(confidence, k)``.

    References
    ----------
    Mahalanobis, P. C. (1936). On the generalized distance in statistics. Proceedings of the National
    Institute of Sciences of India, 2, 49-55. Meade, A. W., & Craig, S. B. (2012). Psychological Methods, 17,
    437-455.
    """
    # Its room loads what factor analysis needs, a second that the other indices are spared.
    from manyi_analysis.measurement.conditions import unmet_by_matrix

    reason = unmet_by_matrix("mahalanobis", moments)
    if reason is not None:
        return reason
    covariance = moments.covariance
    sd = np.sqrt(np.diagonal(covariance))
    try:
        factor = linalg.cholesky(covariance / np.outer(sd, sd), lower=True)
    except linalg.LinAlgError:
        details = {"smallest": float(np.linalg.eigvalsh(covariance)[0]), "items": moments.columns}
        return NotComputed("mahalanobis", "not-positive-definite", details, moments.n)
    whitening = np.asarray(linalg.solve_triangular(factor, np.eye(len(sd)), lower=True))
    return MahalanobisMetric(moments.columns, moments.n, moments.mean, sd, whitening)
