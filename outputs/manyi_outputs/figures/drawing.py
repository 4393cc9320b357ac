"""What a figure of the results is before it is drawn, and what is said where there can be none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from manyi_outputs.appendix.records import Record, given
from manyi_outputs.appendix.table import Section
from manyi_outputs.context import Context

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure that these results have.

    Parameters
    ----------
    name : str
        Of its file.
    section : str
        Part of the report it belongs to.
    title : str
        Its caption, without a number.
    table : str
        Key of the appendix table that holds its numbers.
    draw : callable
        Draws it, the first time it is asked for.
    alt : str
        What it shows with its main numbers, for those who cannot see it.
    sources : tuple of str
        Result tables all of its numbers stand in.
    """

    name: str
    section: Section
    title: str
    table: str
    draw: "Callable[[], Figure]"
    alt: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undrawn:
    """A figure that these results cannot have.

    Parameters
    ----------
    name, section, title, table
        As those of `Drawing`.
    reason : str
        Why its statistics were not computed, in words.
    """

    name: str
    section: Section
    title: str
    table: str
    reason: str


Shown = Drawing | Undrawn


def later(draw: "Callable[..., Figure]", *arguments: object) -> "Callable[[], Figure]":
    """Return what draws a figure the first time it is asked for."""
    return cache(lambda: draw(*arguments))


def undrawn(
    name: str, section: Section, title: str, table: str, rows: Sequence[Record], context: Context
) -> list[Shown]:
    """Return why a figure cannot be drawn, from the reasons its rows give; nothing where they give none."""
    reasons = dict.fromkeys(
        str(row["reason"]) for row in rows if given(row.get("reason")) and row.get("reason")
    )
    if not reasons:
        return []
    said = dict.fromkeys(context.reason(reason) for reason in reasons)
    return [Undrawn(name, section, title, table, context.words("layout.join").join(list(said)[:3]))]


def foot(context: Context, sources: Sequence[str], *more: str) -> str:
    """Return what stands below a figure: what is said of it, and the result tables its numbers stand in."""
    words = context.words
    told = words("layout.join").join(one for one in more if one)
    named = words("figure.source", tables=words("numbers.list").join(sources))
    return f"{told}{words('layout.join')}{named}" if told else named
