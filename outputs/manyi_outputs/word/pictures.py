"""Pictures in the text, as large as the page allows, with words for readers who cannot see them."""

import struct
from typing import Final

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.parts.image import ImagePart

from manyi_outputs.word.marks import escaped

_EMU_PER_TWIP: Final = 635
_EMU_PER_METRE: Final = 36_000_000
#: Widest and highest, in twips: the text of an upright page, with room for a caption of some lines.
WIDEST: Final = 9070
HIGHEST: Final = 11900
_MAIN: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
_PICTURE: Final = "http://schemas.openxmlformats.org/drawingml/2006/picture"


def extent(png: bytes) -> tuple[int, int]:
    """Return the width and height in EMU a picture has on the page, in its own proportions.

    Parameters
    ----------
    png : bytes
        With its resolution (``pHYs``); without, 96 dots an inch.
    """
    columns, rows = struct.unpack(">II", png[16:24])
    at = png.find(b"pHYs")
    dots = struct.unpack(">I", png[at + 4 : at + 8])[0] if at > 0 else 3780
    width, height = (side * _EMU_PER_METRE / dots for side in (columns, rows))
    scale = min(1.0, WIDEST * _EMU_PER_TWIP / width, HIGHEST * _EMU_PER_TWIP / height)
    return round(width * scale), round(height * scale)


def picture_run(document: Document, number: int, png: bytes, title: str, told: str) -> str:
    """Put a picture into the file and return the run that shows it.

    Parameters
    ----------
    document : Document
    number : int
        From 1, its own in the document.
    png : bytes
    title : str
    told : str
        What it shows, read out instead of it.
    """
    part = ImagePart(PackURI(f"/word/media/image{number}.png"), "image/png", png)
    relation = document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
    width, height = extent(png)
    size = f'cx="{width}" cy="{height}"'
    named = f'name="{escaped(title)}" descr="{escaped(told)}"'
    return (
        "<w:r><w:drawing>"
        f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f'<wp:docPr id="{number}" {named}/><wp:cNvGraphicFramePr>'
        f'<a:graphicFrameLocks xmlns:a="{_MAIN}" noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        f'<a:graphic xmlns:a="{_MAIN}"><a:graphicData uri="{_PICTURE}"><pic:pic xmlns:pic="{_PICTURE}">'
        f'<pic:nvPicPr><pic:cNvPr id="{number}" {named}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
