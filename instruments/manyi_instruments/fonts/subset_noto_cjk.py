"""Make the typeface of this folder from Noto Sans CJK SC.

Usage (Debian: fonts-noto-cjk and unicode-data)::

    python -m manyi_instruments.fonts.subset_noto_cjk \
        /usr/share/fonts/opentype/noto /usr/share/unicode/Unihan_OtherMappings.txt.bz2

Kept are GB 2312, the 8,105 characters of the Table of General Standard Chinese Characters (通用规范汉字表,
2013; Unihan field kTGH: names of places and people are in it), and every letter, punctuation mark and symbol
the source has outside ideographs and Hangul. Hinting is dropped: forms and figures are printed or drawn
large.
"""

import argparse
import bz2
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

from manyi_instruments.fonts import FAMILY

#: Name of the font inside the collection.
SOURCE_FAMILY = "Noto Sans CJK SC"

COPYRIGHT = "Copyright 2014-2021 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'."
LICENCE = (
    "This Font Software is licensed under the SIL Open Font License, Version 1.1. "
    "It is a subset of Noto Sans CJK SC 2.004 under another name, made for manyi."
)

#: Blocks outside the ideographs: letters and symbols, CJK punctuation, kana, compatibility, full-width forms.
SYMBOL_BLOCKS = (
    range(0x0020, 0x1100),
    range(0x1E00, 0x2E80),
    range(0x3000, 0x3130),
    range(0x3200, 0x3400),
    range(0xFE10, 0xFEFF),
    range(0xFF01, 0xFFA0),
    range(0xFFE0, 0xFFE7),
)

#: Characters the source lacks, drawn with the glyph of one that looks the same.
LOOKALIKES = {"☐": "□", "⬜": "□", "◻": "□", "✔": "✓", "\u2009": " ", "\u202f": " "}

#: pwid gives Latin text proportional quotation marks: without it the source sets ’ a full em wide.
LAYOUT_FEATURES = ("kern", "ccmp", "halt", "palt", "pwid", "liga")


def gb2312() -> set[int]:
    """Return the code points of GB 2312-80."""
    found: set[int] = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            found.update(map(ord, bytes((row, cell)).decode("gb2312", errors="ignore")))
    return found


def general_standard(unihan: Path) -> set[int]:
    """Return the code points of the Table of General Standard Chinese Characters from Unihan."""
    found: set[int] = set()
    with bz2.open(unihan, "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 3 and fields[1] == "kTGH":
                found.add(int(fields[0].removeprefix("U+"), 16))
    return found


def rename(font: TTFont, style: str) -> None:
    """Give the subset its own name, so that nobody takes it for the original; keep copyright and licence."""
    postscript = f"{FAMILY.replace(' ', '')}-{style}"
    names = {
        0: COPYRIGHT,
        1: FAMILY,
        2: style,
        3: f"2.004;{postscript}",
        4: FAMILY if style == "Regular" else f"{FAMILY} {style}",
        5: "Version 2.004; subset",
        6: postscript,
        13: LICENCE,
        14: "https://openfontlicense.org",
    }
    kept = {8: None, 9: None, 10: None}
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in kept and record.langID == 0x409]
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames[0] = postscript
    top = cff.topDictIndex[0]
    top.FullName, top.FamilyName = names[4], FAMILY
    top.Notice = COPYRIGHT


def add_lookalikes(font: TTFont) -> None:
    """Let characters that the source lacks share the glyph of their lookalike."""
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format != 14:
            for new, known in LOOKALIKES.items():
                if ord(new) <= 0xFFFF or table.format == 12:
                    table.cmap.setdefault(ord(new), table.cmap[ord(known)])


def make(collection: Path, style: str, codes: set[int], target: Path) -> None:
    """Write one weight of the subset to ``target``."""
    source = TTCollection(collection, lazy=True)
    font = next(member for member in source if member["name"].getDebugName(1) == SOURCE_FAMILY)
    font.recalcTimestamp = False
    symbols = {code for code in font.getBestCmap() if any(code in block for block in SYMBOL_BLOCKS)}
    options = subset.Options()
    options.hinting = False
    options.layout_features = list(LAYOUT_FEATURES)
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes | symbols)
    subsetter.subset(font)
    add_lookalikes(font)
    rename(font, style)
    font.save(target)


def main() -> None:
    """Make both weights beside this file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("collections", type=Path, help="folder with NotoSansCJK-Regular.ttc and -Bold.ttc")
    parser.add_argument("unihan", type=Path, help="Unihan_OtherMappings.txt.bz2")
    arguments = parser.parse_args()
    codes = gb2312() | general_standard(arguments.unihan)
    for style in ("Regular", "Bold"):
        name = f"{FAMILY.replace(' ', '')}-{style}.otf"
        make(arguments.collections / f"NotoSansCJK-{style}.ttc", style, codes, Path(__file__).with_name(name))


if __name__ == "__main__":
    main()
