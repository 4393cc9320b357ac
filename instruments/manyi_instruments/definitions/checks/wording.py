"""Wording: a language left out, an empty text, the same heading or the same words for two questions."""

from collections.abc import Iterator

from manyi_instruments.definitions.checks.draft import Draft, name_of
from manyi_instruments.definitions.model_faults import choice_fault
from manyi_instruments.definitions.questionnaire import DEFAULT_MISSING, MissingKind
from manyi_instruments.definitions.yaml_nodes import Block, Scalar
from manyi_instruments.faults import Fault, Place


def wording_faults(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of texts and headings."""
    undeclared: set[str] = set()
    for where, text in _texts(draft):
        for language in draft.languages:
            if language not in text.nodes:
                yield Fault("translation-missing", text.place, {"language": language, "where": where})
        for key, node in text.nodes.items():
            if isinstance(node, Scalar) and isinstance(node.value, str) and not node.value.strip():
                yield Fault("empty-text", node.place, {"language": key, "where": where})
            if draft.languages and key not in draft.languages and str(key) not in undeclared:
                undeclared.add(str(key))
                found = choice_fault("language-not-declared", text.keys[key], str(key), draft.languages)
                yield Fault(found.code, found.place, found.details, "warning")
    yield from _languages(draft)
    yield from _offered(draft)
    yield from _headings(draft)
    yield from _same_words(draft)
    if not draft.questions and not {"items", "demographics"} & set(draft.root.nodes):
        yield Fault("nothing-asked", draft.root.place)


def _texts(draft: Draft) -> Iterator[tuple[str, Block]]:
    """Yield every text that respondents or readers see, with the name of what it belongs to."""
    owners: list[tuple[str, Block, tuple[str, ...]]] = [
        (draft.root.text("questionnaire") or "—", draft.root, ("title", "introduction"))
    ]
    owners += [(name_of(scale), scale, ("title",)) for scale in draft.scales]
    owners += [
        (name_of(item), item, ("text", "unit", "hint", "constraint_message")) for item in draft.questions
    ]
    owners += [(name_of(item), part, ("text",)) for item in draft.questions for part in item.blocks("parts")]
    owners += [(name_of(check), check, ("text",)) for check in draft.attention]
    owners += [(name_of(section), section, ("title", "introduction")) for section in draft.sections]
    for name, block in draft.lists.items():
        owners += [
            (f"{name} = {answer.whole('value')}", answer, ("label",)) for answer in block.blocks("answers")
        ]
    missing = draft.root.block("missing")
    for kind, node in missing.nodes.items() if missing else ():
        if isinstance(node, Block):
            owners.append((f"missing.{kind}", node, ("label",)))
    for name, block, keys in owners:
        for key in keys:
            text = block.block(key)
            if text is not None:
                yield name, text


def _languages(draft: Draft) -> Iterator[Fault]:
    listing = draft.root.listing("languages")
    seen: dict[str, Place] = {}
    for node in listing.nodes if listing else ():
        if isinstance(node, Scalar) and isinstance(node.value, str):
            if node.value.lower() in seen:
                details = {"id": node.value, "first": node.value, "line": seen[node.value.lower()].line}
                yield Fault("duplicate-id", node.place, details)
            seen.setdefault(node.value.lower(), node.place)


def _offered(draft: Draft) -> Iterator[Fault]:
    """Yield languages that an answer offered beside the list's own has no wording in."""
    own = draft.root.block("missing")
    offers: dict[MissingKind, tuple[Block, str]] = {}
    if draft.root.flag("offer_refused"):
        offers["refused"] = (draft.root, "offer_refused")
    for item in draft.questions:
        if item.flag("dont_know"):
            offers.setdefault("dont_know", (item, "dont_know"))
    for kind, (block, key) in offers.items():
        # The questionnaire's own wording is checked with all the other texts.
        if own is None or kind not in own.nodes:
            for language in draft.languages:
                if language not in DEFAULT_MISSING[kind].label:
                    details = {"language": language, "where": f"missing.{kind}"}
                    yield Fault("translation-missing", block.keys[key], details)


def _headings(draft: Draft) -> Iterator[Fault]:
    """Yield headings of two questions: a column of an answer file must belong to one."""
    first: dict[str, str] = {}
    for question in (*draft.questions, *draft.attention):
        listing = question.listing("heading")
        for node in listing.nodes if listing else ():
            if not isinstance(node, Scalar) or not isinstance(node.value, str):
                continue
            heading, name = node.value.strip(), name_of(question)
            if not heading:
                yield Fault("empty-text", node.place, {"language": "heading", "where": name})
            elif first.setdefault(heading, name) != name:
                yield Fault(
                    "duplicate-heading",
                    node.place,
                    {"heading": heading, "item": name, "first": first[heading]},
                )


def _same_words(draft: Draft) -> Iterator[Fault]:
    first: dict[tuple[str, str], str] = {}
    for question in (*draft.questions, *draft.attention):
        text = question.block("text")
        for language in text.nodes if text else ():
            words = ((text.text(language) if text else None) or "").strip()
            name = name_of(question)
            if words and text is not None and first.setdefault((str(language), words), name) != name:
                details = {"item": name, "first": first[str(language), words]}
                yield Fault("same-words", text.place_of(language), details, "warning")
