"""One difference between two versions of a questionnaire, and its verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from manyi_instruments.faults import Fault, Place

#: What an edit means for answers given before it:
#:
#: - ``safe``: nothing.
#: - ``other-stimulus``: they are read as before, but respondents saw something else; to be reported.
#: - ``recomputed``: they stand, but are read, scored or counted otherwise from now on.
#: - ``new-name``: under the same name they would mean something else; the item needs a new one.
Verdict = Literal["safe", "other-stimulus", "recomputed", "new-name"]

#: Kind of edit -> verdict. Each kind has its words in the catalogue of faults, as ``edited-<kind>``.
VERDICTS: Mapping[str, Verdict] = {
    "documentation": "safe",
    "list-name": "safe",
    "language-added": "safe",
    "language-removed": "safe",
    "language-order": "safe",
    "wording": "other-stimulus",
    "instruction": "other-stimulus",
    "introduction": "other-stimulus",
    "answer-wording": "other-stimulus",
    "answer-order": "other-stimulus",
    "answer-offered": "other-stimulus",
    "answer-behaviour": "other-stimulus",
    "missing-offered": "other-stimulus",
    "required": "other-stimulus",
    "bounds-widened": "other-stimulus",
    "order": "other-stimulus",
    "section": "other-stimulus",
    "item-added": "other-stimulus",
    "item-removed": "recomputed",
    "item-renamed": "recomputed",
    "bounds-narrowed": "recomputed",
    "condition": "recomputed",
    "constraint": "recomputed",
    "scale-membership": "recomputed",
    "scale": "recomputed",
    "answers-ordered": "recomputed",
    "background": "recomputed",
    "expected": "recomputed",
    "analysis": "recomputed",
    "answer-added": "new-name",
    "answer-removed": "new-name",
    "answers-renumbered": "new-name",
    "polarity": "new-name",
    "type": "new-name",
    "unit": "new-name",
    "code-parts": "new-name",
    "missing-code": "new-name",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes
    ----------
    kind : str
        Key of ``VERDICTS``.
    items : tuple of str
        Ids of the questions it concerns in the new version (of one that was removed: in the old one); empty
        where it concerns the questionnaire as a whole.
    before, after : str
        What stood and what stands, as text; empty where there was or is nothing.
    path : tuple
        Keys and places that lead to it in the YAML file.
    removed : bool
        The path leads there in the old file: the new one has nothing in its place.
    """

    kind: str
    items: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    path: tuple[str | int, ...] = ()
    removed: bool = False

    @property
    def verdict(self) -> Verdict:
        """Return what the edit means for answers given before it."""
        return VERDICTS[self.kind]

    @property
    def unsafe(self) -> bool:
        """Return whether the questions need new names."""
        return self.verdict == "new-name"

    def fault(self, place: Place | None = None) -> Fault:
        """Return the edit in words, with reason and remedy; an error where questions need new names.

        Parameters
        ----------
        place : Place, optional
            Where it stands.
        """
        details = {
            "items": ", ".join(self.items) or "–",
            "before": self.before or "–",
            "after": self.after or "–",
        }
        return Fault(f"edited-{self.kind}", place or Place(), details, "error" if self.unsafe else "warning")
