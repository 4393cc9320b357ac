"""The ``.sav`` opens in PSPP with labels and missing values, and PSPP's RELIABILITY is ours."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from manyi_analysis.explanation.blocks import regression_blocks
from manyi_analysis.measurement import cronbach_alpha, efa, kmo
from manyi_analysis.records.moments import Moments
from manyi_outputs.context import Context
from manyi_outputs.spss import RoleAnswers, write_pooled_sav, write_sav, write_syntax
from manyi_outputs.spss.labels import shortened, spss_names
from manyi_outputs.spss.missing import missing_values

Run = Callable[[str, Path], str]


@pytest.fixture(scope="module")
def sav(bfi_answers: RoleAnswers, tmp_path_factory: pytest.TempPathFactory, context_in: Any) -> Path:
    path = tmp_path_factory.mktemp("spss 数据") / "成人.sav"
    write_both(path, bfi_answers, context_in("zh"))
    return path


def write_both(path: Path, answers: RoleAnswers, context: Context, **tables: pd.DataFrame) -> None:
    """Write the file and its syntax; without tables that of the reliabilities alone."""
    found = write_sav(path, answers, context.language)
    write_syntax(path.with_suffix(".sps"), answers, found, tables, context)


@pytest.fixture(scope="module")
def read(sav: Path) -> tuple[pd.DataFrame, Any]:
    frame, meta = pyreadstat.read_sav(str(sav), user_missing=True)
    return frame, meta


@pytest.fixture(scope="session")
def pspp(require_program: Callable[[str], str]) -> Run:
    program = require_program("pspp")

    def run(commands: str, folder: Path) -> str:
        script = folder / "test.sps"
        script.write_text("SET DECIMAL=DOT.\nSET FORMAT=F30.12.\n" + commands, encoding="utf-8")
        done = subprocess.run(
            [program, script.name, "-O", "format=csv"],
            cwd=folder,
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        return done.stdout.decode("utf-8")

    return run


def alphas(printed: str) -> list[float]:
    """Return every alpha that PSPP printed, in order."""
    return [float(value) for value in re.findall(r"Cronbach's Alpha,N of Items\n([\d.-]+),", printed)]


def test_pspp_computes_the_alphas_of_psych_from_the_syntax(
    sav: Path, pspp: Run, psych: dict[str, Any]
) -> None:
    printed = pspp(sav.with_suffix(".sps").read_text(encoding="utf-8-sig"), sav.parent)
    names = ("agree", "conscientious", "extraversion", "neuroticism", "openness")
    expected = [psych[name]["listwise_scale"]["total"]["raw_alpha"] for name in names]
    assert alphas(printed) == pytest.approx(expected, abs=1e-11)


def test_pspp_computes_our_alphas_on_the_rows_kept(
    bfi_answers: RoleAnswers, pspp: Run, tmp_path: Path, context_in: Any
) -> None:
    kept = np.arange(len(bfi_answers.scored)) % 3 > 0
    answers = RoleAnswers(
        "adults", bfi_answers.questionnaire, bfi_answers.coded, bfi_answers.scored.assign(kept=kept), "成人"
    )
    write_both(tmp_path / "kept.sav", answers, context_in("zh"))
    printed = pspp((tmp_path / "kept.sps").read_text(encoding="utf-8-sig"), tmp_path)
    ours = [
        cronbach_alpha(
            Moments.of(
                bfi_answers.scored[kept],
                [item.keyed_name for item in bfi_answers.questionnaire.items_of(scale.id)],
            )
        ).alpha
        for scale in bfi_answers.questionnaire.scales
    ]
    assert alphas(printed) == pytest.approx(ours, abs=1e-11)


def test_pspp_shows_labels_and_missing_values(sav: Path, pspp: Run) -> None:
    printed = pspp(f"GET FILE='{sav.name}'.\nDISPLAY DICTIONARY.\n", sav.parent)
    assert "题目 C1：我很符合" in printed
    assert "-9 THRU -5" in printed.replace("–", "-") or "-9.00 THRU -5.00" in printed
    assert "非常符合" in printed
    assert "未作答" in printed


def test_pspp_takes_the_multiple_response_set(sav: Path, pspp: Run) -> None:
    syntax = sav.with_suffix(".sps").read_text(encoding="utf-8-sig")
    printed = pspp(syntax + "\nMRSETS /DISPLAY NAME=ALL.\n", sav.parent)
    assert "$media" in printed


def test_answers_keep_their_missing_codes(read: tuple[pd.DataFrame, Any], bfi: pd.DataFrame) -> None:
    assert int((read[0]["A1"] == -9).sum()) == int(bfi["A1"].isna().sum())


def test_missing_codes_are_user_missing(read: tuple[pd.DataFrame, Any]) -> None:
    assert read[1].missing_ranges["A1"] == [{"lo": -9.0, "hi": -5.0}]


def test_reversed_items_have_reversed_labels(read: tuple[pd.DataFrame, Any]) -> None:
    labels = read[1].variable_value_labels["A1_r"]
    assert (labels[6.0], labels[1.0]) == ("非常不符合", "非常符合")


@pytest.mark.parametrize(
    ("name", "measure"), [("A1", "ordinal"), ("gender", "nominal"), ("age", "scale"), ("A", "scale")]
)
def test_measure(read: tuple[pd.DataFrame, Any], name: str, measure: str) -> None:
    assert read[1].variable_measure[name] == measure


def test_school_codes_stay_text(read: tuple[pd.DataFrame, Any]) -> None:
    assert read[0]["school"].unique().tolist() == ["0012"]


def test_columns_get_safe_names(read: tuple[pd.DataFrame, Any]) -> None:
    assert {"source_file", "source_row"} <= set(read[0].columns)


def test_a_long_label_is_shortened_where_it_is_seen(read: tuple[pd.DataFrame, Any]) -> None:
    long = shortened("满" * 100, 256)
    assert (len(long.encode()), long[-1]) == (255 + 0, "…")
    assert all(len(label.encode()) <= 256 for label in read[1].column_names_to_labels.values())


def test_row_compressed_zsav_and_plain_files_hold_the_same(
    bfi_answers: RoleAnswers, read: tuple[pd.DataFrame, Any], tmp_path: Path
) -> None:
    for compression in ("zlib", "none"):
        path = tmp_path / f"{compression}.sav"
        write_sav(path, bfi_answers, "zh", compression=compression)
        frame, _ = pyreadstat.read_sav(str(path), user_missing=True)
        pd.testing.assert_frame_equal(frame, read[0])


@pytest.mark.parametrize(
    ("codes", "low", "high", "written", "dropped"),
    [
        ([-9, -8, -7, -6, -5], 1, 5, "(-9 THRU -5)", ()),
        ([8, 9], 1, 5, "(8, 9)", ()),
        ([-1, 97, 98, 99], 0, 10, "(97 THRU 99, -1)", ()),
        ([-2, -1, 98, 99], 0, 10, "(-2, -1, 98)", (99.0,)),
        ([-3, -2, -1, 98, 99], 0, 10, "(-3 THRU -1, 98)", (99.0,)),
    ],
)
def test_missing_values_never_swallow_an_answer(
    codes: list[int], low: float, high: float, written: str, dropped: tuple[float, ...]
) -> None:
    found = missing_values(codes, low, high)
    assert (found.syntax(), found.dropped) == (written, dropped)


def test_names_that_differ_by_case_only_are_told_apart() -> None:
    assert spss_names(["Q1", "q1", "Q1_2"]) == {"Q1": "Q1", "q1": "q1_2", "Q1_2": "Q1_2_2"}


@pytest.fixture(scope="module")
def pooled(bfi_answers: RoleAnswers, tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Any]:
    scale = bfi_answers.questionnaire.scales[0].model_copy(update={"score": "sum"})
    other = bfi_answers.questionnaire.model_copy(
        update={"scales": (scale, *bfi_answers.questionnaire.scales[1:])}
    )
    roles = [
        RoleAnswers("adults", bfi_answers.questionnaire, bfi_answers.coded, bfi_answers.scored, "成人"),
        RoleAnswers("others", other, bfi_answers.coded.head(50), bfi_answers.scored.head(50), "其他人"),
    ]
    path = tmp_path_factory.mktemp("pooled") / "pooled.sav"
    write_pooled_sav(path, roles, "zh", {"adults": ("N",)}, title="研究")
    frame, meta = pyreadstat.read_sav(str(path), user_missing=True)
    return frame, meta


def test_pooled_file_has_the_rows_of_all_roles(pooled: tuple[pd.DataFrame, Any]) -> None:
    assert pooled[0]["role"].value_counts().to_dict() == {1.0: 2800, 2.0: 50}


def test_pooled_file_names_the_roles(pooled: tuple[pd.DataFrame, Any]) -> None:
    assert pooled[1].variable_value_labels["role"] == {1.0: "成人", 2.0: "其他人"}


def test_a_score_that_means_another_number_elsewhere_is_not_pooled(pooled: tuple[pd.DataFrame, Any]) -> None:
    columns = set(pooled[0].columns)
    assert {"A_adults", "A_others", "C"} <= columns
    assert "A" not in columns


def test_satisfaction_items_are_blank_for_other_roles(pooled: tuple[pd.DataFrame, Any]) -> None:
    assert pooled[0].loc[pooled[0]["role"] == 2.0, "N1"].isna().all()


@pytest.fixture(scope="module")
def bfi_moments(bfi_answers: RoleAnswers) -> Moments:
    items = bfi_answers.questionnaire.items
    return Moments.of(bfi_answers.scored, [item.keyed_name for item in items])


@pytest.fixture(scope="module", params=[("paf", "varimax"), ("paf", "none"), ("pca", "varimax")])
def solution(
    request: pytest.FixtureRequest,
    bfi_answers: RoleAnswers,
    bfi_moments: Moments,
    context_in: Any,
    pspp: Run,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, Any, str]:
    """Return the rotation, our five factors, and what PSPP prints of the syntax made from the tables."""
    extraction, rotation = request.param
    # R's rule stops a rotation early; PSPP goes on, and so does this.
    ours = efa(bfi_moments, 5, extraction=extraction, rotation=rotation, tolerance=1e-12)
    row = {"role": "adults", "kmo": kmo(bfi_moments).overall, "factors": 5, "missing_rule": "listwise"}
    table = pd.DataFrame([{**row, "extraction": extraction, "rotation": rotation, "reason": ""}])
    items = pd.DataFrame({"role": "adults", "matrix": "pearson", "item": list(bfi_moments.columns)})
    path = tmp_path_factory.mktemp("factors") / "bfi.sav"
    write_both(path, bfi_answers, context_in("en"), factorability=table, kmo_items=items)
    commands = "SET TVARS=NAMES.\n" + path.with_suffix(".sps").read_text(encoding="utf-8-sig")
    return rotation, ours, pspp(commands, path.parent)


def matrix(printed: str, *titles: str) -> pd.DataFrame:
    """Return a matrix of loadings that PSPP printed under one of the titles, columns in its order."""
    block = next(
        block
        for block in re.split(r"\n\s*\n", printed)
        if block.startswith(tuple(f"Table: {one}\n" for one in titles))
    )
    rows = [line.split(",") for line in block.strip().split("\n")[3:]]
    return pd.DataFrame({row[0]: [float(cell) for cell in row[1:]] for row in rows}).T


def test_rotated_loadings_are_those_of_pspp(solution: tuple[str, Any, str]) -> None:
    rotation, ours, printed = solution
    titles = {"none": ("Factor Matrix",)}.get(rotation, ("Rotated Factor Matrix", "Rotated Component Matrix"))
    theirs = matrix(printed, *titles)
    long = ours.to_frame()
    pattern = long.pivot(index="item", columns="factor", values="pattern").loc[theirs.index]
    # Factors come in any order and sign: each of theirs is one of ours.
    likeness = np.abs(theirs.to_numpy().T @ pattern.to_numpy())
    order = likeness.argmax(axis=1)
    assert sorted(order) == list(range(5))
    signs = np.sign((theirs.to_numpy() * pattern.to_numpy()[:, order]).sum(axis=0))
    np.testing.assert_allclose(theirs.to_numpy() * signs, pattern.to_numpy()[:, order], atol=5e-6)


def test_syntax_of_all_tables_runs_and_says_what_was_not_computed(
    bfi_answers: RoleAnswers, tables: dict[str, pd.DataFrame], context_in: Any, pspp: Run, tmp_path: Path
) -> None:
    context = context_in("zh")
    write_both(tmp_path / "all.sav", bfi_answers, context, **tables)
    text = (tmp_path / "all.sps").read_text(encoding="utf-8-sig")
    reason = tables["reliability"]["reason"].iloc[-1]
    said = context.reason(reason)
    assert said[:20] in "".join(line.strip() for line in text.splitlines())
    assert len(alphas(pspp(text, tmp_path))) == 5


def test_a_regression_whose_terms_are_not_in_the_file_is_left_out(
    bfi_answers: RoleAnswers, tables: dict[str, pd.DataFrame], context_in: Any, tmp_path: Path
) -> None:
    elsewhere = tables["regression"].assign(role="adults")
    write_both(tmp_path / "none.sav", bfi_answers, context_in("en"), regression=elsewhere)
    assert "\nREGRESSION" not in (tmp_path / "none.sps").read_text(encoding="utf-8-sig")


def test_a_regression_takes_reverse_keyed_items_as_answered(
    bfi_answers: RoleAnswers, context_in: Any, pspp: Run, tmp_path: Path
) -> None:
    explained = regression_blocks(bfi_answers.scored, "A1", {"background": ["age"], "perceived": ["C4"]})
    table = explained.to_frame().assign(role="adults")
    write_both(tmp_path / "reversed.sav", bfi_answers, context_in("en"), regression=table)
    commands = "SET TVARS=NAMES.\n" + (tmp_path / "reversed.sps").read_text(encoding="utf-8-sig")
    printed = pspp(commands, tmp_path)
    last = table[(table["model"].astype(str) == "2") & (table["term"] == "C4")]["b"].iloc[0]
    assert float(re.findall(r"^C4,(-?[\d.]+),", printed, re.M)[-1]) == pytest.approx(last, abs=1e-11)
