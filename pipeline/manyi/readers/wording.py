"""When two wordings are the same question or the same answer, however they were typed."""

import re
import unicodedata
from functools import lru_cache

_DASHES = str.maketrans(
    dict.fromkeys("‐‑‒–—―−~∼〜～", "-") | dict.fromkeys("“”„«»「」『』", '"') | {"’": "'"}
)
#: Signs without width, which forms and copied texts may hold.
_UNSEEN = dict.fromkeys((0x200B, 0x2060, 0xFEFF))
_NUMBERING = re.compile(
    r"^(?:第\s*\d+\s*[题問问]\s*[.、:)]?|[(（]\s*\d+\s*[)）]|q?\d+(?:\.\d+)*\s*[.、:)])\s*(?=\S)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[\[【(](?:单选|多选|填空|矩阵|量表|必答|必填|必选|可多选)[^\])】]*[\])】]|\*\s*$")


@lru_cache(maxsize=65536)
def answer_key(label: str) -> str:
    """Return what two spellings of one answer share: width, case, blanks, dashes and final stops are gone.

    >>> answer_key(" 非常 同意。") == answer_key("非常同意")
    True
    >>> answer_key("16～19岁") == answer_key("16-19岁"), answer_key("10-20") == answer_key("1020")
    (True, False)
    """
    text = unicodedata.normalize("NFKC", label).translate(_DASHES).translate(_UNSEEN).casefold()
    return "".join(text.split()).rstrip(".。;；,，、:：!！")


@lru_cache(maxsize=65536)
def question_key(text: str) -> str:
    """Return what two spellings of one question share: letters and digits, without numbering and marks.

    >>> question_key("8、您的 年龄？[单选题]") == question_key("您的年龄")
    True
    >>> question_key("Q1"), question_key("3.5"), question_key("1000303")
    ('q1', '35', '1000303')
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _MARKS.sub("", plain).strip()
    plain = _NUMBERING.sub("", plain) if not re.fullmatch(r"[\d.\s]+", plain) else plain
    return "".join(character for character in plain if unicodedata.category(character)[0] in "LNMS")


def without_numbering(text: str) -> str:
    r"""Return a heading as the question was worded: without ``8、`` or ``Q8.``, blanks made single.

    >>> without_numbering("3、性别\t ")
    '性别'
    """
    single = " ".join(text.split())
    return _NUMBERING.sub("", single).strip() or single
