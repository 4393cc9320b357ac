"""Wordings that the text import of 问卷星 takes for nothing but wordings.

Its page reads line by line. A line that begins with a number or a heading (``一、``), or holds a type in
brackets, begins a question; blanks divide the answers of a line; three underscores are a gap to fill in. What
follows keeps a wording from being read so, and import from its exports takes it for the same wording.
"""

import re

#: Zero width space: what stands behind it no longer begins the line, and nobody sees it.
GUARD = "\u200b"
#: A blank that divides nothing.
SOLID_BLANK = "\u00a0"
_BEGINS = re.compile(
    r"(?:[a-zA-Z]|问题|第)?\s*[0-9０-９]|[(（][0-9０-９]|【?[一二三四五六七八九十][.。、\s．:：]|[(（][一二三四五六七八九十]"
    r"|第[一二三四五六七八九十]|基本信息|个人信息|例"
)
_SIGNS = str.maketrans({"[": "［", "]": "］", "{": "｛", "}": "｝"})
_MARKS = re.compile(r"□|○|[①-⑳]")
_NUMBERS = re.compile(r"\d\d?[.、]|[(（]\d\d?[)）]")


def single_line(text: str) -> str:
    r"""Return a wording on one line without signs that the import reads.

    >>> single_line("How\nfar [单选题]")
    'How far ［单选题］'
    """
    return " ".join(text.translate(_SIGNS).split()).replace("___", "＿＿＿")


def line(text: str) -> str:
    """Return a wording as a line of its own, which begins no question.

    >>> line("3 km") == GUARD + "3 km", line("km")
    (True, 'km')
    """
    plain = single_line(text)
    return f"{GUARD}{plain}" if _BEGINS.match(plain) else plain


def answer(text: str) -> str:
    """Return an answer's label: a line of which no part is taken for an answer of its own."""
    return line(text).replace(" ", SOLID_BLANK)


def is_divided(labels: list[str]) -> bool:
    """Return whether the import may still divide one of these answers.

    It does at marks such as ``①`` and at two numbers with a stop (``1.5 to 2.5``), and where a single A
    stands in the first label and a single B in it or the next, which it takes for the letters of answers.

    >>> is_divided(["1.5~2.5", "more"]), is_divided(["Vitamin A", "Vitamin B"]), is_divided(["yes", "no"])
    (True, True, False)
    """
    if any(_MARKS.search(label) or len(_NUMBERS.findall(label)) > 1 for label in labels):
        return True
    first, second = labels[0].upper(), "\n".join(labels[:2]).upper()
    return bool(re.search(r"A(?![A-Z])", first)) and bool(re.search(r"B(?![A-Z])", second))
