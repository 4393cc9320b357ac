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

from manyi_analysis.confirmatory.implied import Implied, Numbers
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
        self, implied: Sequence[Implied], jacobians: Sequence[tuple[Numbers, Numbers]], observed: bool = False
    ) -> Floats:
        """Return the information a row carries, shape (q, q); see `Discrepancy`."""
        total: Floats = np.zeros((len(jacobians[0][0]),) * 2)
        for share, sample, one, (covariances, means) in zip(
            self.shares, self.samples, implied, jacobians, strict=True
        ):
            inverse = np.linalg.inv(one.covariance)
            other = inverse / 2
            if observed:
                away = self.deviation(sample, one)
                spread = sample.covariance + np.outer(away, away)
                other = inverse @ spread @ inverse - inverse / 2
            # A group's moments depend on few of all groups' parameters.
            own = np.flatnonzero(covariances.any(axis=(1, 2)) | means.any(axis=1))
            covariances, means = covariances[own], means[own]
            q, k = means.shape
            left = (inverse @ covariances).transpose(0, 2, 1).reshape(q, k * k)
            right = (other @ covariances).reshape(q, k * k)
            part = left @ right.T
            if self._means:
                part = part + means @ inverse @ means.T
                if observed:
                    cross = (covariances @ (inverse @ away)) @ inverse @ means.T
                    part = part + cross + cross.T
            total[np.ix_(own, own)] += share * (part + part.T) / 2
        return total
