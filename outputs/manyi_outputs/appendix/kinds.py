"""The kinds of tables an appendix has: which print first, and which result tables each is laid out from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from manyi_outputs.appendix.table import SECTIONS, Table

Who = Literal["respondents", "schools", ""]


@dataclass(frozen=True, slots=True)
class TableKind:
    """One kind of table.

    Parameters
    ----------
    name : str
        What the keys of its tables begin with.
    source : str
        The result table its n and its missing answers stand in.
    by : tuple of str
        Columns of that table whose values follow the name in the key.
    main : bool
        Whether it stands in the main part where the plan says nothing else.
    only : tuple of (column, value)
        Rows of the source it is about; a value that begins with ``!`` is one it is not about.
    n, missing, schools : str
        Columns with the number used, the number not used for want of an answer, and of schools.
    who : {"respondents", "schools", ""}
        What n counts; empty where the notes of the table itself say n, or there is none.
    whole : bool
        n is of all respondents of a role, not of groups, schools or waves.
    """

    name: str
    source: str = ""
    by: tuple[str, ...] = ()
    main: bool = False
    only: tuple[tuple[str, str], ...] = ()
    n: str = "n"
    missing: str = "missing"
    schools: str = "schools"
    who: Who = "respondents"
    whole: bool = True


_ROLE, _MODEL = ("role",), ("role", "outcome")
_WHOLE, _GROUPS = (("group", "all"),), (("group", "!all"),)

#: In the order of a thesis.
_KINDS: Final = (
    TableKind("return", "return", main=True, who=""),
    TableKind("ledger", "ledger", who=""),
    TableKind("import", "import_cells", who=""),
    TableKind("unmatched", "unmatched_schools", whole=False),
    TableKind("respondents", "respondents", _ROLE, main=True, n="answered"),
    TableKind("compared_instruments", "compared_instruments", main=True, who=""),
    TableKind("careless", "careless_indices", whole=False),
    TableKind("weights", "weights"),
    TableKind("weight_margins", "weight_margins", whole=False),
    TableKind("items", "items", _ROLE, main=True),
    TableKind("item_analysis", "items", _ROLE),
    TableKind("answers", "answers", _ROLE, n="answered"),
    TableKind("rankings", "rankings", _ROLE, n="answered"),
    TableKind("dont_know", "dont_know", n="asked"),
    TableKind("missing", "mcar"),
    TableKind("reliability", "reliability", main=True, only=_WHOLE),
    TableKind("reliability_bounds", "split_half", only=_WHOLE),
    TableKind("reliability_groups", "reliability", only=_GROUPS, whole=False),
    TableKind("retest", "retest", _ROLE, main=True),
    TableKind("factorability", "factorability", main=True),
    TableKind("eigenvalues", "factorability", _ROLE),
    TableKind("loadings", "factorability", _ROLE, main=True),
    TableKind("structure", "factorability", _ROLE),
    TableKind("factor_correlations", "factorability", _ROLE),
    TableKind("common_method", "common_method"),
    TableKind("cfa_fit", "cfa_fit", main=True),
    TableKind("cfa_comparison", "cfa_comparison"),
    TableKind("convergent", "convergent", _ROLE, who=""),
    TableKind("modification_indices", "modification_indices"),
    TableKind("discriminant", "convergent", _ROLE, whole=False),
    TableKind("invariance", "invariance", whole=False),
    TableKind("latent_means", "invariance", only=(("step", "scalar"),), whole=False),
    TableKind("item_icc", "item_icc", _ROLE),
    TableKind("two_level", "two_level", only=(("level", "within"),), whole=False),
    TableKind("satisfaction", "satisfaction", main=True, only=_WHOLE),
    TableKind("satisfaction_definitions", "satisfaction", only=_WHOLE),
    TableKind("satisfaction_groups", "satisfaction", _ROLE, main=True, only=_GROUPS, whole=False),
    TableKind("weighted_satisfaction", "weighted_satisfaction", main=True, only=_WHOLE, schools="units"),
    TableKind("weighted_groups", "weighted_satisfaction", _ROLE, only=_GROUPS, schools="units", whole=False),
    TableKind("icc", "icc"),
    TableKind("school_spread", "satisfaction", only=_WHOLE),
    TableKind("school_levels", "school_satisfaction", _ROLE, whole=False),
    TableKind("units", "unit_comparison", ("role", "index"), main=True, whole=False),
    TableKind("units_not_shown", "units_not_shown", who=""),
    TableKind("gap", "gap", main=True),
    TableKind("importance", "importance_performance", ("role", "measure"), main=True, who=""),
    TableKind("role_agreement", "role_agreement", main=True, n="schools", schools="", who="schools"),
    TableKind("role_comparison", "role_comparison", ("role", "scale"), n="n_a", who=""),
    TableKind("differences", "differences", ("role", "by"), main=True, schools="clusters"),
    TableKind(
        "group_answers", "differences", ("role", "by"), only=(("kind", "nominal"),), schools="", whole=False
    ),
    TableKind(
        "correlations",
        "correlations",
        _ROLE,
        main=True,
        only=(("method", "pearson"), ("level", "respondent")),
        schools="",
    ),
    TableKind(
        "correlation_levels", "correlations", _ROLE, only=(("level", "within_school"),), schools="clusters"
    ),
    TableKind("correlation_items", "correlations", _ROLE, only=(("method", "polychoric"),), schools=""),
    TableKind("correlation_partial", "correlations", _ROLE, only=(("method", "partial"),), schools=""),
    TableKind("regression", "regression_models", _MODEL, main=True, schools="clusters"),
    TableKind("errors", "regression_models", _MODEL, schools="clusters"),
    TableKind("importance-shares", "importance"),
    TableKind("collinearity", "collinearity"),
    TableKind("school-means", "school_means", n="schools", schools="", who="schools"),
    TableKind("multilevel", "multilevel_models", _MODEL, main=True),
    TableKind("multilevel_added", "multilevel_models", _MODEL),
    TableKind("ordinal", "ordinal_models", _MODEL, schools="clusters"),
    TableKind("mediation", "mediation", _MODEL, main=True),
    TableKind("specification-summary", "specification", ("role", "regression"), whole=False),
    TableKind("specification", "specification", ("role", "regression"), whole=False),
    TableKind("imputed", "regression_imputed_models", _MODEL, who=""),
    TableKind("imputed-multilevel", "multilevel_imputed_models", _MODEL, who=""),
    TableKind("imputed-ordinal", "ordinal_imputed", _MODEL, who=""),
    TableKind("sensitivity", "sensitivity", _ROLE, whole=False),
    TableKind("change", "change", _ROLE, main=True, n="n_to", missing="", whole=False),
    TableKind(
        "change-schools", "change", only=(("kind", "schools"),), n="schools", schools="", who="schools"
    ),
    TableKind("alerts", "alerts", main=True, who=""),
    TableKind("certification", "certification", n="units", schools="", who="schools"),
    TableKind("codes", "codes", ("role", "item"), main=True),
    TableKind("joint", "joint_display", ("role", "item"), main=True),
    TableKind("quotations", "quotations", ("role", "item"), who=""),
    TableKind("schools", "school_verdicts", main=True, n="", who="schools"),
    TableKind("county_cv", "county_cv", main=True, n="schools", schools="", who="schools"),
    TableKind("standard_areas", "standard_areas", main=True, who=""),
    TableKind("standard_thresholds", "standard", n="", who=""),
    TableKind("school_gap_totals", "school_gap_totals", main=True, n="schools", schools="", who="schools"),
    TableKind("school_gaps", "school_gaps", who=""),
    TableKind("recognition", "recognition", main=True, n="n_valid", missing="n_missing", whole=False),
    TableKind("equity", "equity", main=True, schools="", who="schools"),
    TableKind("equity_theil", "equity", schools="", who="schools"),
    TableKind("equity_gap", "equity", schools="", who="schools"),
    TableKind("staff_balance", "staff_balance", who=""),
    TableKind("hollowing", "hollowing", n="schools_after", schools="", who="schools"),
    TableKind("compared_areas", "compared_areas", main=True, who=""),
    TableKind("compared_standard", "compared_standard", main=True, who=""),
    TableKind("compared_equity", "compared_equity", main=True, who=""),
)
#: Name -> kind.
KINDS: Final[Mapping[str, TableKind]] = MappingProxyType({kind.name: kind for kind in _KINDS})
_UNKNOWN: Final = TableKind("", main=True, who="")


def kind_of(key: str) -> TableKind:
    """Return the kind of the table with this key.

    Examples
    --------
    >>> kind_of("specification-summary-parents-SAT").name, kind_of("equity_theil:urban_rural").name
    ('specification-summary', 'equity_theil')
    """
    ends = [len(key), *(at for at, sign in enumerate(key) if sign in "-:")]
    named = (KINDS.get(key[:end]) for end in sorted(ends, reverse=True))
    return next((kind for kind in named if kind is not None), _UNKNOWN)


def rest_of(key: str) -> str:
    """Return what follows the kind in a key: role and outcome, say.

    Examples
    --------
    >>> rest_of("regression-parents-SAT"), rest_of("return")
    ('parents-SAT', '')
    """
    return key[len(kind_of(key).name) :].lstrip("-:")


def is_main(table: Table, wanted: Iterable[str]) -> bool:
    """Return whether a table stands in the main part.

    Parameters
    ----------
    table : Table
    wanted : iterable of str
        ``main``, ``all``, names of kinds, of parts, or keys of single tables.
    """
    kind = kind_of(table.key)
    return any(
        one == "all" or (one == "main" and kind.main) or one in (kind.name, table.section, table.key)
        for one in wanted
    )


def known_names() -> tuple[str, ...]:
    """Return the names a plan can choose tables by: ``main``, ``all``, the parts and the kinds."""
    return ("main", "all", *SECTIONS, *KINDS)
