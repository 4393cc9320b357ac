r"""Normal-theory maximum likelihood from complete rows.

.. math::
    F = \sum_g \frac{n_g}{N} \bigl(
        \log|\Sigma_g| + \operatorname{tr} \Sigma_g^{-1} T_g - \log|S_g| - k
    \bigr), \qquad T_g = S_g + (m_g - \mu_g)(m_g - \mu_g)'

with the covariances S of divisor n; N F is the likelihood-ratio test (Jöreskog, 1967).
"""

from collections.abc import Sequence

import numpy as np
from scipy import linalg

from manyi_analysis.confirmatory.implied import Implied, Jacobian, Numbers
from manyi_analysis.confirmatory.samples import Sample
from manyi_analysis.records.rows import Floats


class NormalLikelihood:
    """The discrepancy of G groups of complete rows.

    Parameters
    ----------
    samples : sequence of Sample
        Of each group.
    means : bool
        Whether the model has means; else they are whatever the data's are.
    """

    __slots__ = ("_constant", "_means", "samples", "shares")

    def __init__(self, samples: Sequence[Sample], means: bool) -> None:
        self.samples = tuple(samples)
        self._means = means
        total = sum(one.n for one in self.samples)
        self.shares = tuple(one.n / total for one in self.samples)
        self._constant = [
            float(np.linalg.slogdet(one.covariance).logabsdet) + len(one.mean) for one in self.samples
        ]

    def deviation(self, sample: Sample, implied: Implied) -> Numbers:
        """Return how far a group's means are from the model's, shape (k,)."""
        if not self._means:
            return np.zeros(len(sample.mean))
        away: Numbers = sample.mean - implied.mean
        return away

    def value(self, implied: Sequence[Implied]) -> float:
        """Return F; infinity where a covariance matrix is not positive definite."""
        total = 0.0
        for share, sample, constant, one in zip(
            self.shares, self.samples, self._constant, implied, strict=True
        ):
            try:
                factor = linalg.cho_factor(one.covariance)
            except (linalg.LinAlgError, ValueError):
                return np.inf
            away = self.deviation(sample, one)
            spread = sample.covariance + np.outer(away, away)
            logdet = 2 * float(np.log(np.diagonal(factor[0])).sum())
            total += share * (logdet + float(np.trace(linalg.cho_solve(factor, spread))) - constant)
        return total

    def slopes(self, implied: Sequence[Implied]) -> list[tuple[Numbers, Numbers]]:
        """Return the derivatives by each group's covariances and means."""
        found = []
        for share, sample, one in zip(self.shares, self.samples, implied, strict=True):
            inverse = np.linalg.inv(one.covariance)
            away = self.deviation(sample, one)
            spread = sample.covariance + np.outer(away, away)
            found.append((share * (inverse - inverse @ spread @ inverse), -2 * share * inverse @ away))
        return found

    def information(
        self, implied: Sequence[Implied], jacobians: Sequence[Jacobian], observed: bool = False
    ) -> Floats:
        r"""Return the information a row carries, shape (q, q); see `Discrepancy`.

        .. math:: \operatorname{tr} \Sigma^{-1} D_i B D_j, \qquad D = l r' + r l'

        with :math:`B = \Sigma^{-1} / 2`, or what it is at the data as they are: sums of products of
        :math:`l' \Sigma^{-1} l`, :math:`l' B r` and so on, so that no D is ever written out.
        """
        q = len(jacobians[0].means)
        total: Floats = np.zeros((q, q))
        for share, sample, one, by in zip(self.shares, self.samples, implied, jacobians, strict=True):
            inverse = np.linalg.inv(one.covariance)
            first, second, third = _forms(by, inverse)
            if observed:
                away = self.deviation(sample, one)
                spread = sample.covariance + np.outer(away, away)
                fourth, fifth, sixth = _forms(by, inverse @ spread @ inverse - inverse / 2)
                cells = first * sixth + third * fourth + second * fifth.T + second.T * fifth
            else:
                cells = first * third + second * second.T
            part = by.between(cells)
            if self._means:
                part = part + by.means @ inverse @ by.means.T
                if observed:
                    turned = inverse @ away
                    reached = by.left * (by.right @ turned)[:, None] + by.right * (by.left @ turned)[:, None]
                    cross = by.summed(reached, by.means.shape) @ inverse @ by.means.T
                    part = part + cross + cross.T
            total += share * (part + part.T) / 2
        return total


def _forms(by: Jacobian, matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Return l'Ml, l'Mr and r'Mr of every two cells, each shape (c, c)."""
    left = by.left @ matrix
    return left @ by.left.T, left @ by.right.T, by.right @ matrix @ by.right.T
