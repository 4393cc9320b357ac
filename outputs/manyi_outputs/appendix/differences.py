"""Tables of differences between groups: means, the test naive and clustered, which group is above which."""

from collections.abc import Sequence
from dataclasses import dataclass

from manyi_analysis.difference_rule import RULE
from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.regression import probability_note
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context, opened, plain
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import SIGNIFICANT, stars

#: Adjusted residuals beyond this are marked.
RESIDUAL = 1.96
#: Remarks on a comparison that stand below the table; others are told for all rows together.
REMARKS = (
    "few-clusters",
    "small-expected-counts",
    "difference-groups-left-out",
    "difference-groups-left-beside",
)
_SIZES = {"n": Kind.count, "mean": Kind.mean, "sd": Kind.mean}
_NAIVE = {"statistic": Kind.statistic, "df1": Kind.df, "df2": Kind.df, "p_adjusted": Kind.p}
_CLUSTERED = {"f_clustered": Kind.statistic, "p_clustered_adjusted": Kind.p}
_BELOW = {
    "statistic": ("heading.chi2", Kind.statistic),
    "df1": ("heading.df", Kind.df),
    "p_adjusted": ("heading.p_adjusted", Kind.p),
    "effect": ("", Kind.bounded),
    "low": ("heading.low", Kind.bounded),
    "high": ("heading.high", Kind.bounded),
    "f_clustered": ("heading.f_clustered", Kind.statistic),
    "p_clustered_adjusted": ("heading.p_clustered", Kind.p),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One outcome compared between the groups of one column, by the test that the rule chose.

    Parameters
    ----------
    test : record
        Row of table `differences`.
    groups : list of records
        Rows of table `group_means`; none for answers without an order.
    pairs : list of records
        Rows of table `pairwise_differences` that belong to the test.
    """

    test: Record
    groups: list[Record]
    pairs: list[Record]

    @property
    def role(self) -> str:
        """Return the role."""
        return str(self.test["role"])

    @property
    def outcome(self) -> str:
        """Return the outcome."""
        return str(self.test["outcome"])

    @property
    def by(self) -> str:
        """Return the column of groups."""
        return str(self.test["by"])

    @property
    def p(self) -> float | None:
        """Return the p to be relied on: that which allows for schools, else the naive one."""
        clustered = number(self.test.get("p_clustered_adjusted"))
        return number(self.test.get("p_adjusted")) if clustered is None else clustered

    @property
    def found(self) -> bool:
        """Return whether the groups differ beyond chance."""
        return self.p is not None and self.p < SIGNIFICANT

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """Return the limits of the effect, with schools allowed for where they can be."""
        clustered = number(self.test.get("low_clustered")), number(self.test.get("high_clustered"))
        if given(clustered[0]):
            return clustered
        return number(self.test.get("low")), number(self.test.get("high"))

    @property
    def above(self) -> list[tuple[str, str]]:
        """Return the pairs that differ beyond chance, the higher group first; none unless all together do."""
        if not self.found:
            return []
        if not self.pairs:
            return self._two()
        found = []
        for pair in self.pairs:
            clustered, difference = number(pair.get("p_clustered_adjusted")), number(pair.get("difference"))
            p = number(pair.get("p_adjusted")) if clustered is None else clustered
            if p is not None and p < SIGNIFICANT and difference:
                a, b = str(plain(pair["a"])), str(plain(pair["b"]))
                found.append((a, b) if difference > 0 else (b, a))
        return found

    def _two(self) -> list[tuple[str, str]]:
        """Return the higher and the lower of two groups, by mean rank where ranks were compared."""
        value = "mean_rank" if self.test.get("test") == "mann_whitney" else "mean"
        shown = [row for row in self.groups if given(row.get(value))]
        if len(shown) != 2 or shown[0][value] == shown[1][value]:
            return []
        high, low = sorted(shown, key=lambda row: -float(row[value]))
        return [(plain(high["group"]), plain(low["group"]))]


def comparisons(tables: Tables) -> list[Comparison]:
    """Return every comparison of the results, in the order of the plan."""
    means = dict(grouped(records(tables, "group_means"), "role", "outcome", "by"))
    chosen = [row for row in records(tables, "pairwise_differences") if true(row.get("chosen"))]
    pairs = dict(grouped(chosen, "role", "outcome", "by"))
    made = []
    for row in records(tables, "differences"):
        if true(row.get("chosen")):
            key = (str(row["role"]), str(row["outcome"]), str(row["by"]))
            made.append(Comparison(row, means.get(key, []), pairs.get(key, [])))
    return made


def differences(tables: Tables, context: Context) -> list[Table]:
    """Return two tables a role and column of groups: of means, and of answers without an order."""
    answers = dict(grouped(records(tables, "group_answers"), "role", "outcome", "by"))
    made = []
    for (role, by), members in _by_role_and_group(comparisons(tables)).items():
        ranked = [each for each in members if each.test.get("kind") != "nominal"]
        named = [each for each in members if each.test.get("kind") == "nominal"]
        if ranked:
            made.append(_means(role, by, ranked, context))
        if named:
            held = {each.outcome: answers.get((role, each.outcome, by), []) for each in named}
            made.append(_answers(role, by, named, held, context))
    return made


def _by_role_and_group(found: Sequence[Comparison]) -> dict[tuple[str, str], list[Comparison]]:
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for each in found:
        groups.setdefault((each.role, each.by), []).append(each)
    return groups


# --- means and ranks ---------------------------------------------------------------------------------------


def _means(role: str, by: str, members: list[Comparison], context: Context) -> Table:
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for each in members:
        body += _outcome_rows(each, context, notes)
    effect, clustered = words("heading.effect_limits", level=context.level), words("heading.clustered_test")
    columns = (
        Column(words("heading.outcome"), width=20, words=True),
        Column(words("heading.test"), width=20, words=True),
        Column(opened(context.group(role, by)), width=11, words=True),
        *(Column(words(f"heading.{name}"), width=6) for name in _SIZES),
        Column(words("heading.statistic"), width=11, room="***"),
        Column(words("heading.df1"), width=4),
        Column(words("heading.df2"), width=7),
        Column(words("heading.p_adjusted"), width=7),
        *(Column(words(f"heading.{name}"), effect, width=6) for name in ("value", "low", "high")),
        Column(words("heading.f"), clustered, width=9, room="***"),
        # The room keeps the words of the last column off the numbers.
        Column(words("heading.p_adjusted"), clustered, width=9, room="***"),
        Column(words("heading.above"), width=19, words=True),
    )
    return Table(
        key=f"differences-{role}-{by}",
        section="differences",
        title=words("title.differences", role=context.role(role), by=context.group(role, by)),
        columns=columns,
        rows=tuple(body),
        notes=(*_general(members, context), words("note.empty")),
        specific=notes.specific,
        probability=probability_note(context),
    )


def _outcome_rows(each: Comparison, context: Context, notes: Footnotes) -> list[Row]:
    """Return a row a group, what holds for all groups in the first."""
    words, test = context.words, each.test
    name = Cell(context.index(each.role, each.outcome), note=_remark(test, notes))
    by = Cell(
        words("term.test_effect", test=words.term("test", str(test["test"])), effect=_effect(test, context))
    )
    rest = (*_test_cells(each, notes), Cell(_above(each, context) or "—"))
    empty = (Cell(""),) * len(rest)
    if not each.groups:
        blank = (Cell(""), *(Cell(None, kind) for kind in _SIZES.values()))
        return [Row((name, by, *blank, *rest))]
    rows = []
    for line, group in enumerate(each.groups):
        label = Cell(context.group_level(each.role, each.by, group["group"]))
        values = (notes.cell(group.get(key), kind, group.get("reason")) for key, kind in _SIZES.items())
        first = line == 0
        names = (name, by) if first else (Cell(""), Cell(""))
        rows.append(Row((*names, label, *values, *(rest if first else empty))))
    return rows


def _effect(test: Record, context: Context) -> str:
    return context.words.term("effect", str(test["effect_name"])) if given(test.get("effect_name")) else "—"


def _test_cells(each: Comparison, notes: Footnotes) -> tuple[Cell, ...]:
    test = each.test
    low, high = each.limits
    reason = test.get("reason")
    naive = [
        notes.cell(
            test.get(key), kind, reason if key == "statistic" else "", mark=_stars(test, "p_adjusted", key)
        )
        for key, kind in _NAIVE.items()
    ]
    sizes = [
        notes.cell(value, Kind.bounded, test.get("effect_reason") if place == 0 else "")
        for place, value in enumerate((test.get("effect"), low, high))
    ]
    return (*naive, *sizes, *_clustered_cells(test, notes))


def _clustered_cells(test: Record, notes: Footnotes) -> list[Cell]:
    """Return F and p with schools allowed for; where there are none, the remark that says why."""
    remarks = said(test.get("note")).split("; ")
    why = next((part for part in remarks if part.startswith(("regression-", "wald-", "difference-"))), "")
    why = "" if why.startswith("difference-groups-left") else why
    return [
        notes.cell(
            test.get(key),
            kind,
            why if key == "f_clustered" else "",
            mark=_stars(test, "p_clustered_adjusted", key),
        )
        for key, kind in _CLUSTERED.items()
    ]


def _stars(test: Record, p: str, key: str) -> str:
    value = number(test.get(p))
    return "*" * stars(value) if key in ("statistic", "f_clustered") and value is not None else ""


def _remark(test: Record, notes: Footnotes) -> str:
    """Return the letter of what must be minded of one comparison, nothing where there is nothing."""
    remarks = [part for part in said(test.get("note")).split("; ") if part.startswith(REMARKS)]
    return ", ".join(notes.letter(part, empty=False) for part in remarks)


def _above(each: Comparison, context: Context) -> str:
    """Return ``A > B`` of the groups that differ."""
    level = {key: context.group_level(each.role, each.by, key) for pair in each.above for key in pair}
    return context.words("numbers.clause").join(f"{level[high]} > {level[low]}" for high, low in each.above)


# --- answers without an order ------------------------------------------------------------------------------


def _answers(
    role: str, by: str, members: list[Comparison], held: dict[str, list[Record]], context: Context
) -> Table:
    words, notes = context.words, Footnotes(context)
    groups = list(dict.fromkeys(plain(row["group"]) for rows in held.values() for row in rows))
    body: list[Row] = []
    for each in members:
        body.append(section_row(context.index(role, each.outcome)))
        for (answer,), rows in grouped(held[each.outcome], "answer"):
            of = {plain(row["group"]): row for row in rows}
            cells = [cell for group in groups for cell in _share_cells(of.get(group, {}), notes)]
            body.append(Row((Cell(context.answer(role, each.outcome, answer)), *cells)))
        body += _below(each.test, len(groups), context, notes)
    columns = (
        Column(words("heading.answer"), width=30, words=True),
        *(
            Column(words(heading), context.group_level(role, by, group), width=9, room=room)
            for group in groups or [""]
            for heading, room in (("heading.n", ""), ("heading.percent", "↑"))
        ),
    )
    return Table(
        key=f"group_answers-{role}-{by}",
        section="differences",
        title=words("title.group_answers", role=context.role(role), by=context.group(role, by)),
        columns=columns,
        rows=tuple(body),
        notes=(words("note.group_answers"), *_general(members, context)),
        specific=notes.specific,
        probability=probability_note(context),
    )


def _share_cells(row: Record, notes: Footnotes) -> tuple[Cell, Cell]:
    """Return n and share of one answer in one group, marked where it departs from independence."""
    residual, reason = number(row.get("residual")) or 0.0, row.get("reason")
    mark = "" if abs(residual) <= RESIDUAL else "↑" if residual > 0 else "↓"
    n = notes.cell(row.get("n"), Kind.count, reason)
    return n, notes.cell(row.get("share"), Kind.share, reason, mark=mark)


def _below(test: Record, groups: int, context: Context, notes: Footnotes) -> list[Row]:
    """Return the test of one question below its answers, a value a row in the first column of numbers."""
    words = context.words
    body = []
    for line, (key, (heading, kind)) in enumerate(_BELOW.items()):
        label = words(heading) if heading else _effect(test, context)
        if key == "statistic":
            label = words.term("test", str(test["test"]))
        reason = test.get("reason") if line == 0 else ""
        value = notes.cell(test.get(key), kind, reason, mark=_stars(test, _P_OF.get(key, ""), key))
        name = Cell(label, note=_remark(test, notes) if line == 0 else "")
        rest = (Cell(""),) * (2 * max(groups, 1) - 1)
        body.append(Row((name, value, *rest), rule=line == 0))
    return body


_P_OF = {"statistic": "p_adjusted", "f_clustered": "p_clustered_adjusted"}


# --- notes -------------------------------------------------------------------------------------------------


def _general(members: Sequence[Comparison], context: Context) -> tuple[str, ...]:
    """Return the rule, the family of the adjustment, and what the clustered tests allow for."""
    words = context.words
    kinds = [kind for kind in RULE if any(each.test.get("kind") == kind for each in members)]
    rules = [rule_in_words(kind, context) for kind in kinds]
    adjustment = words.term("adjustment", str(members[0].test.get("adjustment", "none")))
    general = [
        words("note.difference_rule", rules=words("numbers.clause").join(rules)),
        words("note.difference_family", adjustment=adjustment),
    ]
    clusters = [float(each.test["clusters"]) for each in members if given(each.test.get("clusters"))]
    effects = [float(each.test["design_effect"]) for each in members if given(each.test.get("design_effect"))]
    if clusters:
        general.append(words("note.difference_clustered", clusters=_span(clusters, Kind.count, context)))
    if effects:
        general.append(words("note.difference_effects", effects=_span(effects, Kind.mean, context)))
    two = any(given(each.test.get("low_clustered")) for each in members)
    several = any(not given(each.test.get("low_clustered")) for each in members)
    if clusters and two:
        general.append(words("note.difference_limits_two"))
    if several or not clusters:
        general.append(words("note.difference_limits"))
    return (*general, words("note.difference_cause"))


def rule_in_words(kind: str, context: Context) -> str:
    """Return which tests the rule takes for outcomes of a kind."""
    words = context.words
    choice = next(choice for name, choice in RULE.items() if name == kind)
    details = {
        "kind": words.term("outcome_kind", kind),
        "two": words.term("test", choice.two),
        "several": words.term("test", choice.several),
        "pairs": words.term("test", choice.pairs),
    }
    if choice.two == choice.several:
        return words("note.rule_one", **details)
    return words("note.rule", **details)


def _span(values: Sequence[float], kind: Kind, context: Context) -> str:
    """Return the smallest and largest of some numbers, or the one they all are."""
    low, high = (context.numerals.text(kind, value) for value in (min(values), max(values)))
    return low if low == high else f"{low}–{high}"
