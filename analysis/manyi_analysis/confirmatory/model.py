"""A factor model as data: which factor is measured by what, which errors correlate, which factors do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Pair = tuple[str, str]
#: ``marker``: the first loading of a factor is 1. ``variance``: a factor's (residual) variance is 1.
Scaling = Literal["marker", "variance"]


@dataclass(frozen=True, slots=True)
class FactorModel:
    """A confirmatory factor model.

    Parameters
    ----------
    name : str
        For tables.
    factors : mapping of str to tuple of str
        The indicators of each factor: items, or factors (then it is of second order).
    errors : tuple of (str, str)
        Pairs of items whose errors may correlate. No others do.
    uncorrelated : tuple of (str, str)
        Pairs of factors whose covariance is fixed at 0. All others of those that no factor explains are free.
    equal_loadings : tuple of str
        Factors with one loading for all their indicators.

    Raises
    ------
    ValueError
        A factor without indicators or with one twice; a factor that measures itself; a pair of something
        that is not in the model.
    """

    name: str
    factors: Mapping[str, tuple[str, ...]]
    errors: tuple[Pair, ...] = ()
    uncorrelated: tuple[Pair, ...] = ()
    equal_loadings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.factors:
            raise ValueError("a model needs a factor")
        for factor, indicators in self.factors.items():
            if not indicators or len(set(indicators)) < len(indicators):
                raise ValueError(f"factor {factor}: no indicator, or one twice: {indicators}")
        self._order()
        for pairs, known in ((self.errors, self.items), (self.uncorrelated, self.latents)):
            for pair in pairs:
                if len(set(pair)) < 2 or not set(pair) <= set(known):
                    raise ValueError(f"{pair} is no pair of the model {self.name}")
        if not set(self.equal_loadings) <= set(self.latents):
            raise ValueError(f"equal loadings of unknown factors: {self.equal_loadings}")

    def _order(self) -> None:
        """Raise if factors explain each other in a circle."""
        waiting = dict(self.factors)
        while waiting:
            ready = [one for one, by in waiting.items() if not set(by) & set(waiting)]
            if not ready:
                raise ValueError(f"factors measure each other in a circle: {tuple(waiting)}")
            for one in ready:
                del waiting[one]

    @property
    def latents(self) -> tuple[str, ...]:
        """Return the factors."""
        return tuple(self.factors)

    @property
    def items(self) -> tuple[str, ...]:
        """Return the items, in the order in which factors name them."""
        named = (indicator for indicators in self.factors.values() for indicator in indicators)
        return tuple(dict.fromkeys(one for one in named if one not in self.factors))

    @property
    def explained(self) -> tuple[str, ...]:
        """Return the factors that a factor of second order explains."""
        named = {indicator for indicators in self.factors.values() for indicator in indicators}
        return tuple(one for one in self.factors if one in named)

    @property
    def scaling(self) -> Scaling:
        """Return how its factors best get their units: markers, unless an item belongs to several factors."""
        return "variance" if self.cross_loaded() else "marker"

    def cross_loaded(self) -> tuple[str, ...]:
        """Return the items that more than one factor explains directly."""
        named = [one for indicators in self.factors.values() for one in indicators]
        return tuple(item for item in self.items if named.count(item) > 1)

    def correlate(self, a: str, b: str) -> bool:
        """Return whether the covariance of two factors is estimated."""
        explained = self.explained
        apart = {frozenset(pair) for pair in self.uncorrelated}
        return a not in explained and b not in explained and frozenset((a, b)) not in apart


Scales = Mapping[str, Sequence[str]]


def correlated_factors(scales: Scales, name: str = "correlated", errors: Sequence[Pair] = ()) -> FactorModel:
    r"""Return the model of a questionnaire: a factor for each scale, all correlated.

    .. math:: x = \nu + \Lambda \eta + \varepsilon, \quad \Sigma = \Lambda \Psi \Lambda' + \Theta

    with one loading an item, and :math:`\Psi` free.

    Parameters
    ----------
    scales : mapping of scale to items
        At least one scale; a scale without items is left out.
    name : str
        Of the model.
    errors : sequence of (str, str)
        Items whose errors may correlate, named in advance.

    Notes
    -----
    R: ``A =~ a1 + a2 + a3; B =~ b1 + b2 + b3`` in ``lavaan::cfa``.

    References
    ----------
    Jöreskog, K. G. (1969). A general approach to confirmatory maximum likelihood factor analysis.
    Psychometrika, 34, 183-202.
    """
    return FactorModel(name, _factors(scales), errors=tuple(errors))


def single_factor(
    scales: Scales, factor: str = "general", name: str = "single", errors: Sequence[Pair] = ()
) -> FactorModel:
    """Return the model in which one factor explains all items: what the scales are compared with.

    Formula: that of `correlated_factors` with one column of loadings.

    References
    ----------
    Jöreskog, K. G. (1969). Psychometrika, 34, 183-202. R: ``general =~ all items`` in ``lavaan::cfa``.
    """
    items = tuple(dict.fromkeys(item for items in scales.values() for item in items))
    return FactorModel(name, {_new(factor, scales): items}, errors=tuple(errors))


def uncorrelated_factors(
    scales: Scales, name: str = "uncorrelated", errors: Sequence[Pair] = ()
) -> FactorModel:
    r"""Return the model of scales that have nothing to do with each other.

    Formula: that of `correlated_factors` with :math:`\Psi` diagonal.

    References
    ----------
    Jöreskog, K. G. (1969). Psychometrika, 34, 183-202. R: ``lavaan::cfa(model, data, orthogonal = TRUE)``.
    """
    factors = _factors(scales)
    return FactorModel(name, factors, errors=tuple(errors), uncorrelated=_pairs(tuple(factors)))


def second_order(
    scales: Scales, factor: str = "general", name: str = "second order", errors: Sequence[Pair] = ()
) -> FactorModel:
    r"""Return the model in which one factor explains why the scales correlate.

    With three scales it fits exactly as the correlated factors do; with two it is not identified.

    .. math:: \Sigma = \Lambda (\Gamma \Gamma' + \Psi) \Lambda' + \Theta

    with the loadings :math:`\Gamma` of the scales' factors on the general one, and :math:`\Psi` diagonal.

    Notes
    -----
    R: ``A =~ ...; B =~ ...; C =~ ...; general =~ A + B + C`` in ``lavaan::cfa``.

    References
    ----------
    Rindskopf, D., & Rose, T. (1988). Some theory and applications of confirmatory second-order factor
    analysis. Multivariate Behavioral Research, 23, 51-67.
    """
    factors = _factors(scales)
    return FactorModel(name, {**factors, _new(factor, scales): tuple(factors)}, errors=tuple(errors))


def bifactor(
    scales: Scales, factor: str = "general", name: str = "bifactor", errors: Sequence[Pair] = ()
) -> FactorModel:
    r"""Return the model of a general factor and one for each scale, none correlated.

    .. math:: \Sigma = \lambda \lambda' + \Lambda \Lambda' + \Theta

    with the loadings of all items on the general factor and of each scale's items on its own.

    Notes
    -----
    R: ``lavaan::cfa(model, data, orthogonal = TRUE)`` with ``general =~ all items; A =~ ...; B =~ ...``.

    References
    ----------
    Holzinger, K. J., & Swineford, F. (1937). The bi-factor method. Psychometrika, 2, 41-54.
    """
    factors = _factors(scales)
    items = tuple(dict.fromkeys(item for items in factors.values() for item in items))
    with_general = {_new(factor, scales): items, **factors}
    return FactorModel(name, with_general, errors=tuple(errors), uncorrelated=_pairs(tuple(with_general)))


def method_factor(
    scales: Scales,
    factor: str = "method",
    name: str = "method factor",
    errors: Sequence[Pair] = (),
    equal: bool = False,
) -> FactorModel:
    r"""Return the correlated factors with one more that all items share and that correlates with none.

    What respondents bring to every item alike — mood, agreement, haste — is one latent factor. Compared with
    the same model without it, this is the check of common method variance that Harman's single factor is not
    (Podsakoff, MacKenzie, Lee & Podsakoff, 2003, p. 891).

    .. math:: \Sigma = \Lambda \Psi \Lambda' + \mu \mu' + \Theta

    with the loadings :math:`\mu` of all items on the method factor.

    Parameters
    ----------
    scales : mapping of scale to items
        As in `correlated_factors`.
    factor : str
        Name of the method factor.
    name : str
        Of the model.
    errors : sequence of (str, str)
        As in `correlated_factors`.
    equal : bool
        Give the method factor one loading for all items: one parameter, identified where free loadings
        hardly are (Lindell & Whitney, 2001).

    Notes
    -----
    R: ``method =~ all items; method ~~ 0*A; method ~~ 0*B`` in ``lavaan::cfa``.

    References
    ----------
    Podsakoff, P. M., MacKenzie, S. B., Lee, J.-Y., & Podsakoff, N. P. (2003). Journal of Applied Psychology,
    88, 879-903. Lindell, M. K., & Whitney, D. J. (2001). Journal of Applied Psychology, 86, 114-121.
    """
    factors = _factors(scales)
    items = tuple(dict.fromkeys(item for items in factors.values() for item in items))
    method = _new(factor, scales)
    return FactorModel(
        name,
        {**factors, method: items},
        errors=tuple(errors),
        uncorrelated=tuple((method, one) for one in factors),
        equal_loadings=(method,) if equal else (),
    )


def _factors(scales: Scales) -> dict[str, tuple[str, ...]]:
    return {scale: tuple(items) for scale, items in scales.items() if items}


def _pairs(names: tuple[str, ...]) -> tuple[Pair, ...]:
    return tuple((a, b) for position, a in enumerate(names) for b in names[position + 1 :])


def _new(factor: str, scales: Scales) -> str:
    taken = {*scales, *(item for items in scales.values() for item in items)}
    if factor in taken:
        raise ValueError(f"{factor} is already a scale or an item")
    return factor
