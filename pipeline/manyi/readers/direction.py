"""Whether answers run the way the questionnaire says: items, scales and files that look turned."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import atanh, inf, sqrt, tanh

import numpy as np
import pandas as pd
from scipy.special import ndtri

from manyi_analysis.records import PairwiseMoments
from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.faults import Fault, Place

#: Rows that any pair of items must share.
FEWEST_ROWS = 30
#: Rows looked at: evenly spread over a longer file. Directions show in far fewer.
MOST_ROWS = 10_000
#: Items that two files must share for their means to be compared.
FEWEST_ITEMS = 5
#: One-sided level of the confidence limit that must be below zero.
LEVEL = 0.999
#: A negative correlation nearer to zero says that an item is poor, not that it is turned.
LEAST = 0.10
#: And one between scales may come of what they measure.
LEAST_BETWEEN_SCALES = 0.40


@dataclass(frozen=True, slots=True)
class Against:
    """A correlation that should be positive, and how far it may be from it.

    Parameters
    ----------
    r : float
        Pearson's correlation.
    n : int
        Rows, or items, it rests on.
    least : float
        How far below zero it must be to tell of turned answers.
    """

    r: float
    n: int
    least: float = LEAST

    @property
    def upper(self) -> float:
        """Return the upper confidence limit of r: one-sided at 99.9 %, from Fisher's z.

        ``tanh(atanh(r) + z / sqrt(n - 3))``; infinite below four. Fisher (1921), On the "probable error" of a
        coefficient of correlation deduced from a small sample. Metron 1, 3-32. Equivalent R:
        ``cor.test(x, y, conf.level = .998)$conf.int[2]``.
        """
        if self.n <= 3:
            return inf
        return tanh(atanh(max(min(self.r, 1.0), -1.0) * (1 - 1e-15)) + float(ndtri(LEVEL)) / sqrt(self.n - 3))

    @property
    def turned(self) -> bool:
        """Return whether it is negative by more than chance and by more than a poor item."""
        return self.r <= -self.least and self.upper < 0

    def details(self) -> dict[str, object]:
        """Return it in the words of a fault."""
        return {"r": f"{self.r:.2f}", "n": self.n, "upper": f"{self.upper:.2f}"}


def direction_faults(files: Mapping[str, pd.DataFrame], questionnaire: Questionnaire) -> tuple[Fault, ...]:
    """Return warnings about items, scales and files that run against the questionnaire's keys.

    Parameters
    ----------
    files : Mapping
        Name of a file -> its coded answers; missing codes and answers beside the list are left out pairwise.
    questionnaire : Questionnaire
        Scales, reverse keys and answer lists.

    Returns
    -------
    tuple of Fault
        In each scale of each file, with n and r: ``looks-already-reversed`` (the sum of the reverse-keyed
        items, keyed, correlates negatively with the sum of the others, or one of them does with the rest),
        ``looks-reversed`` (so does an item that is not reverse-keyed). In each file ``order-looks-turned``
        (a scale correlates below -.40 with the sum of the others). Among files ``file-looks-turned`` (the
        item means of one correlate negatively with those of the others). Nothing is told below 30 rows, or
        where the 99.9 % limit of the correlation reaches zero.
    """
    faults: list[Fault] = []
    means: dict[str, pd.Series] = {}
    for name, answers in files.items():
        keyed = _keyed(answers, questionnaire)
        means[name] = keyed.loc[:, keyed.notna().sum() >= FEWEST_ROWS].mean()
        found, turned = _within_scales(keyed, questionnaire, name)
        # What looks reversed already is turned back, so that scales are held against each other as meant.
        faults += [*found, *_among_scales(turned, questionnaire, name)]
    faults.extend(_among_files(means))
    return tuple(faults)


def item_directions(keyed: pd.DataFrame, items: Sequence[str]) -> dict[str, Against]:
    """Return the corrected item-rest correlation of each item of a scale.

    Parameters
    ----------
    keyed : DataFrame, shape (respondents, items)
        Keyed answers, NaN where missing; missing answers are left out pairwise.
    items : sequence of str
        The scale. Items without variance, or answered by fewer than 30, are left out.

    Returns
    -------
    dict
        Item -> correlation; n is that of the pair of items that shares fewest rows. Empty below two items or
        30 rows.

    Notes
    -----
    R: ``psych::alpha(x, check.keys = FALSE)$item.stats$r.drop``.
    """
    moments = _moments(keyed, items)
    # A second to import, which a file of a few rows is spared.
    from manyi_analysis.measurement import ItemAnalysis, item_analysis

    found = item_analysis(moments) if moments is not None else None
    if not isinstance(found, ItemAnalysis):
        return {}
    return {row.item: Against(row.item_rest_r, found.n) for row in found.items if row.item_rest_r is not None}


def _keyed(answers: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """Return the items of scales so that higher means more, NaN for anything but an answer."""
    step = max(1, -(-len(answers) // MOST_ROWS))
    columns: dict[str, np.ndarray] = {}
    for item in _scaled(questionnaire):
        listed = questionnaire.answer_list(item)
        if listed is None or item.id not in answers:
            continue
        values = answers[item.id].to_numpy(dtype=np.float64)[::step]
        kept = np.where(np.isin(values, listed.values), values, np.nan)
        columns[item.id] = listed.low + listed.high - kept if item.reverse else kept
    return pd.DataFrame(columns)


def _scaled(questionnaire: Questionnaire) -> Iterator[Item]:
    return (item for item in questionnaire.items if item.scale is not None and item.type == "choice")


def _moments(keyed: pd.DataFrame, items: Sequence[str]) -> PairwiseMoments | None:
    """Return the moments of the items that enough people answered, not all alike; None below two."""
    known = [item for item in items if item in keyed and keyed[item].count() >= FEWEST_ROWS]
    varied = [item for item in known if keyed[item].nunique() > 1]
    if len(varied) < 2:
        return None
    moments = PairwiseMoments.of(keyed, varied)
    return moments if moments.n >= FEWEST_ROWS else None


def _within_scales(
    keyed: pd.DataFrame, questionnaire: Questionnaire, file: str
) -> tuple[list[Fault], pd.DataFrame]:
    """Return the items that run against their scale, and the answers with these turned back."""
    faults: list[Fault] = []
    turned = keyed.copy()
    for scale in questionnaire.scales:
        items = {item.id: item for item in questionnaire.items_of(scale.id) if item.id in keyed}
        reverse = [item for item in items if items[item].reverse]
        told: list[str] = []
        together = _sums_against(keyed, reverse, [item for item in items if item not in reverse])
        if together is not None and together.turned:
            faults.append(_already(file, scale.id, reverse, together))
            told = reverse
        else:
            for name, against in item_directions(keyed, list(items)).items():
                if name in reverse and against.turned:
                    faults.append(_already(file, scale.id, [name], against))
                    told.append(name)
        for name in told:
            low, high = questionnaire.bounds(items[name]) or (0.0, 0.0)
            turned[name] = low + high - turned[name]
        for name, against in item_directions(turned, list(items)).items():
            if name not in reverse and against.turned:
                details = {"scale": scale.id, "item": name, **against.details()}
                faults.append(Fault("looks-reversed", Place(file=file, field=name), details, "warning"))
    return faults, turned


def _already(file: str, scale: str, items: Sequence[str], against: Against) -> Fault:
    details = {"scale": scale, "items": "、".join(items), **against.details()}
    return Fault("looks-already-reversed", Place(file=file, field=items[0]), details, "warning")


def _sums_against(keyed: pd.DataFrame, left: Sequence[str], right: Sequence[str]) -> Against | None:
    """Return the correlation of the sums of two sets of items, from their pairwise covariances.

    ``sum C_LR / sqrt(sum C_LL * sum C_RR)``; None where a set is empty or a sum has no variance.
    """
    moments = _moments(keyed, [*left, *right])
    if moments is None:
        return None
    a = [at for at, name in enumerate(moments.columns) if name in left]
    b = [at for at, name in enumerate(moments.columns) if name in right]
    if not a or not b:
        return None
    covariance = moments.covariance
    shared = float(covariance[np.ix_(a, b)].sum())
    own = float(covariance[np.ix_(a, a)].sum()) * float(covariance[np.ix_(b, b)].sum())
    return Against(shared / sqrt(own), moments.n) if own > 0 else None


def _among_scales(keyed: pd.DataFrame, questionnaire: Questionnaire, file: str) -> Iterator[Fault]:
    """Yield the scales of one file that run against the sum of the others."""
    scores = {}
    for scale in questionnaire.scales:
        items = [item.id for item in questionnaire.items_of(scale.id) if item.id in keyed]
        if items:
            scores[scale.id] = keyed[items].mean(axis=1)
    frame = pd.DataFrame(scores)
    spread = frame.std()
    # Scales of other lengths and lists count alike.
    frame = frame.loc[:, spread > 0] / spread[spread > 0]
    against = item_directions(frame, list(scores))
    turned = {
        scale: Against(found.r, found.n, LEAST_BETWEEN_SCALES)
        for scale, found in against.items()
        if Against(found.r, found.n, LEAST_BETWEEN_SCALES).turned
    }
    # Of two scales that run against each other nobody can tell which is turned: they are told together.
    groups = [list(turned)] if len(against) == 2 and turned else [[scale] for scale in turned]
    for scales in groups:
        details = {"file": file, "scales": "、".join(scales), **turned[scales[0]].details()}
        yield Fault("order-looks-turned", Place(file=file, field=scales[0]), details, "warning")


def _among_files(means: Mapping[str, pd.Series]) -> Iterator[Fault]:
    """Yield the files of which the item means run against those of the others."""
    turned: dict[str, Against] = {}
    for name, own in means.items():
        rest = [other for file, other in means.items() if file != name]
        if not rest:
            continue
        others = pd.concat(rest, axis=1).mean(axis=1)
        shared = own.index.intersection(others.index)
        x, y = own[shared].to_numpy(), others[shared].to_numpy()
        if len(shared) >= FEWEST_ITEMS and np.ptp(x) > 0 and np.ptp(y) > 0:
            against = Against(float(np.corrcoef(x, y)[0, 1]), len(shared))
            if against.turned:
                turned[name] = against
    # Of two files nobody can tell which one is turned: they are told together.
    groups = [list(turned)] if len(means) == 2 and turned else [[file] for file in turned]
    for files in groups:
        details = {"file": "、".join(files), **turned[files[0]].details()}
        yield Fault("file-looks-turned", Place(file=files[0]), details, "warning")
