"""Answers that come twice: files that hold the same answers, and submissions exported again later."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.readers.answer_file import AnswerFile
from manyi.readers.decoding.account import REPEATED, REPLACED
from manyi.readers.decoding.decode import question_columns
from manyi.readers.decoding.moments import Moments, moments_of
from manyi.readers.platforms.wenjuanxing_scores import scores_beside
from manyi.readers.platforms.wenjuanxing_twin import learn_numbers
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault, Place

#: Fewer cells may agree by chance.
_FEWEST_CELLS = 200
#: Cells that must agree where ids are counters and nothing tells the time, in answer sheets that differ.
_FEWEST_CELLS_OF_COUNTERS = 20
#: Ids as long as this are drawn by the platform for one submission of one survey; shorter ones count rows.
_UNGUESSABLE = 16
#: Of two files exported at the same moment, the one whose cells say most counts as the newer.
_STYLES = ("score", "value", "number", "text")

Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(slots=True)
class Repeats:
    """What comes twice.

    Attributes
    ----------
    left_out : dict
        File -> the file that holds all its answers.
    rows : dict
        File -> code (``row-repeated``, ``row-replaced``) -> spreadsheet rows.
    faults : list of Fault
        Warnings.
    """

    left_out: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def find_repeats(files: Sequence[AnswerFile], questionnaire: Questionnaire) -> Repeats:
    """Find the answers that several files of one role hold.

    Parameters
    ----------
    files : sequence of AnswerFile
        In the order in which they were read.
    questionnaire : Questionnaire
        Their questions.

    Returns
    -------
    Repeats
        Nothing within one file: an id or a row that stands there twice is for the rule ``duplicate``.

    Notes
    -----
    A file all of whose rows another file holds in the same order is left out. Of the others the older is
    compared with the newer (newest time of submission, then more rows, then text before numbers, then name):

    with ids of one platform
        the files are of one survey if the ids are long, or if of those they share at least half have the
        same time of submission (where no times are known: the same answers). Then a row of the newer file
        with the answers of the older is repeated; with other answers it replaces the older row.
    without ids
        the rows are compared by time of submission, person, school and answers. If half of the shorter file
        is found in the other, the rows found are repeated. Times must be known to the minute; with dates
        only, the newer file must begin with all rows of the older.
    """
    found = Repeats()
    _leave_out_files(files, questionnaire, found)
    left = [file for file in files if file.name not in found.left_out]
    if len(left) > 1:
        _Comparison([_Sheet.of(file, questionnaire) for file in left], found).run()
    return found


def _leave_out_files(files: Sequence[AnswerFile], questionnaire: Questionnaire, found: Repeats) -> None:
    """Leave out files that hold the answers of another file: a proven twin, or equal row by row."""
    compared = _compared(questionnaire)
    texts = [file for file in files if file.source.style == "text"]
    known: dict[str, str] = {}
    for file in files:
        original = next((text.name for text in texts if learn_numbers(text.source, file.source)), None)
        scores = scores_beside(file.source, [other.source for other in files])
        if scores is not None:
            original = next(other.name for other in files if other.source.raw.path.name == scores.other)
            found.faults.extend(filter(None, [scores.fault()]))
        answers = file.decoded.answers[["row", "person", "school", "submitted", *compared]]
        if original is None and len(files) > 1 and answers.size >= _FEWEST_CELLS:
            hashes = pd.util.hash_pandas_object(answers, index=False)
            original = known.setdefault(hashlib.sha256(hashes.to_numpy().tobytes()).hexdigest(), file.name)
        if original in (None, file.name):
            continue
        found.left_out[file.name] = original
        details = {"file": file.name, "other": original, "n": str(len(answers))}
        found.faults.append(Fault("same-answers", Place(file=file.name), details, "warning"))


def _compared(questionnaire: Questionnaire) -> list[str]:
    """Return the columns compared: free text beside an answer is lost in an export by number."""
    return [name for name in question_columns(questionnaire) if not name.endswith("__text")]


@dataclass(slots=True)
class _Sheet:
    """The rows of one file as they are compared; ``ids`` are hashes, sorted, of ids that stand once."""

    file: AnswerFile
    columns: tuple[str, ...]
    moments: Moments
    timed: bool
    dated: bool
    has_ids: bool
    unguessable: bool
    ids: Hashes
    places: Places
    all_ids: Hashes
    alive: Flags
    contents: dict[tuple[str, ...], Hashes] = field(default_factory=dict)
    _codes: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, file: AnswerFile, questionnaire: Questionnaire) -> "_Sheet":
        answers = file.decoded.answers
        matched = {found.item for found in file.matching.matches}
        columns = tuple(name for name in _compared(questionnaire) if name.split("__")[0] in matched)
        ids = answers["submission"]
        known = ids.notna().to_numpy(dtype=bool)
        hashes = _hashes(ids.fillna(""))
        once = known & ~ids.duplicated(keep=False).to_numpy(dtype=bool)
        order = np.argsort(hashes[once])
        moments = moments_of(answers["submitted"])
        there = moments[~np.isnat(moments)]
        clock = there != there.astype("datetime64[D]")
        lengths = ids[known].str.len()
        return cls(
            file=file,
            columns=columns,
            moments=moments,
            timed=bool(clock.any()) and (len(there) < 3 or len(np.unique(there)) > 1),
            dated=bool((answers["submitted"] != "").all()),
            has_ids=bool(known.all()) and len(ids) > 0,
            unguessable=bool(known.any()) and int(lengths.min()) >= _UNGUESSABLE,
            ids=hashes[once][order],
            places=np.flatnonzero(once)[order],
            all_ids=np.where(known, hashes, 0).astype(np.uint64),
            alive=np.ones(len(answers), dtype=bool),
        )

    @property
    def age(self) -> tuple[int, int, int, str]:
        """Return what sorts files from the oldest to the newest."""
        known = self.moments[~np.isnat(self.moments)]
        newest = int(known.max().astype(np.int64)) if len(known) else -(2**62)
        style = _STYLES.index(self.file.source.style) if self.file.source.style in _STYLES else -1
        return newest, len(self.alive), style, self.file.name

    def content(self, columns: tuple[str, ...]) -> Hashes:
        """Return a hash of the answers of every row."""
        if columns not in self.contents:
            answers = self.file.decoded.answers[list(columns)]
            hashes = pd.util.hash_pandas_object(answers, index=False)
            self.contents[columns] = np.asarray(hashes, dtype=np.uint64)
        return self.contents[columns]

    def row_keys(self, columns: tuple[str, ...]) -> Hashes:
        """Return a hash of time, person, school and answers of every row."""
        answers = self.file.decoded.answers
        about = answers[["person", "school"]].fillna("")
        spelt = _hashes(answers["submitted"].where(np.isnat(self.moments), ""))
        about = about.assign(moment=self.moments.astype(np.int64), spelt=spelt, content=self.content(columns))
        return np.asarray(pd.util.hash_pandas_object(about, index=False), dtype=np.uint64)

    def put_aside(self, places: Places, code: str) -> int:
        """Set rows aside that are not yet; return how many."""
        fresh = places[self.alive[places]]
        self.alive[fresh] = False
        rows = self.file.decoded.answers["row"].to_numpy()[fresh]
        self._codes.setdefault(code, []).extend(rows.tolist())
        return len(fresh)

    def aside(self) -> dict[str, tuple[int, ...]]:
        """Return the rows set aside by code."""
        return {code: tuple(sorted(rows)) for code, rows in self._codes.items() if rows}


def _hashes(texts: "pd.Series[str]") -> Hashes:
    return pd.util.hash_array(texts.to_numpy(dtype=object), categorize=False)


@dataclass(slots=True)
class _Comparison:
    """Every file compared with all that are older."""

    sheets: list[_Sheet]
    found: Repeats
    unsure: list[tuple[str, str, int]] = field(default_factory=list)

    def run(self) -> None:
        """Compare, and keep what was found."""
        ordered = sorted(self.sheets, key=lambda sheet: sheet.age)
        for place, newer in enumerate(ordered):
            for older in ordered[:place]:
                columns = tuple(name for name in older.columns if name in set(newer.columns))
                if older.has_ids and newer.has_ids:
                    if older.file.source.source == newer.file.source.source:
                        self._by_id(older, newer, columns)
                else:
                    self._by_row(older, newer, columns)
        self.found.rows = {sheet.file.name: sheet.aside() for sheet in ordered if sheet.aside()}
        if self.unsure:
            file, other, n = self.unsure[0]
            details = {"file": file, "other": other, "n": n, "pairs": len(self.unsure)}
            self.found.faults.append(Fault("ids-shared", Place(file=file), details, "warning"))

    def _by_id(self, older: _Sheet, newer: _Sheet, columns: tuple[str, ...]) -> None:
        _, at_old, at_new = np.intersect1d(older.ids, newer.ids, assume_unique=True, return_indices=True)
        old, new = older.places[at_old], newer.places[at_new]
        shared = np.isin(newer.all_ids, older.all_ids) & (newer.all_ids != 0)
        if not shared.any():
            return
        same = older.content(columns)[old] == newer.content(columns)[new]
        if not self._one_survey(older, newer, (old, new), same, columns):
            return
        there = older.alive[old] & newer.alive[new]
        old, new, same = old[there], new[there], same[there]
        if set(newer.columns) <= set(older.columns):
            repeated = newer.put_aside(new[same], REPEATED)
            self._tell("rows-repeated", newer, older, repeated)
        else:
            # The newer file asks more: its rows hold what the older ones do, and answers besides.
            repeated = older.put_aside(old[same], REPEATED)
            self._tell("rows-repeated", older, newer, repeated)
        self._tell("rows-replaced", older, newer, older.put_aside(old[~same], REPLACED))
        several = shared & ~np.isin(np.arange(len(shared)), newer.places)
        several |= shared & np.isin(newer.all_ids, _twice(older.all_ids))
        if several.any():
            keys = [sheet.all_ids ^ (sheet.content(columns) >> np.uint64(1)) for sheet in (older, newer)]
            again = np.flatnonzero(_again(*keys) & several)
            self._tell("rows-repeated", newer, older, newer.put_aside(again, REPEATED))

    def _one_survey(
        self,
        older: _Sheet,
        newer: _Sheet,
        shared: tuple[Places, Places],
        same: Flags,
        columns: tuple[str, ...],
    ) -> bool:
        """Tell whether shared ids name the same submissions: every survey may count from 1."""
        if older.unguessable and newer.unguessable:
            return True
        old, new = shared
        if not len(old):
            return False
        if older.timed and newer.timed:
            agree = older.moments[old] == newer.moments[new]
            return bool(agree.mean() >= 0.5)
        patterns = newer.content(columns)[new[same]]
        cells = len(patterns) * len(columns)
        if same.mean() >= 0.5 and len(np.unique(patterns)) > 1 and cells >= _FEWEST_CELLS_OF_COUNTERS:
            return True
        self.unsure.append((newer.file.name, older.file.name, len(old)))
        return False

    def _by_row(self, older: _Sheet, newer: _Sheet, columns: tuple[str, ...]) -> None:
        if not columns or not (older.dated and newer.dated):
            return
        old, new = older.row_keys(columns), newer.row_keys(columns)
        if older.timed and newer.timed:
            again = _again(old[older.alive], new) & newer.alive
            enough = 2 * again.sum() >= min(older.alive.sum(), newer.alive.sum())
        else:
            again = np.arange(len(new)) < len(old)
            begins = len(old) <= len(new) and bool((new[: len(old)] == old).all())
            enough = begins and len(old) * len(columns) >= _FEWEST_CELLS
        if enough:
            repeated = newer.put_aside(np.flatnonzero(again), REPEATED)
            self._tell("rows-repeated", newer, older, repeated)

    def _tell(self, code: str, where: _Sheet, other: _Sheet, n: int) -> None:
        if n:
            details: Mapping[str, object] = {"file": where.file.name, "other": other.file.name, "n": n}
            self.found.faults.append(Fault(code, Place(file=where.file.name), details, "warning"))


def _twice(hashes: Hashes) -> Hashes:
    different, counts = np.unique(hashes, return_counts=True)
    return different[counts > 1]


def _again(known: Hashes, hashes: Hashes) -> Flags:
    """Return which hashes are known, each known one once: two equal rows need two known ones."""
    number = pd.Series(hashes).groupby(hashes).cumcount().to_numpy()
    counts = pd.Series(known).value_counts().reindex(hashes, fill_value=0).to_numpy()
    return np.asarray(number < counts)
