"""A drafted questionnaire and study as YAML, with a comment beside every suggestion."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from manyi.readers.drafting.drafted import DraftedItem, DraftedList
from manyi.readers.drafting.scales import DraftedScale
from manyi.readers.platforms.source import SourceTable
from manyi_instruments.definitions.questionnaire import DEFAULT_MISSING
from manyi_instruments.faults import Fault

#: Suggestions about an answer list; they are told once for all items that share it.
ABOUT_LISTS = ("suggest-order", "suggest-order-unknown", "suggest-labels-unknown", "suggest-option-unseen")
MARK = "建议，请确认 suggestion: please confirm"
_WORDS = {
    "zh": {
        "draft": "由文件“{file}”起草（{rows} 份答卷，{source}）。带“建议”的各处请核对。",
        "title": "问卷（由 {file} 起草）",
    },
    "en": {
        "draft": "Drafted from '{file}' ({rows} answer sheets, {source}). Check what is marked suggestion.",
        "title": "Questionnaire (drafted from {file})",
    },
}
_SATISFACTION = re.compile(r"满意|satisf", re.IGNORECASE)


def quoted(text: str) -> str:
    r"""Return a text as a double-quoted YAML scalar; invisible characters are escaped.

    >>> quoted('8、题"A"')
    '"8、题\\"A\\""'
    """
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(
        character if unicodedata.category(character)[0] != "C" else f"\\U{ord(character):08X}"
        for character in escaped
    )


def comment(faults: Sequence[Fault], language: str) -> str:
    """Return one comment for suggestions: the mark, and the reasons on one line."""
    reasons = " ".join(f"{fault.what(language)} {fault.why(language)}" for fault in faults)
    return f"# {MARK} — {' '.join(reasons.split())}"


def questionnaire_text(
    name: str,
    table: SourceTable,
    languages: Sequence[str],
    items: Sequence[DraftedItem],
    scales: Sequence[DraftedScale],
    faults: Sequence[Fault],
) -> str:
    """Return the questionnaire as YAML text that loads without faults.

    Parameters
    ----------
    name : str
        Id of the questionnaire.
    table : SourceTable
        The file it was drafted from.
    languages : sequence of str
        Languages of its wordings, the main one first.
    items, scales
        What was suggested.
    faults : sequence of Fault
        Suggestions about the file, written at the top.
    """
    about = {"file": table.raw.path.name, "rows": len(table.raw.cells), "source": table.source}
    language = spoken(languages[0])
    title = {one: _WORDS[spoken(one)]["title"].format(**about) for one in languages}
    names = _list_names(items)
    demographics = [item for item in items if item.demographic]
    asked = [item for item in items if not item.demographic]
    lines = [
        f"# {_WORDS[language]['draft'].format(**about)}",
        *(comment([fault], language) for fault in faults),
        "",
        f"questionnaire: {name}",
        'version: "1"',
        f"title: {by_language(languages, title)}",
        f"languages: [{', '.join(languages)}]",
        *_missing(items, languages),
        *_lists(names, items, languages),
        *_scales(scales, languages),
        *_section("demographics", demographics, names, languages),
        *_section("items", asked, names, languages),
    ]
    return "\n".join(lines) + "\n"


def spoken(language: str) -> str:
    """Return the language messages are in: the draft's own where there is one, else English."""
    return language if language in _WORDS else "en"


def by_language(languages: Sequence[str], texts: Mapping[str, str], otherwise: str = "") -> str:
    """Return a text as YAML by language; where one lacks its wording, that of the main language.

    >>> by_language(["en", "zh"], {"zh": "是"}, "yes")
    '{en: "yes", zh: "是"}'
    """
    main = texts.get(languages[0]) or otherwise
    return "{" + ", ".join(f"{one}: {quoted(texts.get(one) or main)}" for one in languages) + "}"


def _missing(items: Sequence[DraftedItem], languages: Sequence[str]) -> Iterator[str]:
    labels = list(dict.fromkeys(item.dont_know for item in items if item.dont_know))
    if not labels:
        return
    code = DEFAULT_MISSING["dont_know"].code
    yield ""
    yield f"missing:\n  dont_know: {{code: {code}, label: {by_language(languages, {}, labels[0])}}}"


def _list_names(items: Sequence[DraftedItem]) -> dict[DraftedList, str]:
    """Return a name for every different answer list."""
    names: dict[DraftedList, str] = {}
    users: dict[DraftedList, list[DraftedItem]] = {}
    for item in items:
        if item.answers is not None:
            users.setdefault(item.answers, []).append(item)
    taken: set[str] = set()
    for drafted, used in users.items():
        k, first, last = len(drafted.answers), drafted.answers[0].value, drafted.answers[-1].value
        if drafted.family == "yes_no":
            name = "yes_no"
        elif drafted.attitude and drafted.family.isascii():
            name = f"{drafted.family}{k}"
        elif drafted.numeric and first >= 0 and len(used) > 1:
            name = f"points{first}to{last}"
        elif len(used) == 1:
            name = f"{used[0].id}_answers"
        else:
            name = f"answers{len(names) + 1}"
        unique, copy = name, 2
        while unique.lower() in taken:
            unique, copy = f"{name}_{copy}", copy + 1
        taken.add(unique.lower())
        names[drafted] = unique
    return names


def _lists(
    names: Mapping[DraftedList, str], items: Sequence[DraftedItem], languages: Sequence[str]
) -> Iterator[str]:
    if not names:
        return
    yield ""
    yield "answer_lists:"
    for drafted, name in names.items():
        first = next(item for item in items if item.answers == drafted)
        about = [fault for fault in first.suggestions if fault.code in ABOUT_LISTS]
        if about:
            yield f"  {comment(about, spoken(languages[0]))}"
        yield f"  {name}:"
        if not drafted.ordered:
            yield "    ordered: false"
        yield "    answers:"
        for answer in drafted.answers:
            extra = (", other: true" if answer.other else "") + (
                ", exclusive: true" if answer.exclusive else ""
            )
            label = by_language(languages, dict(answer.labels), answer.label)
            yield f"      - {{value: {answer.value}, label: {label}{extra}}}"


def _scales(scales: Sequence[DraftedScale], languages: Sequence[str]) -> Iterator[str]:
    if not scales:
        return
    yield ""
    yield "scales:"
    for scale in scales:
        yield f"  {comment([scale.suggestion], spoken(languages[0]))}"
        yield f"  - {{id: {scale.id}, title: {by_language(languages, scale.titles, scale.title)}}}"


def _section(
    title: str, items: Sequence[DraftedItem], names: Mapping[DraftedList, str], languages: Sequence[str]
) -> Iterator[str]:
    if not items:
        return
    yield ""
    yield f"{title}:"
    for item in items:
        about = [fault for fault in item.suggestions if fault.code not in ABOUT_LISTS]
        if about:
            yield f"  {comment(about, spoken(languages[0]))}"
        yield f"  - id: {item.id}"
        yield f"    text: {by_language(languages, item.question.texts, item.text)}"
        yield f"    heading: [{', '.join(quoted(heading) for heading in item.heading)}]"
        yield from (f"    {line}" for line in _properties(item, names))


def _properties(item: DraftedItem, names: Mapping[DraftedList, str]) -> Iterator[str]:
    if item.type != "choice":
        yield f"type: {item.type}"
    if item.answers is not None:
        yield f"answers: {names[item.answers]}"
    if item.minimum is not None:
        yield f"minimum: {item.minimum}"
    if item.type == "number" and not item.integer:
        yield "integer: false"
    if item.dont_know:
        yield "dont_know: true"
    if item.scale is not None:
        yield f"scale: {item.scale}"
    elif not item.demographic and item.type in ("choice", "number", "multiple"):
        yield "standalone: true"
    if item.reverse:
        yield f"reverse: true  # {MARK}"


def study_text(
    role: str,
    title: str,
    language: str,
    items: Sequence[DraftedItem],
    scales: Sequence[DraftedScale],
    columns: Mapping[str, str],
    timed: bool,
) -> str:
    """Return a ``study.yaml`` of one role: its columns, cleaning rules that only flag, and a first plan."""
    lines = [
        f"study: {_study_id(title)}",
        f"title: {{{language}: {quoted(title)}}}",
        f"language: {language}",
        "",
        "roles:",
        f"  {role}:",
        f"    title: {{{language}: {quoted(role)}}}",
        f"    questionnaire: instruments/{role}.yaml",
    ]
    if columns:
        lines.append(f"    columns:  # {MARK}")
        lines.extend(f"      {key}: {quoted(heading)}" for key, heading in columns.items())
    scored = sum(item.scale is not None for item in items)
    lines += ["", "cleaning:", "  rules:", "    out_of_range: {share: 0.2}"]
    if scored:
        lines.append("    too_many_missing: {share: 0.5}")
        lines.append(f"    straight_lining: {{minimum_items: {max(2, min(8, scored))}}}")
    if timed:
        lines.append("    too_fast: {seconds_per_item: 1.0}")
    lines.append("    duplicate: {by: both, keep: first, minimum_items: 20}")
    words = {
        "zh": "规则只作标记；要剔除哪些，请写在这里，例如 [too_many_missing]",
        "en": "rules only flag; name here those that exclude, such as [too_many_missing]",
    }
    lines.append(f"  exclude: []  # {words[language]}")
    lines += ["", "analysis:", *_plan(role, items, scales)]
    return "\n".join(lines) + "\n"


def _study_id(title: str) -> str:
    name = re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-")
    return quoted(name or title)


def _plan(role: str, items: Sequence[DraftedItem], scales: Sequence[DraftedScale]) -> Iterator[str]:
    """Yield the lines of a first analysis plan: groups, factors, satisfaction, and one regression."""
    background = [item for item in items if item.scale is None and item.type == "choice" and item.answers]
    groups = [item.id for item in background if item.answers and 2 <= len(item.answers.answers) <= 6]
    if groups and scales:
        yield f"  groups:  # {MARK}"
        yield f"    {role}: [{', '.join(groups[:3])}]"
    if scales:
        yield f"  factors:\n    {role}: {{number: parallel, extraction: minres, rotation: oblimin}}"
        named = [scale.id for scale in scales if _is_satisfaction(scale, items)]
        satisfaction = named or [scale.id for scale in scales]
        yield f"  satisfaction:  # {MARK}"
        yield f"    {role}: [{', '.join(satisfaction)}]"
        others = [scale.id for scale in scales if scale.id not in named]
        if len(named) == 1 and others:
            yield f"  regression:  # {MARK}"
            yield f"    - role: {role}"
            yield f"      outcome: {named[0]}"
            yield "      blocks:"
            if groups:
                yield f"        background: [{', '.join(groups[:3])}]"
            yield f"        scales: [{', '.join(others)}]"
    if not scales:
        yield "  confidence: 0.95"


def _is_satisfaction(scale: DraftedScale, items: Sequence[DraftedItem]) -> bool:
    texts = [item.text for item in items if item.id in scale.items]
    labels = [
        answer.label
        for item in items
        if item.id in scale.items and item.answers
        for answer in item.answers.answers
    ]
    return bool(_SATISFACTION.search(scale.title)) or all(
        _SATISFACTION.search(text) or any(_SATISFACTION.search(label) for label in labels) for text in texts
    )
