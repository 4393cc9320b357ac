"""Answers outside the answer lists."""

import numpy as np

from manyi.cleaning.blocks import Block, Floats
from manyi.cleaning.layout import Layout
from manyi_analysis.careless.answered import count_true


def invalid_share(block: Block, layout: Layout) -> Floats:
    """Return the share of the choices and numbers that were no answer of their list, shape (rows,).

    Invalid cells over all choice and number items. Such cells are stored as ``invalid`` and listed whether or
    not a rule looks at them.
    """
    count = count_true(block.invalid[layout.item_rows])
    return np.asarray(count / max(len(layout.item_rows), 1))
