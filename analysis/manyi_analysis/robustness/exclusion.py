"""Other ways to exclude respondents than the plan's, and the respondents that each of them keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Flag = npt.NDArray[np.bool_]

#: ``rule`` of a variant that is about all rules.
ALL_RULES = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to exclude.

    Parameters
    ----------
    kind : {"planned", "added", "left_out", "none"}
        As planned; with one rule more; with one rule less; nobody excluded.
    rule : str
        The rule added or left out; empty for the others.
    excluded : frozenset of str
        The rules whose flags exclude.
    """

    kind: Literal["planned", "added", "left_out", "none"]
    rule: str
    excluded: frozenset[str]


def exclusion_variants(rules: Sequence[str], planned: Sequence[str]) -> tuple[Variant, ...]:
    """Return the plan first, each other rule added to it, each of its rules left out, and no exclusion.

    Parameters
    ----------
    rules : sequence of str
        Rules that were applied, so that there are flags.
    planned : sequence of str
        Rules whose flags exclude; one that was not applied excludes nobody and is left aside.

    Examples
    --------
    >>> [(v.kind, v.rule) for v in exclusion_variants(["a", "b"], ["b"])]
    [('planned', ''), ('added', 'a'), ('left_out', 'b')]
    """
    plan = frozenset(rule for rule in planned if rule in rules)
    variants = [Variant("planned", ALL_RULES, plan)]
    variants += [Variant("added", rule, plan | {rule}) for rule in rules if rule not in plan]
    variants += [Variant("left_out", rule, plan - {rule}) for rule in rules if rule in plan]
    # With one rule or none in the plan, excluding nobody is among them already.
    if len(plan) > 1:
        variants.append(Variant("none", ALL_RULES, frozenset()))
    return tuple(variants)


@dataclass(frozen=True, slots=True, eq=False)
class Signatures:
    """Respondents in groups that every variant keeps or excludes as a whole.

    Sums add over the groups, so the sums of every variant come from one pass over the respondents.

    Parameters
    ----------
    variants : tuple of Variant
        V ways to exclude.
    kept : ndarray of bool, shape (V, P)
        Which of the P groups each variant keeps.
    code : ndarray of int, shape (respondents,)
        Group of every respondent.
    """

    variants: tuple[Variant, ...]
    kept: Flag
    code: npt.NDArray[np.intp]

    @classmethod
    def of(
        cls,
        flags: Mapping[str, Flag],
        planned: Sequence[str],
        variants: Sequence[Variant] | None = None,
    ) -> "Signatures":
        """Group respondents by the variants that keep them.

        Parameters
        ----------
        flags : Mapping
            Rule -> who is flagged, shape (respondents,).
        planned : sequence of str
            Rules whose flags exclude by the plan.
        variants : sequence of Variant, optional
            Default: those of `exclusion_variants`.
        """
        variants = exclusion_variants(tuple(flags), planned) if variants is None else tuple(variants)
        respondents = len(next(iter(flags.values()))) if flags else 0
        number = np.zeros(respondents, dtype=np.uint64)
        for bit, variant in enumerate(variants):
            excluded = np.zeros(respondents, dtype=bool)
            for rule in variant.excluded:
                excluded |= flags[rule]
            number |= (~excluded).astype(np.uint64) << np.uint64(bit)
        found, code = np.unique(number, return_inverse=True)
        bits = np.arange(len(variants), dtype=np.uint64)[:, None]
        return cls(variants, (found[None, :] >> bits & np.uint64(1)).astype(bool), code.astype(np.intp))

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Return how many respondents each variant keeps, shape (V,)."""
        return self.kept @ np.bincount(self.code, minlength=self.kept.shape[1])

    def hidden(self, counts: npt.NDArray[np.int64], minimum: int) -> Flag:
        """Return which variants must not be shown, shape (V,): few persons' answers would follow from them.

        Results of two variants that differ by fewer than ``minimum`` respondents show, subtracted, what these
        few answered. The plan is shown; of the others those that differ so little from one already shown are
        not. Variants that keep the same respondents tell nothing new and are shown.

        Parameters
        ----------
        counts : ndarray of int, shape (P,)
            Respondents of each group that a statistic uses.
        minimum : int
            Smallest number that may follow by subtraction.

        References
        ----------
        Willenborg, L. & de Waal, T. (2001). Elements of Statistical Disclosure Control, ch. 6.
        """
        hidden = np.zeros(len(self.variants), dtype=bool)
        shown: list[int] = []
        for number in range(len(self.variants)):
            apart = [int(counts[self.kept[number] ^ self.kept[other]].sum()) for other in shown]
            hidden[number] = any(0 < few < minimum for few in apart)
            if not hidden[number]:
                shown.append(number)
        return hidden
