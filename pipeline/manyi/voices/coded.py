"""Tables of coded texts: how often, how far coders agree, what was said, and the numbers beside it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from manyi.voices.sheet import CoderSheet
from manyi_analysis.coding import Agreement, cohen_kappa, fleiss_kappa, krippendorff_alpha
from manyi_analysis.differences.adjustment import adjusted
from manyi_analysis.explanation.clustered import clustered_ols
from manyi_analysis.explanation.ols import Regression, ols
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.records import GroupedMoments, Moments, NotComputed

CODES = ["code", "title", "coders", "texts", "n", "both_read", "any", "agreed", "share_any", "share_agreed"]
AGREEMENT = ["code", "coders", "n", "missing", "agreement", "kappa", "kappa_low", "kappa_high", "method"]
AGREEMENT += ["alpha", "reason"]
QUOTATIONS = ["code", "title", "unit", "text", "masked", "agreed"]
JOINT = ["code", "title", "measure", "definition", "n_with", "n_without", "disputed", "with", "without"]
JOINT += ["difference", "low", "high", "p", "p_adjusted", "schools", "reason"]
#: All codes together: the one code of a text.
ALL = "all"
#: Quotations of a code, and the length a reader takes in at once.
SHOWN, READABLE = 3, 60


class Coding:
    """The codes of several people for the same texts.

    Parameters
    ----------
    passages : DataFrame
        ``unit, file, row, text, masked``.
    sheets : sequence of CoderSheet
        One a coder.
    """

    def __init__(self, passages: pd.DataFrame, sheets: Sequence[CoderSheet]) -> None:
        self.passages = passages.reset_index(drop=True)
        self.sheets = tuple(sheets)
        self.titles: dict[str, str] = {}
        for sheet in sheets:
            self.titles = {**sheet.codebook, **self.titles}
        used = {code for sheet in sheets for codes in sheet.codes.values() for code in codes}
        self.codes = (*(code for code in self.titles if code in used), *sorted(used - self.titles.keys()))
        place = {unit: at for at, unit in enumerate(self.passages["unit"])}
        #: Shape (coders, texts): whether each coder read each text.
        self.read = np.zeros((len(sheets), len(place)), dtype=bool)
        #: Shape (codes, coders, texts): whether each coder gave each text each code.
        self.given = np.zeros((len(self.codes), len(sheets), len(place)), dtype=bool)
        at_code = {code: at for at, code in enumerate(self.codes)}
        for number, sheet in enumerate(sheets):
            for unit, codes in sheet.codes.items():
                self.read[number, place[unit]] = True
                for code in codes:
                    self.given[at_code[code], number, place[unit]] = True

    def agreed(self, code: int) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Return which texts have a code from everybody who read them."""
        read = self.read.any(axis=0)
        return np.asarray(read & (self.given[code] | ~self.read).all(axis=0))

    def any(self, code: int) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Return which texts have a code from anybody."""
        return np.asarray(self.given[code].any(axis=0))


def frequencies(coding: Coding) -> pd.DataFrame:
    """Return one row a code: in how many texts anybody, and everybody who read it, found it."""
    n = int(coding.read.any(axis=0).sum())
    both = int((coding.read.sum(axis=0) >= 2).sum())
    rows = []
    for at, code in enumerate(coding.codes):
        anybody, agreed = int(coding.any(at).sum()), int(coding.agreed(at).sum())
        known = {"code": code, "title": coding.titles.get(code, code), "coders": len(coding.sheets)}
        shares = {"share_any": anybody / n if n else np.nan, "share_agreed": agreed / n if n else np.nan}
        counts = {"texts": len(coding.passages), "n": n, "both_read": both, "any": anybody, "agreed": agreed}
        rows.append({**known, **counts, **shares})
    return pd.DataFrame(rows, columns=CODES).sort_values(
        "any", ascending=False, kind="stable", ignore_index=True
    )


def agreement(coding: Coding, confidence: float = 0.95) -> pd.DataFrame:
    """Return how far coders agree on each code, and on the code where every text has at most one.

    Cohen's kappa for two coders, Fleiss' for more; Krippendorff's alpha for any number, with gaps.
    """
    rows = []
    several = coding.given.sum(axis=0).max(initial=0) > 1
    if several:
        told = NotComputed("agreement", "coding-several-codes", {})
        rows.append({"code": ALL, "coders": len(coding.sheets), "reason": told.reason})
    elif len(coding.codes) > 1:
        # A text without a code is a category of its own, the last.
        one = np.where(coding.given.any(axis=0), coding.given.argmax(axis=0), len(coding.codes))
        rows.append(_agreement(ALL, one, coding.read, confidence))
    rows += [
        _agreement(code, coding.given[at].astype(int), coding.read, confidence)
        for at, code in enumerate(coding.codes)
    ]
    table = pd.DataFrame(rows, columns=AGREEMENT)
    return table.assign(**{name: table[name].fillna("").astype(str) for name in ("method", "reason")})


def _agreement(
    code: str,
    values: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]",
    read: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]",
    confidence: float,
) -> dict[str, object]:
    coders = len(values)
    both = read.sum(axis=0) >= 2
    row: dict[str, object] = {
        "code": code,
        "coders": coders,
        "n": int(both.sum()),
        "missing": int((~both).sum()),
    }
    kappa: Agreement | NotComputed
    if coders == 2:
        texts = [pd.Series(values[at]).astype(object).where(read[at]).to_numpy() for at in range(2)]
        kappa = cohen_kappa(texts[0], texts[1], level=confidence)
    else:
        categories = np.arange(int(values.max(initial=0)) + 1)
        counts = np.stack([((values == each) & read).sum(axis=0) for each in categories], axis=1)
        kappa = fleiss_kappa(counts.astype(np.float64), confidence)
    alpha = krippendorff_alpha(np.where(read, values, np.nan).astype(np.float64))
    if not isinstance(alpha, NotComputed):
        row["alpha"] = alpha.value
    if isinstance(kappa, NotComputed):
        return row | {"reason": kappa.reason}
    found = {"agreement": kappa.observed, "kappa": kappa.value, "kappa_low": kappa.low}
    return row | found | {"kappa_high": kappa.high, "method": "cohen" if coders == 2 else "fleiss"}


def quotations(coding: Coding) -> pd.DataFrame:
    """Return a few texts of each code, identities masked: those agreed on first, of readable length first."""
    rows = []
    lengths = coding.passages["text"].str.len().to_numpy(np.int64)
    for at, code in enumerate(coding.codes):
        agreed, anybody = coding.agreed(at), coding.any(at)
        order = sorted(
            np.flatnonzero(anybody).tolist(),
            key=lambda t: (not agreed[t], abs(int(lengths[t]) - READABLE), t),
        )
        # The same words twice tell a reader nothing more.
        different = coding.passages["text"].iloc[order].drop_duplicates().index
        for text in different[:SHOWN]:
            passage = coding.passages.iloc[text]
            rows.append(
                {
                    "code": code,
                    "title": coding.titles.get(code, code),
                    "unit": passage["unit"],
                    "text": passage["text"],
                    "masked": int(passage["masked"]),
                    "agreed": bool(agreed[text]),
                }
            )
    return pd.DataFrame(rows, columns=QUOTATIONS)


def joint_display(
    coding: Coding,
    values: pd.DataFrame,
    definition: str,
    minimum: int = 10,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the indices of those who said something beside those who wrote and did not.

    With: everybody who read the text found the code. Without: nobody did. Others are disputed and in neither.
    The difference is a regression on the code, errors clustered by school where there are two schools.

    Parameters
    ----------
    coding : Coding
    values : DataFrame
        ``file, row, school`` and a column a measure, from 0 to 100.
    definition : str
        Of the index.
    minimum : int
        Smaller groups are not shown.
    confidence : float
    """
    read = coding.read.any(axis=0)
    joined = coding.passages[["file", "row"]].merge(
        values, on=["file", "row"], how="left", validate="one_to_one"
    )
    rows = []
    for at, code in enumerate(coding.codes):
        agreed, anybody = coding.agreed(at), coding.any(at)
        used = read & (agreed | ~anybody)
        for measure in [name for name in values.columns if name not in ("file", "row", "school")]:
            frame = pd.DataFrame(
                {"y": joined[measure], "said": agreed.astype(float), "school": joined["school"]}
            )[used].dropna(subset="y")
            known: dict[str, object] = {"code": code, "title": coding.titles.get(code, code)}
            known |= {"measure": measure}
            known |= {"definition": definition, "disputed": int((read & ~used).sum())}
            rows.append(known | _beside(frame, minimum, confidence))
    table = pd.DataFrame(rows, columns=JOINT)
    table["reason"] = table["reason"].fillna("").astype(str)
    families = table.groupby("measure", sort=False)["p"]
    table["p_adjusted"] = families.transform(lambda p: pd.Series(adjusted(p.tolist()), index=p.index))
    return table


def _beside(frame: pd.DataFrame, minimum: int, confidence: float) -> dict[str, object]:
    said = frame["said"] == 1
    if min(int(said.sum()), int((~said).sum())) < minimum:
        return {"reason": NotComputed("joint_display", SMALL_CELL, {"minimum": minimum}).reason}
    schools = frame["school"].dropna().nunique()
    fit: Regression | NotComputed
    if schools > 1:
        # An answer without a school is a cluster of its own.
        alone = pd.Series([f"#{at}" for at in range(len(frame))], index=frame.index, dtype="string")
        frame = frame.assign(school=frame["school"].astype("string").fillna(alone))
        moments = GroupedMoments.of(frame, ("y", "said"), "school")
        fit = clustered_ols(moments, "y", ("said",), confidence)
    else:
        fit = ols(Moments.of(frame, ("y", "said")), "y", ("said",), confidence)
    means: dict[str, object] = {"n_with": int(said.sum()), "n_without": int((~said).sum())} | {
        "with": float(frame.loc[said, "y"].mean()),
        "without": float(frame.loc[~said, "y"].mean()),
    }
    if isinstance(fit, NotComputed):
        return means | {"reason": fit.reason}
    from scipy.stats import t

    half = float(t.ppf((1 + confidence) / 2, fit.df)) * float(fit.se[1])
    b = float(fit.b[1])
    return means | {
        "difference": b,
        "low": b - half,
        "high": b + half,
        "p": float(fit.p[1]),
        "schools": fit.clusters or np.nan,
    }
