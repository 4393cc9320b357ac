"""All cleaning rules of a role: one pass over the ratings, then a flag a row for each rule asked for.

A rule never changes or drops an answer. Which flags exclude is the researcher's choice in ``study.yaml``.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi.cleaning.blocks import Flag, Floats, blocks, shares
from manyi.cleaning.consistency import (
    contradiction_share,
    even_odd_index,
    failed_checks,
    fitted_indices,
)
from manyi.cleaning.duplicates import Hashes, duplicate, same_device
from manyi.cleaning.found import Cut, Found, Lack
from manyi.cleaning.layout import Layout
from manyi.cleaning.missing import missing_share
from manyi.cleaning.patterns import longest_allowed, longest_string, straight_lining, variability
from manyi.cleaning.ranges import invalid_share
from manyi.cleaning.speed import speed_cuts, speed_indices
from manyi.study.cleaning_plan import ReversePairs, Rules
from manyi_analysis.careless.answered import count_true
from manyi_analysis.records.notcomputed import NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire

#: Shares of the rows that are looked at side by side.
THREADS = 2
#: Indices and what they need, by the name it has in the definitions or the answers.
NEEDS = {
    "invalid": "items",
    "missing": "scales",
    "longstring": "answer_lists",
    "irv": "answer_lists",
    "seconds": "seconds",
    "seconds_per_item": "seconds",
    "relative_speed": "seconds",
    "attention": "attention",
    "reverse_pairs": "reverse",
    "even_odd": "scales",
}


def flags(coded: pd.DataFrame, questionnaire: Questionnaire, rules: Rules) -> dict[str, Flag]:
    """Return what `apply_rules` flags: rule -> bool array of the rows' length, in the order of `Rules`."""
    return dict(apply_rules(coded, questionnaire, rules).flags)


def apply_rules(coded: pd.DataFrame, questionnaire: Questionnaire, rules: Rules) -> Found:
    """Compute the indices and apply the declared rules.

    Parameters
    ----------
    coded : DataFrame
        Coded answers of one role, missing answers as codes; not changed.
    questionnaire : Questionnaire
        Its definition.
    rules : Rules
        The rules of ``study.yaml``; a rule that is None is not applied. Indices are computed without their
        rule too, so that a cut can be chosen; only those that need the sample's correlations
        (``synonyms``, ``antonyms``, ``mahalanobis``) are not.

    Returns
    -------
    Found
        Flags in the order of `Rules`. A rule that finds nothing to look at flags nobody and is told of in
        ``lacks``.
    """
    layout = Layout(questionnaire)
    seen = _one_pass(coded, layout, rules)
    indices = seen.indices
    seconds = coded["seconds"].to_numpy(dtype=np.float64, na_value=np.nan)
    indices |= speed_indices(seconds, seen.items_answered + seen.checks_answered)
    reasons = {
        name: NotComputed("index", "index-without-data", {"needs": NEEDS[name]}, len(coded))
        for name, values in indices.items()
        if np.isnan(values).all()
    }
    cuts = list(_cuts(layout, rules))
    for name, fitted in fitted_indices(coded, layout, rules).items():
        if isinstance(fitted, NotComputed):
            reasons[name] = fitted
            indices[name] = np.full(len(coded), np.nan)
        else:
            indices[name], limit = fitted
            if name == "mahalanobis":
                cuts.append(Cut(name, name, high=limit))
    asked = {name: getattr(rules, name) for name in Rules.model_fields if getattr(rules, name) is not None}
    found: dict[str, Flag] = {name: np.zeros(len(coded), dtype=bool) for name in asked}
    for cut in cuts:
        found[cut.rule] |= cut.beyond(indices[cut.index])
    if rules.straight_lining is not None:
        found["straight_lining"] = seen.straight
    if rules.duplicate is not None:
        found["duplicate"] = duplicate(coded, seen.hashes, seen.items_answered, rules.duplicate)
    if rules.same_device is not None and "device" in coded:
        found["same_device"] = same_device(coded, rules.same_device)
    lacks = tuple(_lacks(coded, layout, rules, cuts, reasons)) if len(coded) else ()
    return Found(found, indices, tuple(cuts), reasons, lacks)


@dataclass(slots=True)
class _Seen:
    """What the one pass sees in each row: indices, straight-lining, how many answers, their hash."""

    indices: dict[str, Floats]
    straight: Flag
    items_answered: Floats
    checks_answered: Floats
    hashes: Hashes


def _one_pass(coded: pd.DataFrame, layout: Layout, rules: Rules) -> _Seen:
    names = ("invalid", "missing", "longstring", "irv", "attention", "reverse_pairs", "even_odd")
    n = len(coded)
    indices = {name: np.full(n, np.nan) for name in names}
    seen = _Seen(indices, np.zeros(n, dtype=bool), np.zeros(n), np.zeros(n), np.zeros(n, dtype=np.uint64))
    pairing = rules.reverse_pairs or ReversePairs()

    def look_at(within: range) -> None:
        for block in blocks(coded, layout.columns, layout.questionnaire, within):
            indices["invalid"][block.rows] = invalid_share(block, layout)
            indices["missing"][block.rows] = missing_share(block, layout)
            indices["longstring"][block.rows] = longest_string(block, layout)
            indices["irv"][block.rows] = variability(block, layout)
            indices["attention"][block.rows] = failed_checks(block, layout)
            indices["reverse_pairs"][block.rows] = contradiction_share(block, layout, pairing)
            indices["even_odd"][block.rows] = even_odd_index(block, layout)
            if rules.straight_lining is not None:
                seen.straight[block.rows] = straight_lining(block, layout, rules.straight_lining)
            seen.items_answered[block.rows] = count_true(block.given[layout.item_rows])
            seen.checks_answered[block.rows] = count_true(block.given[layout.check_rows])
            if rules.duplicate is not None:
                seen.hashes[block.rows] = block.hashes(layout.item_rows)

    # Arithmetic on arrays leaves the interpreter's lock alone; every share fills rows of its own.
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(look_at, shares(n, THREADS)))
    return seen


def _cuts(layout: Layout, rules: Rules) -> Iterator[Cut]:
    """Yield where the rules asked for cut the indices that need no sample."""
    if rules.out_of_range is not None:
        yield Cut("out_of_range", "invalid", high=rules.out_of_range.share)
    if rules.too_many_missing is not None:
        yield Cut("too_many_missing", "missing", high=rules.too_many_missing.share)
    if rules.longstring is not None:
        yield Cut("longstring", "longstring", high=longest_allowed(layout, rules.longstring))
    if rules.irv is not None:
        high = np.nan if rules.irv.high is None else rules.irv.high
        yield Cut("irv", "irv", low=rules.irv.low, high=high)
    if rules.too_fast is not None:
        yield from speed_cuts(rules.too_fast)
    if rules.attention_failed is not None:
        yield Cut("attention_failed", "attention", high=rules.attention_failed.allowed)
    if rules.reverse_pairs is not None:
        yield Cut("reverse_pairs", "reverse_pairs", high=rules.reverse_pairs.share)
    if rules.even_odd is not None:
        yield Cut("even_odd", "even_odd", high=rules.even_odd.above)
    if rules.synonyms is not None:
        yield Cut("synonyms", "synonyms", low=rules.synonyms.below)
    if rules.antonyms is not None:
        yield Cut("antonyms", "antonyms", high=rules.antonyms.above)


def _lacks(
    coded: pd.DataFrame, layout: Layout, rules: Rules, cuts: list[Cut], reasons: dict[str, NotComputed]
) -> Iterator[Lack]:
    """Yield the rules asked for that could not look at anybody."""
    told = set()
    for cut in cuts:
        reason = reasons.get(cut.index)
        if reason is not None and cut.rule not in told:
            told.add(cut.rule)
            known = reason.code == "index-without-data"
            yield Lack(cut.rule, str(reason.details.get("needs", "")), None if known else reason)
    if rules.mahalanobis is not None and "mahalanobis" in reasons:
        yield Lack("mahalanobis", reason=reasons["mahalanobis"])
    longest = max((len(rows) for rows in layout.lists.values()), default=0)
    if rules.straight_lining is not None and longest < rules.straight_lining.minimum_items:
        details = {"minimum": rules.straight_lining.minimum_items, "longest": longest}
        reason = NotComputed("straight_lining", "answer-lists-too-short", details, len(coded))
        yield Lack("straight_lining", reason=reason)
    if rules.duplicate is not None and rules.duplicate.by == "person" and not _any(coded, "person"):
        yield Lack("duplicate", "person")
    if rules.same_device is not None and not _any(coded, "device"):
        yield Lack("same_device", "device")


def _any(coded: pd.DataFrame, column: str) -> bool:
    return column in coded and bool(coded[column].notna().any())
