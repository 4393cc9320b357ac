"""The names a role's columns have in its file, and the variables that the syntax makes besides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_outputs.context import Context, plain
from manyi_outputs.spss.labels import VALUE_LABEL, fitting, shortened
from manyi_outputs.spss.syntax.commands import comment, constant, quoted
from manyi_outputs.spss.variables import Variable
from manyi_outputs.wording import Wording


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one role's file.

    Parameters
    ----------
    role : str
    questionnaire : Questionnaire
    variables : Mapping
        Column of the frames -> variable of the file.
    context : Context
    """

    role: str
    questionnaire: Questionnaire
    variables: Mapping[str, Variable]
    context: Context

    @property
    def words(self) -> Wording:
        """Return the words of the language."""
        return self.context.words

    def __contains__(self, column: object) -> bool:
        return column in self.variables

    def of(self, column: str) -> str:
        """Return the name of a column in the file; ``KeyError`` where it has none."""
        return self.variables[column].name

    def measure(self, name: str) -> str | None:
        """Return the variable that a table means by a scale or item: of a reverse-keyed item the recoded."""
        keyed = {item.id: item.keyed_name for item in self.questionnaire.all_items()}
        column = keyed.get(name, name)
        column = column if column in self.variables else name
        return self.of(column) if column in self.variables else None

    def exact(self, column: str) -> str | None:
        """Return the variable of a column as regressions take it: a reverse-keyed item as answered."""
        return self.of(column) if column in self.variables else None

    def made(self, text: str) -> str:
        """Return a name for a variable that the syntax makes, unlike those of the file."""
        taken = {variable.name.upper() for variable in self.variables.values()}
        name = fitting("".join(sign if sign.isalnum() or sign in "_@" else "_" for sign in text), 60)
        number, unique = 1, name
        while unique.upper() in taken:
            number += 1
            unique = f"{name}_{number}"
        return unique

    def heading(self, key: str, *tables: str) -> str:
        """Return a comment that opens a part: what it does, and which result tables hold its numbers."""
        files = ", ".join(f"tables/{table}.csv" for table in tables)
        return comment("===== " + self.words(f"syntax.{key}", tables=files))

    def said(self, key: str, **details: object) -> str:
        """Return a comment in the language."""
        return comment(self.words(f"syntax.{key}", **details))


@dataclass(frozen=True, slots=True)
class Group:
    """A variable numbered 1, 2 … that divides respondents as a table does.

    Parameters
    ----------
    column : str
        It is made from.
    levels : tuple of str
        As the table names them, in its order.
    name : str
        Of the numbered variable.
    """

    column: str
    levels: tuple[str, ...]
    name: str

    @property
    def count(self) -> int:
        """Return how many groups there are."""
        return len(self.levels)


def groups(
    names: Names, found: Iterable[tuple[str, tuple[str, ...]]]
) -> dict[tuple[str, tuple[str, ...]], Group]:
    """Return the numbered variable of every division, each once."""
    made: dict[tuple[str, tuple[str, ...]], Group] = {}
    for column, levels in dict.fromkeys(found):
        if column in names and levels:
            before = sum(1 for other, _ in made if other == column)
            name = names.made(f"{column}_g{before + 1 if before else ''}")
            made[column, levels] = Group(column, levels, name)
    return made


def level_of(names: Names, column: str, level: str) -> object:
    """Return a level as the file holds it: a word, or a number."""
    if names.variables[column].text:
        return level
    return {"False": 0.0, "True": 1.0}.get(level) if level in ("False", "True") else float(level)


def group_commands(names: Names, group: Group) -> str:
    """Return the commands that make a numbered variable with its labels."""
    pairs = [
        f"({constant(level_of(names, group.column, level))}={number})"
        for number, level in enumerate(group.levels, start=1)
    ]
    titles = [
        f"{number} {quoted(shortened(title, VALUE_LABEL))}"
        for number, title in enumerate(
            (names.context.group_level(names.role, group.column, level) for level in group.levels), start=1
        )
    ]
    label = shortened(names.context.group(names.role, group.column), 120)
    return "\n".join(
        [
            f"RECODE {names.of(group.column)}\n {' '.join(pairs)}\n INTO {group.name}.",
            f"VARIABLE LABELS {group.name} {quoted(label)}.",
            f"VALUE LABELS {group.name}\n " + "\n ".join(titles) + ".",
            f"VARIABLE LEVEL {group.name} (NOMINAL).",
        ]
    )


def indicator(names: Names, term: str) -> str | None:
    """Return the name of a regression term: the column's own, or that of a level's 0/1 variable."""
    column, sign, level = term.partition("=")
    if not sign:
        return names.exact(term)
    return names.made(f"{column}_is_{plain(level)}") if column in names else None


def indicator_commands(names: Names, terms: Sequence[str]) -> list[str]:
    """Return the commands that make the 0/1 variables of the levels among regression terms, each once."""
    commands = []
    for term in dict.fromkeys(terms):
        column, sign, level = term.partition("=")
        made = indicator(names, term)
        if not sign or made is None:
            continue
        blank = "(''=SYSMIS)" if names.variables[column].text else "(MISSING=SYSMIS)"
        label = shortened(names.context.term(names.role, term), 120)
        commands.append(
            f"RECODE {names.of(column)} ({constant(level_of(names, column, level))}=1) {blank} (ELSE=0)\n"
            f" INTO {made}.\nVARIABLE LABELS {made} {quoted(label)}."
        )
    return commands


def of_role(tables: Mapping[str, pd.DataFrame], name: str, role: str) -> pd.DataFrame:
    """Return the rows of a table that are of a role; an empty frame where there is no such table."""
    table = tables.get(name)
    if table is None or "role" not in table:
        return pd.DataFrame()
    return table[table["role"] == role]
