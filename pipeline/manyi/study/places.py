"""What a file is called, and where its faults stand: two folders may hold files of one name."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault, ManyiError


def names_of(paths: Sequence[Path]) -> list[str]:
    """Return a name for every path: the file's, with its folder where two files are called alike."""
    counts = Counter(path.name for path in paths)
    return [path.name if counts[path.name] == 1 else f"{path.parent.name}/{path.name}" for path in paths]


def placed(study: StudyFolder, files: Sequence[Path], faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults with the path below the study where they give the name of one of the files only."""
    inside = [file for file in files if file.is_relative_to(study.path)]
    paths = {file.name: file.relative_to(study.path).as_posix() for file in inside}
    return tuple(
        replace(fault, place=replace(fault.place, file=paths.get(fault.place.file, fault.place.file)))
        for fault in faults
    )


@contextmanager
def placing(study: StudyFolder, files: Sequence[Path]) -> Iterator[None]:
    """Do the same with the faults of an exception."""
    try:
        yield
    except ManyiError as error:
        raise type(error)(placed(study, files, error.faults)) from error
