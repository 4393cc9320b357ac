"""What a reader of a file must know beside its codebook: which rows, what is missing, who could be told."""

from dataclasses import dataclass

from manyi_outputs.data_files.data_set import DataSet
from manyi_outputs.data_files.persons import singled_out
from manyi_outputs.wording import wording


@dataclass(frozen=True, slots=True)
class Persons:
    """Which columns of a file could tell who answered.

    Parameters
    ----------
    texts, keys : tuple of str
        In the file because they were asked for.
    left_out : tuple of str
        Texts and keys that are not in the file.
    together : tuple of str
        Columns that may tell it beside each other.
    singled_out : int
        Rows whose combination of them no other row has.
    rows : int
    """

    texts: tuple[str, ...]
    keys: tuple[str, ...]
    left_out: tuple[str, ...]
    together: tuple[str, ...]
    singled_out: int
    rows: int


def persons(data: DataSet) -> Persons:
    """Return which columns of a data set could tell who answered; one without any value tells nobody."""
    named = {
        kind: tuple(
            column.name
            for column in data.columns
            if column.identifies == kind and bool(data.frame[column.name].notna().any())
        )
        for kind in ("text", "key", "together")
    }
    return Persons(
        texts=named["text"],
        keys=named["key"],
        left_out=tuple(column.name for column in data.left_out),
        together=named["together"],
        singled_out=singled_out(data.frame, named["together"]),
        rows=len(data.frame),
    )


def about_lines(data: DataSet) -> list[tuple[str, str]]:
    """Return what is said about a data set, heading and text."""
    words, found = wording(data.language), persons(data)
    comma = words("numbers.list")
    lines = [
        (words("export.about_role"), data.title),
        (words("export.about_rows"), str(found.rows)),
        (words("export.about_missing"), words("export.missing_text")),
    ]
    for heading, names in (
        (words("export.about_texts"), found.texts),
        (words("export.about_keys"), found.keys),
        (words("export.about_left_out"), found.left_out),
    ):
        if names:
            lines.append((heading, comma.join(names)))
    if found.together:
        told = words(
            "export.together_text", columns=comma.join(found.together), n=found.singled_out, rows=found.rows
        )
        lines.append((words("export.about_together"), told))
    return lines
