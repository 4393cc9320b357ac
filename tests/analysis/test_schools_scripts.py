"""The R scripts beside the reference values of schools, their inequality and change still write them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[1] / "reference"
#: Script -> what it writes, and its packages.
SCRIPTS = {
    "equity/measures": (("measures",), ("jsonlite",)),
    "equity/inequality": (("inequality_r",), ("laeken", "survey")),
    "change/funnel": (("funnel",), ("jsonlite",)),
    "change/change": (("change_r",), ("plm", "metafor", "sandwich")),
    "resources/gaps": (("gaps", "recognition"), ("jsonlite",)),
    "resources/requirements": (("requirements",), ("jsonlite",)),
}


def numbers(value: object, path: str = "") -> dict[str, object]:
    """Return every leaf of a JSON value by its path, without the version of R."""
    if isinstance(value, dict):
        pairs = [(f"{path}.{key}", part) for key, part in value.items() if key != "R"]
    elif isinstance(value, list):
        pairs = [(f"{path}[{at}]", part) for at, part in enumerate(value)]
    else:
        return {path: value}
    return {key: leaf for name, part in pairs for key, leaf in numbers(part, name).items()}


@pytest.mark.parametrize("script", list(SCRIPTS))
def test_r_still_writes_the_reference_values(script: str, tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is absent")
    written, packages = SCRIPTS[script]
    wanted = ", ".join(f"'{name}'" for name in packages)
    present = f"q(status = !all(sapply(c({wanted}), requireNamespace, quietly = TRUE)))"
    if subprocess.run([rscript, "-e", present], capture_output=True, check=False).returncode:
        pytest.skip("an R package of the script is absent")
    folder = (REFERENCE / script).parent
    for path in (*folder.glob("*.csv"), REFERENCE / f"{script}.R"):
        shutil.copy(path, tmp_path / path.name)
    subprocess.run([rscript, f"{Path(script).name}.R"], cwd=tmp_path, check=True, capture_output=True)
    for name in written:
        again = numbers(json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8")))
        kept = numbers(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
        assert again == {
            path: pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
            for path, value in kept.items()
        }
