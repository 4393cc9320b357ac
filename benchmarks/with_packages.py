"""The same statistics from rows, with the packages a researcher would otherwise use, written as plainly."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pyreadstat
import statsmodels.formula.api as smf
from factor_analyzer import FactorAnalyzer, calculate_bartlett_sphericity, calculate_kmo
from survey import BLOCKS, ITEMS, KEYED, OUTCOME, QUESTIONS, REVERSED, ROLE, SCALES
from work import Numbers, Work, kept_rows, study_folder

from manyi.stages.work import clean_folder, coded_file
from manyi.study.folder import open_study

#: Samples of unrelated rows drawn for parallel analysis; manyi draws 500 matrices.
DRAWS = 20


def _answers_file(folder: Path) -> Path:
    return folder / "data" / "responses" / ROLE / "answers.csv"


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _import(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"school": str, "person": str})


def _values(frame: pd.DataFrame) -> Numbers:
    return {"answers": frame[list(QUESTIONS)].fillna(-1).to_numpy(dtype=np.int8)}


def _load_answers(folder: Path) -> pd.DataFrame:
    coded = pd.read_parquet(coded_file(open_study(folder), ROLE))
    return coded.assign(**{name: coded[name].where(coded[name] >= 0) for name in QUESTIONS})


def _clean(answers: pd.DataFrame) -> pd.DataFrame:
    items = answers[list(ITEMS)]
    answered = items.count(axis=1)
    questions = answers[list(QUESTIONS)].count(axis=1)
    person, form = answers["person"], answers[["school", *QUESTIONS]]
    careless = (
        (items.isna().mean(axis=1) > 0.5)
        | ((items.max(axis=1) == items.min(axis=1)) & (answered >= 8))
        | (answers["seconds"] < questions)
        | (person.notna() & person.duplicated())
        | (form.duplicated() & (questions >= 20))
    )
    keyed = items.assign(**{name: 6 - items[name] for name in REVERSED})
    scored = answers.assign(kept=~careless)
    for scale in SCALES:
        own = keyed[[name for name in ITEMS if name.startswith(scale)]]
        scored[scale] = own.mean(axis=1).where(own.count(axis=1) >= 4)
    return scored


def _cleaned_values(scored: pd.DataFrame) -> Numbers:
    return {"scores": scored[list(SCALES)].to_numpy(), "kept": scored["kept"].to_numpy(dtype=float)}


def _scale(name: str) -> list[str]:
    return [item for item in KEYED if item.startswith(name)]


def _pass(folder: Path) -> Numbers:
    frame = pd.read_parquet(clean_folder(open_study(folder), ROLE))
    frame = frame[frame["kept"]]
    found = {"covariance": frame[list(KEYED)].dropna().cov().to_numpy()}
    for scale in SCALES:
        complete = frame[[*_scale(scale), "GRADE"]].dropna(subset=_scale(scale))
        items = complete[_scale(scale)]
        found[f"mean {scale}"] = items.mean().to_numpy()
        groups = complete.groupby("GRADE").cov()
        found[f"groups {scale}"] = groups.to_numpy().reshape(-1, items.shape[1], items.shape[1])
        counts = [items[name].value_counts().sort_index().to_numpy() for name in items]
        found[f"counts {scale}"] = np.concatenate(counts).astype(float)
    return found


def _complete(columns: list[str]) -> Callable[[Path], pd.DataFrame]:
    def load(folder: Path) -> pd.DataFrame:
        return kept_rows(folder)[columns].dropna()

    return load


def _scales(folder: Path) -> list[pd.DataFrame]:
    rows = kept_rows(folder)[list(KEYED)]
    return [rows[_scale(scale)].dropna() for scale in SCALES]


def _reliability(scales: list[pd.DataFrame]) -> Numbers:
    alphas, omegas, described = [], [], []
    for rows in scales:
        # Its interval is rounded to three digits and is left out.
        alphas.append(pingouin.cronbach_alpha(rows)[0])
        one = FactorAnalyzer(1, rotation=None, method="minres").fit(rows)
        omegas.append(1 - one.get_uniquenesses().sum() / rows.corr().to_numpy().sum())
        rest = {name: rows.drop(columns=name) for name in rows}
        described.append(
            pd.DataFrame(
                {
                    "mean": rows.mean(),
                    "sd": rows.std(),
                    "skew": rows.skew(),
                    "kurtosis": rows.kurt(),
                    "item_rest_r": [rows[name].corr(rest[name].sum(axis=1)) for name in rows],
                    "alpha_if_deleted": [pingouin.cronbach_alpha(rest[name])[0] for name in rows],
                }
            )
        )
    items = pd.concat(described).to_numpy()
    return {"alpha": np.array(alphas), "omega": np.array(omegas), "items": items}


def _factorability(rows: pd.DataFrame) -> Numbers:
    each, overall = calculate_kmo(rows)
    return {"kmo": np.array([overall, *each]), "chi2": np.array([calculate_bartlett_sphericity(rows)[0]])}


def _parallel(rows: pd.DataFrame) -> Numbers:
    rng = np.random.default_rng(1)
    drawn = [
        np.linalg.eigvalsh(np.corrcoef(rng.standard_normal(rows.shape), rowvar=False))[::-1]
        for _ in range(DRAWS)
    ]
    observed = np.linalg.eigvalsh(rows.corr().to_numpy())[::-1]
    exceeding = observed > np.percentile(drawn, 95, axis=0)
    return {"number": np.array([int(np.argmin(exceeding))])}


def _efa(rows: pd.DataFrame) -> FactorAnalyzer:
    return FactorAnalyzer(len(SCALES), rotation="oblimin", method="minres").fit(rows)


def _efa_values(found: FactorAnalyzer) -> Numbers:
    # The sizes of an item's loadings, sorted, do not depend on the order and sign of the factors.
    return {"pattern": np.sort(np.abs(found.loadings_), axis=1)}


def _icc(rows: pd.DataFrame) -> Numbers:
    fit = smf.mixedlm(f"{OUTCOME} ~ 1", rows, groups=rows["school"]).fit(reml=True)
    between = float(fit.cov_re.iloc[0, 0])
    return {"icc": np.array([between / (between + fit.scale)])}


def _regression(rows: pd.DataFrame) -> Numbers:
    terms: list[str] = []
    for block in BLOCKS.values():
        terms += ["C(BOARD)" if name == "BOARD" else name for name in block]
        fit = smf.ols(f"{OUTCOME} ~ {' + '.join(terms)}", rows).fit(
            cov_type="cluster", cov_kwds={"groups": rows["school"].to_numpy()}, use_t=True
        )
    last = [*BLOCKS["school"], *BLOCKS["perceived"]]
    return {
        "b": fit.params[last].to_numpy(),
        "se": fit.bse[last].to_numpy(),
        "p": fit.pvalues[last].to_numpy(),
    }


def _load_sav(folder: Path) -> tuple[Path, pd.DataFrame]:
    return folder / "packages.sav", pd.read_parquet(clean_folder(open_study(folder), ROLE))


def _sav(given: tuple[Path, pd.DataFrame]) -> Path:
    path, frame = given
    pyreadstat.write_sav(frame, str(path), row_compress=True)
    return path


def _sav_values(path: Path) -> Numbers:
    frame, _ = pyreadstat.read_sav(str(path), usecols=list(SCALES))
    return {"means": frame[list(SCALES)].mean().to_numpy()}


def _as_found(numbers: Numbers) -> Numbers:
    return numbers


_MODEL = [OUTCOME, "school", *(name for block in BLOCKS.values() for name in block)]

WORKS: dict[str, Work] = {
    "read": Work(_answers_file, _read, lambda frame: {"cells": np.array(frame.shape)}),
    "import": Work(_answers_file, _import, _values),
    "clean": Work(_load_answers, _clean, _cleaned_values),
    "pass": Work(study_folder, _pass, _as_found),
    "reliability": Work(_scales, _reliability, _as_found),
    "factorability": Work(_complete(list(KEYED)), _factorability, _as_found),
    "parallel": Work(_complete(list(KEYED)), _parallel, _as_found),
    "efa": Work(_complete(list(KEYED)), _efa, _efa_values),
    "icc": Work(_complete([OUTCOME, "school"]), _icc, _as_found),
    "regression": Work(_complete(_MODEL), _regression, _as_found),
    "sav": Work(_load_sav, _sav, _sav_values),
}
