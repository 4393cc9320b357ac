"""Paths of a mediation: estimates, errors and limits, and the table they stand in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.records.rows import Floats

MEDIATION_COLUMNS = (
    *("path", "predictor", "mediator", "outcome", "estimate", "se", "low", "high", "interval"),
    *("p", "n", "schools", "se_type", "reason"),
)
#: Mediator named where an effect runs over all of them, or over none.
ALL, NONE = "(all)", ""


@dataclass(frozen=True, slots=True)
class Path:
    """One path or effect.

    Parameters
    ----------
    path : str
        ``a``: predictor to mediator; ``b``: mediator to outcome; ``direct``; ``indirect``: a·b; ``total``.
        In a model of two levels ``b-within`` and ``b-between`` are the slopes at the two levels.
    mediator : str
        Empty where none is meant, ``(all)`` for the sum over several.
    estimate, se, low, high : float
        `se` by the delta method for products and sums.
    interval : str
        Kind of the limits: ``normal``, ``Satterthwaite``, ``Monte Carlo``, ``bootstrap``.
    """

    path: str
    mediator: str
    estimate: float
    se: float
    low: float
    high: float
    interval: str

    @property
    def p(self) -> float:
        """Return the two-sided p of estimate / se, normal; of products by Sobel's test, which is cautious."""
        return float(2.0 * stats.norm.sf(abs(self.estimate / self.se))) if self.se > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class Mediation:
    """A predictor acting on an outcome directly and over mediators.

    Parameters
    ----------
    predictor, outcome : str
    mediators, controls : tuple of str
    n, missing, schools : int
        Respondents used and dropped (listwise); schools, 0 where errors do not allow for them.
    paths : tuple of Path
    se_type : str
        ``ML``, ``CR1`` or, in two levels, ``REML``.
    method, source : str
    """

    predictor: str
    mediators: tuple[str, ...]
    outcome: str
    controls: tuple[str, ...]
    n: int
    missing: int
    schools: int
    paths: tuple[Path, ...]
    se_type: str
    method: str
    source: str

    def path(self, path: str, mediator: str = NONE) -> Path:
        """Return one path; ``KeyError`` where there is none. The mediator may be left out if it is one."""
        wanted = mediator or (self.mediators[0] if len(self.mediators) == 1 else ALL)
        for one in self.paths:
            if one.path == path and one.mediator in (wanted, NONE):
                return one
        raise KeyError((path, mediator))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a path: table ``mediation``."""
        rows = [
            {
                "path": one.path,
                "predictor": self.predictor,
                "mediator": one.mediator,
                "outcome": self.outcome,
                "estimate": one.estimate,
                "se": one.se,
                "low": one.low,
                "high": one.high,
                "interval": one.interval,
                "p": one.p,
                "n": self.n,
                "schools": self.schools,
                "se_type": self.se_type,
                "reason": "",
            }
            for one in self.paths
        ]
        return pd.DataFrame(rows, columns=list(MEDIATION_COLUMNS))


def normal_path(path: str, mediator: str, estimate: float, se: float, confidence: float) -> Path:
    """Return a path with limits from the normal distribution."""
    reach = float(stats.norm.ppf(0.5 + confidence / 2.0)) * se
    return Path(path, mediator, estimate, se, estimate - reach, estimate + reach, "normal")


def delta_se(gradient: Sequence[float], covariance: Floats) -> float:
    """Return the delta-method error of a function of estimates from its gradient."""
    line = np.asarray(gradient, dtype=np.float64)
    return float(np.sqrt(max(float(line @ covariance @ line), 0.0)))
