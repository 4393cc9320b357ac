"""Medians of several runs, and how they are shown beside those of another program."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from measurement import Measurement


def middle(measured: Sequence[Measurement]) -> Measurement:
    """Return the medians of several runs."""
    return Measurement(median(m.seconds for m in measured), median(m.peak for m in measured))


def tell(found: Mapping[str, Measurement], base: str, called: str, file: Path | None) -> None:
    """Print medians as a table, each time beside that of the base.

    Parameters
    ----------
    found : Mapping
        What was measured -> its medians, in the order of the rows.
    base : str
        Which of them the others are compared with.
    called : str
        The base, as the heading says it.
    file : Path, optional
        Where medians and ratios are kept as JSON too.
    """
    ratios = {name: one.seconds / found[base].seconds for name, one in found.items()}
    print(f"|  | time | peak MiB | × {called} |\n| --- | ---: | ---: | ---: |")
    for name, one in found.items():
        print(f"| {name} | {one.seconds:.2f} s | {one.peak / 2**20:,.0f} | {ratios[name]:.2f} |")
    if file:
        record = {
            name: {"seconds": one.seconds, "peak": one.peak, "ratio": ratios[name]}
            for name, one in found.items()
        }
        file.write_text(json.dumps(record, indent=1), encoding="utf-8")
