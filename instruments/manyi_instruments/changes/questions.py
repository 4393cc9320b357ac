"""Edits of single questions: what is asked, how it is answered, who is asked, how it is scored."""

from collections.abc import Iterator, Sequence

from manyi_instruments.changes.change import Change
from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Question, Text
from manyi_instruments.forms.hints import plain

Path = tuple[str | int, ...]

#: Keys of an item whose edits are told as they are written: kind, key.
WRITTEN = (
    ("condition", "relevant"),
    ("constraint", "constraint"),
    ("polarity", "reverse"),
    ("required", "required"),
    ("missing-offered", "dont_know"),
    ("missing-offered", "sensitive"),
    ("scale-membership", "scale"),
    ("scale-membership", "standalone"),
    ("analysis", "links"),
    ("analysis", "importance_of"),
    ("documentation", "heading"),
    ("documentation", "note"),
)


def question_edits(old: Question, new: Question, path: Path, languages: Sequence[str]) -> Iterator[Change]:
    """Yield what differs between two versions of a question, but for its answer list and its place.

    Parameters
    ----------
    old, new : Item or AttentionCheck
        Before and after.
    path : tuple
        Leads to it in the new file.
    languages : sequence of str
        Languages that both versions have.
    """
    ids = (new.id,)
    yield from text_edits("wording", old.text, new.text, ids, (*path, "text"), languages)
    if isinstance(old, Item) and isinstance(new, Item):
        yield from _item_edits(old, new, path, languages)
    elif isinstance(old, AttentionCheck) and isinstance(new, AttentionCheck):
        if old.expected != new.expected:
            yield Change("expected", ids, str(old.expected), str(new.expected), (*path, "expected"))
        if old.heading != new.heading:
            yield _written("documentation", "heading", old, new, path)
    else:
        yield Change("type", ids, _type(old), _type(new), path)


def text_edits(
    kind: str, old: Text | None, new: Text | None, ids: tuple[str, ...], path: Path, languages: Sequence[str]
) -> Iterator[Change]:
    """Yield one edit for each language in which a wording differs."""
    for language in languages:
        before, after = (old or {}).get(language, ""), (new or {}).get(language, "")
        if before != after:
            yield Change(kind, ids, before, after, (*path, language))


def _item_edits(old: Item, new: Item, path: Path, languages: Sequence[str]) -> Iterator[Change]:
    ids = (new.id,)
    for key in ("hint", "constraint_message"):
        yield from text_edits(
            "instruction", getattr(old, key), getattr(new, key), ids, (*path, key), languages
        )
    if old.type != new.type:
        yield Change("type", ids, old.type, new.type, (*path, "type"))
    for kind, key in WRITTEN:
        if getattr(old, key) != getattr(new, key):
            yield _written(kind, key, old, new, path)
    if old.type == new.type:
        yield from _form_edits(old, new, path, languages)


def _form_edits(old: Item, new: Item, path: Path, languages: Sequence[str]) -> Iterator[Change]:
    """Yield edits of what answers of one type look like; those of another type are other answers anyway."""
    ids = (new.id,)
    yield from text_edits("unit", old.unit, new.unit, ids, (*path, "unit"), languages)
    if _parts(old, languages) != _parts(new, languages):
        yield Change("code-parts", ids, _parts(old, languages), _parts(new, languages), (*path, "parts"))
    if _bounds(old) != _bounds(new):
        kind = "bounds-narrowed" if _narrower(old, new) else "bounds-widened"
        yield Change(kind, ids, _bounds(old), _bounds(new), path)


def _written(kind: str, key: str, old: Question, new: Question, path: Path) -> Change:
    def said(question: Question) -> str:
        value = getattr(question, key)
        if value in (None, "", ()):
            return ""
        if isinstance(value, bool):
            return f"{key}: {str(value).lower()}"
        return f"{key}: {', '.join(value) if isinstance(value, tuple) else value}"

    return Change(kind, (new.id,), said(old), said(new), (*path, key))


def _type(question: Question) -> str:
    return question.type if isinstance(question, Item) else "attention"


def _parts(item: Item, languages: Sequence[str]) -> str:
    return "; ".join(
        f"{part.pattern} {' / '.join(part.text.get(language, '') for language in languages)}"
        for part in item.parts
    )


def _bounds(item: Item) -> str:
    """Return what numbers an item takes, in signs."""
    low = "" if item.minimum is None else plain(item.minimum)
    high = "" if item.maximum is None else plain(item.maximum)
    return f"{low}…{high}{'' if item.integer else ' (decimals)'}"


def _narrower(old: Item, new: Item) -> bool:
    """Return whether the new bounds leave out a number that the old ones took."""
    infinite = float("inf")
    low, high = old.minimum, old.maximum
    return (
        (-infinite if new.minimum is None else new.minimum) > (-infinite if low is None else low)
        or (infinite if new.maximum is None else new.maximum) < (infinite if high is None else high)
        or (new.integer and not old.integer)
    )
