"""Edits of answer lists: answers added, taken away, worded or numbered otherwise."""

from collections.abc import Iterable, Iterator, Sequence

from manyi_instruments.definitions.questionnaire import Answer, AnswerList, Text
from manyi_instruments.forms.wording import in_language

#: Kind, before, after.
Edit = tuple[str, str, str]


def list_edits(old: AnswerList, new: AnswerList, languages: Sequence[str], *, names: bool) -> Iterator[Edit]:
    """Yield what differs between two versions of an answer list.

    Answers are the same answer where their labels agree in every language that both have. One that stands
    with another value than before is renumbered; a value whose label agrees with no other answer is worded
    otherwise.

    Parameters
    ----------
    old, new : AnswerList
        Before and after.
    languages : sequence of str
        Languages that both versions of the questionnaire have; labels are shown in the first.
    names : bool
        Its answers are names without order of which one is chosen: a further one changes no other.
    """

    def shown(answers: Iterable[Answer]) -> str:
        return ", ".join(_shown(answer, languages) for answer in answers)

    before = {answer.value: answer for answer in old.answers}
    after = {answer.value: answer for answer in new.answers}
    moved = {
        value: other
        for value, answer in before.items()
        if (other := _elsewhere(answer, before, after, languages)) is not None
    }
    if moved:
        news = [after[value] for value in moved.values()]
        yield "answers-renumbered", shown(before[value] for value in moved), shown(news)
    touched = set(moved) | set(moved.values())
    gone = [answer for value, answer in before.items() if value not in after and value not in moved]
    if gone:
        yield "answer-removed", shown(gone), ""
    new_ones = [answer for value, answer in after.items() if value not in before and value not in touched]
    if new_ones:
        yield ("answer-offered" if names else "answer-added"), "", shown(new_ones)
    shared = [value for value in before if value in after]
    # Shown in another order are answers, not values: those renumbered count under the value they have now.
    now = [moved.get(value, value) for value in before if moved.get(value, value) in after]
    worded = [
        value
        for value in shared
        if value not in touched and not same_text(before[value].label, after[value].label, languages)
    ]
    if worded:
        olds, news = [before[value] for value in worded], [after[value] for value in worded]
        spoken = tuple(language for language in languages if _differs(olds, news, language))
        yield (
            "answer-wording",
            ", ".join(_shown(answer, spoken) for answer in olds),
            ", ".join(_shown(answer, spoken) for answer in news),
        )
    order = [value for value in after if value in now]
    if now != order:
        yield "answer-order", shown(map(after.__getitem__, now)), shown(map(after.__getitem__, order))
    flagged = [value for value in shared if _flags(before[value]) != _flags(after[value])]
    if flagged:
        yield (
            "answer-behaviour",
            ", ".join(f"{value} {_flags(before[value])}".strip() for value in flagged),
            ", ".join(f"{value} {_flags(after[value])}".strip() for value in flagged),
        )
    if old.ordered != new.ordered:
        yield (
            "answers-ordered",
            f"ordered: {str(old.ordered).lower()}",
            f"ordered: {str(new.ordered).lower()}",
        )


def same_text(old: Text | None, new: Text | None, languages: Iterable[str]) -> bool:
    """Return whether two wordings agree in all of some languages."""
    return all((old or {}).get(language) == (new or {}).get(language) for language in languages)


def _elsewhere(
    answer: Answer, before: dict[int, Answer], after: dict[int, Answer], languages: Sequence[str]
) -> int | None:
    """Return the value under which an answer stands now, where it is another one."""
    if not languages:
        return None
    here = after.get(answer.value)
    if here is not None and same_text(answer.label, here.label, languages):
        return None
    for value, other in after.items():
        if value == answer.value or not same_text(answer.label, other.label, languages):
            continue
        # Two answers of one label are told apart by their values alone.
        if value not in before or not same_text(before[value].label, other.label, languages):
            return value
    return None


def _differs(olds: Sequence[Answer], news: Sequence[Answer], language: str) -> bool:
    pairs = zip(olds, news, strict=True)
    return any(old.label.get(language) != new.label.get(language) for old, new in pairs)


def _shown(answer: Answer, languages: Sequence[str]) -> str:
    said = in_language(answer.label, languages[0]) if languages else next(iter(answer.label.values()))
    return f"{answer.value} {said}"


def _flags(answer: Answer) -> str:
    return " ".join(name for name in ("other", "exclusive") if getattr(answer, name))
