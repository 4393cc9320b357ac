"""One variable of the answers and what there is to know of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

VariableKind = Literal["item", "demographic", "attention", "answer", "other_text", "reversed", "score"]
Measure = Literal["nominal", "ordinal", "scale"]
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Variable:
    """One column that coded or scored answers can have.

    Attributes
    ----------
    name : str
        Column name.
    kind : str
        ``item``, ``demographic``, ``attention``; ``answer`` (one answer of a multiple choice or a
        ranking), ``other_text`` (free text beside an answer), ``reversed`` (an item recoded) or ``score`` (of
        a scale).
    question : str
        Id of the item the column comes from; the scale's id for a score.
    type : {"numeric", "string"}
        What is stored.
    measure : {"nominal", "ordinal", "scale"}
        Level of measurement, in SPSS's words.
    label : Mapping
        Wording by language.
    values : Mapping
        Label by language of each value; empty where values have none.
    missing : Mapping
        Label by language of each code of a missing answer; empty where missing is an empty cell.
    missing_kinds : Mapping
        Kind of missing answer (``no_answer``, ``dont_know`` …) of each such code.
    scale : str
        Scale of the item, or the score's own; empty for none.
    reverse_keyed : bool
        The item counts reversed (on the item and on its reversed column).
    low, high : float or None
        Smallest and largest value, missing codes apart.
    integer : bool
        Whole numbers only.
    unit : Mapping
        Unit by language; empty for none.
    formula : Mapping
        How a derived column is computed, by language; empty for what was asked.
    links : tuple of str
        Indicators of a standard the item is about.
    importance_of : str
        The scale whose importance the item rates; empty for none.
    """

    name: str
    kind: VariableKind
    question: str
    type: Literal["numeric", "string"]
    measure: Measure
    label: Words
    values: Mapping[int, Words] = field(default_factory=dict)
    missing: Mapping[int, Words] = field(default_factory=dict)
    missing_kinds: Mapping[int, str] = field(default_factory=dict)
    scale: str = ""
    reverse_keyed: bool = False
    low: float | None = None
    high: float | None = None
    integer: bool = True
    unit: Words = field(default_factory=dict)
    formula: Words = field(default_factory=dict)
    links: tuple[str, ...] = ()
    importance_of: str = ""

    @property
    def derived(self) -> bool:
        """Say whether the column is made by scoring rather than answered."""
        return self.kind in ("reversed", "score")


def in_language(words: Words, language: str) -> str:
    """Return a wording in a language; where it is not there in English, else in the first there is.

    Examples
    --------
    >>> in_language({"zh": "学校", "en": "school"}, "fr"), in_language({"zh": "学校"}, "fr")
    ('school', '学校')
    """
    return words.get(language) or words.get("en") or next(iter(words.values()), "")
