"""The record of a matching: which column of a file was taken for which question, and how it was found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from manyi.readers.matching.evidence import How
from manyi.readers.matching.proposals import Proposal
from manyi.readers.platforms.source import SourceQuestion
from manyi_instruments.definitions.questionnaire import MissingKind
from manyi_instruments.faults import Fault

#: Columns of the record as a table.
MATCHING = ("item", "column", "how", "score")


@dataclass(frozen=True, slots=True)
class Match:
    """One question of the questionnaire and where the file holds it.

    Attributes
    ----------
    item : str
        Id of the item or attention check.
    source : SourceQuestion
        The question found.
    how : str
        What agreed: a person's confirmation, a heading of the item, its id, its text, these after
        normalisation (width, blanks, punctuation, numbering), all options of a multiple-choice question, or
        number and order.
    options : Mapping
        Of a split multiple-choice or ranking question: stored value -> column; rank -> column where the
        columns are ranks.
    other : str or None
        Column with the free text beside an answer.
    answers : Mapping
        Wording in the file -> stored value, as a person confirmed; goes before what the labels say.
    score : float or None
        Score of the proposal that a person confirmed.
    missing : Mapping
        Of a split multiple-choice question: column that ticks a missing answer -> its kind.
    """

    item: str
    source: SourceQuestion
    how: How
    options: Mapping[int, str] = field(default_factory=dict)
    other: str | None = None
    answers: Mapping[str, int] = field(default_factory=dict)
    score: float | None = None
    missing: Mapping[str, MissingKind] = field(default_factory=dict)

    def columns_read(self) -> Iterator[str]:
        """Yield its columns: of a split question those that are an answer, and the text beside."""
        yield from (*self.options.values(), *self.missing) if self.source.split else self.source.columns
        if self.other is not None:
            yield self.other


@dataclass(frozen=True, slots=True)
class Matching:
    """All matches of one file, and everything on either side that has none.

    Attributes
    ----------
    matches : tuple of Match
        In the order of the questionnaire.
    unmatched_items : tuple of str
        Questions the file has no column for.
    unmatched_columns : tuple of str
        Columns no question takes; their cells are not read.
    school, person, submitted, seconds, submission, device : str or None
        Columns that are not questions. They may be a question's column too.
    definition : str or None
        Column with the hash of the definition the answers were given to.
    divider : str or None
        Column that tells to which role a row belongs, where the file holds rows of several.
    metadata : tuple of str
        Columns that describe the submission, those seven among them.
    proposals : tuple of Proposal
        What a person may confirm for the unmatched; not read.
    faults : tuple of Fault
        Warnings.
    """

    matches: tuple[Match, ...]
    unmatched_items: tuple[str, ...]
    unmatched_columns: tuple[str, ...]
    school: str | None = None
    person: str | None = None
    submitted: str | None = None
    seconds: str | None = None
    submission: str | None = None
    device: str | None = None
    definition: str | None = None
    divider: str | None = None
    metadata: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    faults: tuple[Fault, ...] = ()

    def columns_read(self) -> set[str]:
        """Return the columns whose cells are read as answers."""
        return {column for found in self.matches for column in found.columns_read()}

    def to_frame(self) -> pd.DataFrame:
        """Return how every question was found, a row a column of a question.

        Columns ``item, column, how, score``; ``how`` is ``proposed`` for what waits for a person and empty
        for a question without a column; ``score`` is NaN where no proposal was scored.
        """
        rows: list[tuple[str, str, str, float]] = []
        for found in self.matches:
            score = float("nan") if found.score is None else found.score
            rows.extend((found.item, column.strip(), found.how, score) for column in found.columns_read())
        proposed = {proposal.item: proposal for proposal in self.proposals}
        for item in self.unmatched_items:
            proposal = proposed.get(item)
            if proposal is None:
                rows.append((item, "", "", float("nan")))
            else:
                rows.append((item, proposal.column, "proposed", proposal.score))
        frame = pd.DataFrame(rows, columns=pd.Index(MATCHING))
        return frame.astype({"item": "str", "column": "str", "how": "str", "score": "float64"})
