"""A random-intercept model at a million respondents in 3,000 schools: ours, lme4 and statsmodels.

    python benchmarks/mixed.py --rows 1M

Each side fits y ~ x + z + (1 | school) by REML to the same answers, in a process of its own. Ours reads them
once into sums by school and fits to these; both are timed. statsmodels searches by Powell's method: its own
settings (BFGS, then L-BFGS, then conjugate gradients) end without convergence after many minutes. A package
that takes longer than `--limit` seconds is ended, and the table says so; `--without` leaves one out.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from measurement import in_own_process
from run import parse_size, seconds

#: Pupils of a school on average: 3,000 schools at a million.
PUPILS = 333
#: Estimates compared: fixed effects, their errors, variances.
NUMBERS = ("(intercept)", "x", "z", "se (intercept)", "se x", "se z", "var school", "var residual")
R_SCRIPT = """
arguments <- commandArgs(TRUE)
n <- as.integer(arguments[2])
d <- as.data.frame(matrix(readBin(arguments[1], "double", n * 4), ncol = 4))
names(d) <- c("school", "x", "z", "y"); d$school <- factor(d$school)
suppressPackageStartupMessages(library(lme4))
took <- system.time(fit <- lmer(y ~ x + z + (1 | school), d))[["elapsed"]]
values <- c(took, fixef(fit), sqrt(diag(as.matrix(vcov(fit)))), VarCorr(fit)$school[1], sigma(fit)^2)
cat(format(values, digits = 15), sep = "\\n")
"""


def answers(rows: int) -> pd.DataFrame:
    """Return answers of pupils in schools of unequal size; the same for the same number of rows."""
    rng = np.random.default_rng(rows)
    schools = max(rows // PUPILS, 2)
    school = rng.choice(schools, rows, p=rng.dirichlet(np.full(schools, 5.0)))
    x, z = rng.normal(size=rows), rng.normal(size=schools)[school]
    between = rng.normal(scale=0.4, size=schools)[school]
    y = 3.0 - 0.1 * x + 0.2 * z + between + rng.normal(scale=0.9, size=rows)
    return pd.DataFrame({"school": school.astype(np.float64), "x": x, "z": z, "y": y})


def manyi(frame: pd.DataFrame) -> dict[str, float]:
    """Return seconds of the pass and of the fit after it, and the estimates."""
    from manyi_analysis.multilevel import MixedModel, mixed_model
    from manyi_analysis.records import GroupedMoments
    from manyi_analysis.records.threads import one_thread

    # What is imported and allocated first is no part of the work.
    mixed_model(GroupedMoments.of(frame.head(5000), ("y", "x", "z"), "school"), "y", ("x", "z"))
    with one_thread():
        started = time.perf_counter()
        moments = GroupedMoments.of(frame, ("y", "x", "z"), "school")
        read = time.perf_counter()
        fit = mixed_model(moments, "y", ("x", "z"))
        fitted = time.perf_counter()
    if not isinstance(fit, MixedModel):
        raise SystemExit(fit.reason)
    se = np.sqrt(np.diag(fit.covariance))
    values = (*fit.b, *se, fit.variances[0, 0], fit.residual_variance)
    numbers = dict(zip(NUMBERS, map(float, values), strict=True))
    return {"pass": read - started, "time": fitted - read, **numbers}


def statsmodels(frame: pd.DataFrame) -> dict[str, float]:
    """Return seconds and estimates of MixedLM; the time is that of building the model and of the fit."""
    import statsmodels.api as sm

    design = sm.add_constant(frame[["x", "z"]])
    started = time.perf_counter()
    fit = sm.MixedLM(frame["y"], design, frame["school"]).fit(reml=True, method="powell")
    took = time.perf_counter() - started
    if not fit.converged:
        raise SystemExit("MixedLM did not converge")
    order = ["const", "x", "z"]
    values = (*fit.fe_params[order], *fit.bse_fe[order], fit.cov_re.iloc[0, 0], fit.scale)
    return {"time": took, **dict(zip(NUMBERS, map(float, values), strict=True))}


def lme4(frame: pd.DataFrame) -> dict[str, float]:
    """Return seconds and estimates of lmer; nothing where there is no R with lme4."""
    program = shutil.which("Rscript")
    if program is None:
        return {}
    with tempfile.TemporaryDirectory() as temporary:
        data, script = Path(temporary) / "answers.bin", Path(temporary) / "mixed.R"
        columns = frame[["school", "x", "z", "y"]].to_numpy(dtype=np.float64)
        data.write_bytes(np.ascontiguousarray(columns.T).tobytes())
        script.write_text(R_SCRIPT, encoding="utf-8")
        command = [program, str(script), str(data), str(len(frame))]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return {}
    took, *values = (float(line) for line in done.stdout.split())
    return {"time": took, **dict(zip(NUMBERS, values, strict=True))}


SIDES = {"manyi": manyi, "lme4": lme4, "statsmodels": statsmodels}


def compared(side: str, rows: int, limit: float, ours: Mapping[str, float]) -> str:
    """Return the table's row of a package: its time and how far its estimates lie from ours, or words."""
    try:
        theirs = in_own_process(Path(__file__), ("--side", side, "--rows", str(rows)), side, limit)
    except subprocess.TimeoutExpired:
        return f"| {side} | ended after {limit:,.0f} s, without a result | |"
    if not theirs:
        return f"| {side} | not here | |"
    apart = max(abs(ours[name] - theirs[name]) / max(1.0, abs(ours[name])) for name in NUMBERS)
    return f"| {side} | {seconds(theirs['time'])} | {apart:.0e} |"


def main(words: Sequence[str] | None = None) -> None:
    """Measure each side in a process of its own, and print times and the largest difference of estimates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", default="1M", help="respondents (default %(default)s)")
    parser.add_argument("--limit", type=float, default=600, help="seconds a package may take (%(default)s)")
    parser.add_argument("--without", choices=("lme4", "statsmodels"), nargs="*", default=())
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    rows = parse_size(options.rows)
    if options.side:
        print(json.dumps(SIDES[options.side](answers(rows))))
        return
    ours = in_own_process(Path(__file__), ("--side", "manyi", "--rows", str(rows)), "manyi")
    print(f"{rows:,} respondents, {max(rows // PUPILS, 2):,} schools\n")
    print("|  | time | largest difference of an estimate from ours |\n| --- | ---: | ---: |")
    print(f"| manyi: the pass over the answers | {seconds(ours['pass'])} | |")
    print(f"| manyi: the model after the pass | {seconds(ours['time'])} | |")
    for side in SIDES:
        if side != "manyi" and side not in options.without:
            print(compared(side, rows, options.limit, ours), flush=True)


if __name__ == "__main__":
    main()
