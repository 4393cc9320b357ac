"""What one export is asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Asked:
    """One export.

    Parameters
    ----------
    format : str
        One of `manyi.exports.formats.FORMATS`.
    roles : tuple of str
        Whose answers.
    folder : Path
        Where the files go.
    language : str
        Of labels.
    all_rows : bool
        Every submission received, not only those kept for analysis.
    with_text : bool
        Open answers and keys of persons too.
    """

    format: str
    roles: tuple[str, ...]
    folder: Path
    language: str
    all_rows: bool = False
    with_text: bool = False
