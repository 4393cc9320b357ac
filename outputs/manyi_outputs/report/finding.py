"""One statement of the report: what was tested, how sure and how large it is, what it leaves open."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

#: An effect, no effect found, nothing computed, or neither.
FindingKind = Literal["found", "null", "unknown", "plain"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement with what must be read with it.

    Parameters
    ----------
    lead : str
        The statement; empty where the sentences of `rest` stand alone.
    rest : tuple of str
        Sentences that follow: how sure, in which groups, by which other method.
    kind : {"found", "null", "unknown", "plain"}
        An effect, no effect found, nothing computed, or neither.
    heading : str
        What it stands under in its chapter; findings of one heading follow each other.
    tested : str
        What was tested or estimated, and how.
    size : str
        How large the effect is, in words, with the benchmark named.
    beyond : str
        What it does not show.
    sources : tuple of str
        Result tables (``results/tables/*.csv``) in which its numbers stand.
    keys : tuple of str
        Tables of the appendix that show them: keys, or the beginnings of keys before a hyphen or colon.
    labels : tuple of str
        Numbers of those tables, such as ``表12``; given by `manyi_outputs.report.document`.
    """

    lead: str
    rest: tuple[str, ...] = ()
    kind: FindingKind = "plain"
    heading: str = ""
    tested: str = ""
    size: str = ""
    beyond: str = ""
    sources: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    def shown_in(self, sources: tuple[str, ...], keys: tuple[str, ...]) -> "Finding":
        """Return the finding with the result tables of its numbers and the appendix tables that show them."""
        return replace(self, sources=sources, keys=keys)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return every sentence in reading order, empty ones left out."""
        said = (self.tested, self.lead, *self.rest, self.size, self.beyond)
        return tuple(sentence for sentence in said if sentence)


def under(
    found: Iterable[Finding],
    heading: str,
    tested: str = "",
    beyond: str = "",
) -> tuple[Finding, ...]:
    """Return findings under a heading, with what all of them test and leave open where they say none."""
    return tuple(
        replace(
            each,
            heading=each.heading or heading,
            tested=each.tested or tested,
            beyond=each.beyond or beyond,
        )
        for each in found
    )
