"""Hollowing-out (空心化) and crowding: how enrolment and class size changed by kind of school."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.records.notcomputed import NotComputed


@dataclass(frozen=True, slots=True)
class Hollowing:
    """Change of enrolment and class size between two school years by kind of school.

    Parameters
    ----------
    frame : DataFrame
        One row a kind of school and ``all``: ``kind, schools_before, schools_after, closed, opened,
        pupils_before, pupils_after, change, change_rate, share_before, share_after, class_size_before,
        class_size_after, small_before, small_after``. Class size is pupils / classes over the schools that
        have both; ``small`` counts schools below the size of a small school.
    missing : int
        Rows without pupils, of either year.
    """

    frame: pd.DataFrame
    missing: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a kind of school."""
        return self.frame.copy()


def hollowing(
    before: pd.DataFrame, after: pd.DataFrame, kind: str, small: float = 100.0
) -> Hollowing | NotComputed:
    """Return how enrolment and class size changed by kind of school.

    Parameters
    ----------
    before, after : DataFrame
        School tables of two years: ``school, stage, pupils``, ``classes`` where known, and the column of the
        kind. A school counts by the kind it had in its own year.
    kind : str
        Column of the kind of school: urban and rural, for example.
    small : float
        A school of fewer pupils is small (小规模学校: below 100).

    Returns
    -------
    Hollowing or NotComputed
        NotComputed where a year has no schools with pupils. Schools without pupils of a year are dropped and
        counted; a school that is only in one of the tables was opened or closed.

    Notes
    -----
    ``change_rate`` = after / before - 1 of the pupils, ``share`` = pupils of the kind / all, ``class_size`` =
    pupils / classes of the rows that have both. R: ``aggregate(pupils ~ kind, year, sum)``, ``setdiff`` of
    the schools; tests/reference/equity/measures.R.

    References
    ----------
    Small schools (小规模学校), below 100 pupils: State Council General Office (2018), document 27.
    """
    tables, missing = [], 0
    for frame in (before, after):
        columns = {name: frame[name] for name in ("school", "pupils", kind)}
        classes = frame["classes"] if "classes" in frame.columns else pd.Series(np.nan, index=frame.index)
        table = pd.DataFrame({**columns, "classes": classes}).rename(columns={kind: "kind"})
        complete = table["pupils"].notna() & table["kind"].notna()
        missing += int((~complete).sum())
        tables.append(table[complete])
    if not all(len(table) for table in tables):
        return NotComputed("hollowing", "equity-year-without-schools", {}, 0)
    schools = [set(table["school"]) for table in tables]
    years = [_of_year(table, small) for table in tables]
    kinds = sorted({*years[0].index, *years[1].index} - {"all"})
    wide = (
        years[0]
        .add_suffix("_before")
        .join(years[1].add_suffix("_after"), how="outer")
        .reindex([*kinds, "all"])
    )
    counts = [name for name in wide.columns if name.startswith(("schools", "pupils", "small"))]
    wide[counts] = wide[counts].fillna(0)
    for name, table, gone in (
        ("closed", tables[0], schools[0] - schools[1]),
        ("opened", tables[1], schools[1] - schools[0]),
    ):
        own = table[table["school"].isin(gone)].groupby("kind")["school"].nunique()
        wide[name] = own.reindex(wide.index).fillna(0)
        wide.loc["all", name] = len(gone)
    change = wide["pupils_after"] - wide["pupils_before"]
    totals = {name: float(wide[f"pupils_{name}"].to_numpy()[-1]) for name in ("before", "after")}
    result = wide.assign(
        change=change,
        change_rate=(change / wide["pupils_before"]).where(wide["pupils_before"] > 0),
        share_before=wide["pupils_before"] / totals["before"],
        share_after=wide["pupils_after"] / totals["after"],
    )
    order = [
        "schools_before", "schools_after", "closed", "opened", "pupils_before", "pupils_after", "change",
        "change_rate", "share_before", "share_after", "class_size_before", "class_size_after",
        "small_before", "small_after",
    ]  # fmt: skip
    return Hollowing(result[order].rename_axis("kind").reset_index(), missing)


def _of_year(table: pd.DataFrame, small: float) -> pd.DataFrame:
    """Return by kind, and for all: schools, pupils, class size, small schools."""
    whole = table.groupby(["kind", "school"], sort=False)["pupils"].sum().reset_index()
    known = table[table["classes"] > 0]
    parts = []
    for rows, classes, kinds in (
        (whole, known, [whole["kind"], known["kind"]]),
        (whole.assign(kind="all"), known.assign(kind="all"), ["kind", "kind"]),
    ):
        own = rows.groupby(kinds[0])
        sizes = classes.groupby(kinds[1])[["pupils", "classes"]].sum()
        parts.append(
            pd.DataFrame(
                {
                    "schools": own["school"].nunique(),
                    "pupils": own["pupils"].sum(),
                    "small": own["pupils"].agg(lambda pupils: (pupils < small).sum()),
                    "class_size": sizes["pupils"] / sizes["classes"],
                }
            )
        )
    return pd.concat(parts)
