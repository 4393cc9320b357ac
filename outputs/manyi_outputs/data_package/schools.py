"""The schools as a table that answers refer to: every school and stage that a row names is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from manyi_outputs.data_files import DataSet
from manyi_outputs.wording import wording

#: What tells a row of the table from another.
KEY = ("school", "stage")


@dataclass(frozen=True, slots=True, eq=False)
class School:
    """A file of schools.

    Parameters
    ----------
    name, path, title : str
        Of the resource, of its file, as read.
    frame : DataFrame
        Key, ``on_table`` (1 for the school table, 0 for a code that only answers have), its columns.
    titles : Mapping
        Column -> title.
    key : tuple of str
        ``school``, and ``stage`` where the table has it.
    content : bytes
        The file, once written.
    """

    name: str
    path: str
    title: str
    frame: pd.DataFrame
    titles: Mapping[str, str]
    key: tuple[str, ...]
    content: bytes = b""

    def written(self, content: bytes) -> "School":
        """Return the file with its content."""
        return replace(self, content=content)


def school_file(
    name: str,
    path: str,
    language: str,
    roster: pd.DataFrame,
    titles: Mapping[str, str],
    data: Sequence[DataSet],
) -> School:
    """Return the table of schools for the roles that refer to it.

    Parameters
    ----------
    name, path : str
        Of the resource and of its file.
    language : str
        Of titles.
    roster : DataFrame
        The school table: ``school``, perhaps ``stage``, other columns.
    titles : Mapping
        Column -> title.
    data : sequence of DataSet
        The roles; a school code that only they have gets a row of its own, so that no reference is broken.
    """
    key = tuple(column for column in KEY if column in roster)
    known = roster.astype(dict.fromkeys(key, "string")).assign(on_table=1)
    named = [one.frame[list(key)] for one in data if set(key) <= set(one.frame.columns)]
    both = pd.concat([known[list(key)], *named], ignore_index=True).drop_duplicates()
    both = both[both.notna().any(axis=1)].sort_values(list(key), na_position="first")
    found = both.merge(known, on=list(key), how="left")
    found["on_table"] = found["on_table"].fillna(0).astype("Int64")
    rest = [column for column in found.columns if column not in (*key, "on_table")]
    found = found[[*key, "on_table", *rest]].reset_index(drop=True)
    words = [column for column in rest if not pd.api.types.is_numeric_dtype(found[column])]
    numbers = [column for column in rest if column not in words]
    found = found.astype({**dict.fromkeys(words, "string"), **dict.fromkeys(numbers, "float64")})
    said = wording(language)
    named_titles = {**titles, "school": said("spss.school"), "stage": said("spss.stage")}
    named_titles["on_table"] = said("export.on_table")
    return School(name, path, said("export.schools"), found, named_titles, key)


def key_fields(school: School, data: DataSet) -> list[str]:
    """Return the fields of a role that refer to the table; none where it has not all of them."""
    return list(school.key) if set(school.key) <= set(data.frame.columns) else []
