"""What the report says of the ordinal regressions: its numbers are those of the result tables."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from manyi.stages.writing import context_of
from manyi.study.folder import open_study
from manyi_outputs.context import Context
from manyi_outputs.report import Finding
from manyi_outputs.report.ordered_answers import imputed_ordered_findings, ordered_findings
from manyi_outputs.tidy import StoredTables
from manyi_outputs.wording import Kind

Tables = Mapping[str, pd.DataFrame]


@pytest.fixture(scope="module")
def tables(demo_study: Path) -> Tables:
    return StoredTables(demo_study / "results" / "tables")


@pytest.fixture(scope="module", params=["zh", "en"])
def context(request: pytest.FixtureRequest, demo_study: Path) -> Context:
    return context_of(open_study(demo_study), request.param)


@pytest.fixture(scope="module")
def parents(tables: Tables, context: Context) -> Finding:
    return ordered_findings(tables, context)[0]


@pytest.fixture(scope="module")
def indicators(tables: Tables) -> pd.DataFrame:
    """Return the rows of the school indicators in the parents' model of all answers."""
    return _own(tables["ordinal"], "ordered").set_index("term").filter(regex=r"^R\d$", axis=0)


def _own(frame: pd.DataFrame, answer: str) -> pd.DataFrame:
    return frame[(frame["role"] == "parents") & (frame["answer"] == answer)]


def _changed(
    tables: Tables, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    return {**tables, name: change(tables[name].copy())}


# --- the example county ------------------------------------------------------------------------------------


def test_one_finding_a_model_of_all_answers(tables: Tables, context: Context) -> None:
    models = tables["ordinal_models"]
    wanted = models.loc[models["answer"] == "ordered", "outcome"].tolist()
    found = ordered_findings(tables, context)
    assert [each.keys[0].rpartition("-")[2] for each in found] == wanted


def test_the_terms_named_are_the_significant_ones(
    parents: Finding, indicators: pd.DataFrame, context: Context
) -> None:
    named = [term for term in indicators.index if context.term("parents", term) in parents.lead]
    assert named == indicators.index[indicators["p"] < 0.05].tolist() != []


def test_each_term_has_its_odds_ratio_with_limits_and_p(
    parents: Finding, indicators: pd.DataFrame, context: Context
) -> None:
    for _, row in indicators[indicators["p"] < 0.05].iterrows():
        value, low, high = (
            context.numerals.text(Kind.ratio, row[name])
            for name in ("odds_ratio", "odds_ratio_low", "odds_ratio_high")
        )
        told = rf"OR ?[＝=] ?{re.escape(value)}[，,] ?95% CI \[{re.escape(low)}, {re.escape(high)}\]"
        assert re.search(told + r"[，,] ?p" + re.escape(context.p_clause(row["p"])), parents.lead)


def test_each_term_has_its_difference_in_probability(
    parents: Finding, indicators: pd.DataFrame, tables: Tables, context: Context
) -> None:
    effects = _own(tables["marginal_effects"], "ordered").set_index("term")["effect"]
    wanted = [
        context.numerals.text(Kind.coefficient, effects[term])
        for term in indicators.index[indicators["p"] < 0.05]
    ]
    label = {"zh": "概率差 ", "en": "difference in probability "}[context.language]
    assert re.findall(label + r"(−?[\d.]+)", parents.lead) == wanted


def test_the_counts_are_those_of_the_table(parents: Finding, indicators: pd.DataFrame) -> None:
    clear = int((indicators["p"] < 0.05).sum())
    counts = re.search(r"(?P<zh>\d+) 项学校资源指标中 (\d+) 项|(\d+) of (?P<en>\d+) terms", parents.lead)
    assert counts is not None
    assert int(counts["zh"] or counts["en"]) == len(indicators)
    assert int(counts[2] or counts[3]) == clear
    assert str(len(indicators) - clear) in parents.rest[0]


def test_n_missing_and_schools_are_told(parents: Finding, tables: Tables) -> None:
    (model,) = _own(tables["ordinal_models"], "ordered").to_dict("records")
    basis = re.split(r"[）)]", parents.lead.partition("n ")[2] or parents.lead.partition("n＝")[2])[0]
    assert [int(each) for each in re.findall(r"\d+", basis)] == [
        model[name] for name in ("n", "missing", "clusters")
    ]


def test_parallel_slopes_name_the_terms_that_differ(
    parents: Finding, tables: Tables, context: Context
) -> None:
    tests = tables["proportional_odds"]
    own = tests[(tests["role"] == "parents") & (tests["term"] != "(all)")]
    whole = tests[(tests["role"] == "parents") & (tests["term"] == "(all)")]["p_f"].iloc[0]
    differ = own.loc[own["p_f"] < 0.05, "term"].tolist()
    told = parents.rest[-1]
    assert "p" + context.p_clause(whole) in told
    assert re.search(rf"(?<!\d){len(own)}(?!\d)", told)
    assert [term for term in own["term"] if context.term("parents", term) in told] == differ != []


def test_a_test_that_could_not_be_computed_is_told_with_its_reason(tables: Tables, context: Context) -> None:
    tests = tables["proportional_odds"]
    (reason,) = tests.loc[tests["role"] == "students", "reason"]
    (students,) = (each for each in ordered_findings(tables, context) if "students" in each.keys[0])
    assert context.reason(reason) in students.rest[-1]


def test_nothing_is_said_of_the_students_test_in_numbers(tables: Tables, context: Context) -> None:
    (students,) = (each for each in ordered_findings(tables, context) if "students" in each.keys[0])
    assert re.search("p ?=", students.rest[-1]) is None


def test_imputed_answers_are_compared_with_complete_ones(tables: Tables, context: Context) -> None:
    told = imputed_ordered_findings(tables, context)[0]
    pooled = _own(tables["ordinal_imputed"], "ordered").iloc[0]
    (model,) = _own(tables["ordinal_models"], "ordered").to_dict("records")
    counts = [int(each) for each in re.findall(r"(?:＝| = |插补 |imputed )(\d+)", told.lead)]
    assert counts == [model["n"], pooled["m"], pooled["n"]]


# --- what else a study may hold ----------------------------------------------------------------------------


def test_without_an_ordinal_model_nothing_is_said(tables: Tables, context: Context) -> None:
    without = {name: frame for name, frame in tables.items() if not name.startswith("ordinal")}
    assert (ordered_findings(without, context), imputed_ordered_findings(without, context)) == ((), [])


def test_nothing_significant_is_a_null_result(tables: Tables, context: Context) -> None:
    changed = _changed(tables, "ordinal", lambda frame: frame.assign(p=0.5))
    found = ordered_findings(changed, context)[0]
    null = {"zh": "零结果", "en": "null result"}[context.language]
    assert (found.kind, null in found.lead, "OR" in found.lead) == ("null", True, False)


def test_a_model_that_was_refused_says_why(tables: Tables, context: Context) -> None:
    reason = "answers-separated: outcome=P_SAT1"
    changed = _changed(tables, "ordinal_models", lambda frame: frame.assign(reason=reason))
    changed["ordinal"] = tables["ordinal"].iloc[:0]
    found = ordered_findings(changed, context)[0]
    assert (found.kind, context.reason(reason) in found.lead) == ("unknown", True)


def test_only_satisfied_or_not_refused_says_why(tables: Tables, context: Context) -> None:
    reason = "answers-separated: outcome=P_SAT1"

    def refused(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[frame["answer"] == "satisfied", "reason"] = reason
        return frame

    changed = _changed(tables, "ordinal_models", refused)
    changed["ordinal"] = tables["ordinal"][tables["ordinal"]["answer"] == "ordered"]
    found = ordered_findings(changed, context)[0]
    assert (found.kind, context.reason(reason) in found.rest[1]) == ("found", True)


def test_a_term_significant_in_one_model_only_is_named(tables: Tables, context: Context) -> None:
    def turned(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[(frame["answer"] == "satisfied") & (frame["term"] == "R1"), "p"] = 0.2
        return frame

    found = ordered_findings(_changed(tables, "ordinal", turned), context)[0]
    assert [term for term in ("R1", "R3", "R4", "R6") if f"{term} " in found.rest[1]] == ["R1"]


def test_without_odds_the_coefficient_stands(tables: Tables, context: Context) -> None:
    ratios = ["odds_ratio", "odds_ratio_low", "odds_ratio_high"]
    probit = {**tables}
    for name in ("ordinal", "ordinal_models", "marginal_effects", "proportional_odds"):
        probit[name] = tables[name].assign(link="probit")
    probit["ordinal"] = probit["ordinal"].assign(**dict.fromkeys(ratios, float("nan")))
    found = ordered_findings(probit, context)[0]
    row = _own(tables["ordinal"], "ordered").set_index("term").loc["R1"]
    shown = context.numerals.text(Kind.coefficient, row["estimate"])
    assert re.search(rf"B ?[＝=] ?{re.escape(shown)}", found.lead)
    assert "OR" not in found.lead


def test_a_second_link_is_compared(tables: Tables, context: Context) -> None:
    more = {**tables}
    for name in ("ordinal", "ordinal_models"):
        ordered = tables[name][tables[name]["answer"] == "ordered"]
        more[name] = pd.concat([tables[name], ordered.assign(link="probit")], ignore_index=True)
    found = ordered_findings(more, context)[0]
    assert any("probit" in sentence for sentence in found.rest)


def test_of_answers_without_schools_the_errors_are_called_so(tables: Tables, context: Context) -> None:
    changed = _changed(tables, "ordinal_models", lambda frame: frame.assign(clusters=float("nan")))
    said = context.words("report.ordered_unclustered")
    assert said in ordered_findings(changed, context)[0].lead


def test_without_school_indicators_all_predictors_are_counted(tables: Tables, context: Context) -> None:
    changed = _changed(tables, "ordinal", lambda frame: frame[~frame["term"].str.match(r"R\d$")])
    found = ordered_findings(changed, context)[0]
    own = _own(changed["ordinal"], "ordered")
    terms = own[~own["term"].str.contains("|", regex=False)]
    assert str(len(terms)) in found.lead
    assert context.words("report.ordered_predictors") in found.lead
    assert "1→2" not in found.lead
