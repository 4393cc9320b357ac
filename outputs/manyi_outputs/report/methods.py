"""How the numbers were made: the methods whose results the tables hold, their n, what computed them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.context import Context
from manyi_outputs.report.facts import Facts
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.report.references import Reference, references
from manyi_outputs.wording import Kind

#: Which rules a reference list follows beside tables of which look.
_STYLES = {"thesis": "gbt7714", "apa": "apa7"}


@dataclass(frozen=True, slots=True)
class Method:
    """A method that some tables show to have been used.

    Parameters
    ----------
    key : str
        Of its sentences in the wording.
    tables : tuple of str
        It was used where one of these has a row.
    column, value : str
        And, where given, a row with this value in this column.
    counted : str
        Result table whose n is told.
    works : tuple of str
        Keys of ``references.toml``.
    """

    key: str
    tables: tuple[str, ...]
    works: tuple[str, ...]
    column: str = ""
    value: str = ""
    counted: str = ""

    def used(self, tables: Tables) -> bool:
        """Return whether the results show that the method was used."""
        return any(self._shown(records(tables, name)) for name in self.tables)

    def _shown(self, rows: list[Record]) -> bool:
        if not self.column:
            return bool(rows)
        return any(str(row.get(self.column)) == self.value for row in rows)


@cache
def _methods() -> tuple[Method, ...]:
    source = files(__package__).joinpath("methods.toml")
    return tuple(
        Method(
            entry["key"],
            tuple(entry["tables"]),
            tuple(entry["works"]),
            entry.get("where", {}).get("column", ""),
            entry.get("where", {}).get("value", ""),
            entry.get("n", ""),
        )
        for entry in tomllib.loads(source.read_text(encoding="utf-8"))["method"]
    )


def method_findings(tables: Tables, context: Context, facts: Facts) -> tuple[Finding, ...]:
    """Return a paragraph a method that was used, then what computed the numbers."""
    used = [method for method in _methods() if method.used(tables)]
    details = _details(tables, context, facts)
    made = [_paragraph(method, tables, context, details) for method in used]
    words = context.words
    return (
        *under(made, words("report.methods_used")),
        *(under(_computed(context, facts), words("report.methods_software")) if used else ()),
    )


def method_references(tables: Tables, context: Context) -> tuple[Reference, ...]:
    """Return the works of the methods that were used, in the style of the language's tables."""
    works = {work for method in _methods() if method.used(tables) for work in method.works}
    return references(works, _STYLES.get(context.table_style, "apa7"))


def _paragraph(method: Method, tables: Tables, context: Context, details: Mapping[str, object]) -> Finding:
    words = context.words
    lead = words("report.method_lead", name=words(f"method.{method.key}_name"))
    rest = [words(f"method.{method.key}", **details)]
    counts = _counts(method.counted, tables, context) if method.counted else ""
    if counts:
        rest.append(words("report.method_n", counts=counts))
    looked = dict.fromkeys((*method.tables, *filter(None, [method.counted])))
    return Finding(lead, tuple(rest), sources=tuple(name for name in looked if name in tables))


def _counts(name: str, tables: Tables, context: Context) -> str:
    """Return n of each role, as a range where it differs between the rows of the whole role."""
    words, told = context.words, []
    for (role,), rows in grouped(records(tables, name), "role"):
        whole = [row for row in rows if str(row.get("group", "all")) == "all"]
        sizes = [size for row in whole if (size := number(row.get("n"))) is not None]
        if not sizes:
            continue
        low, high = (context.numerals.text(Kind.count, pick(sizes)) for pick in (min, max))
        told.append(
            words("report.method_same", role=context.role(role), n=low)
            if low == high
            else words("report.method_range", role=context.role(role), low=low, high=high)
        )
    return words("numbers.list").join(told)


def _details(tables: Tables, context: Context, facts: Facts) -> dict[str, object]:
    """Return what the sentences of methods name: rules, estimators, settings; a dash if not known."""
    words = context.words
    listed = words("numbers.list").join

    def seen(name: str, column: str) -> list[str]:
        values = (row.get(column) for row in records(tables, name))
        return list(dict.fromkeys(str(value) for value in values if given(value) and value != ""))

    rules = seen("reliability", "missing_rule")
    extraction = seen("factorability", "extraction")
    rotation = seen("factorability", "rotation")
    definitions = seen("satisfaction", "definition")
    excluded = [str(row["reason"]) for row in records(tables, "ledger") if row["step"] == "excluded"]
    settings = {
        "level": context.level,
        "missing_rule": listed(words.term("term", f"rows_{rule}") for rule in rules),
        "extraction": listed(words.term("term", one) for one in extraction),
        "rotation": listed(words.term("term", one) for one in rotation),
        "estimators": listed(seen("cfa_fit", "estimator")),
        "definitions": words("numbers.clause").join(words.term("definition", one) for one in definitions),
        "rules": listed(words.term("rule", rule) for rule in dict.fromkeys(excluded)),
        "standard": context.standard,
        "method": listed(seen("multilevel_models", "method")),
        "waves": listed(dict.fromkeys((*seen("change", "from_wave"), *seen("change", "to_wave")))),
        "codes": str(len(seen("codes", "code"))),
    }
    known = {"seed": facts.seed, "m": facts.imputations, "iterations": facts.iterations}
    return {
        **{name: value or "—" for name, value in settings.items()},
        **{name: "—" if value is None else value for name, value in known.items()},
    }


def _computed(context: Context, facts: Facts) -> list[Finding]:
    """Return versions and seed, and where the full precision stands."""
    words, rest = context.words, []
    if facts.seed is not None:
        rest.append(words("report.methods_seed", seed=facts.seed))
    if facts.minimum_cell is not None:
        rest.append(words("report.methods_cell", n=facts.minimum_cell))
    rest.append(words("report.methods_source"))
    if not facts.versions:
        return [Finding("", tuple(rest))]
    listed = words("numbers.list").join(f"{name} {version}" for name, version in facts.versions.items())
    return [Finding(words("report.methods_versions", versions=listed), tuple(rest))]
