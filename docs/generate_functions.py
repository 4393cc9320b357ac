"""Write docs/functions.md from the docstrings of manyi_analysis, so that the two cannot differ."""

import importlib
import inspect
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(__file__).parent / "functions.md"
CATALOGUE = ROOT / "tests" / "reference" / "statistics.toml"
HEAD = """# Functions (分析函数)

Every public function of `manyi_analysis`, to be called in a notebook without a study. A function takes
numbers and gives a frozen record: unrounded, with the rows used and dropped, the method and a `to_frame()`.
What cannot be computed is a `NotComputed` that says why. This page is made from the docstrings by
`docs/generate_functions.py`; a test compares. What each number was compared with:
[validation](validation.md). Why it is done this way: [methods](methods.md).

The answers are passed once, into a record of moments or counts; records of parts add up to that of the
whole. All further statistics take the record, so they cost the same for a hundred respondents and for a
million:

```pycon
>>> import pandas as pd
>>> from manyi_analysis.measurement import cronbach_alpha, efa, kmo, omega_total, parallel_analysis
>>> from manyi_analysis.records import Moments
>>> answers = pd.read_csv("tests/reference/measurement/bfi.csv", encoding="utf-8")
>>> answers["A1"] = 7 - answers["A1"]  # reverse-keyed
>>> scale = Moments.of(answers, ["A1", "A2", "A3", "A4", "A5"])
>>> alpha = cronbach_alpha(scale)
>>> f"{alpha.alpha:.4f} [{alpha.low:.4f}, {alpha.high:.4f}], n = {alpha.n}, dropped {alpha.missing}"
'0.7038 [0.6857, 0.7210], n = 2709, dropped 91'
>>> f"{omega_total(scale).omega_total:.3f}"
'0.724'
>>> items = [f"{letter}{number}" for letter in "ACN" for number in range(1, 6)]
>>> moments = Moments.of(answers, items)
>>> f"{kmo(moments).overall:.3f}", parallel_analysis(moments).number_of_factors
('0.807', 4)
>>> solution = efa(moments, 3, extraction="minres", rotation="oblimin")
>>> list(solution.to_frame())
['item', 'factor', 'pattern', 'structure', 'communality']
```

Confirmatory models are data too, drafted from the scales:

```pycon
>>> from manyi_analysis.confirmatory import cfa, convergent_validity, correlated_factors, htmt
>>> answers["C4"], answers["C5"] = 7 - answers["C4"], 7 - answers["C5"]
>>> scales = {letter: [f"{letter}{number}" for number in range(1, 6)] for letter in "ACN"}
>>> moments = Moments.of(answers, items)
>>> result = cfa(moments, correlated_factors(scales))
>>> result.fit_frame()[["chi2", "df", "cfi", "rmsea", "srmr"]].round(3).to_dict("records")
[{'chi2': 1457.077, 'df': 87, 'cfi': 0.871, 'rmsea': 0.079, 'srmr': 0.064}]
>>> convergent_validity(result).to_frame()[["scale", "cr", "ave"]].round(3).values.tolist()
[['A', 0.73, 0.361], ['C', 0.737, 0.361], ['N', 0.819, 0.484]]
>>> htmt(moments, scales).to_frame()[["scale_a", "scale_b", "htmt"]].round(3).values.tolist()
[['A', 'C', 0.356], ['A', 'N', 0.247], ['C', 'N', 0.296]]
```

Groups are compared from a record of groups; what cannot be computed says why:

```pycon
>>> from manyi_analysis.differences import welch_t
>>> from manyi_analysis.records import GroupedMoments
>>> answers["neuroticism"] = answers[scales["N"]].mean(axis=1, skipna=False)
>>> test = welch_t(GroupedMoments.of(answers, ["neuroticism"], "gender"), "neuroticism")
>>> f"t = {test.statistic:.2f}, df = {test.df1:.0f}, g = {test.effect.value:.2f}"
't = -6.77, df = 1853, g = -0.27'
>>> cronbach_alpha(Moments.of(answers, ["A1"])).reason
'one-item-scale: items=A1'
```
"""
#: Room -> title, and the public functions of those rooms whose package names none: module -> functions.
ROOMS: dict[str, tuple[str, dict[str, Sequence[str]]]] = {
    "measurement": ("Measurement (测量)", {}),
    "confirmatory": ("Confirmatory factor analysis (验证性因素分析)", {}),
    "level": (
        "Satisfaction level (满意度水平)",
        {
            "satisfaction": ["satisfaction", "index_outcomes", "index_levels", "index_bounds"],
            "school_satisfaction": [
                "school_indices",
                "school_levels",
                "school_satisfaction",
                "hidden_schools",
                "structure_of",
            ],
            "school_suppression": ["school_suppression"],
            "school_ranks": ["school_ranks"],
            "interval": ["mean_interval", "share_interval"],
            "gap": ["expectation_gap", "gap_frame"],
            "importance_performance": ["importance_performance"],
            "role_comparison": ["compare_roles", "agreement"],
            "distribution": ["answer_distribution", "dont_know"],
            "sample": ["composition"],
            "ranking": ["rankings"],
            "suppression": ["small_cells", "complementary_cells"],
            "two_way_suppression": ["two_way_suppression"],
        },
    ),
    "differences": ("Differences between groups (差异检验)", {}),
    "correlations": ("Correlations (相关)", {}),
    "explanation": (
        "Explanation (解释)",
        {
            "icc": ["intraclass_correlation"],
            "ols": ["ols", "gvif"],
            "clustered": ["clustered_ols"],
            "blocks": ["regression_blocks"],
            "bias_reduced": ["bias_reduced_ols"],
            "school_means": ["school_mean_regression", "mean_reliability"],
            "collinearity": ["collinearity"],
            "importance": ["importance"],
            "specification": ["specifications", "specification_curve", "standardized_estimates"],
        },
    ),
    "multilevel": ("Multilevel models (多层线性模型)", {}),
    "categorical": ("Ordered and binary answers (有序与二分因变量)", {}),
    "mediation": ("Mediation (中介效应)", {}),
    "missing": (
        "Missing answers (缺失)",
        {
            "expectation_maximization": ["em_estimate"],
            "estimated_moments": ["em_moments"],
            "little": ["little_mcar"],
            "chained": ["completed"],
            "imputed_regression": ["imputed_regression"],
            "pooling": ["pool", "pool_r2"],
            "completed_fits": ["pool_fits"],
        },
    ),
    "careless": ("Careless answering (敷衍作答)", {}),
    "sampling": ("Sampling (抽样)", {}),
    "weights": ("Weights (权重)", {}),
    "design_based": ("Design-based estimates (基于设计的估计)", {}),
    "resources": ("Schools' resources (办学资源)", {}),
    "equity": ("Equity (教育公平)", {}),
    "change": ("Change and comparison (变化与比较)", {}),
    "coding": ("Agreement of coders (编码一致性)", {}),
    "robustness": ("Robustness (稳健性)", {}),
}
#: What functions take beside the records of `manyi_analysis.records`: package -> classes with an ``of``.
DESIGNS = {"design_based": ["SurveyDesign"], "robustness": ["Signatures"]}
HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One public function: where it is imported from, and the parts of its docstring."""

    module: str
    function: Callable[..., Any]
    parts: dict[str, str]

    @property
    def name(self) -> str:
        """Return the function's name."""
        return self.function.__name__

    @property
    def text(self) -> str:
        """Return what stands before the parameters, and the notes, without the R call."""
        pieces = (without_r(self.parts[""]), without_r(self.parts.get("Notes", "")))
        return "\n\n".join(piece for piece in pieces if piece)

    @property
    def formula(self) -> bool:
        """Return whether the text has a formula, or says whose it has."""
        return bool(re.search(r"math::|:math:|[^=]=[^=]| [<>≤≥~] |\bFormulas?:", self.text))

    @property
    def source(self) -> str:
        """Return the references without the R call."""
        return without_r(self.parts.get("References", ""))

    @property
    def r(self) -> str:
        """Return what the docstring says of R, from "R:" to the end of its paragraph."""
        texts = (self.parts.get("Notes", ""), self.parts.get("References", ""), self.parts[""])
        found = [match for text in texts for match in re.findall(r"\bR:\s(.+?)(?:\n\n|\Z)", text, re.DOTALL)]
        return " ".join(found)


@dataclass(frozen=True, slots=True)
class Room:
    """One package and its public functions."""

    package: str
    title: str
    entries: tuple[Entry, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the public functions."""
        return tuple(entry.name for entry in self.entries)


def without_r(text: str) -> str:
    """Return a text without its R call, which the page shows apart."""
    return re.sub(r"\bR:\s.+?(?:\n\n|\Z)", "", text, flags=re.DOTALL).strip()


def parts(document: str) -> dict[str, str]:
    """Return a numpydoc docstring by section; what stands before the first is section ""."""
    pieces = HEADING.split(inspect.cleandoc(document) + "\n")
    return {"": pieces[0].strip()} | {
        name: text.strip("\n") for name, text in zip(pieces[1::2], pieces[2::2], strict=True)
    }


def rooms() -> Iterator[Room]:
    """Return the rooms with their public functions, in the order of the page."""
    for package, (title, listed) in ROOMS.items():
        name = f"manyi_analysis.{package}"
        module = importlib.import_module(name)
        if listed:
            modules = {f"{name}.{part}": names for part, names in listed.items()}
        else:
            modules = {
                name: [public for public in module.__all__ if inspect.isfunction(getattr(module, public))]
            }
        entries = [
            Entry(place, function, parts(function.__doc__ or ""))
            for place, names in modules.items()
            for function in (getattr(importlib.import_module(place), public) for public in names)
        ]
        yield Room(package, title, tuple(entries))


def markdown(text: str) -> str:
    """Return reStructuredText as the docstrings use it, as Markdown."""
    text = text.replace("``", "`")
    text = re.sub(
        r"^\.\. math::(?: |\n\n +)((?:.+\n?)(?:[ ]{4}.+\n?|\n(?=[ ]{4}\S))*)",
        lambda found: "```math\n" + inspect.cleandoc(found[1]).strip() + "\n```\n",
        text,
        flags=re.MULTILINE,
    )
    text = re.sub(r":math:`([^`]+)`", lambda found: "$" + " ".join(found[1].split()) + "$", text)
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text)


def signature(function: Callable[..., Any]) -> str:
    """Return name, parameters and defaults, without types."""
    shown = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "cls":
            continue
        default = parameter.default
        shown.append(name if default is parameter.empty else f"{name}={default!r}")
    return f"{function.__qualname__.removesuffix('.of')}({', '.join(shown)})"


def kinds(annotation: str) -> str:
    """Return an annotation as a reader says it."""
    plain = re.sub(r"(?:[a-z_]+[.])+", "", annotation).replace("~", "")
    plain = re.sub(r"Union\[([^\[\]]+), ([^\[\]]+)\]", r"\1 | \2", plain)
    plain = re.sub(r"ndarray\[tuple\[Any, \.\.\.\], dtype\[(\w+)\]\]", r"array of \1", plain)
    plain = re.sub(r"Literal\[([^\]]+)\]", r"{\1}", plain)
    return plain.replace(" | ", " or ")


def takes(entry: Entry) -> str:
    """Return the types of what has no default, as the docstring or the signature names them."""
    told = dict(re.findall(r"^(\w+) : (.+)$", entry.parts.get("Parameters", ""), re.MULTILINE))
    found = []
    for name, parameter in inspect.signature(entry.function).parameters.items():
        if parameter.default is parameter.empty:
            kind = told.get(name) or kinds(inspect.formatannotation(parameter.annotation))
            found.append(f"`{name}`: {kind}")
    return ", ".join(found)


def gives(entry: Entry) -> str:
    """Return what the docstring, or else the signature, says is returned."""
    told = entry.parts.get("Returns", "").splitlines()
    if told:
        return told[0]
    annotation = inspect.signature(entry.function).return_annotation
    return kinds(inspect.formatannotation(annotation))


def checked(name: str) -> str:
    """Return the sections of docs/validation.md that compare a function, as links."""
    told = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    found = [
        section["title"]
        for section in told["section"]
        if any(name in one.get("functions", section["functions"]) for one in section["statistic"])
    ]
    if not found:
        return told["without"].get(name, "")
    return ", ".join(f"[{title}](validation.md#{anchor(title)})" for title in found)


def anchor(title: str) -> str:
    """Return the anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def entry_text(entry: Entry) -> str:
    """Return what the page says of one function."""
    lines = [
        f"### {entry.name}\n",
        f"`{signature(entry.function)}`\n",
        markdown(entry.text).strip() + "\n",
        f"- import: `from {entry.module} import {entry.name}`",
        f"- takes: {markdown(takes(entry)) or 'nothing'}",
        f"- gives: {markdown(gives(entry))}",
    ]
    for name, text in (("source", entry.source), ("R", entry.r), ("validation", checked(entry.name))):
        if text:
            lines.append(f"- {name}: {' '.join(markdown(text).split())}")
    return "\n".join(lines) + "\n"


def record_lines() -> str:
    """Return a table of the records and how they are made."""
    rows = ["| record | made by | holds |", "|---|---|---|"]
    records = importlib.import_module("manyi_analysis.records")
    # A record is made of a frame by ``of``, beside `Shape`, which is made of counts.
    made = [name for name in records.__all__ if hasattr(getattr(records, name), "of") and name != "Shape"]
    for package, name in [
        (package, name) for package, held in {"records": made, **DESIGNS}.items() for name in held
    ]:
        record = getattr(importlib.import_module(f"manyi_analysis.{package}"), name)
        summary = " ".join(parts(record.__doc__ or "")[""].split("\n\n")[0].split())
        rows.append(
            f"| `{package}.{name}` | `{signature(record.of).replace('(', '.of(', 1)}` | {markdown(summary)} |"
        )
    rows.append("")
    rows.append(
        "`Correlated` below is any record that has correlations and an n: `Moments`, `PairwiseMoments`,"
    )
    rows.append("moments estimated by `em_moments`, one level of `two_level`, or `polychoric_correlations`.")
    return "\n".join(rows) + "\n"


def lacking() -> dict[str, list[str]]:
    """Return what the docstrings of functions that are compared with other programs still lack."""
    without = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["without"]
    found = {}
    for entry in (entry for room in rooms() for entry in room.entries if entry.name not in without):
        has = {"formula": entry.formula, "source": bool(entry.source), "R": bool(entry.r)}
        if not all(has.values()):
            found[entry.name] = [name for name, there in has.items() if not there]
    return found


def reference() -> str:
    """Return the page."""
    pages = [HEAD, "## Records (记录)\n", record_lines()]
    for room in rooms():
        document = importlib.import_module(f"manyi_analysis.{room.package}").__doc__ or ""
        pages.append(f"## {room.title}\n")
        pages.append(markdown(parts(document)[""]) + "\n")
        pages.append(" · ".join(f"[{name}](#{name})" for name in room.names) + "\n")
        pages += [entry_text(entry) for entry in room.entries]
    return "\n".join(pages)


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
