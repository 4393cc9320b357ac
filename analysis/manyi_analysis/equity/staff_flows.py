"""Staff drawn away (教师流动与虹吸): who moves from which kind of school to which, and who gains by it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.records.notcomputed import NotComputed


@dataclass(frozen=True, slots=True)
class StaffFlows:
    """Transfers of staff between kinds of schools.

    Parameters
    ----------
    flows : DataFrame
        One row an origin and destination: ``origin, destination, moved, share_of_origin, expected,
        ratio``.
        ``share_of_origin``: of those who left the origin. ``expected``: persons who would move if the
        destination did not depend on the origin; ``ratio``: moved / expected.
    balance : DataFrame
        One row a kind of school: ``kind, inflow, outflow, net, stock, net_rate, effectiveness``. Moves within
        a kind are in neither flow. ``net_rate``: net / stock, NaN without a stock. ``effectiveness``:
        net / (inflow + outflow), −1 where a kind only loses, 1 where it only gains.
    siphoned : float
        Net gain of the kinds that gain, as a share of all moves between kinds: 0 where moves balance, 1 where
        all go one way.
    n, missing : int
        Persons who moved; rows without origin, destination or number.
    """

    flows: pd.DataFrame
    balance: pd.DataFrame
    siphoned: float
    n: float
    missing: int

    def to_frame(self) -> pd.DataFrame:
        """Return the balance."""
        return self.balance.copy()


def staff_flows(transfers: pd.DataFrame, stock: "pd.Series[float] | None" = None) -> StaffFlows | NotComputed:
    r"""Return who gains and who loses by transfers.

    Parameters
    ----------
    transfers : DataFrame
        ``origin, destination`` (kinds of schools) and, where a row stands for several, ``moved``.
    stock : Series, optional
        Kind of school -> its staff before the transfers.

    Returns
    -------
    StaffFlows or NotComputed
        NotComputed where nobody moved between kinds.

    Notes
    -----
    Inflow I and outflow O of a kind: effectiveness is :math:`(I - O) / (I + O)`, the share siphoned that of
    the system, :math:`\sum |I - O| / \sum (I + O)`. R: ``t <- table(origin, destination)``,
    ``chisq.test(t)$expected``, ``diag(t) <- 0; i <- colSums(t); o <- rowSums(t); (i - o) / (i + o)``.

    References
    ----------
    Shryock, H. S. & Siegel, J. S. (1976). The Methods and Materials of Demography, ch. 20: migration
    effectiveness; here as shares, not per cent.

    Examples
    --------
    >>> ways = [("rural", "urban"), ("rural", "urban"), ("urban", "rural")]
    >>> moves = pd.DataFrame(ways, columns=["origin", "destination"])
    >>> staff_flows(moves).siphoned
    0.3333333333333333
    """
    frame = transfers[["origin", "destination"]].astype("object").copy()
    frame["moved"] = transfers["moved"].astype("float64") if "moved" in transfers.columns else 1.0
    complete = frame.notna().all(axis=1) & (frame["moved"] >= 0)
    missing = int((~complete).sum())
    kept = frame[complete]
    kinds = sorted({*kept["origin"], *kept["destination"]})
    moves = kept.pivot_table(index="origin", columns="destination", values="moved", aggfunc="sum")
    table = moves.reindex(index=kinds, columns=kinds).fillna(0.0).to_numpy(np.float64)
    across = table - np.diag(np.diag(table))
    between = float(across.sum())
    if between == 0:
        return NotComputed("staff_flows", "equity-nobody-moved", {}, int(table.sum()))
    outflow, inflow = across.sum(axis=1), across.sum(axis=0)
    net = inflow - outflow
    total = table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    origin, destination = np.meshgrid(np.arange(len(kinds)), np.arange(len(kinds)), indexing="ij")
    left = table.sum(axis=1, keepdims=True)
    flows = pd.DataFrame(
        {
            "origin": np.array(kinds, dtype=object)[origin.ravel()],
            "destination": np.array(kinds, dtype=object)[destination.ravel()],
            "moved": table.ravel(),
            "share_of_origin": np.divide(
                table, left, out=np.full_like(table, np.nan), where=left > 0
            ).ravel(),
            "expected": expected.ravel(),
            "ratio": np.divide(table, expected, out=np.full_like(table, np.nan), where=expected > 0).ravel(),
        }
    )
    stocks = np.full(len(kinds), np.nan)
    if stock is not None:
        stocks = stock.reindex(kinds).to_numpy(np.float64)
    turnover = inflow + outflow
    balance = pd.DataFrame(
        {
            "kind": kinds,
            "inflow": inflow,
            "outflow": outflow,
            "net": net,
            "stock": stocks,
            "net_rate": np.divide(net, stocks, out=np.full(len(kinds), np.nan), where=stocks > 0),
            "effectiveness": np.divide(net, turnover, out=np.full(len(kinds), np.nan), where=turnover > 0),
        }
    )
    return StaffFlows(flows, balance, float(net[net > 0].sum() / between), float(total), missing)
