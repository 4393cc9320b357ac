"""The names that the plan of confirmatory analyses and of comparing roles uses."""

from collections.abc import Iterator

from manyi.study.analysis_plan import Analysis

#: Ends of places of the plan where scales, or items, may stand and nothing else.
OF_SCALES = (".scales",)
OF_ITEMS = (".errors", ".released", ".items")


def confirmatory_names(plan: Analysis) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield every place that names variables: where, role, names."""
    for role, model in plan.confirmatory.items():
        yield f"analysis.confirmatory.{role}.scales", role, model.scales
        yield f"analysis.confirmatory.{role}.invariance", role, model.invariance or ()
        errors = tuple(dict.fromkeys(item for pair in model.errors for item in pair))
        yield f"analysis.confirmatory.{role}.errors", role, errors
        released = tuple(dict.fromkeys(released_item(text) for text in model.released))
        yield f"analysis.confirmatory.{role}.released", role, released
    for role in plan.compare.roles:
        yield "analysis.compare.roles", role, ()
    for of_roles in plan.compare.items.values():
        for role, item in of_roles.items():
            yield "analysis.compare.items", role, (item,)


def released_item(text: str) -> str:
    """Return the item that a released parameter is of.

    Examples
    --------
    >>> released_item("A =~ a1"), released_item("a1 ~1")
    ('a1', 'a1')
    """
    return text.rpartition(" =~ ")[2].removesuffix(" ~1").strip()
