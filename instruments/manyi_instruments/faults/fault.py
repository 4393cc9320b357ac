"""A fault and its place, and the exceptions that carry faults."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from manyi_instruments.faults.catalogue import Entry, wordings

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault stands: line and column of a text file, or row and field of a table (all 1-based)."""

    file: str = ""
    line: int | None = None
    column: int | None = None
    sheet: str = ""
    row: int | None = None
    field: str = ""

    def __str__(self) -> str:
        """Return ``file:line:column`` for text, ``file[sheet] row N «field»`` for tables."""
        text = ":".join(str(part) for part in (self.file, self.line, self.column) if part not in ("", None))
        if self.sheet:
            text += f"[{self.sheet}]"
        if self.row is not None:
            text += f" row {self.row}"
        if self.field:
            text += f" «{self.field}»"
        return text.strip()


@dataclass(frozen=True, slots=True)
class Fault:
    """One named fault.

    Parameters
    ----------
    code : str
        Key of the catalogue, for example ``unknown-key``.
    place : Place
        Where it stands.
    details : Mapping
        Values for the placeholders of the wording.
    severity : {"error", "warning"}
        An error stops what it touches; a warning is told and work goes on.
    """

    code: str
    place: Place = field(default_factory=Place)
    details: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = "error"

    def _entry(self, language: str) -> Entry:
        wording = wordings()[self.code]
        return wording.get(language, wording["en"])

    def what(self, language: str) -> str:
        """Return what was found."""
        return self._entry(language).what.format_map(dict(self.details))

    def why(self, language: str) -> str:
        """Return why it cannot stand."""
        return self._entry(language).why.format_map(dict(self.details))

    def remedy(self, language: str) -> str:
        """Return what to do or write instead."""
        return self._entry(language).remedy.format_map(dict(self.details))

    def message(self, language: str) -> str:
        """Return ``place: what why remedy`` on one line."""
        words = " ".join((self.what(language), self.why(language), self.remedy(language)))
        place = str(self.place)
        return f"{place}: {words}" if place else words

    def as_dict(self, language: str) -> dict[str, object]:
        """Return the fault for ``--json``."""
        place = {
            key: value
            for key in ("file", "line", "column", "sheet", "row", "field")
            if (value := getattr(self.place, key)) not in ("", None)
        }
        return {
            "code": self.code,
            "severity": self.severity,
            **place,
            "what": self.what(language),
            "why": self.why(language),
            "remedy": self.remedy(language),
        }


class ManyiError(Exception):
    """What a user can mend. Carries one or more faults; all that were found, not the first.

    Parameters
    ----------
    faults : Fault or iterable of Fault
        At least one.
    """

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(fault.message("en") for fault in self.faults))


class DefinitionFaulty(ManyiError):
    """A questionnaire or standard cannot be used as written."""


class StudyFaulty(ManyiError):
    """``study.yaml`` or the study folder cannot be used as it is."""


class FileUnreadable(ManyiError):
    """A file of answers or schools cannot be read at all."""


class AnswersFaulty(ManyiError):
    """A file was read but what it holds cannot be matched to the questionnaire or the schools."""


class ResultNotComputed(ManyiError):
    """A planned result could not be computed."""
