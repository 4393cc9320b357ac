"""What the report says of the ordinal regressions of single answers, and with missing answers imputed."""

from collections.abc import Sequence
from dataclasses import dataclass

from manyi_outputs.appendix.explained import parallel_slopes
from manyi_outputs.appendix.footnotes import said
from manyi_outputs.appendix.provenance import below, counted, not_below
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.regression import regressions
from manyi_outputs.context import INTERCEPTS, Context
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.report.significance import turned
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import SIGNIFICANT

_SOURCES = ("ordinal_models", "ordinal", "marginal_effects", "proportional_odds")
_IMPUTED = ("ordinal_models", "ordinal", "ordinal_imputed")


def ordered_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return what the ordinal regression of each single answer says; nothing where the study has none."""
    words = context.words
    found = [
        _finding(_Answer(role, outcome, models, tables, context))
        for (role, outcome), models in grouped(records(tables, "ordinal_models"), "role", "outcome")
    ]
    return under(
        found, words("report.ordered"), words("report.ordered_tested"), words("report.ordered_beyond")
    )


def imputed_ordered_findings(tables: Tables, context: Context) -> list[Finding]:
    """Return which terms of the ordinal regressions change in significance with missing answers imputed."""
    models = {keys: rows for keys, rows in grouped(records(tables, "ordinal_models"), "role", "outcome")}
    return [
        finding
        for (role, outcome), rows in grouped(records(tables, "ordinal_imputed"), "role", "outcome")
        if (role, outcome) in models
        for finding in _imputed(_Answer(role, outcome, models[role, outcome], tables, context), rows)
    ]


@dataclass(frozen=True, slots=True)
class _Answer:
    """One single answer of a role with its models: the first is that of the finding."""

    role: str
    outcome: str
    models: Sequence[Record]
    tables: Tables
    context: Context

    @property
    def names(self) -> dict[str, str]:
        return {
            "role": self.context.role(self.role),
            "outcome": self.context.index(self.role, self.outcome),
        }

    @property
    def key(self) -> str:
        return f"{self.role}-{self.outcome}"

    def block(self) -> tuple[frozenset[str], str]:
        """Return the school indicators of the role's regressions, and what they are called."""
        own = [blocks for blocks in regressions(self.tables, self.context) if blocks.role == self.role]
        terms = frozenset(term for blocks in own for term in blocks.school_terms)
        name = next((blocks.school_block for blocks in own if blocks.school_block), "")
        return terms, name

    def told(self) -> tuple[list[Record], str]:
        """Return the terms that the finding is about, and what they are called.

        All but thresholds where no school indicator entered.
        """
        terms, block = self.block()
        rows = self.rows("ordinal", self.models[0])
        chosen = [row for row in rows if str(row["term"]) in terms]
        if chosen and block:
            return chosen, self.context.block(block)
        rest = [row for row in rows if "|" not in str(row["term"])]
        rest = [row for row in rest if str(row["term"]).lower() not in INTERCEPTS]
        return rest, self.context.words("report.ordered_predictors")

    def rows(self, table: str, model: Record) -> list[Record]:
        """Return the rows of a model whose estimate is there."""
        names = ("role", "outcome", "answer", "link")
        return [
            row
            for row in records(self.tables, table)
            if all(str(row[name]) == str(model[name]) for name in names)
            and (given(row.get("p")) or given(row.get("effect")))
        ]

    def least(self, value: object) -> str:
        return self.context.answer(self.role, self.outcome, value)

    def titles(self, terms: Sequence[str]) -> str:
        return self.context.words("numbers.list").join(self.context.term(self.role, term) for term in terms)


def _finding(answer: _Answer) -> Finding:
    words, text = answer.context.words, answer.context.numerals.text
    place = _SOURCES, (f"ordinal-{answer.key}",)
    model = answer.models[0]
    rows, block = answer.told()
    if not rows:
        lead = words("report.ordered_unknown", reason=_reason(model, answer.context), **answer.names)
        return Finding(lead, kind="unknown").shown_in(*place)
    clear = [row for row in rows if row["p"] < SIGNIFICANT]
    lead = words(
        "report.ordered_found" if clear else "report.ordered_null",
        basis=_basis(model, answer.context),
        block=block,
        total=counted(len(rows), "count(term)", rows, "term"),
        found=counted(len(clear), below(SIGNIFICANT), rows, "p"),
        terms=words("numbers.clause").join(_terms(clear, answer)),
        **answer.names,
    )
    left = counted(len(rows) - len(clear), not_below(SIGNIFICANT), rows, "p")
    rest = [words("report.ordered_rest", n=left)] if clear and len(clear) < len(rows) else []
    rest += [said for other in answer.models[1:] for said in _beside(other, rows, answer)]
    rest += parallel_slopes(answer.role, answer.outcome, answer.tables, answer.context)
    size = words("report.ordered_fit", r2=text(Kind.bounded, model["r2_mcfadden"]))
    effects = answer.rows("marginal_effects", model)
    if clear and effects and given(effects[0].get("at_least")):
        least = answer.least(effects[0]["at_least"])
        size = words("layout.join").join((words("report.ordered_size", least=least), size))
    return Finding(lead, tuple(rest), "found" if clear else "null", size=size).shown_in(*place)


def _basis(model: Record, context: Context) -> str:
    """Return how many answers a model has, how many it lacks, and what its errors allow for."""
    count = {
        name: context.numerals.text(Kind.count, value)
        for name in ("n", "missing", "clusters")
        if (value := number(model.get(name)))
    }
    words = context.words
    said = [words("report.ordered_n", n=count.get("n", "0"))]
    if "missing" in count:
        said.append(words("report.ordered_missing", missing=count["missing"]))
    if "clusters" in count:
        said.append(words("report.ordered_clustered", clusters=count["clusters"]))
    else:
        said.append(words("report.ordered_unclustered"))
    return words("numbers.clause").join(said)


def _terms(rows: Sequence[Record], answer: _Answer) -> list[str]:
    """Return each term: its odds ratio, or coefficient where the link has none, and how large it is."""
    context = answer.context
    text, said = context.numerals.text, []
    effects = {str(row["term"]): row for row in answer.rows("marginal_effects", answer.models[0])}
    for row in rows:
        odds = given(row.get("odds_ratio"))
        kind = Kind.ratio if odds else Kind.coefficient
        columns = ("odds_ratio", "odds_ratio_low", "odds_ratio_high") if odds else ("estimate", "low", "high")
        shown = dict(zip(("value", "low", "high"), (text(kind, row[name]) for name in columns), strict=True))
        effect = number(effects.get(str(row["term"]), {}).get("effect"))
        more = (
            ""
            if effect is None
            else context.words("report.ordered_effect", effect=text(Kind.coefficient, effect))
        )
        said.append(
            context.words(
                "report.ordered_odds" if odds else "report.ordered_coefficient",
                term=context.term(answer.role, str(row["term"])),
                level=context.level,
                p=context.p_clause(row["p"]),
                effect=more,
                **shown,
            )
        )
    return said


def _beside(other: Record, rows: Sequence[Record], answer: _Answer) -> list[str]:
    """Return whether a further model of the same answer finds the same terms significant."""
    words = answer.context.words
    if given(other.get("at_least")):
        model = words("report.ordered_satisfied", least=answer.least(other["at_least"]))
    else:
        model = words("report.ordered_link", link=words.term("link", str(other["link"])))
    both, terms = turned(rows, answer.rows("ordinal", other))
    if not both:
        reason = _reason(other, answer.context)
        return [words("report.ordered_model_unknown", model=model, reason=reason)] if reason else []
    k = counted(len(both), "count(p)", both, "p")
    if not terms:
        return [words("report.ordered_model_same", model=model, k=k)]
    return [words("report.ordered_model_turned", model=model, k=k, terms=answer.titles(terms))]


def _imputed(answer: _Answer, rows: Sequence[Record]) -> list[Finding]:
    words, text = answer.context.words, answer.context.numerals.text
    model = answer.models[0]
    own = [row for row in rows if (row["answer"], row["link"]) == (model["answer"], model["link"])]
    place = _IMPUTED, (f"imputed-ordinal-{answer.key}",)
    complete, _ = answer.told()
    if not complete or not own:
        return []
    both, terms = turned(complete, own)
    if not both:
        reason = next((said for row in own if (said := _reason(row, answer.context))), "")
        lead = words("report.imputed_ordered_unknown", reason=reason, **answer.names)
        return [Finding(lead, kind="unknown").shown_in(*place)]
    pooled = next(row for row in own if given(row.get("p")))
    lead = words(
        "report.imputed_ordered_turned" if terms else "report.imputed_ordered_same",
        n=text(Kind.count, model["n"]),
        all=text(Kind.count, pooled["n"]),
        m=text(Kind.count, pooled["m"]),
        k=counted(len(both), "count(p)", both, "p"),
        terms=answer.titles(terms),
        **answer.names,
    )
    return [Finding(lead).shown_in(*place)]


def _reason(row: Record, context: Context) -> str:
    reason = said(row.get("reason"))
    return context.reason(reason) if reason else ""
