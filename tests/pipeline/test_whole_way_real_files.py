"""Studies made of real files by the commands a researcher types; every number is R's or the file's own."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from manyi.readers.decoding.about import ABOUT

REFERENCE = Path(__file__).parents[1] / "reference"
BFI = REFERENCE / "measurement" / "bfi.csv"
SWMD = REFERENCE / "explanation" / "swmd.csv"
CASCHOOLS = REFERENCE / "explanation" / "caschools.csv"


@pytest.fixture(scope="module")
def drafted(tmp_path_factory, run_manyi):
    """Return ``drafted(file, role="people") -> folder``: a study by ``new --from``, not run yet."""

    def make(file: Path, role: str = "people") -> Path:
        folder = tmp_path_factory.mktemp("real") / file.stem
        done = run_manyi("new", folder, "--from", file, "--role", role, "--json")
        assert done.code == 0, done.out
        return folder

    return make


def planned(folder: Path, **analysis: object) -> Path:
    """Change the analysis plan of a study."""
    file = folder / "study.yaml"
    study = yaml.safe_load(file.read_text(encoding="utf-8"))
    study["analysis"] = {**study["analysis"], **analysis}
    file.write_text(yaml.safe_dump(study, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


def run(run_manyi, folder: Path, code: int = 0) -> Path:
    done = run_manyi("run", folder, "--json")
    assert done.code == code, done.out
    return folder


# Big five inventory: R package psych. Reference values: psych 2.2.9.


@pytest.fixture(scope="module")
def bfi(drafted, run_manyi) -> Path:
    """Return the bfi items as asked, unreversed, in five factors."""
    folder = drafted(BFI)
    factors = {"people": {"number": 5, "extraction": "minres", "rotation": "oblimin", "reversed": False}}
    return run(run_manyi, planned(folder, factors=factors, groups={}))


@pytest.fixture(scope="module")
def psych() -> dict:
    path = REFERENCE / "measurement" / "psych_bfi_efa.json"
    return json.loads(path.read_text(encoding="utf-8"))["fa"]["minres_oblimin"]


def test_bfi_alpha_of_agreeableness(bfi: Path, read_csv) -> None:
    row = read_csv(bfi, "reliability").set_index("scale").loc["A"]
    assert row["alpha"] == pytest.approx(0.703755894374836, abs=1e-12)


@pytest.mark.parametrize(
    ("scale", "name"),
    [("A", "agree"), ("C", "conscientious"), ("E", "extraversion"), ("N", "neuroticism"), ("O", "openness")],
)
def test_bfi_alpha_and_n_of_every_scale(bfi: Path, read_csv, scale: str, name: str) -> None:
    path = REFERENCE / "measurement" / "psych_bfi_reliability.json"
    expected = json.loads(path.read_text(encoding="utf-8"))["scales"][name]
    row = read_csv(bfi, "reliability").set_index("scale").loc[scale]
    assert row["alpha"] == pytest.approx(expected["listwise_scale"]["total"]["raw_alpha"], abs=1e-12)
    assert row["n"] == expected["listwise_scale"]["n_complete"]


def test_bfi_kmo(bfi: Path, read_csv) -> None:
    assert read_csv(bfi, "factorability").loc[0, "kmo"] == pytest.approx(0.84864523094684, abs=1e-12)


def test_bfi_bartlett(bfi: Path, read_csv) -> None:
    row = read_csv(bfi, "factorability").iloc[0]
    assert row["bartlett_chi2"] == pytest.approx(18146.065577235, abs=1e-6)
    assert row["bartlett_df"] == 300


def aligned(pattern: np.ndarray, phi: np.ndarray, like: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pattern and correlations with the factors in the order and sign of another pattern."""
    from scipy.optimize import linear_sum_assignment

    products = like.T @ pattern
    order = linear_sum_assignment(-np.abs(products))[1]
    signs = np.sign(products[np.arange(len(order)), order])
    return pattern[:, order] * signs, phi[np.ix_(order, order)] * np.outer(signs, signs)


@pytest.fixture(scope="module")
def bfi_factors(bfi: Path, psych: dict, read_csv) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return our pattern and Phi, and psych's."""
    expected, expected_phi = np.array(psych["loadings"]["values"]), np.array(psych["Phi"]["values"])
    loadings = read_csv(bfi, "loadings").pivot(index="item", columns="factor", values="pattern")
    pattern = loadings.loc[psych["loadings"]["rows"]].to_numpy()
    phi = np.eye(5)
    for a, b, r in read_csv(bfi, "factor_correlations")[["a", "b", "r"]].itertuples(index=False):
        i, j = int(a[1:]) - 1, int(b[1:]) - 1
        phi[i, j] = phi[j, i] = r
    return *aligned(pattern, phi, expected), expected, expected_phi


def test_bfi_pattern_of_minres_and_oblimin(bfi_factors) -> None:
    pattern, _, expected, _ = bfi_factors
    np.testing.assert_allclose(pattern, expected, atol=1e-5)


def test_bfi_correlations_of_factors(bfi_factors) -> None:
    _, phi, _, expected = bfi_factors
    np.testing.assert_allclose(phi, expected, atol=1e-5)


# Pupils' well-being with teachers in 30 classes: R package mokken, data SWMD. alpha: psych, ICC: lme4.


@pytest.fixture(scope="module")
def swmd(drafted, run_manyi) -> Path:
    return run(run_manyi, drafted(SWMD, "pupils"))


def test_swmd_alpha(swmd: Path, read_csv) -> None:
    row = read_csv(swmd, "reliability").iloc[0]
    assert (row["k"], row["n"]) == (7, 651)
    assert row["alpha"] == pytest.approx(0.866623, abs=5e-7)


def test_swmd_icc(swmd: Path, read_csv) -> None:
    row = read_csv(swmd, "icc").iloc[0]
    assert row["schools"] == 30
    assert row["icc_reml"] == pytest.approx(0.177210, abs=5e-7)


def test_swmd_factors_are_asked_for_without_being_named(swmd: Path, read_csv) -> None:
    assert len(read_csv(swmd, "loadings")) == 7 * read_csv(swmd, "factorability").loc[0, "factors"]


# Districts of California: R package AER, data CASchools (Stock & Watson). Reference values: lm().


@pytest.fixture(scope="module")
def caschools(drafted, run_manyi) -> Path:
    blocks = {"size": ["stratio"], "language": ["english"], "means": ["lunch", "calworks"]}
    regression = [{"role": "districts", "outcome": "score", "blocks": blocks}]
    return run(run_manyi, planned(drafted(CASCHOOLS, "districts"), regression=regression))


@pytest.fixture(scope="module")
def lm() -> dict:
    path = REFERENCE / "explanation" / "published.json"
    return json.loads(path.read_text(encoding="utf-8"))["aer_caschools_regression"]


@pytest.mark.parametrize("model", [1, 2, 3])
def test_caschools_coefficients_and_errors(caschools: Path, lm: dict, read_csv, model: int) -> None:
    expected = lm[f"block{model}"]["coef"]
    found = read_csv(caschools, "regression").query("model == @model").set_index("term")
    found = found.rename(index={"(intercept)": "(Intercept)"}).loc[expected["rows"]]
    for column, name in (("b", "Estimate"), ("se", "Std. Error"), ("t", "t value")):
        np.testing.assert_allclose(found[column], expected["values"][name], rtol=1e-9)


@pytest.mark.parametrize("model", [1, 2, 3])
def test_caschools_fit(caschools: Path, lm: dict, read_csv, model: int) -> None:
    row = read_csv(caschools, "regression_models").query("model == @model").iloc[0]
    expected = lm[f"block{model}"]
    assert row[["n", "r2", "adj_r2"]].tolist() == pytest.approx(
        [expected["n"], expected["r2"], expected["adj_r2"]], rel=1e-10
    )


# Course evaluations of Gazi University: 5,820 answers of which more than half give one answer throughout.


@pytest.fixture(scope="module")
def turkiye(shared: Path, drafted, run_manyi) -> Path:
    folder = drafted(shared / "examples" / "turkiye" / "turkiye-student-evaluation_generic.csv")
    factors = {"people": {"number": 1, "extraction": "minres", "rotation": "none"}}
    return run(run_manyi, planned(folder, groups={}, factors=factors))


def test_turkiye_ledger_says_how_many_straight_line(turkiye: Path, read_csv) -> None:
    ledger = read_csv(turkiye, "ledger")
    assert ledger.query("step == 'received'")["n"].item() == 5820
    assert ledger.query("reason == 'straight_lining'")["n"].item() == 2985


def test_turkiye_alpha(turkiye: Path, read_csv) -> None:
    row = read_csv(turkiye, "reliability").iloc[0]
    assert (row["k"], row["n"]) == (28, 5820)
    assert row["alpha"] == pytest.approx(0.991956, abs=5e-7)


def test_turkiye_kmo(turkiye: Path, read_csv) -> None:
    assert read_csv(turkiye, "factorability").loc[0, "kmo"] == pytest.approx(0.988535, abs=5e-7)


def test_turkiye_without_straight_liners(turkiye: Path, run_manyi, read_csv, tmp_path: Path) -> None:
    folder = shutil.copytree(turkiye, tmp_path / "study")
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    assert text.count("exclude: []") == 1
    (folder / "study.yaml").write_text(
        text.replace("exclude: []", "exclude: [straight_lining]"), encoding="utf-8"
    )
    run(run_manyi, folder)
    assert read_csv(folder, "ledger").query("step == 'kept'")["n"].item() == 5820 - 2985
    raw = pd.read_csv(next((folder / "data/responses/people").iterdir())).iloc[:, 5:]
    raw = raw[raw.nunique(axis=1) > 1]
    k = raw.shape[1]
    alpha = k / (k - 1) * (1 - raw.var().sum() / raw.sum(axis=1).var())
    assert read_csv(folder, "reliability").loc[0, "alpha"] == pytest.approx(alpha, abs=1e-12)


# An export of 问卷星 in both its forms.


@pytest.fixture(scope="module")
def wjx(shared: Path, drafted, run_manyi) -> dict[str, Path]:
    folder = shared / "examples" / "wjx_reportgen"
    files = {"text": folder / "wjx_800_800_0.xls", "number": folder / "wjx_800_800_2.xls"}
    return {form: run(run_manyi, drafted(file)) for form, file in files.items()}


def test_wjx_by_text_and_by_number_decode_to_the_same_table(wjx: dict[str, Path]) -> None:
    text, number = (
        pd.read_parquet(wjx[form] / "results/coded/people.parquet") for form in ("text", "number")
    )
    questions = [name for name in number.columns[len(ABOUT) :] if not name.endswith("__text")]
    assert (len(text), len(number), len(questions)) == (800, 800, 30)
    pd.testing.assert_frame_equal(text[questions], number[questions])


def test_wjx_answers_are_counted_alike(wjx: dict[str, Path], read_csv) -> None:
    text, number = (read_csv(wjx[form], "answers")[["item", "answer", "n"]] for form in ("text", "number"))
    pd.testing.assert_frame_equal(text, number)


def test_wjx_every_row_is_accounted_for(wjx: dict[str, Path], read_csv) -> None:
    for folder in wjx.values():
        account = read_csv(folder, "import_cells").iloc[0]
        assert (account["rows_read"], account["rows_kept"], account["cells_rejected"]) == (800, 800, 0)


def test_wjx_is_recognised(wjx: dict[str, Path], read_csv) -> None:
    assert {read_csv(folder, "import_files").loc[0, "source"] for folder in wjx.values()} == {"wenjuanxing"}


@pytest.mark.parametrize("study", ["bfi", "swmd", "caschools"])
def test_who_holds_only_an_export_gets_to_the_appendix(request: pytest.FixtureRequest, study: str) -> None:
    import openpyxl

    book = openpyxl.load_workbook(request.getfixturevalue(study) / "results" / "appendix.xlsx")
    assert len(book.sheetnames) >= 3
