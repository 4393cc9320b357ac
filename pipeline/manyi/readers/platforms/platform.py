"""A survey platform: how its exports are told from others, how they are read, and what is understood."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from manyi.readers.platforms.source import SourceTable
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable


@dataclass(frozen=True, slots=True)
class Platform:
    """One reader and the documented record of what it understands.

    Attributes
    ----------
    name : str
        As ``--source`` spells it.
    title : Mapping
        Name by language.
    understands : Mapping
        Language -> what of the platform's exports is read, a line each; printed in the documentation.
    evidence : callable
        Table -> what tells that it comes from this platform; empty where nothing does.
    read : callable
        Table and, where there is one, the survey's structure -> its questions and metadata.
    structure : str
        ``Structure.platform`` of the structures that describe its surveys; empty where it has none.
    """

    name: str
    title: Mapping[str, str]
    understands: Mapping[str, tuple[str, ...]]
    evidence: Callable[[RawTable], tuple[str, ...]]
    read: Callable[[RawTable, Structure | None], SourceTable]
    structure: str = ""
