"""Files no table can be made of: each is refused by name and place, in little memory, the study untouched."""

import hashlib
import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from manyi.readers.tables.raw_table import read_table
from manyi_instruments.faults import FileUnreadable

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PASSWORD = Path(__file__).parents[1] / "reference" / "readers" / "password.xlsx"
HEAD = b'<?xml version="1.0"?><worksheet xmlns="%s"><sheetData>' % NAMESPACE.encode()
TAIL = b"</sheetData></worksheet>"
#: Megabytes a reader may need beside the interpreter with its libraries.
MEMORY = 250


def workbook(rows: int = 50) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["a1", "a2", "a3"])
    for row in range(rows):
        sheet.append([row % 5 + 1, 3, 4])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def packed(parts: dict[str, bytes], stored: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_sheet(xml: bytes) -> bytes:
    return packed({**parts_of(workbook()), SHEET: xml})


def edited(change: Callable[[bytes], bytes]) -> bytes:
    parts = parts_of(workbook())
    return packed({**parts, SHEET: change(parts[SHEET])})


def truncated() -> bytes:
    data = workbook(2000)
    return data[: len(data) * 2 // 3]


def sheet_of_blanks(megabytes: int) -> bytes:
    out = io.BytesIO()
    parts = parts_of(workbook())
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            if name != SHEET:
                archive.writestr(name, part)
        with archive.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write(HEAD)
            for _ in range(megabytes):
                sheet.write(b" " * (1 << 20))
            sheet.write(TAIL)
    return out.getvalue()


def lying_directory() -> bytes:
    """Return the bomb with a directory that says its sheet is 1,000 bytes long."""
    data = bytearray(sheet_of_blanks(2000))
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(SHEET.encode()))
    struct.pack_into("<I", data, entry + 24, 1000)
    return bytes(data)


def entities() -> bytes:
    nested = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    start = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">' + nested + b"]>"
    rows = b'<row r="1"><c r="A1" t="str"><v>&a11;</v></c></row>'
    return with_sheet(start + HEAD.split(b"?>", 1)[1] + rows + TAIL)


def shared_strings(cells: int, length: int) -> bytes:
    """Return a workbook of which every cell shows the same long string."""
    parts = parts_of(workbook())
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, cells + 1))
    strings = b'<sst xmlns="%s" count="1" uniqueCount="1"><si><t>%s</t></si></sst>'
    relation = (
        b'<Relationship Id="rId99" Target="sharedStrings.xml" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>'
    )
    types = (
        b'<Override PartName="/xl/sharedStrings.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
    )
    rels, content = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
    return packed(
        {
            **parts,
            SHEET: HEAD + rows + TAIL,
            "xl/sharedStrings.xml": strings % (NAMESPACE.encode(), b"A" * length),
            rels: parts[rels].replace(b"</Relationships>", relation + b"</Relationships>"),
            content: parts[content].replace(b"</Types>", types + b"</Types>"),
        }
    )


def far_cell() -> bytes:
    rows = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return with_sheet(HEAD + rows + TAIL)


def damaged_xls() -> bytes:
    """Return an OLE file whose directory says nothing true: of it the reader of .xlsx asks for 230 GB."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 64


def mixed_encodings() -> bytes:
    utf8 = "姓名,满意度\n张三,很满意\n".encode()
    return utf8 + "李四,不满意\n".encode("gb18030") * 3 + "王五,满意\n".encode()


def gb_with_utf8_inside() -> bytes:
    return "姓名,满意度\n张三,很满意\n".encode("gb18030") * 20 + "李四,不满意\n".encode() * 2


#: name -> bytes, code of the fault, row it names
FILES: dict[str, tuple[Callable[[], bytes], str, int | None]] = {
    "truncated.xlsx": (truncated, "file-workbook-damaged", None),
    "bomb.xlsx": (lambda: sheet_of_blanks(3000), "file-workbook-bomb", None),
    "lying.xlsx": (lying_directory, "file-workbook-bomb", None),
    "entities.xlsx": (entities, "file-workbook-bomb", None),
    "strings.xlsx": (lambda: shared_strings(60_000, 32_767), "file-workbook-bomb", None),
    "far.xlsx": (far_cell, "file-too-many-cells", None),
    "damaged.xls": (damaged_xls, "file-workbook-damaged", None),
    "empty.xlsx": (lambda: with_sheet(HEAD + TAIL), "file-empty", None),
    "headings.xlsx": (lambda: workbook(0), "file-header-only", None),
    "password.xlsx": (PASSWORD.read_bytes, "file-password", None),
    "book.xlsb": (lambda: packed({"xl/workbook.bin": b"x"}), "file-other-format", None),
    "sheet.ods": (lambda: packed({"mimetype": b"x", "content.xml": b"<x/>"}), "file-other-format", None),
    "papers.docx": (lambda: packed({"word/document.xml": b"<x/>"}), "file-other-format", None),
    "nested.zip": (lambda: packed({"a.xlsx": workbook()}), "file-other-format", None),
    "caret.csv": (lambda: b"a1^a2^a3\n1^2^3\n4^5^1\n", "file-delimiter-unknown", 1),
    "mixed.csv": (mixed_encodings, "file-encodings-mixed", 3),
    "gb.csv": (gb_with_utf8_inside, "file-encodings-mixed", 41),
    "nul.csv": (lambda: b"a1,a2\n1,2\n3,\x004\n", "file-nul-bytes", 3),
    "line.csv": (lambda: b"a1,a2\n1,2\n" + b"x" * 100_000_000, "file-line-too-long", 3),
    "cells.csv": (lambda: b"1," * 50_000_000, "file-line-too-long", 1),
    "wide.csv": (
        lambda: b",".join(b"q%d" % n for n in range(30_000)) + b"\n1,2\n",
        "file-too-many-columns",
        1,
    ),
    "ragged.csv": (
        lambda: b"a,b\n" + b"1,2\n" * 3000 + b"1" * 1 + b",1" * 15_000 + b"\n",
        "file-too-many-columns",
        3002,
    ),
    "headings.csv": (lambda: b"a1,a2,a3\n", "file-header-only", None),
}


@pytest.fixture(scope="module", params=FILES)
def bad(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str, int | None]:
    made, code, row = FILES[request.param]
    path = tmp_path_factory.mktemp("bad") / request.param
    path.write_bytes(made())
    return path, code, row


READ = """
import resource, sys, time
import manyi.readers.tables.raw_table as tables
from manyi.readers.tables import xls, xlsx
from manyi_instruments.faults import FileUnreadable
import xlrd
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before, start = peak(), time.monotonic()
try:
    tables.read_table(sys.argv[1])
    print("read")
except FileUnreadable as error:
    print(error.faults[0].code)
print(peak() - before, time.monotonic() - start)
"""


def test_memory_and_time_are_bounded(bad: tuple[Path, str, int | None], run_python) -> None:
    pytest.importorskip("resource")
    path, code, _ = bad
    done = run_python(READ, path)
    assert done.code == 0, done.err
    told, numbers = done.out.splitlines()
    memory, seconds = map(float, numbers.split())
    assert told == code
    # A file of text is held as it is; what is made of it must stay small.
    assert memory < MEMORY + path.stat().st_size / 2**20
    assert seconds < 10


def test_the_fault_names_file_and_place(bad: tuple[Path, str, int | None]) -> None:
    path, code, row = bad
    with pytest.raises(FileUnreadable) as caught:
        read_table(path)
    (fault,) = caught.value.faults
    assert (fault.code, fault.place.file, fault.place.row) == (code, path.name, row)
    for language in ("zh", "en"):
        assert not re.search(r"[{}]", fault.message(language))


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def study(write_study, scale_questionnaire, likert, tmp_path_factory: pytest.TempPathFactory) -> Path:
    items = ["a1", "a2", "a3"]
    return write_study(
        tmp_path_factory.mktemp("bad") / "study",
        {"people": scale_questionnaire({"A": items})},
        {"people": {"first.csv": likert(items, 20, 5)}},
    )


def test_ingest_leaves_the_study_untouched(bad: tuple[Path, str, int | None], study: Path, run_manyi) -> None:
    path, code, _ = bad
    before = content(study)
    done = run_manyi("ingest", study, path, "--role", "people", "--json")
    assert (done.code, done.codes) == (1, [code]), done.out + done.err
    assert content(study) == before


def test_new_from_leaves_nothing_behind(bad: tuple[Path, str, int | None], tmp_path: Path, run_manyi) -> None:
    path, code, _ = bad
    done = run_manyi("new", tmp_path / "study", "--from", path, "--json")
    assert (done.code, done.codes) == (1, [code]), done.out + done.err
    assert list(tmp_path.iterdir()) == []


# --- what looks dangerous and is read ----------------------------------------------------------------------


def write(folder: Path, data: bytes, name: str = "t.xlsx") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def test_a_dimension_of_the_whole_sheet_with_few_cells(tmp_path: Path) -> None:
    data = edited(lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', xml))
    assert read_table(write(tmp_path, data)).cells.shape == (50, 3)


def test_formatted_blanks_down_to_the_last_row(tmp_path: Path) -> None:
    blank = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    data = edited(lambda xml: xml.replace(b"</sheetData>", blank))
    assert read_table(write(tmp_path, data)).cells.shape == (50, 3)


def test_10000_columns_are_read(tmp_path: Path) -> None:
    lines = [
        ",".join(f"q{n}" for n in range(10_000)),
        *[",".join("12345"[n % 5] for n in range(10_000))] * 30,
    ]
    table = read_table(write(tmp_path, "\n".join(lines).encode(), "wide.csv"))
    assert table.cells.shape == (30, 10_000)
    assert table.cells["q9999"].iloc[-1] == "5"


def test_10000_columns_are_imported_in_seconds(tmp_path: Path, study: Path, run_manyi) -> None:
    lines = [",".join(["a1", "a2", "a3", *(f"q{n}" for n in range(9_997))]), *[",".join(["3"] * 10_000)] * 20]
    path = write(tmp_path, "\n".join(lines).encode(), "wide10000.csv")
    done = run_manyi("ingest", study, path, "--role", "people", "--json")
    assert done.code == 0, done.out + done.err
    assert "columns-unmatched" in done.codes


def test_formulas_give_what_they_were_last_calculated_to(tmp_path: Path) -> None:
    data = edited(lambda xml: xml.replace(b"<v>3</v>", b"<f>1+2</f><v>3</v>"))
    assert set(read_table(write(tmp_path, data)).cells["a2"]) == {"3"}


def test_formulas_never_calculated_stand_as_their_text(tmp_path: Path) -> None:
    data = edited(lambda xml: xml.replace(b"<v>3</v>", b"<f>1+2</f><v></v>"))
    assert set(read_table(write(tmp_path, data)).cells["a2"]) == {"=1+2"}


def test_formulas_that_give_an_empty_text_are_blank(tmp_path: Path) -> None:
    data = edited(
        lambda xml: re.sub(rb'<c r="(B\d+)"[^>]*><v>3</v>', rb'<c r="\1" t="str"><f>""</f><v></v>', xml)
    )
    assert set(read_table(write(tmp_path, data)).cells["a2"]) == {""}


def test_few_long_strings_shown_by_few_cells_are_read(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, shared_strings(20, 32_767)))
    assert table.cells.iloc[:, 0].str.len().tolist() == [32_767] * 19


def test_macro_workbooks_are_read(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, workbook(), "macros.xlsm")).cells.shape == (50, 3)


def test_a_zip_within_the_workbook_is_not_unpacked(tmp_path: Path) -> None:
    parts = {**parts_of(workbook()), "xl/embeddings/bomb.zip": sheet_of_blanks(300)}
    assert read_table(write(tmp_path, packed(parts))).cells.shape == (50, 3)


def test_headings_that_repeat_are_told_with_their_place(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, b"a,b,a\n1,2,3\n", "t.csv"))
    (fault,) = table.faults
    assert (fault.code, fault.place.field, list(table.cells.columns)) == (
        "file-heading-twice",
        "a",
        ["a (1)", "b", "a (2)"],
    )


def test_error_values_of_old_workbooks_stand_as_their_text(tmp_path: Path, require_program) -> None:
    import subprocess

    office = require_program("libreoffice")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["a", "b"], [1, "=1/0"], [2, "=NA()"], [3, "=1+2"]):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    subprocess.run(
        [office, "--headless", "--convert-to", "xls", "--outdir", tmp_path, tmp_path / "t.xlsx"],
        check=True,
        capture_output=True,
        timeout=120,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert read_table(tmp_path / "t.xls").cells["b"].tolist() == ["#DIV/0!", "#N/A", "3"]


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_old_workbook_never_ends_the_process(seed: int, tmp_path: Path, run_python) -> None:
    real = Path(__file__).parents[2] / ".." / "shared" / "examples" / "wjx_reportgen" / "wjx_800_800_0.xls"
    if not real.is_file():
        pytest.skip("the folder `shared` is not beside the checkout")
    done = run_python(FUZZ, real, str(seed), tmp_path / "t.xls")
    assert done.code == 0, done.err
    refused, memory = map(int, done.out.split())
    assert refused > 10
    assert memory < MEMORY


FUZZ = """
import random, resource, sys
from pathlib import Path
from manyi.readers.tables.raw_table import read_table
from manyi_instruments.faults import FileUnreadable
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
data, draw, path = Path(sys.argv[1]).read_bytes(), random.Random(int(sys.argv[2])), Path(sys.argv[3])
refused = 0
for turn in range(60):
    damaged = bytearray(data)
    if turn % 3 == 0:
        del damaged[draw.randrange(8, len(damaged)):]
    else:
        for _ in range(draw.randrange(1, 30)):
            damaged[draw.randrange(8, 4096 if turn % 3 == 1 else len(damaged))] = draw.randrange(256)
    path.write_bytes(damaged)
    try:
        read_table(path)
    except FileUnreadable:
        refused += 1
print(refused, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 - before)
"""
