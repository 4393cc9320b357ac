"""Checks of what ``study.yaml`` says of the outputs."""

from collections.abc import Iterator
from difflib import get_close_matches

from manyi.study.outputs_plan import Outputs
from manyi_instruments.faults import Fault, Place


def output_faults(plan: Outputs, place: Place) -> Iterator[Fault]:
    """Yield the faults of the outputs plan: a language without words, a table of no known kind."""
    if plan.languages:
        from manyi_outputs.wording import languages

        known = languages()
        for language in plan.languages:
            if language not in known:
                details = {"language": language, "known": ", ".join(known)}
                yield Fault("output-language-unknown", place, details)
    if not isinstance(plan.tables, str):
        # Only a list needs the kinds: opening a study should not load what lays tables out.
        from manyi_outputs.appendix.kinds import kind_of, known_names

        names = known_names()
        for name in plan.tables:
            if name not in names and not kind_of(name).name:
                close = get_close_matches(name, names, n=3)
                hint = f" ({', '.join(close)}?)" if close else ""
                yield Fault("output-table-unknown", place, {"name": name, "hint": hint})
