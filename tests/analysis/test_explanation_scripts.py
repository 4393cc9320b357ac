"""The R scripts beside the reference values of mixed, categorical and mediation models still write them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1] / "reference" / "explanation"
SCRIPTS = {
    "multilevel": ("lme4", "lmerTest", "clubSandwich", "performance", "multilevel", "sandwich", "pbkrtest"),
    "categorical": ("MASS", "ordinal", "sandwich", "numDeriv", "rms"),
    "mediation": ("lavaan", "lme4", "sandwich"),
}


def numbers(value: object, path: str = "") -> dict[str, object]:
    """Return every leaf of a JSON value by its path."""
    if isinstance(value, dict):
        pairs = [(f"{path}.{key}", part) for key, part in value.items() if key != "_meta"]
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
    packages = ", ".join(f"'{name}'" for name in (*SCRIPTS[script], "jsonlite"))
    present = f"q(status = !all(sapply(c({packages}), requireNamespace, quietly = TRUE)))"
    if subprocess.run([rscript, "-e", present], capture_output=True, check=False).returncode:
        pytest.skip("an R package of the script is absent")
    for path in (*HERE.glob("*.csv"), HERE / f"{script}.R"):
        shutil.copy(path, tmp_path / path.name)
    subprocess.run([rscript, f"{script}.R"], cwd=tmp_path, check=True, capture_output=True)
    written = numbers(json.loads((tmp_path / f"{script}.json").read_text(encoding="utf-8")))
    kept = numbers(json.loads((HERE / f"{script}.json").read_text(encoding="utf-8")))
    # Optima of flat likelihoods differ a little between builds of linear algebra.
    assert written == {
        path: pytest.approx(value, rel=1e-4, abs=1e-8) if isinstance(value, float) else value
        for path, value in kept.items()
    }
