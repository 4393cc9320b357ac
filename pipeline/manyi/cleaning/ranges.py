"""Answers outside the answer lists."""

import numpy as np

from manyi.cleaning.blocks import Block, Floats
from manyi.cleaning.layout import Layout


def invalid_share(block: Block, layout: Layout) -> Floats:
    """Return the share of the choices and numbers that were no answer of their list, shape (rows,).

    Invalid cells over all choice and number items. Such cells are stored as ``invalid`` and listed whether or
    not a rule looks at them.
    """
    count = block.invalid[layout.item_rows].sum(axis=0)
    return np.asarray(count / max(len(layout.item_rows), 1))
