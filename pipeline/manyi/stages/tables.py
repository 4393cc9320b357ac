"""The pieces a stage leaves for those after it, and the study's tidy result tables joined from them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.stages.work import tables_folder, whole_folder
from manyi.study.folder import StudyFolder

if TYPE_CHECKING:
    import pandas as pd

#: Rows of which the columns are written together: small enough for a processor's cache.
ROW_GROUP = 1 << 17
#: Rows that tell whether the values of a column repeat.
SAMPLE = 2000


def write_answers(answers: "pd.DataFrame", path: Path) -> None:
    """Write answers, one row a respondent, as Parquet.

    Only columns whose values repeat get a dictionary, and smallest and largest values are kept for those that
    rows are looked up by: for all columns both would take half of the time.
    """
    sample = answers.iloc[:SAMPLE]
    repeating = [str(name) for name in answers if sample[name].nunique() * 2 <= len(sample)]
    answers.to_parquet(
        path,
        index=False,
        row_group_size=ROW_GROUP,
        use_dictionary=repeating,
        compression="lz4",
        write_statistics=["file", "row"],
    )


def write_pieces(folder: Path, tables: "Mapping[str, pd.DataFrame]") -> None:
    """Write a stage's tables as one folder of Parquet files, whole or not at all."""
    with whole_folder(folder) as part:
        for name, table in tables.items():
            table.to_parquet(part / f"{name}.parquet", index=False)


def read_pieces(folder: Path) -> "dict[str, pd.DataFrame]":
    """Return the tables a stage left, by name; empty where it left none."""
    import pandas as pd

    return {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def join_pieces(folders: Iterable[Path]) -> "dict[str, pd.DataFrame]":
    """Join the pieces of several stages: tables of one name one under the other, in the stages' order."""
    import pandas as pd

    collected: dict[str, list[pd.DataFrame]] = {}
    for folder in folders:
        for name, piece in read_pieces(folder).items():
            collected.setdefault(name, []).append(piece)
    joined = {}
    for name, pieces in sorted(collected.items()):
        filled = [piece for piece in pieces if len(piece)] or pieces[:1]
        joined[name] = pd.concat(filled, ignore_index=True)
    return joined


def read_result_table(study: StudyFolder, name: str) -> "pd.DataFrame | None":
    """Return one of the study's result tables, or None before it was made."""
    from manyi_outputs.tidy import read_table

    path = tables_folder(study) / f"{name}.csv"
    return read_table(path) if path.is_file() else None
