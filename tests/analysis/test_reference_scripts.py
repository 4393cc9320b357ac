"""The R scripts beside the reference values of models, schools and change still write them."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

REFERENCE = Path(__file__).parents[1] / "reference"
#: Keys that hold versions, not values.
ABOUT = ("_meta", "R")


class Script(NamedTuple):
    """What a script writes, the packages it needs, and how nearly two builds of R agree."""

    written: tuple[str, ...]
    packages: tuple[str, ...] = ()
    relative: float = 1e-9
    absolute: float = 0.0


#: Optima of flat likelihoods differ a little between builds of linear algebra.
OPTIMUM = {"relative": 1e-4, "absolute": 1e-8}
MIXED = ("lme4", "lmerTest", "clubSandwich", "performance", "multilevel", "sandwich", "pbkrtest")
SCRIPTS = {
    "explanation/multilevel": Script(("multilevel",), MIXED, **OPTIMUM),
    "explanation/categorical": Script(
        ("categorical",), ("MASS", "ordinal", "sandwich", "numDeriv", "rms"), **OPTIMUM
    ),
    "explanation/mediation": Script(("mediation",), ("lavaan", "lme4", "sandwich"), **OPTIMUM),
    "equity/measures": Script(("measures",)),
    "equity/inequality": Script(("inequality_r",), ("laeken", "survey")),
    "change/funnel": Script(("funnel",)),
    "change/change": Script(("change_r",), ("plm", "metafor", "sandwich")),
    "resources/gaps": Script(("gaps", "recognition")),
    "resources/requirements": Script(("requirements",)),
}


def numbers(value: object, path: str = "") -> dict[str, object]:
    """Return every leaf of a JSON value by its path, versions left out."""
    if isinstance(value, dict):
        pairs = [(f"{path}.{key}", part) for key, part in value.items() if key not in ABOUT]
    elif isinstance(value, list):
        pairs = [(f"{path}[{at}]", part) for at, part in enumerate(value)]
    else:
        return {path: value}
    return {key: leaf for name, part in pairs for key, leaf in numbers(part, name).items()}


@pytest.mark.parametrize("name", list(SCRIPTS))
def test_r_still_writes_the_reference_values(name: str, tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is absent")
    script = SCRIPTS[name]
    wanted = ", ".join(f"'{package}'" for package in (*script.packages, "jsonlite"))
    present = f"q(status = !all(sapply(c({wanted}), requireNamespace, quietly = TRUE)))"
    if subprocess.run([rscript, "-e", present], capture_output=True, check=False).returncode:
        pytest.skip("an R package of the script is absent")
    folder = (REFERENCE / name).parent
    for path in (*folder.glob("*.csv"), REFERENCE / f"{name}.R"):
        shutil.copy(path, tmp_path / path.name)
    subprocess.run([rscript, f"{Path(name).name}.R"], cwd=tmp_path, check=True, capture_output=True)
    for file in script.written:
        again = numbers(json.loads((tmp_path / f"{file}.json").read_text(encoding="utf-8")))
        kept = numbers(json.loads((folder / f"{file}.json").read_text(encoding="utf-8")))
        assert again == {
            path: pytest.approx(value, rel=script.relative, abs=script.absolute)
            if isinstance(value, float)
            else value
            for path, value in kept.items()
        }
