"""The sheets of an XLSForm as records: what pyxform reads, before anything is written."""

from dataclasses import dataclass

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: headings and rows of text; an empty text is an empty cell."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, columns: tuple[str, ...], rows: list[Row]) -> "Sheet":
        """Return the sheet of these rows with the columns that any row fills."""
        used = tuple(column for column in columns if any(row.get(column) for row in rows))
        return cls(used, tuple(tuple(row.get(column, "") for column in used) for row in rows))

    def records(self) -> list[Row]:
        """Return each row as heading → text, without empty cells."""
        return [
            {column: text for column, text in zip(self.columns, row, strict=True) if text}
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class XlsForm:
    """The three sheets of an XLSForm."""

    survey: Sheet
    choices: Sheet
    settings: Sheet

    def as_dict(self) -> dict[str, list[Row]]:
        """Return the sheets as pyxform takes them."""
        return {
            "survey": self.survey.records(),
            "choices": self.choices.records(),
            "settings": self.settings.records(),
        }
