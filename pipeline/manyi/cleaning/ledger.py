"""The ledger of N: from issued to kept, each flag and each exclusion with its count."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def ledger(
    found: Mapping[str, NDArray[np.bool_]], exclude: Sequence[str], received: int, issued: int | None
) -> pd.DataFrame:
    """Count the steps from issued to kept.

    Parameters
    ----------
    found : Mapping
        Rule -> flag of each row.
    exclude : sequence of str
        The rules that exclude, in order: a row is counted under the first that excludes it.
    received, issued : int
        Rows received; questionnaires handed out, None where not known.

    Returns
    -------
    DataFrame
        ``step, reason, n``. ``flagged`` counts overlap; ``received`` less every ``excluded`` is ``kept``.
    """
    rows: list[tuple[str, str, int]] = []
    if issued is not None:
        rows.append(("issued", "", issued))
    rows.append(("received", "", received))
    rows += [("flagged", rule, int(flag.sum())) for rule, flag in found.items()]
    remaining = np.ones(received, dtype=bool)
    for rule in exclude:
        if rule in found:
            rows.append(("excluded", rule, int((remaining & found[rule]).sum())))
            remaining &= ~found[rule]
    rows.append(("kept", "", int(remaining.sum())))
    return pd.DataFrame(rows, columns=["step", "reason", "n"])
