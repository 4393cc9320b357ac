"""Scoring: missing codes, reverse keys, scale scores and satisfaction indices."""

from manyi_instruments.scoring.index import (
    INDEX_DEFINITIONS,
    SHARES,
    IndexDefinition,
    respondent_index,
    satisfied,
    share_cut,
    share_of_maximum,
    share_of_range,
    top2,
)
from manyi_instruments.scoring.scores import (
    numeric_columns,
    question_columns,
    scale_score,
    score,
    score_bounds,
)

__all__ = [
    "INDEX_DEFINITIONS",
    "SHARES",
    "IndexDefinition",
    "numeric_columns",
    "question_columns",
    "respondent_index",
    "satisfied",
    "scale_score",
    "score",
    "score_bounds",
    "share_cut",
    "share_of_maximum",
    "share_of_range",
    "top2",
]
