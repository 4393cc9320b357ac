"""What a standard's own shape cannot show: names that lead nowhere, rules that contradict, formulas."""

from collections import Counter
from collections.abc import Iterator, Mapping

from manyi_instruments.expressions import Kind
from manyi_instruments.standards.definition import COMPOSITE, FRAME_NAMES, Indicator, Standard
from manyi_instruments.standards.problems import (
    Path,
    Problem,
    closing_problems,
    formula_problems,
    problem,
    unknown,
)
from manyi_instruments.standards.requirement_checks import check_requirements, row_names


def check_standard(standard: Standard) -> tuple[Problem, ...]:
    """Return every fault the shape of the file does not show, each with the keys that lead to it."""
    return (
        *_titles(standard),
        *_sources(standard),
        *_keys(standard),
        *_columns(standard),
        *_indicators(standard),
        *_run_types(standard),
        *_school_rule(standard),
        *_variation_rule(standard),
        *_splits(standard),
        *_exclusions(standard),
        *_groupings(standard),
        *_spellings(standard),
        *check_requirements(standard),
    )


def _titles(standard: Standard) -> Iterator[Problem]:
    for path, text in _texts(standard):
        for language in standard.languages:
            if not text.get(language, "").strip():
                yield problem(path, "standard-translation-missing", language=language)


def _texts(standard: Standard) -> Iterator[tuple[Path, Mapping[str, str]]]:
    yield ("title",), standard.title
    if standard.scope is not None:
        yield ("scope", "unit"), standard.scope.unit
        if standard.scope.schools is not None:
            yield ("scope", "schools"), standard.scope.schools
    for area, text in standard.areas.items():
        yield ("areas", area), text
    for section in ("stages", "run_types", "columns", "groupings", "facts"):
        for key, member in getattr(standard, section).items():
            yield (section, key, "title"), member.title
    for key, column in standard.columns.items():
        if column.unit is not None:
            yield ("columns", key, "unit"), column.unit
    for at, indicator in enumerate(standard.indicators):
        yield ("indicators", at, "title"), indicator.title
        yield ("indicators", at, "unit"), indicator.unit
    for section in ("requirements", "exclusions", "exemptions", "vetoes"):
        for at, entry in enumerate(getattr(standard, section)):
            yield (section, at, "title"), entry.title
    for key, grouping in standard.groupings.items():
        for group, members in grouping.groups.items():
            yield ("groupings", key, "groups", group, "title"), members.title


def _sources(standard: Standard) -> Iterator[Problem]:
    sourced: list[tuple[Path, tuple[str, ...]]] = []
    for section in ("indicators", "splits", "exclusions", "exemptions", "vetoes"):
        sourced += [
            ((section, at, "source"), row.source) for at, row in enumerate(getattr(standard, section))
        ]
    sourced += [(("groupings", key, "source"), row.source) for key, row in standard.groupings.items()]
    for key in ("school", "cv"):
        rule = getattr(standard.rules, key)
        if rule is not None:
            sourced.append((("rules", key, "source"), rule.source))
    for path, names in sourced:
        yield from unknown(path, "source", names, standard.sources)


def _keys(standard: Standard) -> Iterator[Problem]:
    keys = standard.keys
    for key in ("school", "stage", "pupils", "name", "run_type"):
        column = getattr(keys, key)
        if column is not None:
            yield from unknown(("keys", key), "column", (column,), standard.columns)
    if keys.pupils in standard.columns and standard.columns[keys.pupils].type != "number":
        yield problem(("keys", "pupils"), "standard-column-not-number", name=keys.pupils)
    for column in standard.columns:
        if column in FRAME_NAMES and standard.frame_name(column) == column and column not in _keyed(standard):
            yield problem(
                ("columns", column), "standard-name-reserved", name=column, reserved=", ".join(FRAME_NAMES)
            )


def _columns(standard: Standard) -> Iterator[Problem]:
    for name, column in standard.columns.items():
        if column.part_of is not None:
            yield from unknown(("columns", name, "part_of"), "column", (column.part_of,), _numbers(standard))
        if column.plausible is not None:
            path: Path = ("columns", name, "plausible")
            yield from unknown((*path, "per"), "column", (column.plausible.per,), _numbers(standard))
            if column.plausible.low >= column.plausible.high:
                yield problem(path, "standard-range-empty", name=name)


def _keyed(standard: Standard) -> tuple[str, ...]:
    keys = standard.keys
    return tuple(
        key for key in (keys.school, keys.stage, keys.pupils, keys.name, keys.run_type) if key is not None
    )


def _numbers(standard: Standard) -> tuple[str, ...]:
    return tuple(name for name, column in standard.columns.items() if column.type == "number")


def _formula(standard: Standard, path: Path, formula: str, kind: Kind) -> Iterator[Problem]:
    known = (*_numbers(standard), *standard.derived)
    yield from formula_problems(standard, path, formula, kind, known)


def _indicators(standard: Standard) -> Iterator[Problem]:
    counts = Counter(standard.ids)
    for at, indicator in enumerate(standard.indicators):
        path: Path = ("indicators", at)
        if counts[indicator.id] > 1:
            yield problem(
                (*path, "id"), "standard-indicator-twice", name=indicator.id, n=counts[indicator.id]
            )
        if indicator.id in standard.columns:
            yield problem((*path, "id"), "standard-indicator-is-column", name=indicator.id)
        if indicator.id in (*FRAME_NAMES, COMPOSITE):
            reserved = ", ".join((*FRAME_NAMES, COMPOSITE))
            yield problem((*path, "id"), "standard-name-reserved", name=indicator.id, reserved=reserved)
        yield from unknown((*path, "area"), "area", (indicator.area,), standard.areas)
        if isinstance(indicator.formula, dict):
            yield from unknown((*path, "formula"), "stage", indicator.formula, standard.stages)
            for stage, formula in indicator.formula.items():
                yield from _formula(standard, (*path, "formula", stage), formula, "number")
        else:
            yield from _formula(standard, (*path, "formula"), indicator.formula, "number")
        yield from _thresholds(standard, path, indicator)


def _thresholds(standard: Standard, path: Path, indicator: Indicator) -> Iterator[Problem]:
    if indicator.closed_by is not None:
        yield from unknown((*path, "closed_by"), "column", (indicator.closed_by,), _numbers(standard))
        formulas = indicator.formula.values() if isinstance(indicator.formula, dict) else (indicator.formula,)
        yield from closing_problems((*path, "closed_by"), indicator.closed_by, formulas)
    if indicator.threshold is None:
        return
    if isinstance(indicator.threshold, dict):
        yield from unknown((*path, "threshold"), "stage", indicator.threshold, standard.stages)
    for stage in standard.evaluated_stages:
        has_formula = not isinstance(indicator.formula, dict) or stage in indicator.formula
        has_threshold = indicator.threshold_at(stage) is not None
        if has_formula != has_threshold:
            lacking = "threshold" if has_formula else "formula"
            details = {"name": indicator.id, "stage": stage, "lacking": lacking}
            yield problem(
                (*path, "threshold" if has_formula else "formula"), "standard-stage-incomplete", **details
            )


def _run_types(standard: Standard) -> Iterator[Problem]:
    for key, run_type in standard.run_types.items():
        yield from unknown(("run_types", key, "stages"), "stage", run_type.stages, standard.stages)


def _school_rule(standard: Standard) -> Iterator[Problem]:
    rule = standard.rules.school
    if rule is None:
        return
    path: Path = ("rules", "school")
    known = [indicator.id for indicator in standard.indicators]
    yield from unknown((*path, "indicators"), "indicator", rule.indicators, known)
    for name in standard.school_rule_indicators:
        if name in known and standard.indicator(name).threshold is None:
            yield problem(path, "standard-rule-without-threshold", name=name)
    listed = len(standard.school_rule_indicators)
    if rule.of != listed:
        yield problem((*path, "of"), "standard-rule-count", of=rule.of, listed=listed)
    if rule.min_met > rule.of:
        yield problem((*path, "min_met"), "standard-rule-impossible", min_met=rule.min_met, of=rule.of)


def _variation_rule(standard: Standard) -> Iterator[Problem]:
    rule = standard.rules.cv
    if rule is None:
        return
    path: Path = ("rules", "cv")
    yield from unknown((*path, "limit"), "stage", rule.limit, standard.stages)
    yield from unknown((*path, "weight"), "column", (rule.weight,), standard.columns)
    if rule.weight in standard.columns and rule.weight not in _numbers(standard):
        yield problem((*path, "weight"), "standard-column-not-number", name=rule.weight)
    if not any(indicator.cv for indicator in standard.indicators):
        yield problem(path, "standard-no-cv-indicator")


def _splits(standard: Standard) -> Iterator[Problem]:
    counts = Counter(run_type for split in standard.splits for run_type in split.run_types)
    for at, split in enumerate(standard.splits):
        path: Path = ("splits", at)
        yield from unknown((*path, "run_types"), "run-type", split.run_types, standard.run_types)
        yield from unknown((*path, "weights"), "stage", split.weights, standard.stages)
        yield from unknown((*path, "columns"), "column", split.columns, standard.columns)
        numbers = _numbers(standard)
        for column in split.columns:
            if column in standard.columns and column not in numbers:
                yield problem((*path, "columns"), "standard-column-not-number", name=column)
        for run_type in split.run_types:
            if counts[run_type] > 1:
                yield problem((*path, "run_types"), "standard-split-twice", name=run_type)
            taught = standard.run_types[run_type].stages if run_type in standard.run_types else ()
            if taught and set(taught) != set(split.weights):
                details = {
                    "name": run_type,
                    "taught": ", ".join(taught),
                    "weighted": ", ".join(split.weights),
                }
                yield problem((*path, "weights"), "standard-split-stages", **details)


def _exclusions(standard: Standard) -> Iterator[Problem]:
    for at, exclusion in enumerate(standard.exclusions):
        path: Path = ("exclusions", at)
        yield from unknown((*path, "run_types"), "run-type", exclusion.run_types, standard.run_types)
        yield from unknown((*path, "areas"), "area", exclusion.areas, standard.areas)
        if exclusion.condition is not None:
            known = row_names(standard)
            yield from formula_problems(standard, (*path, "condition"), exclusion.condition, "truth", known)
        elif not exclusion.run_types:
            yield problem(path, "standard-exclusion-empty", name=exclusion.id)
        if exclusion.run_types and standard.keys.run_type is None:
            yield problem((*path, "run_types"), "standard-run-type-unkeyed", name=exclusion.id)


def _groupings(standard: Standard) -> Iterator[Problem]:
    for key, grouping in standard.groupings.items():
        path: Path = ("groupings", key)
        yield from unknown((*path, "column"), "column", (grouping.column,), standard.columns)
        counts = Counter(code for group in grouping.groups.values() for code in group.codes)
        for code, n in counts.items():
            if n > 1:
                yield problem((*path, "groups"), "standard-spelling-twice", spelling=code, n=n)


def _spellings(standard: Standard) -> Iterator[Problem]:
    for section in ("stages", "run_types", "columns"):
        owners: dict[str, set[str]] = {}
        for key, member in getattr(standard, section).items():
            others = member.headings if section == "columns" else member.aliases
            for spelling in (key, *member.title.values(), *others):
                owners.setdefault(spelling, set()).add(key)
        for spelling, keys in owners.items():
            for key in sorted(keys) if len(keys) > 1 else ():
                yield problem((section, key), "standard-spelling-twice", spelling=spelling, n=len(keys))
