"""The file of a list of access codes: the only place where they stand in clear."""

import csv
import os
import re
from collections.abc import Sequence
from pathlib import Path

from manyi.collect.store.secrets import grouped

#: Lists shorter than this make it easy to guess who answered what.
LEAST = 5
HEADINGS = ("code", "role", "school", "class")


def write_codes(folder: Path, codes: Sequence[str], role: str, school: str, group: str) -> Path:
    """Write a list of codes as CSV into a folder, under a name that is not taken, and return its path.

    The file can be read by its owner only. Its lines are in the order of ``codes``, which is random.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    stem = "-".join(re.sub(r"[^\w]+", "_", part) for part in (role, school, group) if part)
    number, flags = 1, os.O_CREAT | os.O_EXCL | os.O_WRONLY
    while True:
        path = folder / f"{stem}-{number}.csv"
        try:
            handle = os.open(path, flags, 0o600)
            break
        except FileExistsError:
            number += 1
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows((grouped(code), role, _cell(school), _cell(group)) for code in codes)
        file.flush()
        os.fsync(file.fileno())
    return path


def _cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
