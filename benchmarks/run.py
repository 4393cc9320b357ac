"""Print time and peak memory of manyi's stages beside the same statistics from the raw-row packages.

    python benchmarks/run.py --sizes 10k,100k,1M

See README.md beside this file for what is measured and how to read it.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measurement import Measurement, measure, numbers_file, work_of
from medians import middle
from survey import write_study

from manyi.stages.pipeline import stages_of
from manyi.study.folder import open_study

UNITS = {"k": 1_000, "K": 1_000, "m": 1_000_000, "M": 1_000_000}
#: Sizes up to this are measured three times by default, larger ones once.
SMALL = 100_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row; above ``largest`` respondents the packages are left out unless asked for.

    ``file`` marks work on files and cells, which is not summed up: reading is a part of importing.
    """

    name: str
    title: str
    packages: str
    largest: int | None = None
    file: bool = False


COMPARISONS = (
    Comparison("read", "read the file as text", "`pandas.read_csv(dtype=str)`", file=True),
    Comparison("import", "import: read, decode, account for every cell", "`pandas.read_csv`", file=True),
    Comparison("clean", "clean and score", "pandas, by hand", file=True),
    Comparison("pass", "one pass over the cleaned rows", "pandas: read, `cov`, `groupby`, `value_counts`"),
    Comparison("reliability", "alpha, omega, item analysis of 5 scales", "pingouin, factor_analyzer, pandas"),
    Comparison("factorability", "KMO, Bartlett", "factor_analyzer"),
    Comparison("parallel", "parallel analysis (500 draws)", "numpy, 20 samples of rows"),
    Comparison("efa", "5 factors, minres and oblimin", "factor_analyzer"),
    Comparison("icc", "ICC by REML, from rows", "statsmodels `MixedLM`", largest=100_000),
    Comparison(
        "regression", "regression in 3 blocks, clustered, from rows", "statsmodels `OLS`, `cov_type=cluster`"
    ),
    Comparison("sav", "`.sav` (labelled by manyi, bare by pyreadstat)", "pyreadstat", file=True),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """Medians of one comparison; the packages' and the difference are None where they were left out."""

    name: str
    manyi: Measurement
    packages: Measurement | None
    difference: float | None


def measure_stages(folder: Path, repeats: int) -> dict[str, Measurement]:
    """Run the stages of the pipeline in their order, each several times in processes of its own."""
    found = {}
    for stage in stages_of(open_study(folder)):
        say(f"stage {stage.name}")
        found[stage.name] = middle([measure("stage", stage.name, folder) for _ in range(repeats)])
    return found


def prepare(folder: Path) -> None:
    """Make, without measuring, what the comparisons start from: coded and cleaned answers."""
    for stage in stages_of(open_study(folder)):
        if stage.name.split(":")[0] in ("import", "schools", "clean"):
            for path in stage.outputs:
                path.parent.mkdir(parents=True, exist_ok=True)
            stage.run()


def compare(comparison: Comparison, folder: Path, size: int, repeats: int, everything: bool) -> Compared:
    """Measure both sides in turn and compare their numbers."""
    say(comparison.title)
    beside = everything or comparison.largest is None or size <= comparison.largest
    sides: dict[str, list[Measurement]] = {"manyi": [], "packages": []}
    for _ in range(repeats):
        for side in ("manyi", "packages") if beside else ("manyi",):
            sides[side].append(measure(side, comparison.name, folder))
    packages = middle(sides["packages"]) if beside else None
    apart = difference(folder, comparison.name) if beside else None
    return Compared(comparison.name, middle(sides["manyi"]), packages, apart)


def agree(comparison: Comparison, folder: Path) -> float:
    """Do both sides' work in this process and return how far their numbers are apart."""
    say(comparison.title)
    for side in ("manyi", "packages"):
        load, run, numbers = work_of(side, comparison.name)
        np.savez(numbers_file(folder, side, comparison.name), **numbers(run(load(folder))))
    return difference(folder, comparison.name)


def difference(folder: Path, name: str) -> float:
    """Return the largest difference between both sides' numbers, of numbers above 1 the relative one.

    Raises
    ------
    SystemExit
        If the sides do not report the same quantities, or one has a number where the other has none.
    """
    largest = 0.0
    with (
        np.load(numbers_file(folder, "manyi", name)) as ours,
        np.load(numbers_file(folder, "packages", name)) as theirs,
    ):
        if sorted(ours.files) != sorted(theirs.files):
            raise SystemExit(f"{name}: {sorted(ours.files)} beside {sorted(theirs.files)}")
        for key in ours.files:
            a, b = ours[key].astype(float), theirs[key].astype(float)
            if a.shape != b.shape or not np.array_equal(np.isnan(a), np.isnan(b)):
                raise SystemExit(f"{name}: {key} has other shapes or other gaps on the two sides")
            apart = np.abs(a - b) / np.maximum(1, np.abs(b))
            largest = max(largest, float(np.nanmax(apart, initial=0.0)))
    return largest


def seconds(value: float) -> str:
    """Return a time with three digits at most: ``0.4 ms``, ``35 ms``, ``2.41 s``, ``161 s``."""
    if value < 1:
        return f"{value * 1000:.1f} ms" if value < 0.01 else f"{value * 1000:.0f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def ratio(packages: float, manyi: float) -> str:
    """Return how many times as much the packages took."""
    times = packages / manyi if manyi else float("inf")
    return f"{times:.1f} ×" if times < 10 else f"{times:,.0f} ×"


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose columns after the first are right-aligned."""
    marks = ["---", *["---:"] * (len(heading) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (heading, marks, *rows))


def stages_table(found: dict[str, Measurement]) -> str:
    """Return the table of the whole stages."""
    rows = [[name, seconds(m.seconds), mebibytes(m.peak)] for name, m in found.items()]
    total = sum(m.seconds for m in found.values())
    rows.append(["all", seconds(total), mebibytes(max(m.peak for m in found.values()))])
    return table(["stage", "time", "peak MiB"], rows)


def comparisons_table(found: Sequence[Compared]) -> str:
    """Return the table of statistics beside the packages."""
    titles = {comparison.name: comparison for comparison in COMPARISONS}
    rows = []
    for row in found:
        title = titles[row.name]
        cells = [title.title, seconds(row.manyi.seconds), mebibytes(row.manyi.peak), title.packages]
        if row.packages is None:
            rows.append([*cells, "left out", "", "", ""])
            continue
        cells += [seconds(row.packages.seconds), mebibytes(row.packages.peak)]
        rows.append([*cells, ratio(row.packages.seconds, row.manyi.seconds), f"{row.difference:.0e}"])
    both = [
        (row.manyi, row.packages) for row in found if row.packages is not None and not titles[row.name].file
    ]
    if both:
        ours, theirs = (sum(side.seconds for side in sides) for sides in zip(*both, strict=True))
        peaks = [mebibytes(max(side.peak for side in sides)) for sides in zip(*both, strict=True)]
        last = [
            "the statistics both did",
            seconds(ours),
            peaks[0],
            "",
            seconds(theirs),
            peaks[1],
            ratio(theirs, ours),
            "",
        ]
        rows.append(last)
    heading = ["", "manyi", "peak MiB", "packages", "time", "peak MiB", "packages ÷ manyi", "difference"]
    return table(heading, rows)


def mebibytes(value: float) -> str:
    """Return bytes as whole MiB."""
    return f"{value / 2**20:,.0f}"


def parse_size(text: str) -> int:
    """Return a number of respondents: ``10k`` is 10,000, ``1.5M`` 1,500,000, ``400`` itself."""
    return int(float(text[:-1]) * UNITS[text[-1]]) if text[-1:] in UNITS else int(text)


def say(text: str) -> None:
    """Tell what is being measured, on standard error."""
    print(text, file=sys.stderr, flush=True)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    names = ("stages", *(comparison.name for comparison in COMPARISONS))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    add = parser.add_argument
    add("--sizes", default="10k,100k,1M", help="respondents, by commas (default %(default)s)")
    add("--repeats", type=int, help="runs of which the median is shown (default 3; above 100k 1)")
    add("--only", nargs="+", choices=names, default=names, metavar="PART", help=f"of {', '.join(names)}")
    add("--agree", action="store_true", help="measure nothing: only compare the numbers of both sides")
    add("--all", action="store_true", help="MixedLM above 100k too: minutes, and gigabytes")
    add("--folder", type=Path, help="where the studies are made and kept (default: temporary)")
    add("--json", type=Path, help="write every median and difference to this file too")
    return parser.parse_args(words)


def measure_size(size: int, folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Measure one number of respondents, print its tables, and return the medians."""
    repeats = options.repeats or (3 if size <= SMALL else 1)
    say(f"{size:,} respondents")
    write_study(folder, size)
    print(f"\n## {size:,} respondents\n", flush=True)
    chosen = [row for row in COMPARISONS if row.name in options.only]
    if options.agree:
        prepare(folder)
        apart = {row.name: agree(row, folder) for row in chosen}
        rows = [[row.title, f"{apart[row.name]:.0e}"] for row in chosen]
        print(table(["", "difference"], rows), flush=True)
        return {"respondents": size, "differences": apart}
    stages: dict[str, Measurement] = {}
    if "stages" in options.only:
        stages = measure_stages(folder, repeats)
        print(f"{stages_table(stages)}\n", flush=True)
    else:
        prepare(folder)
    compared = [compare(row, folder, size, repeats, options.all) for row in chosen]
    if compared:
        print(comparisons_table(compared), flush=True)
    return {
        "respondents": size,
        "repeats": repeats,
        "stages": {name: _record(found) for name, found in stages.items()},
        "comparisons": {
            row.name: {
                "manyi": _record(row.manyi),
                "packages": _record(row.packages),
                "difference": row.difference,
            }
            for row in compared
        },
    }


def _record(found: Measurement | None) -> dict[str, float] | None:
    return {"seconds": found.seconds, "peak": found.peak} if found is not None else None


def main(words: Sequence[str] | None = None) -> None:
    """Measure every size asked for."""
    options = arguments(words)
    with tempfile.TemporaryDirectory() as temporary:
        root = options.folder or Path(temporary)
        found = [
            measure_size(size, root / str(size), options)
            for size in map(parse_size, options.sizes.split(","))
        ]
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
