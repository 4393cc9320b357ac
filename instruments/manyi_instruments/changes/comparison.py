"""Two versions of a questionnaire compared, question by question."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from manyi_instruments.changes.answers import list_edits, same_text
from manyi_instruments.changes.change import VERDICTS, Change
from manyi_instruments.changes.questions import Path, question_edits, text_edits
from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Question, Questionnaire
from manyi_instruments.definitions.routing import section_of

PARTS = ("demographics", "items", "attention")
_GRAVITY = ("new-name", "recomputed", "other-stimulus", "safe")


def compare_definitions(old: Questionnaire, new: Questionnaire) -> tuple[Change, ...]:
    """Return every difference between two versions of a questionnaire, the gravest first.

    Questions are the same by their ids. One that is gone and one that is new are told as renamed where they
    are worded alike. Wordings are compared in the languages that both versions have.

    Parameters
    ----------
    old, new : Questionnaire
        Before and after.

    Returns
    -------
    tuple of Change
        Empty where both ask and score the same and are documented alike.

    Examples
    --------
    >>> from manyi_instruments.definitions.loader import load_questionnaire
    >>> text = '''
    ... questionnaire: pupils
    ... title: {en: Pupils}
    ... languages: [en]
    ... answer_lists: {often: {values: [1, 2, 3], en: [never, sometimes, often]}}
    ... items: [{id: SAFE, text: {en: Do you feel safe?}, answers: often, standalone: true}]
    ... '''
    >>> turned = text.replace("[1, 2, 3]", "[3, 2, 1]")
    >>> for change in compare_definitions(load_questionnaire(text), load_questionnaire(turned)):
    ...     print(change.kind, change.verdict, change.items, change.before, "->", change.after)
    answers-renumbered new-name ('SAFE',) 1 never, 3 often -> 3 never, 1 often
    """
    found = dict.fromkeys(_Comparison(old, new).changes())
    return tuple(sorted(found, key=lambda change: _GRAVITY.index(VERDICTS[change.kind])))


@dataclass(frozen=True)
class _Comparison:
    old: Questionnaire
    new: Questionnaire

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that both have."""
        return tuple(language for language in self.new.languages if language in self.old.languages)

    @cached_property
    def before(self) -> dict[str, Question]:
        return {question.id: question for question in self.old.questions()}

    @cached_property
    def after(self) -> dict[str, Question]:
        return {question.id: question for question in self.new.questions()}

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Return old id -> new id of questions that are worded alike and have another id."""
        gone = [question for name, question in self.before.items() if name not in self.after]
        come = [question for name, question in self.after.items() if name not in self.before]
        found: dict[str, str] = {}
        for question in gone:
            like = [
                other.id
                for other in come
                if other.id not in found.values()
                and self.languages
                and same_text(question.text, other.text, self.languages)
            ]
            if like:
                found[question.id] = like[0]
        return found

    def changes(self) -> Iterator[Change]:
        """Yield the differences in the order of the file."""
        yield from self.of_the_whole()
        yield from self.of_missing()
        yield from self.of_lists()
        yield from self.of_scales()
        yield from self.of_questions()
        yield from self.of_order()
        yield from self.of_sections()

    # --- the questionnaire as a whole ---------------------------------------------------------------------

    def of_the_whole(self) -> Iterator[Change]:
        old, new = self.old, self.new
        for key in ("questionnaire", "version", "note"):
            before, after = getattr(old, key), getattr(new, key)
            if before != after:
                yield Change("documentation", (), f"{key}: {before}", f"{key}: {after}", (key,))
        for key in ("title", "introduction"):
            yield from text_edits(
                "introduction", getattr(old, key), getattr(new, key), (), (key,), self.languages
            )
        added = [language for language in new.languages if language not in old.languages]
        removed = [language for language in old.languages if language not in new.languages]
        if added:
            yield Change("language-added", (), "", ", ".join(added), ("languages",))
        if removed:
            yield Change("language-removed", (), ", ".join(removed), "", ("languages",))
        order = tuple(language for language in old.languages if language in new.languages)
        if order != self.languages:
            yield Change(
                "language-order", (), ", ".join(old.languages), ", ".join(new.languages), ("languages",)
            )
        if old.offer_refused != new.offer_refused:
            before, after = (f"offer_refused: {str(one.offer_refused).lower()}" for one in (old, new))
            yield Change("missing-offered", (), before, after, ("offer_refused",))

    def of_missing(self) -> Iterator[Change]:
        for kind, old in self.old.missing_codes.items():
            new = self.new.missing_codes[kind]
            if old.code != new.code:
                said = (f"{kind}: {old.code}", f"{kind}: {new.code}")
                yield Change("missing-code", (), *said, ("missing", kind, "code"))
            yield from text_edits(
                "answer-wording", old.label, new.label, (), ("missing", kind, "label"), self.languages
            )

    # --- answer lists and scales --------------------------------------------------------------------------

    def of_lists(self) -> Iterator[Change]:
        """Yield edits of answer lists: once for all questions that had and have the same ones."""
        users: dict[tuple[str, str, bool], list[str]] = {}
        for name, old in self.before.items():
            new = self.after.get(self.renamed.get(name, name))
            if new is None or old.answers is None or new.answers is None:
                continue
            users.setdefault((old.answers, new.answers, self.names(old, new)), []).append(new.id)
        for (old_list, new_list, names), items in users.items():
            before, after = self.old.answer_lists[old_list], self.new.answer_lists[new_list]
            ids, path = tuple(items), ("answer_lists", new_list)
            for edit in list_edits(before, after, self.languages, names=names):
                yield Change(edit[0], ids, edit[1], edit[2], path)
            if old_list != new_list:
                yield Change("list-name", ids, old_list, new_list, path)
        used = {name for pair in users for name in pair[:2]}
        for name in dict.fromkeys((*self.old.answer_lists, *self.new.answer_lists)):
            old_one, new_one = self.old.answer_lists.get(name), self.new.answer_lists.get(name)
            if name not in used and old_one != new_one:
                said = (name if old_one else "", name if new_one else "")
                yield Change("list-name", (), *said, ("answer_lists", name), removed=new_one is None)

    def names(self, old: Question, new: Question) -> bool:
        """Return whether the answers of a question are names of which one is chosen."""
        lists = (self.old.answer_list(old), self.new.answer_list(new))
        single = all(isinstance(one, AttentionCheck) or one.type == "choice" for one in (old, new))
        return single and not any(one is not None and one.ordered for one in lists)

    def of_scales(self) -> Iterator[Change]:
        before = {scale.id: scale for scale in self.old.scales}
        places = {scale.id: place for place, scale in enumerate(self.new.scales)}
        for name, old in before.items():
            if name not in places:
                place = list(before).index(name)
                yield Change("scale", (), name, "", ("scales", place), removed=True)
                continue
            new, path = self.new.scales[places[name]], ("scales", places[name])
            for key in ("score", "minimum_answered"):
                if getattr(old, key) != getattr(new, key):
                    said = (f"{name}.{key}: {getattr(old, key)}", f"{name}.{key}: {getattr(new, key)}")
                    yield Change("scale", (), *said, (*path, key))
            if old.concept != new.concept:
                yield Change("documentation", (), old.concept, new.concept, (*path, "concept"))
            yield from text_edits("documentation", old.title, new.title, (), (*path, "title"), self.languages)
        for name, place in places.items():
            if name not in before:
                yield Change("scale", (), "", name, ("scales", place))
        shared = [name for name in before if name in places]
        order = [name for name in places if name in before]
        if shared != order:
            yield Change("documentation", (), ", ".join(shared), ", ".join(order), ("scales",))

    # --- questions ----------------------------------------------------------------------------------------

    def of_questions(self) -> Iterator[Change]:
        paths, old_paths = _paths(self.new), _paths(self.old)
        for name, old in self.before.items():
            now = self.renamed.get(name, name)
            if now not in self.after:
                yield Change("item-removed", (name,), self.said(old), "", old_paths[name], removed=True)
                yield from self.left_scale(old)
                continue
            new = self.after[now]
            if now != name:
                yield Change("item-renamed", (now,), name, now, (*paths[now], "id"))
            if paths[now][0] != old_paths[name][0] and isinstance(old, Item) and isinstance(new, Item):
                yield Change("background", (now,), str(old_paths[name][0]), str(paths[now][0]), paths[now])
            yield from question_edits(old, new, paths[now], self.languages)
        for name, new in self.after.items():
            if name not in self.before and name not in self.renamed.values():
                yield Change("item-added", (name,), "", self.said(new), paths[name])
                if (
                    isinstance(new, Item)
                    and new.scale
                    and any(new.scale == one.id for one in self.old.scales)
                ):
                    yield Change("scale-membership", (name,), "", f"scale: {new.scale}", paths[name])

    def left_scale(self, old: Question) -> Iterator[Change]:
        """Yield that a scale that is still there lost an item."""
        if isinstance(old, Item) and old.scale and any(old.scale == one.id for one in self.new.scales):
            path = _paths(self.old)[old.id]
            yield Change("scale-membership", (old.id,), f"scale: {old.scale}", "", path, removed=True)

    def said(self, question: Question) -> str:
        """Return a question's wording in one language."""
        spoken = self.languages or tuple(question.text)
        return question.text.get(spoken[0]) or next(iter(question.text.values()))

    def of_order(self) -> Iterator[Change]:
        """Yield the questions that stand elsewhere among the others: as few as explain the new order."""
        place = {name: number for number, name in enumerate(self.after, start=1)}
        shared = [self.renamed.get(name, name) for name in self.before]
        shared = [name for name in shared if name in place]
        unmoved = _longest_rise([place[name] for name in shared])
        paths = _paths(self.new)
        before = {self.renamed.get(name, name): number for number, name in enumerate(self.before, start=1)}
        for name in shared:
            if place[name] not in unmoved:
                yield Change("order", (name,), str(before[name]), str(place[name]), paths[name])

    # --- sections -----------------------------------------------------------------------------------------

    def of_sections(self) -> Iterator[Change]:
        before = {section.id: section for section in self.old.sections}
        places = {section.id: place for place, section in enumerate(self.new.sections)}
        for place, (name, old) in enumerate(before.items()):
            if name not in places:
                yield Change("section", (), name, "", ("sections", place), removed=True)
                if old.relevant:
                    ids = _within(self.old, name)
                    yield Change("condition", ids, old.relevant, "", ("sections", place), removed=True)
                continue
            new, path = self.new.sections[places[name]], ("sections", places[name])
            if self.renamed.get(old.first, old.first) != new.first:
                yield Change("section", (), f"{name}: {old.first}", f"{name}: {new.first}", (*path, "first"))
            for key in ("title", "introduction"):
                yield from text_edits(
                    "introduction", getattr(old, key), getattr(new, key), (), (*path, key), self.languages
                )
            if old.relevant != new.relevant:
                said = (old.relevant or "", new.relevant or "")
                yield Change("condition", _within(self.new, name), *said, (*path, "relevant"))
        for name, place in places.items():
            if name not in before:
                yield Change("section", (), "", name, ("sections", place))
                relevant = self.new.sections[place].relevant
                if relevant:
                    ids = _within(self.new, name)
                    yield Change("condition", ids, "", relevant, ("sections", place, "relevant"))


def _paths(questionnaire: Questionnaire) -> dict[str, Path]:
    """Return where every question stands in the file."""
    return {
        question.id: (part, place)
        for part in PARTS
        for place, question in enumerate(getattr(questionnaire, part))
    }


def _within(questionnaire: Questionnaire, section_id: str) -> tuple[str, ...]:
    """Return the questions of a section."""
    sections = section_of(questionnaire).items()
    return tuple(name for name, section in sections if section is not None and section.id == section_id)


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """Return a longest rising subsequence of distinct numbers (Schensted 1961, by patience).

    Examples
    --------
    >>> sorted(_longest_rise([1, 5, 2, 3, 4]))
    [1, 2, 3, 4]
    """
    tops: list[int] = []
    last: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        pile = bisect_left(tops, number)
        before[number] = last[pile - 1] if pile else None
        if pile == len(tops):
            tops.append(number)
            last.append(number)
        else:
            tops[pile] = last[pile] = number
    found: set[int] = set()
    at = last[-1] if last else None
    while at is not None:
        found.add(at)
        at = before[at]
    return found
