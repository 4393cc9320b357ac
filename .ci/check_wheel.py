"""Build the wheel and check that it holds every file of the four packages."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "instruments/manyi_instruments",
    "analysis/manyi_analysis",
    "outputs/manyi_outputs",
    "pipeline/manyi",
)


def package_files() -> set[str]:
    """Return every file of the packages as the wheel should name it."""
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                found.add(path.relative_to((ROOT / package).parent).as_posix())
    return found


def main() -> None:
    """Exit with 1 and the list of files that the wheel lacks."""
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, str(ROOT)]
        subprocess.run(build, check=True, capture_output=True)
        (wheel,) = Path(folder).glob("*.whl")
        held = set(zipfile.ZipFile(wheel).namelist())
    lacking = sorted(package_files() - held)
    if lacking:
        raise SystemExit("the wheel lacks:\n" + "\n".join(lacking))
    print(f"the wheel holds all {len(package_files())} package files")


if __name__ == "__main__":
    main()
