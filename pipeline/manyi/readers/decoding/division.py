"""Whose the rows of a file are, where one file holds those of several roles: told by a column."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manyi.readers.decoding.submission import whole_code
from manyi.readers.platforms.source import SourceTable
from manyi.readers.tables.column import Codes
from manyi.readers.wording import answer_key
from manyi.study.row_shares import RowShare

Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Division:
    """The rows of one file as one role sees them.

    Attributes
    ----------
    column : str
        The column that tells them, as the study names it.
    here : (n,) bool array
        Rows that are accounted for with this role: its own, and those of nobody where it lists them.
    unclaimed : Mapping
        Cell -> rows (n,) of this role's account that are nobody's.
    elsewhere : Mapping
        Role -> spreadsheet rows in its account.
    """

    column: str
    here: Rows
    unclaimed: Mapping[str, Rows]
    elsewhere: Mapping[str, Codes]


def divide(source: SourceTable, column: str | None, share: RowShare | None) -> Division | None:
    """Return whose the rows of a file are; None where they are all the role's own.

    Cells are compared as answers are: width, case and blanks do not matter, and ``2023.0`` is ``2023``.

    Parameters
    ----------
    source : SourceTable
        The file.
    column : str or None
        Its column that tells them.
    share : RowShare or None
        What the role takes.
    """
    if column is None or share is None:
        return None
    found = source.raw.column(column)
    cells = list(found.cells)
    own = {_key(value) for value in share.own}
    others = {_key(value): role for value, role in share.others.items()}
    keys = [_key(cell) for cell in cells]
    mine = np.array([key in own for key in keys], dtype=bool)
    theirs = np.array([key in others and key not in own for key in keys], dtype=bool)
    of_nobody = ~(mine | theirs)
    rows = np.asarray(source.raw.rows, dtype=np.int64)
    elsewhere: dict[str, Codes] = {}
    for role in dict.fromkeys([*others.values(), *([share.lister] if share.lister else [])]):
        of_role = np.array([others.get(key) == role for key in keys], dtype=bool) & theirs
        if role == share.lister:
            of_role |= of_nobody
        elsewhere[role] = rows[of_role[found.codes]]
    here = mine[found.codes] if share.lister else (mine | of_nobody)[found.codes]
    nobody = [] if share.lister else np.flatnonzero(of_nobody).tolist()
    return Division(share.column, here, {cells[at]: found.codes == at for at in nobody}, elsewhere)


def _key(cell: str) -> str:
    return answer_key(whole_code(cell.strip()))
