"""The R script of a study: its plan as a list, then the functions that carry it out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

from manyi_analysis.confirmatory import FactorModel
from manyi_outputs.r.plan import ModelPlan, RegressionPlan, RolePlan

_WIDTH = 100
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
#: Words that R does not take for names.
_RESERVED = {
    "if",
    "else",
    "repeat",
    "while",
    "function",
    "for",
    "in",
    "next",
    "break",
    "TRUE",
    "FALSE",
    "NULL",
}
_RESERVED |= {"Inf", "NaN", "NA"}


def study_script(title: str, plans: Sequence[RolePlan]) -> str:
    """Return a script that reads the CSV files beside it and writes its tables into ``tables/``.

    The tables are named and built as manyi's own, so that the two can be compared row by row: reliability
    (psych), factorability, eigenvalues, loadings and factor correlations (psych), fit and loadings of the
    confirmatory models (lavaan), regressions in blocks with errors clustered by school (lm, clubSandwich),
    models with random effects of schools (lme4). It needs nothing but R and these packages.

    Parameters
    ----------
    title : str
        Of the study.
    plans : sequence of RolePlan
    """
    functions = files(__package__).joinpath("functions.R").read_text(encoding="utf-8")
    opening = [
        f"# {' '.join(title.split())}",
        "#",
        "# Computes the main tables from the CSV files beside this script:  Rscript study.R",
        "# Needs the packages psych, GPArotation, lavaan, clubSandwich and lme4. Writes tables/*.csv.",
        "# Robust and ordinal estimators rest on all rows here; manyi draws a sample of very large files.",
        "",
        "# --- the analysis plan " + "-" * 87,
        "",
    ]
    return "\n".join([*opening, f"plans <- {r_value([_role(plan) for plan in plans])}", "", functions])


def _role(plan: RolePlan) -> dict[str, object]:
    return {
        "role": plan.role,
        "file": plan.file,
        "words": plan.words,
        "asked": plan.asked,
        "missing": plan.missing,
        "rows": plan.rows,
        "seed": plan.seed,
        "scales": dict(plan.scales),
        "factors": {
            "items": plan.factors.items,
            "extraction": plan.factors.extraction,
            "rotation": plan.factors.rotation,
            "matrix": plan.factors.matrix,
            "rows": plan.factors.rows,
            "number": plan.factors.number,
        },
        "confirmatory": _models(plan.confirmatory),
        "regressions": [_regression(entry) for entry in plan.regressions],
    }


def _models(plan: ModelPlan) -> dict[str, object]:
    return {
        "items": Named(plan.items),
        "models": {name: lavaan_syntax(model) for name, model in plan.models.items()},
        "unit_variance": tuple(name for name, model in plan.models.items() if model.scaling == "variance"),
        "estimators": plan.estimators,
    }


def _regression(plan: RegressionPlan) -> dict[str, object]:
    return {
        "outcome": plan.outcome,
        "blocks": dict(plan.blocks),
        "levels": dict(plan.levels),
        "errors": plan.errors,
        "method": plan.method,
        "clustered": plan.clustered,
    }


def lavaan_syntax(model: FactorModel) -> str:
    """Return a factor model as lavaan writes it.

    Examples
    --------
    >>> print(lavaan_syntax(FactorModel("m", {"A": ("a1", "a2"), "B": ("b1",)}, uncorrelated=(("A", "B"),))))
    A =~ a1 + a2
    B =~ b1
    A ~~ 0*B
    """
    lines = [f"{factor} =~ {' + '.join(items)}" for factor, items in model.factors.items()]
    lines += [f"{a} ~~ 0*{b}" for a, b in model.uncorrelated]
    lines += [f"{a} ~~ {b}" for a, b in model.errors]
    return "\n".join(lines)


class Named(dict[str, str]):
    """Words with names: a character vector of R rather than a list."""


def r_value(value: object, indent: int = 0) -> str:
    r"""Return a value as R writes it: tuples and `Named` as vectors, lists and dicts as lists.

    Examples
    --------
    >>> r_value({"a": (1, 2), "b": "it's", "2nd term": None, "c": ()})
    'list(a = c(1, 2), b = "it\'s", `2nd term` = NULL, c = c())'
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _quoted(value)
    name = "c" if isinstance(value, tuple | Named) else "list"
    return _call(name, list(_parts(value, indent + 2)), indent)


def _parts(value: object, indent: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield f"{_name(str(key))} = {r_value(one, indent)}"
    elif isinstance(value, list | tuple):
        for one in value:
            yield r_value(one, indent)
    else:
        raise TypeError(f"R has no {type(value).__name__}")


def _call(name: str, parts: list[str], indent: int) -> str:
    """Return a call on one line where it fits, else an argument a line or lines filled with short ones."""
    flat = f"{name}({', '.join(parts)})"
    if len(flat) + indent <= _WIDTH and "\n" not in flat:
        return flat
    blank = " " * (indent + 2)
    lines = [""]
    for number, part in enumerate(parts):
        piece = part + ("" if number == len(parts) - 1 else ",")
        if name == "c" and lines[-1] and len(lines[-1]) + len(piece) + indent + 3 <= _WIDTH:
            lines[-1] += f" {piece}"
        elif lines[-1]:
            lines.append(piece)
        else:
            lines[-1] = piece
    return f"{name}(\n" + "\n".join(blank + line for line in lines) + "\n" + " " * indent + ")"


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name not in _RESERVED else "`" + name.replace("`", "_") + "`"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "")
    return f'"{escaped}"'
