"""Headings that look like the school, the person, the time or the duration of a submission."""

import re
from collections.abc import Mapping

from manyi.readers.platforms.source import SourceQuestion

#: Name of the column -> patterns of its headings, the better ones first. A school may be another cluster.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "school": (
        r"school[ _.]?(?:code|id|no|number|nr)?|学校(?:代码|编码|编号|标识码|名称)?"
        r"|.{0,6}(?:哪所|就读|所在|任教)学校.{0,3}",
        r"inst(?:itution|ructor)?[ _.]?(?:code|id|no)?|机构代码|单位代码|单位",
        r"class[ _.]?(?:room)?[ _.]?(?:code|id|no|number|nr)?|班级代码|班级编号|班级",
        r"cluster[ _.]?(?:id)?|site[ _.]?(?:id)?|centre[ _.]?(?:id)?|center[ _.]?(?:id)?",
    ),
    "person": (
        r"(?:person|respondent|participant|student|pupil|teacher|subject|user|case)?[ _.]?(?:id|uuid)"
        r"|学号|工号|编号|用户id|答卷编号",
    ),
    "submitted": (
        r"timestamp|submi(?:t|ssion|tted)[ _.]?(?:date|time|at)?|(?:end|recorded)[ _.]?date"
        r"|时间戳记|提交时间|提交日期|填写时间",
    ),
    "seconds": (r"duration.{0,14}|seconds|time[ _.]?(?:spent|taken)|用时|所用时间|答题时长|时长",),
}


def looks_like(key: str, question: SourceQuestion) -> int | None:
    """Return the place of the first pattern a question's wording fits, None where it fits none.

    Parameters
    ----------
    key : str
        ``school``, ``person``, ``submitted`` or ``seconds``; other columns look like nothing.
    question : SourceQuestion
        A column of the file.
    """
    wording = (question.text or question.heading).strip().rstrip("？?：:")
    for rank, pattern in enumerate(HEADINGS.get(key, ())):
        if re.fullmatch(pattern, wording, re.IGNORECASE):
            return rank
    return None
