"""Writing a finished file in one step, so that a killed run leaves the old file or the new one."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from manyi_instruments.faults import Fault, ManyiError, Place


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there.

    Parameters
    ----------
    path : Path
        Its folder is made where absent.
    content : bytes

    Raises
    ------
    ManyiError
        ``output-not-writable``: the folder is read-only, or another program holds the file.
    """
    make_whole(path, lambda part: part.write_bytes(content))


def make_whole(path: Path, make: Callable[[Path], object]) -> None:
    """Let `make` write a file beside its place, then move it there; a file half made is removed.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    part = path.with_name(f".part-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        make(part)
        part.replace(path)
    except OSError as error:
        details = {"file": path.name, "error": error.strerror or type(error).__name__}
        raise ManyiError(Fault("output-not-writable", Place(file=str(path)), details)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
