"""Where a set of files comes from: the study, its cleaning, and what was asked to be in the files."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Received:
    """How many submissions of a role there are.

    Parameters
    ----------
    issued : int or None
        Questionnaires handed out, where the study says.
    received, kept : int
        Submissions, and those kept for analysis.
    """

    issued: int | None
    received: int
    kept: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a document about the files says of the study.

    Parameters
    ----------
    study : str
        Its id.
    title : Mapping
        By language.
    language : str
        Of the files.
    software : str
        Version of the program that made them.
    collected : tuple of str or None
        First and last day in the field, as YYYY-MM-DD, where the study says; the last may be empty.
    area : str
        The county; empty where not said.
    rules : tuple of str
        Cleaning rules that keep a submission out of the analysis.
    received : Mapping
        Role -> submissions.
    all_rows, with_text : bool
        Whether the files hold the submissions that were not kept, and open answers and keys of persons.
    """

    study: str
    title: Mapping[str, str]
    language: str
    software: str
    collected: tuple[str, str] | None = None
    area: str = ""
    rules: tuple[str, ...] = ()
    received: Mapping[str, Received] = field(default_factory=dict)
    all_rows: bool = False
    with_text: bool = False
