"""Which stage made a row of a result table, and the files that stage was made from, by the manifest."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from manyi.stages.manifest import Entry, Manifest
from manyi.stages.work import work_folder
from manyi.study.folder import StudyFolder

#: What the manifest says of a file that is not there.
_ABSENT = "absent"
#: The stage that joins the pieces of all others.
_JOINING = "tables"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that a person gave.

    Parameters
    ----------
    path : str
        Below the study.
    sha256 : str
        When it was read.
    """

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """The stages of a study that made a result, and what they read.

    Parameters
    ----------
    stages : tuple of str
        In the order in which they were made, the last of them made the row.
    read : tuple of str
        What that last stage read, below the study.
    files : tuple of SourceFile
        Files that no stage wrote.
    seeds : Mapping
        Place among the parameters -> seed.
    versions : Mapping
        Package -> version.
    """

    stages: tuple[str, ...]
    read: tuple[str, ...]
    files: tuple[SourceFile, ...]
    seeds: Mapping[str, int]
    versions: Mapping[str, str]


def stage_of_row(study: StudyFolder, manifest: Manifest, table: str, row: int) -> str:
    """Return the stage that made a row of a result table, empty where the manifest does not know.

    Parameters
    ----------
    study : StudyFolder
    manifest : Manifest
    table : str
        Name of the result table.
    row : int
        1 for its first row.
    """
    import pyarrow.parquet as pq

    joined = manifest.entries.get(_JOINING)
    folders = [study.path / key for key in joined.inputs] if joined is not None else []
    below = work_folder(study, _JOINING).parent
    for folder in folders:
        piece = folder / f"{table}.parquet"
        if folder.parent != below or not piece.is_file():
            continue
        rows = pq.read_metadata(piece).num_rows
        if row <= rows:
            return _writer(manifest.entries, piece.relative_to(study.path).as_posix())
        row -= rows
    return ""


def lineage(manifest: Manifest, stage: str) -> Lineage | None:
    """Return what a stage was made from, through all stages before it; None for one not in the manifest."""
    entries = manifest.entries
    if stage not in entries:
        return None
    chain = list(dict.fromkeys(_before(entries, stage)))
    files = {
        key: digest
        for name in chain
        for key, digest in entries[name].inputs.items()
        if digest != _ABSENT and not _writer(entries, key)
    }
    return Lineage(
        stages=tuple(chain),
        read=tuple(key for key, digest in entries[stage].inputs.items() if digest != _ABSENT),
        files=tuple(SourceFile(key, files[key]) for key in sorted(files)),
        seeds={place: seed for name in chain for place, seed in entries[name].seeds.items()},
        versions=entries[stage].versions,
    )


def _before(entries: Mapping[str, Entry], stage: str) -> Iterator[str]:
    """Yield the stages whose files a stage reads, those they read before them, then the stage itself."""
    for key in entries[stage].inputs:
        writer = _writer(entries, key)
        if writer and writer != stage:
            yield from _before(entries, writer)
    yield stage


def _writer(entries: Mapping[str, Entry], key: str) -> str:
    """Return the stage that writes a file, or files below a folder."""
    return next((name for name, entry in entries.items() if _holds(entry.outputs, key)), "")


def _holds(written: Iterable[str], key: str) -> bool:
    return any(one == key or one.startswith(f"{key}/") for one in written)
