"""The true parameters of the example county: what an analysis of its answers has to find again.

Every number here was chosen, none was estimated. The model is written out in ``docs/example-county.md``.
Latent variables (perceived quality of a scale, satisfaction) have variance 1 over the county's respondents,
indicators are standardized over its schools, so that loadings, effects and shares are standardized too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: The seven resource indicators of the national standard, in the order of every array of indicators.
INDICATORS = ("R1", "R2", "R3", "R4", "R5", "R6", "R7")


@dataclass(frozen=True, slots=True)
class ScaleTruth:
    """One latent variable and the items it is measured by.

    Attributes
    ----------
    scale : str
        Id of the scale.
    loadings : tuple of float
        Correlation of each item's latent response with the latent variable, in the order asked.
    locations : tuple of float
        Mean of each item's latent response, in its standard deviations, in the keyed direction.
    mediation : float
        Effect of the latent variable on satisfaction; 0 for satisfaction itself.
    general : float
        Loading of the personal part of the latent variable on the factor all of them share.
    reach : Mapping
        How strongly an indicator is felt on this scale, relative to the role's other scales.
    """

    scale: str
    loadings: tuple[float, ...]
    locations: tuple[float, ...]
    mediation: float = 0.0
    general: float = 0.7
    reach: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BackgroundTruth:
    """A background question: how often each answer occurs and what it does to satisfaction.

    Attributes
    ----------
    item : str
        Id of the question.
    values : tuple of int
        Its answers.
    shares : Mapping
        Answer shares by urban, town and rural school.
    effects : tuple of float
        Effect of each answer on satisfaction, in its standard deviations; empty for none.
    blank : float
        Share of respondents who leave it open.
    """

    item: str
    values: tuple[int, ...]
    shares: Mapping[str, tuple[float, ...]]
    effects: tuple[float, ...] = ()
    blank: float = 0.0


@dataclass(frozen=True, slots=True)
class SingleTruth:
    """A question outside the scales: its latent response and what that goes with.

    ``satisfaction`` is its correlation with satisfaction, ``shared`` its loading on what questions of this
    kind have in common (people who find everything important).
    """

    item: str
    location: float
    satisfaction: float = 0.0
    shared: float = 0.0


@dataclass(frozen=True, slots=True)
class FaultCounts:
    """How many of each fault are planted in a role's answers.

    Rows but for the last three: cells outside the answer list in ordinary rows; school codes that lost their
    leading zeros; school codes that became a number (``2199026020.0``).
    """

    straight_lining: int
    too_fast: int
    attention_failed: int
    too_many_missing: int
    out_of_range: int
    duplicate: int
    stray_cells: int
    lost_zeros: int
    number_codes: int


@dataclass(frozen=True, slots=True)
class RoleTruth:
    """The answer model of one role.

    Attributes
    ----------
    respondents : int
        People who answered; duplicates come on top.
    scales : tuple of ScaleTruth
        The perceived-quality scales.
    satisfaction : ScaleTruth
        The satisfaction scale.
    total : Mapping
        Total effect of each indicator on satisfaction, standardized; an indicator left out has none.
    fulfilment : str
        The question on expectations met; it has the largest effect of all.
    fulfilment_location : float
        Mean of its latent response.
    stage_effect : float
        Satisfaction in junior secondary schools against primary schools, all else equal.
    minimum_grade : int
        Youngest grade asked.
    paper : bool
        Half of the people of rural schools answer on paper, typed in by hand.
    access_codes : bool
        Every person has a one-use code, so that a second submission is known.
    """

    role: str
    prefix: str
    respondents: int
    issued: int
    scales: tuple[ScaleTruth, ...]
    satisfaction: ScaleTruth
    total: Mapping[str, float]
    background: tuple[BackgroundTruth, ...]
    fulfilment: str
    fulfilment_location: float
    stage_effect: float
    singles: tuple[SingleTruth, ...]
    faults: FaultCounts
    grade: str = ""
    stage_item: str = ""
    minimum_grade: int = 1
    dont_know: float = 0.06
    blank: float = 0.008
    refused: float = 0.0
    seconds_per_question: float = 5.5
    paper: bool = False
    access_codes: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """All true parameters that the roles share, and the roles.

    Attributes
    ----------
    mediated : float
        Share of every indicator's total effect that runs through the perceived-quality scales.
    halo : float
        How strongly every indicator is felt on every scale: a well-equipped school makes all its sides look
        better. A scale's ``reach`` comes on top.
    fulfilment_direct, fulfilment_perceived : float
        Effect of expectations met on satisfaction given perceived quality, and on each perceived quality.
    school_common, school_specific : float
        Variance between schools, beyond the indicators, of every perceived quality: the part all of them
        share and the part of its own.
    school_satisfaction : float
        The same for satisfaction given perceived quality.
    cuts : tuple of float
        Thresholds that cut a latent response into the five answers.
    """

    roles: tuple[RoleTruth, ...]
    mediated: float = 0.75
    halo: float = 0.25
    fulfilment_direct: float = 0.27
    fulfilment_perceived: float = 0.25
    school_common: float = 0.035
    school_specific: float = 0.015
    school_satisfaction: float = 0.010
    cuts: tuple[float, ...] = (-1.75, -0.95, 0.0, 1.15)

    def role(self, role: str) -> RoleTruth:
        """Return the truth of one role; ``KeyError`` where there is none."""
        for truth in self.roles:
            if truth.role == role:
                return truth
        raise KeyError(role)


def everywhere(*shares: float) -> dict[str, tuple[float, ...]]:
    """Return the same answer shares for urban, town and rural schools."""
    return {"urban": shares, "town": shares, "rural": shares}
