"""Missing answers."""

import numpy as np

from manyi.cleaning.blocks import Block, Floats
from manyi.cleaning.layout import Layout
from manyi_analysis.careless.answered import count_true


def missing_share(block: Block, layout: Layout) -> Floats:
    """Return the share of the scale items asked of a respondent that were not answered, shape (rows,).

    Don't know, declined and invalid count as missing; an item that was not asked counts neither way. 1 where
    no scale item was asked.
    """
    rows = layout.scale_rows
    asked = len(rows) - count_true(block.not_asked[rows]).astype(np.int64)
    lacking = asked - count_true(block.given[rows])
    return np.where(asked > 0, lacking / np.maximum(asked, 1), 1.0 if len(rows) else np.nan)
