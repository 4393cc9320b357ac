"""Result tables of real data for the tests of the outputs: bfi (R package psych) and CASchools (AER)."""

import json
import re
import zipfile
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.explanation.blocks import regression_blocks
from manyi_analysis.measurement import bartlett, cronbach_alpha, efa, kmo, omega_total, parallel_analysis
from manyi_analysis.records.moments import Moments
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import score
from manyi_outputs.context import Context
from manyi_outputs.spss import RoleAnswers

REFERENCE = Path(__file__).parents[1] / "reference"
REVERSED = ("A1", "C4", "C5", "E1", "E2", "O2", "O5")
SCALES = {"A": "agree", "C": "conscientious", "E": "extraversion", "N": "neuroticism", "O": "openness"}
BLOCKS = {
    "background": ["income", "english"],
    "school": ["stratio", "expenditure"],
    "perceived": ["lunch", "calworks"],
}
ZH = {"A": "宜人性", "C": "尽责性", "E": "外向性", "N": "神经质", "O": "开放性"}


@pytest.fixture(scope="session")
def bfi() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "measurement" / "bfi.csv", encoding="utf-8")


@pytest.fixture(scope="session")
def psych() -> dict[str, Any]:
    path = REFERENCE / "measurement" / "psych_bfi_reliability.json"
    return json.loads(path.read_text(encoding="utf-8"))["scales"]


@pytest.fixture(scope="session")
def bfi_questionnaire() -> Questionnaire:
    labels = {
        "zh": ["非常不符合", "比较不符合", "有点不符合", "有点符合", "比较符合", "非常符合"],
        "en": ["very inaccurate", "2", "3", "4", "5", "very accurate"],
    }
    items = [
        {
            "id": f"{letter}{number}",
            "text": {
                "zh": f"题目 {letter}{number}：我{'很' * (60 if letter == 'A' else 1)}符合",
                "en": f"Item {letter}{number}",
            },
            "answers": "six",
            "scale": letter,
            "reverse": f"{letter}{number}" in REVERSED,
        }
        for letter in SCALES
        for number in range(1, 6)
    ]
    definition = {
        "questionnaire": "bfi",
        "title": {"zh": "大五人格量表（25 题）", "en": "Big five, 25 items"},
        "languages": ["zh", "en"],
        "answer_lists": {
            "six": {
                "answers": [
                    {"value": value, "label": {"zh": labels["zh"][value - 1], "en": labels["en"][value - 1]}}
                    for value in range(1, 7)
                ]
            },
            "sex": {
                "answers": [
                    {"value": 1, "label": {"zh": "男", "en": "male"}},
                    {"value": 2, "label": {"zh": "女", "en": "female"}},
                ],
                "ordered": False,
            },
            "media": {
                "answers": [
                    {"value": 1, "label": {"zh": "网络", "en": "web"}},
                    {"value": 2, "label": {"zh": "纸笔", "en": "paper"}},
                ],
                "ordered": False,
            },
        },
        "scales": [
            {"id": letter, "title": {"zh": ZH[letter], "en": name}} for letter, name in SCALES.items()
        ],
        "demographics": [
            {"id": "gender", "text": {"zh": "性别", "en": "Sex"}, "answers": "sex"},
            {
                "id": "media",
                "text": {"zh": "所用媒介", "en": "Media used"},
                "type": "multiple",
                "answers": "media",
            },
            {"id": "age", "text": {"zh": "年龄", "en": "Age"}, "type": "number", "minimum": 3, "maximum": 90},
        ],
        "items": items,
    }
    return load_questionnaire(json.dumps(definition, ensure_ascii=False))


@pytest.fixture(scope="session")
def bfi_answers(bfi: pd.DataFrame, bfi_questionnaire: Questionnaire) -> RoleAnswers:
    """Return bfi as coded and scored answers; its blanks are ``no answer``, every tenth row is not kept."""
    coded = pd.DataFrame({"file": "大五.csv", "row": np.arange(2, len(bfi) + 2), "school": "0012"})
    for column in (*bfi.columns[:25], "gender", "age"):
        coded[column] = bfi[column].astype(float).fillna(-9.0)
    coded["media__1"], coded["media__2"] = 1.0, 0.0
    scored = score(coded, bfi_questionnaire)
    scored["flag_too_fast"] = False
    scored["kept"] = True
    return RoleAnswers("adults", bfi_questionnaire, coded, scored, "成人")


@pytest.fixture(scope="session")
def caschools() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "explanation" / "caschools.csv", encoding="utf-8")


@pytest.fixture(scope="session")
def tables(bfi_answers: RoleAnswers, caschools: pd.DataFrame) -> dict[str, pd.DataFrame]:
    scored, questionnaire = bfi_answers.scored, bfi_answers.questionnaire
    reliability, columns = [], []
    for scale in questionnaire.scales:
        keyed = [item.keyed_name for item in questionnaire.items_of(scale.id)]
        columns += keyed
        moments = Moments.of(scored, keyed)
        alpha, omega = cronbach_alpha(moments), omega_total(moments)
        reliability.append(
            {
                "role": "adults", "group": "all", "scale": scale.id, "k": 5, "n": moments.n,
                "missing": moments.missing, "alpha": alpha.alpha, "alpha_low": alpha.low,
                "alpha_high": alpha.high, "omega_total": omega.omega_total, "reason": "",
            }
        )  # fmt: skip
    whole = {"role": "adults", "group": "all", "scale": "all", "k": 25, "n": 12, "missing": 0}
    whole |= dict.fromkeys(("alpha", "alpha_low", "alpha_high", "omega_total"), np.nan)
    reliability.append({**whole, "reason": "constant-item: items=A1 A2, statistic=cronbach_alpha, n=12"})
    explained = regression_blocks(caschools, "score", BLOCKS, cluster="county")
    coefficients = explained.to_frame().assign(role="districts")
    # As the pipeline does: only the block the study is about carries effects.
    coefficients["effect"] = coefficients["effect"].where(coefficients["block"] == "school", "")
    adults = {"role": "adults"}
    return {
        "reliability": pd.DataFrame(reliability),
        **structure(Moments.of(scored, columns)),
        **sample(),
        **schools(),
        "satisfaction": pd.DataFrame(
            [
                {**adults, "group": group, "level": level, "index": "A", "definition": "share_of_range"}
                | {"n": n, "value": value, "low": value - 1, "high": value + 1, "reason": ""}
                for group, level, n, value in (
                    ("all", "all", 2800, 73.0),
                    ("gender", "1", 919, 69.1),
                    ("gender", "2", 1881, 75.0),
                )
            ]
        ),
        "regression": coefficients,
        "regression_models": explained.models_to_frame().assign(role="districts"),
    }


def structure(moments: Moments) -> dict[str, pd.DataFrame]:
    """Return the tables of a factor analysis of five factors."""
    measure, sphericity, parallel = kmo(moments), bartlett(moments), parallel_analysis(moments, draws=20)
    solution = efa(moments, 5)
    row = {"role": "adults", "n": moments.n, "missing": moments.missing, "kmo": measure.overall}
    row |= {"bartlett_chi2": sphericity.chi2, "bartlett_df": sphericity.df, "bartlett_p": sphericity.p}
    row |= {"factors_parallel_fa": parallel.number_of_factors, "factors_kaiser": 5, "reason": ""}
    row |= {"factors_parallel_pc": parallel.number_of_components}
    return {
        "factorability": pd.DataFrame([row]),
        "eigenvalues": parallel.to_frame().assign(role="adults"),
        "loadings": solution.to_frame().assign(role="adults"),
        "factors": solution.factors_frame().assign(role="adults"),
        "factor_correlations": solution.correlations_frame().assign(role="adults"),
    }


def sample() -> dict[str, pd.DataFrame]:
    """Return return and ledger of a study that did not say how many forms it handed out."""
    steps = [
        ("received", "", 2800),
        ("flagged", "too_fast", 3),
        ("flagged", "duplicate", 2),
        ("excluded", "too_fast", 3),
        ("kept", "", 2797),
    ]
    ledger = pd.DataFrame(steps, columns=["step", "reason", "n"]).assign(role="adults")
    row = {"role": "adults", "issued": np.nan, "received": 2800, "valid": 2797, "return_rate": np.nan}
    return {"ledger": ledger, "return": pd.DataFrame([{**row, "valid_rate": 2797 / 2800}])}


def schools() -> dict[str, pd.DataFrame]:
    """Return two schools with names that try to be more, and the worked example of the standard's CV."""
    indicators = pd.DataFrame(
        {
            "school": ["0012", "0013"],
            "school_name": ["=1+1", "<script>alert(1)</script>"],
            "stage": "primary",
            "pupils": [310, 45],
            "indicator": "R1",
            "value": [4.1, np.nan],
            "threshold": 4.2,
            "met": pd.array([False, pd.NA], dtype="boolean"),
            "reason": ["", "no-such-code: column=pupils"],
        }
    )
    variation = {"stage": "primary", "indicator": "R1", "schools": 5, "pupils": 302, "mean": 6.334}
    variation |= {"sd": 3.264, "cv": 0.5153, "limit": 0.5, "met": False, "reason": ""}
    return {"school_indicators": indicators, "county_cv": pd.DataFrame([variation])}


@pytest.fixture(scope="session")
def context_in(bfi_questionnaire: Questionnaire) -> Any:
    def make(language: str, **more: Any) -> Context:
        settings: dict[str, Any] = {
            "title": {"zh": "测试研究 & 样例", "en": "A test study"}[language],
            "language": language,
            "questionnaires": {"adults": bfi_questionnaire},
            "roles": {"adults": {"zh": "成人", "en": "adults"}[language], "districts": "districts"},
            "indicators": {
                "R1": "每百名学生拥有教师数", "stratio": "pupils per teacher", "expenditure": "expenditure"
            },
        }  # fmt: skip
        return Context(**{**settings, **more})

    return make


@pytest.fixture(scope="session")
def words_of() -> Callable[[Path], list[tuple[str, list[tuple[str, str]]]]]:
    """Return a function that lists the words in a workbook: place, and each run with its typeface.

    From the XML of the sheets: openpyxl takes ten times as long for the runs of a workbook of 149 sheets.
    """

    def read(path: Path) -> list[tuple[str, list[tuple[str, str]]]]:
        with zipfile.ZipFile(path) as book:
            names = re.findall(r'<sheet [^>]*?name="([^"]*)"', book.read("xl/workbook.xml").decode())
            styles = book.read("xl/styles.xml").decode()
            listed = styles[styles.index("<fonts") : styles.index("</fonts>")].split("<font>")[1:]
            faces = [re.findall(r'<name val="([^"]*)"', font)[0] for font in listed]
            looks = re.findall(r'<xf [^>]*?fontId="(\d+)"', styles[styles.index("<cellXfs") :])
            found = []
            for number, name in enumerate(names, start=1):
                sheet = book.read(f"xl/worksheets/sheet{number}.xml").decode()
                cells = re.findall(
                    r'<c r="(\w+)" s="(\d+)" t="inlineStr"><is>(.*?)</is></c>', sheet, re.DOTALL
                )
                for place, style, inside in cells:
                    own = faces[int(looks[int(style)])]
                    plain = [("", text) for text in re.findall(r"<t [^>]*>([^<]*)</t>", inside)]
                    parts = [(unescape(text), face or own) for face, text in _faced(inside) or plain]
                    found.append((f"{name}!{place}", parts))
        return found

    return read


def _faced(inside: str) -> list[tuple[str, str]]:
    """Return typeface and text of every run of a cell; nothing where the cell has none."""
    return re.findall(r'<r><rPr><rFont val="([^"]*)"/>.*?</rPr><t [^>]*>([^<]*)</t></r>', inside)
