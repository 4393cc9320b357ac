"""Links written for handing out: a table, and a page of QR codes to print."""

import csv
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from manyi_instruments.definitions.questionnaire import Text
from manyi_instruments.forms.wording import in_language

HEADINGS = ("role", "school", "name", "class", "link")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_STYLE = """
body { font-family: system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
body { margin: 1cm; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(5.6cm, 1fr)); gap: .5cm; }
figure { margin: 0; padding: .4cm; border: 1px dashed #999; break-inside: avoid; text-align: center; }
svg { width: 4.4cm; height: 4.4cm; }
figcaption b { display: block; font-size: 1.1rem; }
"""


@dataclass(frozen=True, slots=True)
class Link:
    """One link: whose form it opens, and for which school and class."""

    role: str
    school: str
    name: str
    group: str
    address: str


def write_links(
    folder: Path, links: Sequence[Link], titles: Mapping[str, Text], language: str
) -> tuple[Path, Path]:
    """Write ``links.csv`` and ``links.html`` into a folder and return their paths.

    Parameters
    ----------
    folder : Path
        Made where absent.
    links : sequence of Link
        In the order written.
    titles : Mapping
        Role -> title.
    language : str
        Of the page of QR codes.
    """
    folder.mkdir(exist_ok=True)
    table, page = folder / "links.csv", folder / "links.html"
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for one in links:
            writer.writerow([*map(_cell, (one.role, one.school, one.name, one.group)), one.address])
    figures = "\n".join(_figure(one, in_language(titles[one.role], language)) for one in links)
    page.write_text(
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>QR</title>'
        f"<style>{_STYLE}</style></head><body><main>\n{figures}\n</main></body></html>\n",
        encoding="utf-8",
    )
    return table, page


def _figure(link: Link, title: str) -> str:
    import segno

    code = segno.make(link.address, error="m", micro=False)
    svg = code.svg_inline(omitsize=True, border=2)
    told = " · ".join(part for part in (link.school, link.name, link.group) if part)
    return f"<figure>{svg}<figcaption><b>{html.escape(title)}</b>{html.escape(told)}</figcaption></figure>"


def _cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
