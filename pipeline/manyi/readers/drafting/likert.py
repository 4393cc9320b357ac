"""The order of answer wordings: degrees of agreement, frequency, quality, and labels that hold numbers."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from manyi.readers.wording import answer_key

# Families whose steps are names rather than degrees of one attitude.
_NOMINAL = ("yes_no", "settlement_zh")
_DIGITS_ZH = {digit: value for value, digit in enumerate("零一二三四五六七八九十")}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_BELOW = ("以下", "以内", "不到", "不足", "低于", "少于", "under", "below", "less", "<", "upto")
_ABOVE = ("以上", "超过", "高于", "多于", "大于", "over", "above", "more", ">", "+")
_NONE = ("没有", "无", "从未", "none", "no")


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """Labels from low to high, and the family of wordings that tells the order."""

    labels: tuple[str, ...]
    family: str
    attitude: bool


@cache
def _wordings() -> Mapping[str, object]:
    source = files(__package__) / "likert.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def is_dont_know(label: str) -> bool:
    """Return whether a label says that the respondent does not know.

    >>> is_dont_know("不了解"), is_dont_know("一般")
    (True, False)
    """
    section = _wordings()["dont_know"]
    words = section["words"] if isinstance(section, dict) else []
    return answer_key(label) in {answer_key(word) for word in words}


def order_labels(labels: Iterable[str]) -> LabelOrder | None:
    """Return labels from low to high where their wording is known, else None.

    Parameters
    ----------
    labels : iterable of str
        The different labels of one question, in any order.

    Returns
    -------
    LabelOrder or None
        None too where two labels would take the same step.

    >>> order_labels(["一般", "非常满意", "不满意", "满意", "非常不满意"]).labels
    ('非常不满意', '不满意', '一般', '满意', '非常满意')
    >>> order_labels(["Often", "never", "Sometimes"]).labels
    ('never', 'Sometimes', 'Often')
    >>> order_labels(["语文", "数学"]) is None
    True
    """
    given = tuple(labels)
    if len(given) < 2:
        return None
    return _by_degree(given) or _by_family(given) or _by_number(given)


def _by_degree(labels: Sequence[str]) -> LabelOrder | None:
    sections = _wordings()
    degrees, neutral = sections["degrees"], sections["neutral"]
    if not isinstance(degrees, dict) or not isinstance(neutral, dict):
        return None
    middles = [label for label in labels if answer_key(label) in neutral["words"]]
    rest = [label for label in labels if label not in middles]
    if len(middles) > 1 or len(rest) < 2:
        return None
    # The word is what all labels but the neutral one end in.
    keys = [answer_key(label) for label in rest]
    shortest = min(keys, key=len)
    for length in range(len(shortest), 0, -1):
        word = shortest[-length:]
        starts = [key.removesuffix(word) for key in keys]
        if all(key.endswith(word) and start in degrees for key, start in zip(keys, starts, strict=True)):
            places = dict(zip(rest, (float(degrees[start]) for start in starts), strict=True))
            places.update(dict.fromkeys(middles, 0.0))
            opposite = any(place < 0 for place in places.values()) or len(labels) > 2
            if len(set(places.values())) == len(labels) and opposite:
                return LabelOrder(tuple(sorted(labels, key=places.__getitem__)), word, attitude=True)
    return None


def _by_family(labels: Sequence[str]) -> LabelOrder | None:
    families = _wordings()["families"]
    for name, steps in families.items() if isinstance(families, dict) else ():
        step_of = {answer_key(label): step for step, spellings in enumerate(steps) for label in spellings}
        places = {label: step_of.get(answer_key(label)) for label in labels}
        found = [place for place in places.values() if place is not None]
        if len(found) == len(labels) and len(set(found)) == len(labels):
            ordered = tuple(sorted(labels, key=lambda label: places[label] or 0))
            attitude = name not in (*_NOMINAL, "education_zh")
            return LabelOrder(ordered, name.removesuffix("_zh"), attitude)
    return None


def _by_number(labels: Sequence[str]) -> LabelOrder | None:
    places = {label: number_in(label) for label in labels}
    known = [place for place in places.values() if place is not None]
    if len(known) != len(labels) or len(set(known)) != len(labels):
        return None
    return LabelOrder(tuple(sorted(labels, key=lambda label: places[label] or 0.0)), "number", attitude=False)


def number_in(label: str) -> float | None:
    """Return where a label with a number stands among its like: the lower bound of a band, -1 for none.

    >>> [number_in(label) for label in ("3000元以下", "3001-5000元", "15000元以上", "无", "三年级", "其他")]
    [2999.5, 3001.0, 15000.5, -1.0, 3.0, None]
    """
    key = answer_key(label)
    found = _NUMBER.search(key.replace(",", ""))
    if found:
        shift = -0.5 if any(word in key for word in _BELOW) else 0.0
        return float(found[0]) + (0.5 if any(word in key for word in _ABOVE) else shift)
    if any(key.startswith(word) for word in _NONE):
        return -1.0
    if len(key) > 1 and key[0] in _DIGITS_ZH and key[1] not in "般些定直":
        return float(_DIGITS_ZH[key[0]])
    return None
