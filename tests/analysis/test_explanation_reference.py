"""The R script beside the reference values still writes them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1] / "reference" / "explanation"


def numbers(value: object, path: str = "") -> dict[str, object]:
    """Return every leaf of a JSON value by its path."""
    if isinstance(value, dict):
        pairs = [(f"{path}.{key}", part) for key, part in value.items() if key != "_meta"]
    elif isinstance(value, list):
        pairs = [(f"{path}[{at}]", part) for at, part in enumerate(value)]
    else:
        return {path: value}
    return {key: leaf for name, part in pairs for key, leaf in numbers(part, name).items()}


def test_r_still_writes_the_reference_values(tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is absent")
    packages = "'lme4', 'clubSandwich', 'car', 'jsonlite'"
    present = f"q(status = !all(sapply(c({packages}), requireNamespace, quietly = TRUE)))"
    if subprocess.run([rscript, "-e", present], capture_output=True, check=False).returncode:
        pytest.skip("an R package of the script is absent")
    for name in ("explanation.R", "caschools.csv", "swmd.csv"):
        shutil.copy(HERE / name, tmp_path / name)
    subprocess.run([rscript, "explanation.R"], cwd=tmp_path, check=True, capture_output=True)
    written = numbers(json.loads((tmp_path / "explanation.json").read_text(encoding="utf-8")))
    kept = numbers(json.loads((HERE / "explanation.json").read_text(encoding="utf-8")))
    assert written == {
        path: pytest.approx(value, rel=1e-6) if isinstance(value, float) else value
        for path, value in kept.items()
    }
