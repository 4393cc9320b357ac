"""Which figures these results have, why others cannot be drawn, and their files."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from manyi_outputs.appendix.records import Tables
from manyi_outputs.context import Context
from manyi_outputs.figures.caterpillar import caterpillar_figures
from manyi_outputs.figures.drawing import Drawing, Shown, Undrawn
from manyi_outputs.figures.effects import effect_figures
from manyi_outputs.figures.funnel import funnel_figures
from manyi_outputs.figures.importance import importance_figures
from manyi_outputs.figures.levels import county_figures, satisfaction_figures
from manyi_outputs.figures.likert import likert_figures
from manyi_outputs.figures.lorenz import lorenz_figures
from manyi_outputs.figures.path_diagram import path_figures
from manyi_outputs.figures.rendering import png, svg
from manyi_outputs.figures.returned import return_figures
from manyi_outputs.figures.specification import specification_figures
from manyi_outputs.figures.structure import structure_figures
from manyi_outputs.figures.thresholds import threshold_figures
from manyi_outputs.figures.waves import wave_figures
from manyi_outputs.files import write_whole

Format = Literal["svg", "png"]

#: In the order of the report.
_BUILDERS: tuple[Callable[[Tables, Context], list[Shown]], ...] = (
    return_figures,
    likert_figures,
    structure_figures,
    path_figures,
    satisfaction_figures,
    caterpillar_figures,
    funnel_figures,
    importance_figures,
    threshold_figures,
    county_figures,
    lorenz_figures,
    wave_figures,
    effect_figures,
    specification_figures,
)
#: Title, source, alternative text of every figure, or why there is none.
CAPTIONS = "captions.csv"


def gallery(tables: Tables, context: Context) -> tuple[Shown, ...]:
    """Return the figures of these results and what cannot be drawn, in the order of the report."""
    return tuple(shown for build in _BUILDERS for shown in build(tables, context))


def drawings(tables: Tables, context: Context) -> tuple[Drawing, ...]:
    """Return the figures these results can fill, in the order of the report; nothing is drawn yet."""
    return tuple(shown for shown in gallery(tables, context) if isinstance(shown, Drawing))


def write_figures(
    folder: Path,
    tables: Tables,
    context: Context,
    drawn: Sequence[Shown] | None = None,
    formats: Sequence[Format] = ("svg", "png"),
) -> tuple[Path, ...]:
    """Write every figure as a file a format, and a list of their captions.

    Parameters
    ----------
    folder : Path
        Made where absent.
    tables : Mapping
        Name -> tidy result table.
    context : Context
        Language and titles.
    drawn : sequence of Drawing or Undrawn, optional
        From `gallery`, to draw figures once that the report shows too.
    formats : sequence of {"svg", "png"}

    Returns
    -------
    tuple of Path
        The files, the captions last.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    written: list[Path] = []
    known = gallery(tables, context) if drawn is None else drawn
    drawings = [shown for shown in known if isinstance(shown, Drawing)]
    for drawing in drawings:
        for name in formats:
            path = folder / f"{drawing.name}.{name}"
            write_whole(path, _file(drawing, name))
            written.append(path)
    path = folder / CAPTIONS
    write_whole(path, _captions(drawings, [shown for shown in known if isinstance(shown, Undrawn)], context))
    return (*written, path)


def _file(drawing: Drawing, form: Format) -> bytes:
    figure = drawing.draw()
    if form == "png":
        return png(figure)
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    return (head + svg(figure, drawing.name, drawing.title, alt=drawing.alt)).encode()


def _captions(drawn: Sequence[Drawing], others: Sequence[Undrawn], context: Context) -> bytes:
    """Return a table of what each figure shows; of figures that cannot be drawn the reason."""
    words, text = context.words, io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    names = ("file", "title", "tables", "told", "reason")
    writer.writerow([words(f"figure.captions_{name}") for name in names])
    separator = words("numbers.list")
    writer.writerows([one.name, one.title, separator.join(one.sources), one.alt, ""] for one in drawn)
    writer.writerows([one.name, one.title, "", "", one.reason] for one in others)
    return text.getvalue().encode("utf-8-sig")
