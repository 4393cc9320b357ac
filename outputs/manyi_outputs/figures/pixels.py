"""A picture as a PNG file that says its resolution and nothing of when or with what it was made."""

import struct
import zlib

import numpy as np
import pandas as pd

#: A higher level is slower and hardly smaller.
_COMPRESSION = 3
_INCH = 0.0254
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE = 3
#: Colours a palette has room for.
COLOURS = 256


def png_file(pixels: np.ndarray, dpi: int) -> bytes:
    """Return pixels as a PNG file of at most 256 colours.

    Figures are flat: few pixels differ from the one before, and few colours beside the greys of soft edges
    are in them. The 256 most frequent colours are kept as they are; each rarer one, of the edge of a letter
    or a line, becomes the nearest of them. One byte a pixel instead of four is smaller and quicker to write.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (rows, columns, 4)
        Opaque; the fourth channel is left out.
    dpi : int
        Dots an inch, rounded to whole dots a metre.

    Returns
    -------
    bytes
        The chunks IHDR, pHYs, PLTE, IDAT and IEND (PNG specification, third edition, 2025).
    """
    rows, columns = pixels.shape[:2]
    places, palette = _indexed(pixels)
    coded = np.zeros((rows, 1 + columns), dtype=np.uint8)
    coded[:, 1:] = places.reshape(rows, columns)
    dots = round(dpi / _INCH)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, _PALETTE, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", dots, dots, 1)),
            _chunk(b"PLTE", palette.tobytes()),
            _chunk(b"IDAT", zlib.compress(coded.data, _COMPRESSION)),
            _chunk(b"IEND", b""),
        )
    )


def _indexed(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return every pixel's place in the palette, and the palette, (colours, 3), the most frequent first."""
    packed = np.ascontiguousarray(pixels).view(np.uint32).ravel()
    new = np.ones(packed.size, dtype=bool)
    np.not_equal(packed[1:], packed[:-1], out=new[1:])
    starts = np.flatnonzero(new)
    lengths = np.diff(starts, append=packed.size)
    which, values = pd.factorize(packed[starts])
    counts = np.bincount(which, weights=lengths)
    order = np.lexsort((values, -counts))
    colours = values[order].view(np.uint8).reshape(-1, 4)[:, :3]
    kept = colours[:COLOURS]
    place = np.arange(len(values))
    if len(values) > COLOURS:
        # Of |a - b|² = a² - 2ab + b² the first is the same for all; whole numbers below 2**53 are exact.
        rare, frequent = colours[COLOURS:].astype(np.float64), kept.astype(np.float64)
        place[COLOURS:] = (np.square(frequent).sum(axis=1) - 2 * rare @ frequent.T).argmin(axis=1)
    found = np.empty(len(values), dtype=np.uint8)
    found[order] = place
    return np.repeat(found[which], lengths), kept


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
