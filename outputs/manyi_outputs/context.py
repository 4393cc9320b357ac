"""What an output needs beside the result tables: language, questionnaires, titles of what ids stand for."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from manyi_instruments.codebook import in_language
from manyi_instruments.definitions.questionnaire import Item, Questionnaire, Text
from manyi_instruments.faults import wordings
from manyi_outputs.wording import Kind, Numerals, Wording, wording

#: Names under which the intercept of a regression may stand.
INTERCEPTS = ("(intercept)", "intercept", "const")
_DETAIL = re.compile(r"(?:^|, )(\w+)=(.*?)(?=, \w+=|$)", re.DOTALL)
_DECIMALS = re.compile(r"-?\d+\.\d{4,}(e-?\d+)?")
_LEVEL = re.compile(r"^(?P<name>[^=\[]+)(?:=|\[(?:T\.)?)(?P<level>[^\]]+)\]?$")


@dataclass(frozen=True, slots=True)
class Context:
    """The names behind the ids of the result tables, in one language.

    Parameters
    ----------
    title : str
        Of the study.
    language : str
        Of the outputs.
    questionnaires : Mapping
        Role -> questionnaire.
    roles : Mapping
        Role -> title in the language.
    stages, indicators, columns : Mapping
        Id -> title in the language: stages of schooling, indicators of the standard, school columns.
    levels : Mapping
        School column -> its groups, id -> title.
    areas, requirements : Mapping
        Id -> title in the language, of the standard.
    bounds : Mapping
        (requirement, bound) -> title in the language, where it has one.
    units : Mapping
        Column or fact of the standard -> its unit in the language.
    recognition, recognition_groups : Mapping
        Definition of recognition -> title in the language; group of those asked -> title.
    exclusions : Mapping
        Rule by which the standard leaves schools out -> title in the language.
    blocks : Mapping
        Block of a regression -> title, over the known words.
    standard : str
        Title of the standard the schools are held against.
    extraction, rotation : Mapping
        Role -> method of its factor analysis: ``minres``, ``oblimin`` …
    chapter : str
        Number of the chapter before the table number: ``3`` gives 表3-1; a letter gives 表A1.
    style : {"", "thesis", "apa"}
        Look of the tables; empty for that of the language.
    main : tuple of str
        Tables of the main part: ``main``, ``all``, kinds, parts or keys of single tables.
    confidence : float
        Level of the confidence intervals.
    cut : float
        Loadings below are printed in grey.
    """

    title: str
    language: str
    questionnaires: Mapping[str, Questionnaire]
    roles: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    indicators: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    areas: Mapping[str, str] = field(default_factory=dict)
    requirements: Mapping[str, str] = field(default_factory=dict)
    bounds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    recognition: Mapping[str, str] = field(default_factory=dict)
    recognition_groups: Mapping[str, str] = field(default_factory=dict)
    exclusions: Mapping[str, str] = field(default_factory=dict)
    blocks: Mapping[str, str] = field(default_factory=dict)
    standard: str = ""
    extraction: Mapping[str, str] = field(default_factory=dict)
    rotation: Mapping[str, str] = field(default_factory=dict)
    chapter: str = ""
    style: str = ""
    main: tuple[str, ...] = ("main",)
    confidence: float = 0.95
    cut: float = 0.40

    @property
    def words(self) -> Wording:
        """Return the words of the language."""
        return wording(self.language)

    @property
    def numerals(self) -> Numerals:
        """Return the number rules of the language."""
        return self.words.numerals

    @property
    def table_style(self) -> str:
        """Return the look of the tables: the chosen one, else that of the language."""
        return self.style or self.words("layout.style")

    @property
    def level(self) -> str:
        """Return the confidence level as a percentage without its sign, such as ``95``."""
        return f"{self.confidence * 100:g}"

    def p_clause(self, p: float) -> str:
        """Return ``=0.034`` or ``<0.001`` as the language sets it behind a p."""
        shown, words = self.numerals.text(Kind.p, p), self.words
        if shown.startswith("<"):
            return words("numbers.below") + shown[1:]
        return words("numbers.equals") + shown

    def in_language(self, text: Text) -> str:
        """Return a text in this language, else in English, else in the first it has."""
        return in_language(text, self.language)

    def role(self, role: str) -> str:
        """Return the title of a role, as a heading begins; of ``a+b`` the titles of both."""
        titles = (opened(self.roles.get(one, one)) for one in role.split("+"))
        return self.words("numbers.list").join(titles)

    def stage(self, stage: str) -> str:
        """Return the title of a stage, as a heading begins."""
        return opened(self.stages.get(stage, self.words.term("stage", stage)))

    def indicator(self, indicator: str) -> str:
        """Return ``R1 title`` of a school indicator."""
        if indicator == "composite":
            return self.words("term.composite")
        title = self.indicators.get(indicator, "")
        return f"{indicator} {title}" if title and title != indicator else indicator

    def area(self, area: str) -> str:
        """Return the title of an area of the standard, of its vetoes, or of the whole."""
        return opened(self.areas.get(area, self.words.term("area", area)))

    def requirement(self, name: str) -> str:
        """Return ``G3 title`` of a requirement, ``R1 title`` of an indicator; nothing for nothing.

        An id without a number is nobody's short name: the title stands alone.
        """
        title = self.requirements.get(name, "")
        numbered = any(sign.isdigit() for sign in name)
        return (f"{name} {title}" if numbered else title) if title else self.indicator(name)

    def bound(self, requirement: str, bound: str) -> str:
        """Return the title of a bound: its own, the word for it, or that of the column of its name."""
        if (requirement, bound) in self.bounds:
            return self.bounds[requirement, bound]
        if self.words.among("bound", bound):
            return self.words.term("bound", bound)
        return self.columns.get(bound, "")

    def question(self, role: str, name: str) -> Item | None:
        """Return the item of that id, its reverse-keyed or answer suffix left out; else None."""
        questionnaire = self.questionnaires.get(role)
        if questionnaire is None:
            return None
        candidates = (name, name.removesuffix("_r"), name.rpartition("__")[0])
        return next((item for item in questionnaire.all_items() if item.id in candidates), None)

    def text(self, role: str, name: str) -> str:
        """Return an item's wording, or its id where the questionnaire does not hold it."""
        item = self.question(role, name)
        return self.in_language(item.text) if item is not None else name

    def scale(self, role: str, scale: str) -> str:
        """Return a scale's title; ``all`` is the whole questionnaire, nothing the items outside scales."""
        if scale == "all":
            return self.words("term.whole")
        if not scale:
            return self.words("term.standalone")
        questionnaire = self.questionnaires.get(role)
        known = {entry.id: entry.title for entry in questionnaire.scales} if questionnaire else {}
        return self.in_language(known[scale]) if scale in known else scale

    def index(self, role: str, name: str) -> str:
        """Return the title of a scale, or the wording of an item."""
        title = self.scale(role, name)
        return title if title != name else self.text(role, name)

    def answer(self, role: str, name: str, value: object) -> str:
        """Return the label of one answer of an item, or the value where it has none."""
        shown = plain(value)
        item = self.question(role, name)
        questionnaire = self.questionnaires.get(role)
        if item is None or questionnaire is None:
            return shown
        answers = questionnaire.answer_list(item)
        labels = {str(answer.value): answer.label for answer in answers.answers} if answers else {}
        return self.in_language(labels[shown]) if shown in labels else shown

    def group(self, role: str, name: str) -> str:
        """Return the title of what results are broken down by: an item, ``stage`` or a school column."""
        if name == "all":
            return self.words("term.all")
        if name == "stage":
            return self.words("term.stage")
        return self.columns.get(name, self.text(role, name))

    def group_level(self, role: str, name: str, level: object) -> str:
        """Return the title of one level of a group."""
        if name == "stage":
            return self.stage(plain(level))
        known = self.levels.get(name, {})
        return known[plain(level)] if plain(level) in known else self.answer(role, name, level)

    def term(self, role: str, term: str) -> str:
        """Return the title of a term: intercept, scale, item, school indicator or a dummy's level."""
        if term.lower() in INTERCEPTS:
            return self.words("term.intercept")
        if term in self.indicators:
            return self.indicator(term)
        found = _LEVEL.match(term)
        if found is None:
            title = self.index(role, term)
            return title if title != term else self.group(role, term)
        name, level = found["name"], found["level"]
        title = self.group(role, name)
        return f"{title}{self.words('numbers.colon')}{self.group_level(role, name, level)}"

    def threshold(self, role: str, outcome: str, term: str) -> str:
        """Return the title of a term of an ordinal model: thresholds, ``1|2``, by the answers they part."""
        low, bar, high = term.partition("|")
        if not bar:
            return self.term(role, term)
        labels = (self.answer(role, outcome, low), self.answer(role, outcome, high))
        values = f"{plain(low)}→{plain(high)}"
        if labels == (plain(low), plain(high)):
            return values
        return values + self.words("numbers.colon") + "→".join(labels)

    def is_school_term(self, role: str, term: str) -> bool:
        """Return whether a regression term is of the school: neither asked, nor scored, nor the stage."""
        name = term.partition("=")[0]
        if name in self.indicators:
            return True
        return name.lower() not in (*INTERCEPTS, "stage") and self.index(role, name) == name

    def block(self, block: str) -> str:
        """Return the title of a block of a regression."""
        return self.blocks.get(block, self.words.term("block", block))

    def reason(self, reason: str) -> str:
        """Return in words why a statistic was not computed.

        Parameters
        ----------
        reason : str
            Column `reason` of a table: ``code: key=value, …``.

        Returns
        -------
        str
            What was found and why it cannot stand, from the fault catalogue; a code the catalogue does not
            hold is printed as it is. Several reasons, divided by semicolons, stand one after the other.
        """
        several = reason.split("; ")
        if len(several) > 1 and all(one.partition(":")[0] in wordings() for one in several):
            return self.words("layout.join").join(self.reason(one) for one in several)
        code, _, details = (part.strip() for part in reason.partition(":"))
        found = {name: self._detail(name, value) for name, value in _DETAIL.findall(details)}
        values = _Named({"statistic": self.words("term.this_statistic"), "n": "n", **found})
        known = code in wordings()
        if not known:
            values = _Named(code=code, details=details)
        entries = wordings()[code if known else "reason-unknown"]
        entry = entries.get(self.language, entries["en"])
        told = self.words("layout.join").join(
            part.format_map(values) for part in (entry.what, entry.why) if part
        )
        return _joined(told)

    def _detail(self, name: str, value: str) -> str:
        """Return a detail of a reason as it is read: the title of what an id of the standard stands for."""
        titles = {
            "rule": self.exclusions,
            "definition": self.recognition,
            "groups": self.recognition_groups,
            "stage": self.stages,
            "level": {each: self.words(f"heading.{each}") for each in ("within", "between")},
        }.get(name)
        if titles is None:
            return _brief(value)
        return self.words("numbers.list").join(titles.get(one, one) for one in value.split()) or value


class _Named(dict[str, str]):
    """Details in which one that the table did not carry shows its own name and the sentence stands."""

    def __missing__(self, key: str) -> str:
        return f"[{key}]"


def _brief(value: str) -> str:
    """Return a detail as it is read: of a number with many decimals three digits."""
    return f"{float(value):.3g}" if _DECIMALS.fullmatch(value) else value


def _joined(text: str) -> str:
    """Return a text without blanks between wide characters, where a detail is of the sentence's own script.

    Examples
    --------
    >>> _joined("计算 该统计量 至少需要 9 个"), _joined("the item A")
    ('计算该统计量至少需要 9 个', 'the item A')
    """
    wide = [unicodedata.east_asian_width(sign) in "WF" for sign in text]
    last = len(text) - 1
    return "".join(
        sign
        for at, sign in enumerate(text)
        if not (sign == " " and 0 < at < last and wide[at - 1] and wide[at + 1])
    )


def opened(text: str) -> str:
    """Return a text with its first letter large, where its script has large letters.

    Examples
    --------
    >>> opened("junior secondary"), opened("初中")
    ('Junior secondary', '初中')
    """
    return text[:1].upper() + text[1:]


def plain(value: object) -> str:
    """Return a value as text, whole numbers without a decimal point.

    Examples
    --------
    >>> plain(2.0), plain("2.0"), plain("0102"), plain("urban")
    ('2', '2', '0102', 'urban')
    """
    if isinstance(value, str):
        return value.removesuffix(".0") if re.fullmatch(r"-?\d+\.0", value) else value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or value is pd.NA else str(value)
