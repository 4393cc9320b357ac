"""The bytes of a structure file, whatever platform wrote it, within bounds."""

from pathlib import Path

from manyi_instruments.faults import Fault, FileUnreadable, Place

#: The largest structures known hold some megabytes; a file far beyond is none.
LARGEST = 64_000_000
_OPENING = 16_384


def opening_of(path: Path) -> bytes:
    """Return the first bytes of a file, none where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_OPENING)
    except OSError:
        return b""


def read_structure_file(path: Path) -> bytes:
    """Return the bytes of a structure file.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FileUnreadable
        ``file-missing``, ``file-is-folder``, ``file-denied``, ``file-empty``, ``structure-too-large``.
    """
    place = Place(file=path.name)
    if path.is_dir():
        raise FileUnreadable(Fault("file-is-folder", place, {"file": str(path)}))
    try:
        size = path.stat().st_size
        if size > LARGEST:
            details = {"file": path.name, "megabytes": size // 1_000_000, "largest": LARGEST // 1_000_000}
            raise FileUnreadable(Fault("structure-too-large", place, details))
        data = path.read_bytes()
    except FileNotFoundError:
        raise FileUnreadable(Fault("file-missing", place, {"file": str(path)})) from None
    except OSError as error:
        details = {"file": str(path), "reason": error.strerror or type(error).__name__}
        raise FileUnreadable(Fault("file-denied", place, details)) from None
    if not data.strip(b"\x00\t\r\n ,;\xef\xbb\xbf\xff\xfe"):
        raise FileUnreadable(Fault("file-empty", place, {"file": path.name}))
    return data
