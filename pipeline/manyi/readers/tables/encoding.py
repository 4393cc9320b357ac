"""The encoding of a text file: told by its bytes, refused where it changes or cannot be told."""

from collections import Counter
from pathlib import Path

from manyi_instruments.faults import Fault, FileUnreadable, Place

#: Longest line: 20,000 columns of 400 bytes. A longer one is no table, and would be held many times over.
LONGEST_LINE = 8 << 20
_SAMPLE = 1 << 18
_PLAUSIBLE = 0.8


def decode_text(path: Path, data: bytes) -> tuple[str, str]:
    """Return the text and its encoding: a byte order mark, then strict UTF-8, then plausible GB18030.

    Parameters
    ----------
    path : Path
        Named in faults only.
    data : bytes
        The file's bytes.

    Raises
    ------
    FileUnreadable
        ``file-binary``; ``file-line-too-long``; ``file-nul-bytes``; ``file-encoding``; with the line, or
        ``file-encodings-mixed`` with the first line in the other encoding.
    """
    place = Place(file=path.name)
    _refuse_long_lines(path, data)
    try:
        if data.startswith(b"\xef\xbb\xbf"):
            return _without_nul(path, data).decode("utf-8-sig"), "utf-8-sig"
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16"), "utf-16"
    except UnicodeDecodeError as error:
        _refuse_mixture(path, data[3:] if data.startswith(b"\xef") else b"")
        line = data.count(b"\n", 0, error.start) + 1
        details = {"file": path.name, "line": line}
        raise FileUnreadable(Fault("file-encoding", place, details)) from None
    if b"\x00" in data:
        return _with_nul(path, data)
    try:
        text = data.decode("utf-8")
        if not _has_control_characters(text[:_SAMPLE]):
            return text, "utf-8"
        raise FileUnreadable(Fault("file-binary", place, {"file": path.name}))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    if _has_control_characters(data[:_SAMPLE].decode("latin-1")):
        raise FileUnreadable(Fault("file-binary", place, {"file": path.name}))
    _refuse_mixture(path, data)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if not is_plausible_chinese(text[: 4 * _SAMPLE]):
        raise FileUnreadable(Fault("file-encoding", place, {"file": path.name, "line": line}))
    return text, "gb18030"


def is_plausible_chinese(sample: str) -> bool:
    """Tell whether non-ASCII characters are mostly those of GB 2312, as in real text of mainland China.

    Big5, Shift-JIS and Latin-1 text often decodes as GB18030 too, but into rare characters.
    """
    counts = Counter(sample)
    foreign = {character: n for character, n in counts.items() if not character.isascii()}
    if not foreign:
        return False
    common = sum(n for character, n in foreign.items() if _in_gb2312(character))
    return common / sum(foreign.values()) >= _PLAUSIBLE


def _refuse_long_lines(path: Path, data: bytes) -> None:
    start = line = 0
    while len(data) - start > LONGEST_LINE:
        window = start, start + LONGEST_LINE
        end = max(data.rfind(b"\n", *window), data.rfind(b"\r", *window))
        if end < 0:
            line = data.count(b"\n", 0, start) + 1
            details = {"file": path.name, "line": line, "most": LONGEST_LINE >> 20}
            raise FileUnreadable(Fault("file-line-too-long", Place(file=path.name, row=line), details))
        start = end + 1


def _refuse_mixture(path: Path, data: bytes) -> None:
    """Refuse a file of which some lines are Chinese in UTF-8 and others Chinese in GB18030.

    Read as either, a part of it would turn into other characters without a word.
    """
    of: dict[str, list[int]] = {"UTF-8": [], "GB18030": []}
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.isascii() and (encoding := _encoding_of(line)):
            of[encoding].append(number)
    if of["UTF-8"] and of["GB18030"]:
        major = "UTF-8" if of["UTF-8"][0] < of["GB18030"][0] else "GB18030"
        minor = "GB18030" if major == "UTF-8" else "UTF-8"
        details = {
            "file": path.name,
            "line": of[minor][0],
            "n": len(of[minor]),
            "encoding": minor,
            "before": major,
        }
        place = Place(file=path.name, row=of[minor][0])
        raise FileUnreadable(Fault("file-encodings-mixed", place, details))


def _encoding_of(line: bytes) -> str:
    """Return the encoding one line is sure to have: empty where it could be another."""
    try:
        text = line.decode("utf-8")
        # Two characters of GB18030 may pass for UTF-8 by chance, but hardly for two Chinese ones.
        return "UTF-8" if sum(_in_gb2312(c) for c in text if not c.isascii()) >= 2 else ""
    except UnicodeDecodeError:
        pass
    try:
        return "GB18030" if is_plausible_chinese(line.decode("gb18030")) else ""
    except UnicodeDecodeError:
        return ""


def _without_nul(path: Path, data: bytes) -> bytes:
    at = data.find(b"\x00")
    if at >= 0:
        line = data.count(b"\n", 0, at) + 1
        details = {"file": path.name, "line": line, "n": data.count(b"\x00")}
        raise FileUnreadable(Fault("file-nul-bytes", Place(file=path.name, row=line), details))
    return data


def _with_nul(path: Path, data: bytes) -> tuple[str, str]:
    """Return text of UTF-16 without a byte order mark; other NULs are damage, or no text at all."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:_SAMPLE]
        if any(mark in sample for mark in ",;\t\n") and not _has_control_characters(sample):
            plausible = sum(character.isascii() for character in sample) / len(sample) > 0.2
            if plausible or is_plausible_chinese(sample):
                return text, encoding
    rest = data[:_SAMPLE].replace(b"\x00", b"")
    if b"\n" in rest and not _has_control_characters(rest.decode("latin-1")):
        _without_nul(path, data)
    raise FileUnreadable(Fault("file-binary", Place(file=path.name), {"file": path.name}))


def _has_control_characters(sample: str) -> bool:
    return any(character < "\t" or "\x0e" <= character <= "\x19" for character in set(sample))


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return character in "—·〖〗┋→～€"
    return True
