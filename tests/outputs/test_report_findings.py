"""Every number a finding says stands in the result tables it names, and no sentence of it names a cause."""

import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi.stages.report_facts import facts_of
from manyi.stages.writing import context_of
from manyi.study.folder import open_study
from manyi.tracing.findings import noted_findings, numbers_of_finding
from manyi_outputs.appendix import appendix
from manyi_outputs.context import Context
from manyi_outputs.report import Document, Finding, document
from manyi_outputs.report.references import references
from manyi_outputs.report.size import BENCHMARKS, f_squared
from manyi_outputs.tidy import StoredTables

#: Guides that sentences name: Hu and Bentler (1999), Fornell and Larcker (1981), Henseler et al. (2015),
#: Nunnally and Bernstein (1994); the level of significance, that of limits of agreement, of funnels.
NAMED = {"0.95", "0.06", "0.08", "0.7", "0.5", "0.85", "0.05", "95", "99.8"}
CAUSES = {
    "zh": r"导致|影响了|造成|致使|引起|归因于|使得?[^用其人]{0,12}(?:提高|下降|上升|降低)",
    "en": r"\bcaus(?:es|ed|ing)\b|\beffects? of\b[^.;]*\bon\b|\blead(?:s|ing)? to\b|\bled to\b|\bimpacts?\b|"
    r"\bdue to\b|\b(?:raised|lowered|increased|decreased) (?:satisfaction|the)\b",
}


@pytest.fixture(scope="module")
def tables(demo_study: Path) -> Mapping[str, pd.DataFrame]:
    return StoredTables(demo_study / "results" / "tables")


@pytest.fixture(scope="module")
def cells(tables: Mapping[str, pd.DataFrame]) -> "Cells":
    return Cells(tables)


@pytest.fixture(scope="module", params=["zh", "en"])
def told(request: pytest.FixtureRequest, demo_study: Path, tables: Any) -> tuple[Document, Context]:
    study = open_study(demo_study)
    context = context_of(study, request.param)
    return document(tables, context, (), facts_of(study)), context


class Cells:
    """The numbers of the result tables: cells, and counts of rows, each made when first asked for."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.tables = tables
        self.numbers: dict[str, np.ndarray] = {}
        self.words: dict[str, set[str]] = {}
        self.p: dict[str, float] = {}
        self.counts: dict[str, set[int]] = {}

    def read(self, name: str) -> None:
        if name in self.numbers:
            return
        table = self.tables[name]
        numeric = table.select_dtypes("number")
        self.numbers[name] = np.abs(numeric.to_numpy("float64", na_value=np.nan).ravel())
        texts = table.select_dtypes(exclude=["number", "bool"])
        self.words[name] = {str(value) for column in texts for value in texts[column].dropna().unique()}
        chances = [column for column in numeric if str(column).startswith("p")]
        self.p[name] = min((float(numeric[column].min()) for column in chances), default=1.0)

    def hold(self, number: str, names: tuple[str, ...]) -> bool:
        """Return whether a number is a cell of the tables, rounded to as many digits as it has."""
        digits = number.lstrip("−<").rstrip("%")
        places = len(digits.partition(".")[2])
        wanted, step = Decimal(digits), Decimal(1).scaleb(-places)
        for name in (name for name in names if name in self.tables):
            self.read(name)
            if number.startswith("<") and self.p[name] < float(wanted):
                return True
            if digits in self.words[name]:
                return True
            for scale in (1, 100) if number.endswith("%") else (1,):
                some = self.numbers[name] * scale
                # Half a unit of the last digit, then the exact rule of half away from zero.
                near = some[np.abs(some - float(wanted)) <= 0.51 * 10.0**-places]
                if any(Decimal(repr(float(v))).quantize(step, ROUND_HALF_UP) == wanted for v in near):
                    return True
        return False

    def count(self, number: str, names: tuple[str, ...]) -> bool:
        """Return whether a whole number counts rows of the tables that have something in common, or none."""
        if int(number) == 0:
            return True
        for name in (name for name in names if name in self.tables):
            if name not in self.counts:
                self.counts[name] = set(counted(self.tables[name]))
            if int(number) in self.counts[name]:
                return True
        return False


def counted(table: pd.DataFrame) -> Iterator[int]:
    """Yield how many rows share the words of up to two columns, and of these how many are significant."""
    kinds = pd.DataFrame(index=table.index)
    for column in table.columns:
        values = table[column]
        if pd.api.types.is_float_dtype(values) and not pd.api.types.is_bool_dtype(values):
            if str(column).startswith("p") and values.dropna().between(0, 1).all():
                kinds[f"{column} significant"] = values < 0.05
            if column in ("value", "rank_high", "share"):
                kinds[f"{column} given"] = values.notna()
        elif values.nunique() <= 40:
            kinds[column] = values.astype(str)
    words = [column for column in kinds if " " not in str(column)]
    tests = [column for column in kinds if " " in str(column)]
    yield len(table)
    yield from (table[column].nunique() for column in words)
    for column in words:
        yield from (
            size
            for other in table
            if other != column
            for size in table.groupby(kinds[column])[other].nunique()
        )
    for chosen in (list(pair) for size in (1, 2) for pair in combinations(words, size)):
        found = kinds.groupby(chosen)[tests].sum() if tests else pd.DataFrame()
        sizes = kinds.groupby(chosen).size()
        yield from sizes
        for test in tests:
            yield from found[test]
            yield from sizes - found[test]


def said_numbers(text: str, context: Context) -> list[str]:
    """Return the numbers of a sentence, without those in names, years of works and symbols."""
    names = [context.standard, *context.requirements.values(), *context.indicators.values()]
    names += [*context.recognition.values(), *context.columns.values()]
    for questionnaire in context.questionnaires.values():
        for item in questionnaire.all_items():
            names.append(context.in_language(item.text))
            answers = questionnaire.answer_list(item)
            names += [context.in_language(one.label) for one in answers.answers] if answers else []
        names += [context.in_language(scale.title) for scale in questionnaire.scales]
    names += [context.words.entries[key] for key in context.words.entries if key.startswith("definition.")]
    for name in sorted({one for one in names if re.search(r"\d", one)}, key=len, reverse=True):
        text = text.replace(name, " ")
    text = re.sub(r"ICC\(\d,1\)|ICC\(2\)|F\(df1, df2\)", " ", text)
    text = re.sub(r"[（(，,]\s?(?:19|20)\d\d(?=[）)；;，,])", " ", text)
    text = re.sub(r"(?<![\d.])95% ?(?=CI|置信|的学校|of schools)|(?:In )?95% (?:的|of) schools", " ", text)
    return re.findall(r"<\d*\.?\d+|(?<![A-Za-z_\d.])−?\d*\.?\d+%?", text.replace("< ", "<"))


def numbered(told: tuple[Document, Context]) -> list[tuple[Finding, str]]:
    whole, context = told
    findings = [
        each for chapter in whole.chapters if chapter.key != "methods" for each in chapter.findings
    ] + list(whole.answer)
    return [
        (each, number)
        for each in findings
        if each.sources
        for sentence in (each.lead, *each.rest, each.size)
        for number in said_numbers(sentence, context)
    ]


def test_every_number_stands_in_the_tables_named(told: tuple[Document, Context], cells: Cells) -> None:
    astray = []
    for finding, number in numbered(told):
        plain = number.lstrip("−<").rstrip("%")
        if str(Decimal(plain).normalize()) in NAMED or cells.hold(number, finding.sources):
            continue
        if plain.isdigit() and cells.count(plain, finding.sources):
            continue
        astray.append((number, finding.sources, finding.lead[:60], finding.rest))
    assert astray == []


def test_every_number_said_is_noted_with_where_it_is_from(
    told: tuple[Document, Context], tables: dict[str, pd.DataFrame], demo_study: Path
) -> None:
    whole, context = told
    noted = noted_findings(tables, context, facts_of(open_study(demo_study)), appendix(tables, context))
    # Waves and models are named, not numbered: 2023, model 3.
    names = {
        str(value).removesuffix(".0")
        for table, column in (("change", "from_wave"), ("change", "to_wave"), ("multilevel_models", "model"))
        for value in tables[table][column].dropna().unique()
    }
    untold = {"methods", "limits"}
    checked = {
        finding.sentences
        for chapter in whole.chapters
        if chapter.key not in untold
        for finding in chapter.findings
    }
    astray = []
    for finding in noted:
        if finding.sentences not in checked:
            continue
        known = {one.printed.lstrip("<") for one in numbers_of_finding(finding, tables)} | names
        for sentence in (finding.lead, *finding.rest, finding.size):
            numbers = {number.lstrip("<").rstrip("%") for number in said_numbers(sentence, context)}
            astray += [(sentence[:60], number) for number in numbers - {one.rstrip("%") for one in known}]
    # Limits of agreement are of 95% of schools whatever the plan says: Bland and Altman (1986).
    assert [each for each in astray if each[1] != "95"] == []


def test_noted_findings_are_those_of_the_report(
    told: tuple[Document, Context], tables: dict[str, pd.DataFrame], demo_study: Path
) -> None:
    whole, context = told
    noted = noted_findings(tables, context, facts_of(open_study(demo_study)), appendix(tables, context))
    assert [(each.sentences, each.labels) for each in noted] == [
        (each.sentences, each.labels) for each in whole.findings
    ]


def test_numbers_are_many(told: tuple[Document, Context]) -> None:
    assert len(numbered(told)) > 400


def test_a_number_changed_is_not_found(cells: Cells) -> None:
    assert cells.hold("88.6%", ("return",))
    assert not cells.hold("88.5%", ("return",))
    assert not cells.hold("2813", ("return", "ledger"))
    assert not cells.count("2813", ("return", "ledger"))


def test_every_finding_with_numbers_names_its_tables(told: tuple[Document, Context]) -> None:
    whole, context = told
    chapters = [chapter for chapter in whole.chapters if chapter.key not in ("methods", "limits")]
    bare = [
        finding.lead
        for chapter in chapters
        for finding in chapter.findings
        if said_numbers(finding.lead, context) and not (finding.sources and finding.labels)
    ]
    assert bare == []


def test_sources_are_tables_and_labels_are_of_the_document(
    told: tuple[Document, Context], tables: Mapping[str, pd.DataFrame]
) -> None:
    whole, _ = told
    known = {entry.label for entry in whole.tables}
    for finding in whole.findings:
        assert set(finding.labels) <= known
        assert any(name in tables for name in finding.sources) or not finding.sources


def test_nothing_is_called_a_cause(told: tuple[Document, Context]) -> None:
    whole, context = told
    texts = [sentence for finding in whole.findings for sentence in finding.sentences]
    texts += [note for chapter in whole.chapters for note in chapter.notes]
    texts += [chapter.title for chapter in whole.chapters] + [finding.heading for finding in whole.findings]
    assert [text for text in texts if re.search(CAUSES[context.language], text, re.IGNORECASE)] == []


def test_the_word_cause_would_be_caught() -> None:
    assert re.search(CAUSES["zh"], "资源导致满意度上升")
    assert re.search(CAUSES["zh"], "资源影响了满意度")
    assert re.search(CAUSES["en"], "The effect of resources on satisfaction")
    assert re.search(CAUSES["en"], "More teachers causes satisfaction")


def test_chapters_stand_in_reading_order(told: tuple[Document, Context]) -> None:
    assert [chapter.key for chapter in told[0].chapters] == [
        "study",
        "sample",
        "measurement",
        "level",
        "standard",
        "explanation",
        "robustness",
        "limits",
        "methods",
    ]


def test_every_table_stands_in_one_chapter(told: tuple[Document, Context], tables: Any) -> None:
    labels = [entry.label for entry in told[0].tables]
    assert sorted(labels) == sorted(entry.label for entry in appendix(tables, told[1]))


def test_findings_of_tests_say_what_was_tested_and_what_is_left_open(told: tuple[Document, Context]) -> None:
    for chapter in told[0].chapters:
        if chapter.key in ("explanation", "level"):
            for passage in chapter.passages:
                assert passage.tested, passage.heading
        if chapter.key == "explanation":
            assert all(passage.beyond for passage in chapter.passages)


def test_effects_found_are_sized_by_a_named_benchmark(told: tuple[Document, Context]) -> None:
    whole, context = told
    named = re.compile(r"Cohen|Romano")
    explanation = next(chapter for chapter in whole.chapters if chapter.key == "explanation")
    sized = {f.heading for f in explanation.findings if named.search(f.size)}
    unsized = {f.heading for f in explanation.findings if f.kind == "found"} - sized
    # Indirect effects and odds ratios a unit have no benchmark that is agreed on: beside the first stands
    # their total, beside the second the difference in probability.
    assert unsized <= {context.words("report.mediation"), context.words("report.ordered")}


def test_every_work_cited_is_in_the_reference_list(told: tuple[Document, Context]) -> None:
    whole, context = told
    methods = next(chapter for chapter in whole.chapters if chapter.key == "methods")
    listed = {year for one in methods.references for year in re.findall(r"(?:19|20)\d\d", one.text)}
    texts = [sentence for finding in whole.findings for sentence in finding.sentences]
    texts += [note for chapter in whole.chapters for note in chapter.notes]
    cited = {
        (year, text)
        for text in (text.replace(context.standard, "") for text in texts)
        for year in re.findall(r"(?<!\d)(?:，|, |[（(])((?:19|20)\d\d)(?=[）);；])", text)
    }
    assert len(cited) > 40
    assert {(year, text) for year, text in cited if year not in listed} == set()


# The publishers' own citations: APA Style, "Journal article references"; GB/T 7714-2015, section 4.4.
def test_references_in_both_styles() -> None:
    (apa,) = references(["henseler2015"], "apa7")
    assert apa.text == (
        "Henseler, J., Ringle, C. M., & Sarstedt, M. (2015). A new criterion for assessing discriminant "
        "validity in variance-based structural equation modeling. Journal of the Academy of Marketing "
        "Science, 43(1), 115–135."
    )
    sloped = [text for text, italic in apa.runs if italic]
    assert sloped == ["Journal of the Academy of Marketing Science, 43"]
    (gbt,) = references(["podsakoff2003"], "gbt7714")
    assert gbt.text == (
        "PODSAKOFF P M, MACKENZIE S B, LEE J Y, et al. Common method biases in behavioral research: A "
        "critical review of the literature and recommended remedies[J]. Journal of Applied Psychology, "
        "2003, 88(5): 879-903."
    )


# Cohen (1988, p. 413): a block that adds .10 to an R² of .37 has f² = .10 / (1 - .37).
def test_f_squared_of_a_block() -> None:
    assert f_squared(0.10, 0.37) == pytest.approx(0.10 / 0.63, abs=1e-12)


# Cohen (1988, pp. 25-26, 79-80, 285-287, 413-414).
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("hedges_g", (0.2, 0.5, 0.8)),
        ("r", (0.1, 0.3, 0.5)),
        ("f2", (0.02, 0.15, 0.35)),
        ("w", (0.1, 0.3, 0.5)),
    ],
)
def test_benchmarks_are_those_of_cohen(name: str, values: tuple[float, float, float]) -> None:
    sizes = [BENCHMARKS[name].magnitude(value) for value in values]
    assert sizes == ["small", "medium", "large"]
    assert BENCHMARKS[name].magnitude(values[0] - 0.005) == "negligible"
