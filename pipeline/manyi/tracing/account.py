"""The account of a number: where it is printed and stands, what computed it, from which answers and files."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from manyi.tracing.functions import FunctionAccount
from manyi.tracing.lineage import Lineage
from manyi.tracing.material import Material

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["table", "result_table", "figure", "finding"]


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a result table: `row` is 1 for the first row below the headings."""

    table: str
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class TracedNumber:
    """One number of a row.

    Parameters
    ----------
    heading : str
        Of its column; in a finding its name in the sentence.
    column : int
        1 for the first column; 0 in a finding.
    printed : str
        As the appendix has it.
    value : float
        Unrounded.
    places : tuple of Place
        Where it stands in the result tables; several where it was calculated from them.
    calculation : str
        How, in the names of their columns; empty where the number stands there as it is.
    function : str
        What computed it, or the numbers it was calculated from.
    stated : str
        Where a number is set that no result table holds: ``plan analysis.confidence``, a key of study.yaml;
        ``work hu1999``, a guide from a work of the reference list; ``report``, fixed by the report.
    """

    heading: str
    column: int
    printed: str
    value: float
    places: tuple[Place, ...]
    calculation: str
    function: str
    stated: str = ""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One row of a result table with what stands behind it.

    Parameters
    ----------
    table : str
    row : int
    values : Mapping
        Column -> value, unrounded; None where there is none.
    stage : str
        What made it; empty where the manifest does not know.
    n, missing : float or None
        Rows used and left out, where the table says so.
    rule : str
        Which rows: what its column ``missing_rule`` says, else that of `manyi.topics.makers`.
    functions : tuple of str
        What computed its numbers.
    material : tuple of Material
        Scales, items and indicators it names.
    """

    table: str
    row: int
    values: Mapping[str, Any]
    stage: str
    n: float | None
    missing: float | None
    rule: str
    functions: tuple[str, ...]
    material: tuple[Material, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """The rows of a role that could be used.

    Parameters
    ----------
    role : str
    file : str
        The cleaned answers, below the study.
    received, kept : int
    excluded : tuple of (rule, rows)
        In their order: a row is counted under the first rule that excludes it.
    """

    role: str
    file: str
    received: int
    kept: int
    excluded: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be asked about next: its number, and what it is."""

    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The account of a table, a row of it, a figure, a finding, or a row of a result table.

    Parameters
    ----------
    kind : {"table", "result_table", "figure", "finding"}
    label : str
        As printed: ``表9``, ``Figure 2``, ``reliability.csv``.
    title : str
        Of the table or figure; of a finding its sentences.
    key : str
        The table's key.
    row : int or None
        The row asked for.
    name : str
        What the row is, in words.
    read : tuple of str
        Result tables that it was laid out from.
    numbers : tuple of TracedNumber
    rows : tuple of ResultRow
        The rows of result tables behind the numbers.
    functions : tuple of FunctionAccount
    answers : tuple of Answers
    lineage : tuple of Lineage
        One for every stage that made one of `rows`.
    printed : tuple of Choice
        Where the same row is printed, of a row of a result table; tables that show a figure or finding.
    choices : tuple of Choice
        The rows there are, where none was asked for.
    """

    kind: Kind
    label: str
    title: str
    key: str = ""
    row: int | None = None
    name: str = ""
    read: tuple[str, ...] = ()
    numbers: tuple[TracedNumber, ...] = ()
    rows: tuple[ResultRow, ...] = ()
    functions: tuple[FunctionAccount, ...] = ()
    answers: tuple[Answers, ...] = ()
    lineage: tuple[Lineage, ...] = ()
    printed: tuple[Choice, ...] = ()
    choices: tuple[Choice, ...] = ()

    def to_frame(self) -> "pd.DataFrame":
        """Return the numbers, one a row: ``heading, printed, value, places, calculation, function``."""
        import pandas as pd

        names = [each.name for each in fields(TracedNumber)]
        return pd.DataFrame(
            [[getattr(number, name) for name in names] for number in self.numbers], columns=names
        )
