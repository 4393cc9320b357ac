"""Facts of the county that no return of the schools holds: a table of two columns, name and value."""

from collections.abc import Sequence
from pathlib import Path

from manyi.readers.tables.headings import fold
from manyi.readers.tables.raw_table import read_table
from manyi.schools.numbers import parse_numbers
from manyi_instruments.faults import AnswersFaulty, Fault, Place
from manyi_instruments.standards.definition import Standard

COLUMNS = ("name", "value")


def fact_names(standard: Standard) -> dict[str, str]:
    """Return the id of every spelling of a fact or veto of the county: id, titles in every language."""
    entries = {name: fact.title for name, fact in standard.facts.items() if fact.level == "county"}
    entries |= {veto.id: veto.title for veto in standard.vetoes}
    spellings = {fold(text): name for name, title in entries.items() for text in title.values()}
    return spellings | {fold(name): name for name in entries}


def read_facts(
    path: Path, standard: Standard, affirmed: Sequence[str] = (), denied: Sequence[str] = ()
) -> dict[str, float]:
    """Read the facts of the county.

    Parameters
    ----------
    path : Path
        CSV or Excel with the columns ``name`` (id or title) and ``value``. Other columns, the evidence for
        example, are for the reader. An empty value is no fact.
    standard : Standard
        Which facts and vetoes there are.
    affirmed, denied : sequence of str
        Words for yes and no, which are 1 and 0.

    Returns
    -------
    dict
        Id -> value.

    Raises
    ------
    FileUnreadable
        It is no table.
    AnswersFaulty
        ``fact-file-headings``; ``fact-unknown``, ``fact-unreadable`` and ``fact-twice`` of every row.
    """
    raw = read_table(path)
    headings = {fold(str(name)): str(name) for name in raw.cells.columns}
    lacking = [name for name in COLUMNS if name not in headings]
    if lacking:
        details = {"names": ", ".join(lacking), "headings": ", ".join(map(str, raw.cells.columns))}
        raise AnswersFaulty(Fault("fact-file-headings", Place(raw.path.name), details))
    names = raw.cells[headings["name"]].str.strip()
    values = raw.cells[headings["value"]].str.strip()
    numbers = parse_numbers(values, _units(standard)).values
    words = {fold(word): 1.0 for word in affirmed} | {fold(word): 0.0 for word in denied}
    known, faults = fact_names(standard), []
    facts: dict[str, float] = {}
    for at, (name, value) in enumerate(zip(names, values, strict=True)):
        if not name and not value:
            continue
        place = Place(raw.path.name, row=raw.first_data_row + at)
        fact = known.get(fold(name), "")
        number = _value(standard, fact, value, float(numbers[at]), words)
        if not fact:
            details = {"name": name, "known": ", ".join(sorted(set(known.values())))}
            faults.append(Fault("fact-unknown", place, details))
        elif value and number is None:
            faults.append(Fault("fact-unreadable", place, {"name": name, "value": value}))
        elif fact in facts:
            faults.append(Fault("fact-twice", place, {"name": name}))
        elif number is not None:
            facts[fact] = number
    if faults:
        raise AnswersFaulty(faults)
    return facts


def _units(standard: Standard) -> tuple[str, ...]:
    texts = {unit for fact in standard.facts.values() if fact.unit for unit in fact.unit.values()}
    return tuple(sorted(texts))


def _value(standard: Standard, fact: str, value: str, number: float, words: dict[str, float]) -> float | None:
    """Return a value; None where it is empty or cannot be used."""
    judged = fact not in standard.facts or standard.facts[fact].type == "yes_no"
    if judged:
        return words.get(fold(value))
    return number if number == number else None
