"""Write docs/images/appendix.png: a regression table and a coefficient figure of a study already run.

``python docs/generate_picture.py my-county``. Needs LibreOffice, Chromium and pdftoppm.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image, ImageChops

TARGET = Path(__file__).parent / "images" / "appendix.png"
FIGURE = "figure-coefficients-parents-SAT"
WIDTH, FIGURE_WIDTH, GAP = 2000, 1250, 50
#: Of the regression table as much as one looks at in a README.
TABLE_SHARE = 0.62


def trimmed(picture: Image.Image) -> Image.Image:
    """Return a picture without its white margin."""
    white = Image.new("RGB", picture.size, "white")
    return picture.crop(ImageChops.difference(picture.convert("RGB"), white).getbbox())


def scaled(picture: Image.Image, width: int) -> Image.Image:
    """Return a picture of that width."""
    return picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)


def table(study: Path, folder: Path) -> Image.Image:
    """Return the sheet of the first regression as LibreOffice prints it."""
    book = openpyxl.load_workbook(study / "results" / "appendix.xlsx", rich_text=True)
    regression = next(sheet for sheet in book if sheet["A2"].value and "R²" in _words(sheet))
    for sheet in list(book):
        if sheet is not regression:
            del book[sheet.title]
    book.save(folder / "table.xlsx")
    convert = ["libreoffice", "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*convert, str(folder / "table.xlsx")], check=True, capture_output=True)
    subprocess.run(
        ["pdftoppm", "-r", "260", "-png", "-singlefile", str(folder / "table.pdf"), str(folder / "table")],
        check=True,
    )
    picture = trimmed(Image.open(folder / "table.png"))
    return picture.crop((0, 0, picture.width, round(picture.height * TABLE_SHARE)))


def _words(sheet: Worksheet) -> str:
    return " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def figure(study: Path, folder: Path) -> Image.Image:
    """Return the coefficient figure of the report as Chromium draws it."""
    report = (study / "results" / "report.html").read_text(encoding="utf-8")
    start = report.index(f'id="{FIGURE}"')
    style = re.search(r"<style>.*?</style>", report, flags=re.DOTALL)
    drawing = report[report.index("<svg", start) : report.index("</svg>", start) + len("</svg>")]
    page = f"<meta charset=utf-8>{style[0] if style else ''}<body style='margin:0;background:#fff'>{drawing}"
    (folder / "figure.html").write_text(page, encoding="utf-8")
    browser = ["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", "--force-device-scale-factor=2"]
    shot = [f"--screenshot={folder / 'figure.png'}", "--window-size=1100,1100"]
    address = (folder / "figure.html").as_uri()
    subprocess.run([*browser, *shot, address], check=True, capture_output=True)
    return trimmed(Image.open(folder / "figure.png"))


def main() -> None:
    """Put table and figure one above the other."""
    study = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        parts = [
            scaled(table(study, Path(folder)), WIDTH),
            scaled(figure(study, Path(folder)), FIGURE_WIDTH),
        ]
    height = sum(part.height for part in parts) + GAP * (len(parts) + 1)
    picture = Image.new("RGB", (WIDTH + 2 * GAP, height), "white")
    top = GAP
    for part in parts:
        picture.paste(part, ((picture.width - part.width) // 2, top))
        top += part.height + GAP
    TARGET.parent.mkdir(exist_ok=True)
    picture.quantize(64).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
