"""Which cells of a two-way table to hide together with its margins, so that no small one can be worked out.

A reader has the cells, the levels of the rows alone, those of the columns alone, and the total: three tables
that overlap. Whatever is shown of one can be subtracted from another, so they are protected together.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manyi_analysis.level.suppression import small_cells

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class TwoWaySuppression:
    """What of a table and its margins is not shown.

    Parameters
    ----------
    cells : (R, C) array of bool
        Cells hidden.
    rows : (R,) array of bool
        Levels of the rows alone hidden.
    columns : (C,) array of bool
        Levels of the columns alone hidden.
    small : (R + 1, C + 1) array of bool
        Which of all, margins last, are hidden because they are small; the others protect those.
    """

    cells: Mask
    rows: Mask
    columns: Mask
    small: Mask

    @property
    def hidden(self) -> Mask:
        """Return all that is hidden, margins last, shape (R + 1, C + 1); the total never is."""
        table = np.zeros((len(self.rows) + 1, len(self.columns) + 1), dtype=bool)
        table[:-1, :-1], table[:-1, -1], table[-1, :-1] = self.cells, self.rows, self.columns
        return table


def two_way_suppression(n: Counts, minimum: int) -> TwoWaySuppression:
    """Return what to hide of a two-way table so that no small cell and no small rest follows.

    With its margins, the total's sign turned, every line of the table sums to zero. A hidden cell can be
    computed from what is shown exactly where its edge is a bridge in the graph whose nodes are lines and
    whose edges are hidden cells (Gusfield, 1988). So every small cell is put on a cycle of hidden cells: the
    one that hides the fewest further respondents. Besides, what is hidden of a line has `minimum`
    respondents at least, because their sum follows from the line; a line of fewer hides its next smallest.

    Parameters
    ----------
    n : (R, C) array
        Respondents of every cell.
    minimum : int
        Smallest number shown.

    Returns
    -------
    TwoWaySuppression
        Empty cells may be shown or hidden: nobody is in them. Where a table has too few lines for a cycle,
        everything but the total is hidden.

    References
    ----------
    Gusfield, D. (1988). A graph theoretic approach to statistical data security. SIAM J. Computing 17,
    552-571; Willenborg, L. & de Waal, T. (2001). Elements of Statistical Disclosure Control, ch. 6.
    """
    cells = np.asarray(n, dtype=np.int64)
    table = np.zeros((cells.shape[0] + 1, cells.shape[1] + 1), dtype=np.int64)
    table[:-1, :-1] = cells
    table[:-1, -1], table[-1, :-1] = cells.sum(axis=1), cells.sum(axis=0)
    table[-1, -1] = cells.sum()
    small = small_cells(table, minimum) & (table > 0)
    small[-1, -1] = False
    hidden = small.copy()
    while True:
        before = int(hidden.sum())
        _fill_lines(table, hidden, minimum)
        for row, column in np.argwhere(small):
            if row == table.shape[0] - 1 and column == table.shape[1] - 1:
                continue
            _close_cycle(table, hidden, int(row), int(column))
        if int(hidden.sum()) == before:
            break
    return TwoWaySuppression(hidden[:-1, :-1], hidden[:-1, -1], hidden[-1, :-1], small)


def _fill_lines(table: Counts, hidden: Mask, minimum: int) -> None:
    """Hide more of each line in which what is hidden has respondents, but fewer than `minimum`."""
    for axis in (0, 1):
        counts, mask = (table, hidden) if axis == 0 else (table.T, hidden.T)
        last = counts.shape[1] - 1
        for line in range(counts.shape[0]):
            inner = mask[line, :last]
            # The rest of the line is hidden too where its total is: nothing is known of their sum.
            if mask[line, last]:
                continue
            for place in np.argsort(counts[line, :last], kind="stable"):
                held = int(counts[line, :last][inner].sum())
                if held == 0 or held >= minimum:
                    break
                if counts[line, place] > 0:
                    inner[place] = True


def _close_cycle(table: Counts, hidden: Mask, row: int, column: int) -> None:
    """Hide what it takes to put a hidden cell on a cycle of hidden cells, at the least cost.

    Lines are nodes, rows first; a hidden cell costs nothing, another its respondents, and empty cells and the
    total are no way, as they would not protect.
    """
    rows, columns = table.shape
    cost = table.astype(np.float64)
    cost[table == 0] = np.inf
    cost[hidden & (table > 0)] = 0.0
    cost[-1, -1] = cost[row, column] = np.inf
    distance = np.full(rows + columns, np.inf)
    before = np.full(rows + columns, -1)
    open_nodes = np.ones(rows + columns, dtype=bool)
    distance[row] = 0.0
    # Dijkstra with arrays: the nearest node is found by one pass, as nearly every pair of lines has an edge.
    while True:
        node = int(np.argmin(np.where(open_nodes, distance, np.inf)))
        if node == rows + column or not (open_nodes[node] and np.isfinite(distance[node])):
            break
        open_nodes[node] = False
        along = cost[node] if node < rows else cost[:, node - rows]
        offset = rows if node < rows else 0
        near = distance[offset : offset + len(along)]
        better = distance[node] + along < near
        before[offset : offset + len(along)][better] = node
        near[better] = distance[node] + along[better]
    node = rows + column
    if not np.isfinite(distance[node]):
        hidden[:, :] = table > 0
        hidden[-1, -1] = False
        return
    while node != row:
        earlier = int(before[node])
        first, second = (earlier, node) if earlier < rows else (node, earlier)
        hidden[first, second - rows] = True
        node = earlier


def recoverable(hidden: Mask) -> Mask:
    """Return which hidden cells of a table with its margins follow exactly from those shown.

    Every line sums to its margin: a hidden cell follows where it is the same in all solutions of those
    equations, that is where it is zero in every vector of their null space. This is the check of
    `two_way_suppression`, by other means.

    Parameters
    ----------
    hidden : (R + 1, C + 1) array of bool
        Margins last.
    """
    rows, columns = hidden.shape
    places = np.argwhere(hidden)
    equations = np.zeros((rows + columns, len(places)))
    for position, (row, column) in enumerate(places):
        equations[row, position] = -1.0 if column == columns - 1 else 1.0
        equations[rows + column, position] = -1.0 if row == rows - 1 else 1.0
    result = np.zeros_like(hidden)
    if not len(places):
        return result
    _, values, vectors = np.linalg.svd(equations)
    rank = int((values > 1e-9).sum())
    known = (np.abs(vectors[rank:]) < 1e-9).all(axis=0)
    result[places[:, 0], places[:, 1]] = known
    return result
