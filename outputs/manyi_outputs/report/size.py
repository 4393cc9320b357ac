"""How large an effect is, in words, by the benchmarks of the field, which are named."""

from dataclasses import dataclass
from typing import Literal

from manyi_outputs.context import Context

Magnitude = Literal["negligible", "small", "medium", "large"]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """From which absolute values an effect is called small, medium and large, and by whom.

    Parameters
    ----------
    small, medium, large : float
    source : str
        Key of the work in ``references.toml``.
    """

    small: float
    medium: float
    large: float
    source: str

    def magnitude(self, value: float) -> Magnitude:
        """Return the word for a value.

        Examples
        --------
        >>> BENCHMARKS["r"].magnitude(-0.35), BENCHMARKS["hedges_g"].magnitude(0.1)
        ('medium', 'negligible')
        """
        size = abs(value)
        if size < self.small:
            return "negligible"
        if size < self.medium:
            return "small"
        return "medium" if size < self.large else "large"


_MEANS = Benchmark(0.2, 0.5, 0.8, "cohen1988")
_SHARES = Benchmark(0.01, 0.06, 0.14, "cohen1988")
#: By name of the effect, as the tables have it; ``f2`` is that of a change of R², ``w`` of counts.
BENCHMARKS = {
    "hedges_g": _MEANS,
    "hedges_g_av": _MEANS,
    "cohens_d": _MEANS,
    "cohens_dz": _MEANS,
    "omega_squared": _SHARES,
    "eta_squared": _SHARES,
    "epsilon_squared": _SHARES,
    "rank_epsilon_squared": _SHARES,
    "cliffs_delta": Benchmark(0.147, 0.33, 0.474, "romano2006"),
    "w": Benchmark(0.1, 0.3, 0.5, "cohen1988"),
    "r": Benchmark(0.1, 0.3, 0.5, "cohen1988"),
    "f2": Benchmark(0.02, 0.15, 0.35, "cohen1988"),
}


def sized(name: str, value: float | None, context: Context) -> str:
    """Return ``small (Cohen, 1988)``, or nothing for an effect that has no benchmark.

    Parameters
    ----------
    name : str
        Of the effect.
    value : float or None
    context : Context
        Language.
    """
    benchmark = BENCHMARKS.get(name)
    if benchmark is None or value is None:
        return ""
    words = context.words
    return words(
        "report.size_named",
        size=words.term("magnitude", benchmark.magnitude(value)),
        source=words.term("source", benchmark.source),
    )


def f_squared(delta_r2: float, r2: float) -> float | None:
    """Return Cohen's f² of a block: what it adds to R² over what the model leaves unexplained.

    Parameters
    ----------
    delta_r2 : float
        Added by the block.
    r2 : float
        Of the model with the block.

    Notes
    -----
    ``f² = ΔR² / (1 - R²)``: Cohen (1988, equation 9.2.3).

    Examples
    --------
    >>> f_squared(0.10, 0.50)
    0.2
    """
    return delta_r2 / (1.0 - r2) if r2 < 1.0 else None
