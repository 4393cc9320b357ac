"""Comparisons with values from elsewhere are recorded as they are made; they become docs/validation.md.

``pytest tests/analysis --write-validation`` writes the page.
"""

import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "validation.md"
CATALOGUE = ROOT / "tests" / "reference" / "statistics.toml"
#: How large a difference may be beside the value of the other program.
SCALES = {"": "", "relative": "·|value|", "larger": "·max(1, |value|)"}
HEAD = """# Validation (数值验证)

Made by the tests: every line is a comparison that `pytest tests/analysis` makes with values that none of
us wrote, from R, PSPP, other Python packages, papers and worked examples. *n* numbers were compared,
*difference* is the largest absolute one found where this page was written, *tolerance* what the tests allow:
`1e-8·|value|` is relative, `1e-8·max(1, |value|)` relative above 1. A test fails where a difference exceeds
its tolerance, and where this page does not list the comparisons made. Which statistic has which tolerance
stands in `tests/reference/statistics.toml`; where a source is itself less exact, the reason is given. Data,
scripts and raw output of the sources lie in `tests/reference/`. Written by
`pytest tests/analysis --write-validation`.
"""


@dataclass(frozen=True, slots=True)
class Statistic:
    """One line of the catalogue: a statistic, the functions that compute it, and how near it must come."""

    id: str
    section: str
    title: str
    functions: tuple[str, ...]
    tolerance: float
    scale: str = ""
    #: Compared in result tables, by tests/pipeline.
    tables: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """What was compared with what, and how exactly; the order is that of the page."""

    place: int
    of: str
    source: str
    title: str
    tolerance: float
    scale: str
    because: str

    @property
    def limit(self) -> str:
        return f"{self.tolerance:g}".replace("e-0", "e-") + SCALES[self.scale] if self.tolerance else "0"

    @property
    def cells(self) -> list[str]:
        """Return the cells that are the same on every machine: statistic, source, tolerance."""
        what = f"{self.title}: {self.of}" if self.of else self.title
        source = f"{self.source} ({self.because})" if self.because else self.source
        return [what.replace("|", "\\|"), source.replace("|", "\\|"), self.limit.replace("|", "\\|")]


@dataclass
class Found:
    """What has been found in a row so far."""

    n: int = 0
    difference: float = 0.0
    excess: float = 0.0


@dataclass
class Recorder:
    """The comparisons of one run."""

    statistics: dict[str, Statistic]
    sources: dict[str, str]
    without: dict[str, str]
    rows: dict[Row, Found] = field(default_factory=dict)
    passed_over: int = 0

    def compare(
        self,
        statistic: str,
        source: str,
        ours: Any,
        theirs: Any,
        of: str = "",
        tolerance: float | None = None,
        scale: str | None = None,
        because: str = "",
    ) -> None:
        """Assert that our values equal those of a source, and record it.

        Parameters
        ----------
        statistic : str
            Id in the catalogue, which gives tolerance and scale.
        source : str
            ``"psych: bfi"``: the key of a program or paper in the catalogue, and the data.
        ours, theirs : array-like
            Of one shape. Infinite and missing values (None, NaN) must stand at the same places.
        of : str
            Which variant of the statistic: "minres, oblimin".
        tolerance, scale : optional
            Others than the catalogue's. Wider only with a reason.
        because : str
            Why the source is less exact than the catalogue asks.
        """
        known = self.statistics[statistic]
        program, _, data = source.partition(": ")
        allowed = known.tolerance if tolerance is None else tolerance
        measured = known.scale if scale is None else scale
        if not because and measured == known.scale and allowed > known.tolerance:
            raise ValueError(f"{statistic}: a tolerance above {known.tolerance} needs a reason")
        place = list(self.statistics).index(statistic)
        named = self.sources[program] + (f", {data}" if data else "")
        row = Row(place, of, named, known.title, allowed, measured, because)
        others = [
            other
            for other in self.rows
            if other != row and (other.place, other.of, other.source) == (place, of, named)
        ]
        if others:
            raise ValueError(f"{row.cells} is compared to two tolerances: {others[0].cells}")
        found = self.rows.setdefault(row, Found())
        a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
        assert a.shape == b.shape, f"{a.shape} values beside {b.shape}"
        assert a.size > 0
        special = ~np.isfinite(b)
        np.testing.assert_array_equal(a[special], b[special])
        difference, value = np.abs(a - b, where=~special, out=np.zeros(a.shape)), np.abs(b)
        beside = {"": 1.0, "relative": np.where(value > 0, value, 1.0), "larger": np.maximum(value, 1.0)}
        most = allowed * beside[measured] if allowed else np.finfo(float).tiny
        excess = float(np.max(np.where(special, 0.0, difference / most)))
        found.n += a.size
        found.difference = max(found.difference, float(difference.max()))
        found.excess = max(found.excess, excess)
        assert excess <= 1, f"{row.cells}: ours {a} differ by {difference.max()} from {b}"

    def lines(self) -> dict[tuple[str, ...], float]:
        """Return the lines of this run, without differences, and each largest difference, page order."""
        known = sorted(self.rows)
        return {
            (*row.cells[:2], str(self.rows[row].n), row.cells[2]): self.rows[row].difference for row in known
        }

    def page(self) -> str:
        """Return the page of this run."""
        lines, section, number = [HEAD], "", len(self.rows)
        compared = sum(found.n for found in self.rows.values())
        lines.append(f"{number} comparisons of {compared:,} numbers.\n")
        for row, (cells, difference) in zip(sorted(self.rows), self.lines().items(), strict=True):
            of_row = list(self.statistics.values())[row.place].section
            if of_row != section:
                section = of_row
                lines += [
                    f"## {section}\n" if not lines[-1].startswith("|") else f"\n## {section}\n",
                    "| statistic | source | n | difference | tolerance |",
                ]
                lines.append("|---|---|--:|--:|--:|")
            what, source, n, tolerance = cells
            lines.append(f"| {what} | {source} | {n} | {shown(difference)} | {tolerance} |")
        lines += ["\n## Without a value from elsewhere\n", "| function | why |", "|---|---|"]
        lines += [f"| `{name}` | {why} |" for name, why in self.without.items()]
        return "\n".join(lines) + "\n"


def shown(difference: float) -> str:
    """Return a difference with one significant digit."""
    return "0" if difference == 0 else f"{difference:.0e}".replace("e-0", "e-").replace("e+0", "e+")


def catalogue() -> Recorder:
    """Return a recorder that knows the statistics of the catalogue and has compared nothing."""
    told = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    statistics = [
        Statistic(
            id=entry["id"],
            section=section["title"],
            title=entry["title"],
            functions=tuple(entry.get("functions", section.get("functions", ()))),
            tolerance=entry.get("tolerance", section.get("tolerance")),
            scale=entry.get("scale", section.get("scale", "")),
            tables=entry.get("tables", False),
        )
        for section in told["section"]
        for entry in section["statistic"]
    ]
    twice = [name for name, times in Counter(one.id for one in statistics).items() if times > 1]
    if twice:
        raise ValueError(f"statistics of one id: {twice}")
    return Recorder({one.id: one for one in statistics}, told["sources"], told["without"])


RECORDER = pytest.StashKey[Recorder]()


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "write docs/validation.md from the comparisons that the tests of tests/analysis make"
    parser.addoption("--write-validation", action="store_true", help=text)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if "compare" in getattr(item, "fixturenames", ()):
            recorder_of(item.config).passed_over += 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what looks at the comparisons behind those that make them."""
    items.sort(key=lambda item: "comparisons" in getattr(item, "fixturenames", ()))


def recorder_of(config: pytest.Config) -> Recorder:
    if RECORDER not in config.stash:
        config.stash[RECORDER] = catalogue()
    return config.stash[RECORDER]


@pytest.fixture(scope="session")
def compare(pytestconfig: pytest.Config) -> Any:
    """Return ``compare(statistic, source, ours, theirs, of="", …)``, see `Recorder.compare`."""
    return recorder_of(pytestconfig).compare


@pytest.fixture(scope="session")
def comparisons(pytestconfig: pytest.Config) -> Recorder:
    """Return the comparisons made; writes the page if asked to. Tests that take it come last."""
    made = recorder_of(pytestconfig)
    if not made.rows:
        pytest.skip("no comparison was made in this run")
    if pytestconfig.getoption("write_validation", default=False):
        PAGE.write_text(made.page(), encoding="utf-8")
    return made


@pytest.fixture(scope="session")
def all_comparisons(comparisons: Recorder, request: pytest.FixtureRequest) -> Recorder:
    """Return the comparisons of a run that made all of them; else the test is skipped."""
    files = {
        path for path in Path(__file__).parent.glob("test_*.py") if "compare(" in path.read_text("utf-8")
    }
    ran = {item.path for item in request.session.items}
    chosen = any("::" in argument for argument in request.config.args)
    if chosen or comparisons.passed_over or not files <= ran:
        pytest.skip("only a part of the comparisons was made")
    return comparisons
