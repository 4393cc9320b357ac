"""One statement of the report's opening, with what must be read with it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement with what must be read with it.

    Parameters
    ----------
    lead : str
        The statement.
    rest : tuple of str
        Sentences that follow.
    kind : {"found", "null", "unknown", "plain"}
        An effect, no effect found, nothing computed, or neither.
    """

    lead: str
    rest: tuple[str, ...] = ()
    kind: str = "plain"
