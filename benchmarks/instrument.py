"""Everything about the instrument at a million respondents, beside the raw-row packages and R.

    python benchmarks/instrument.py --rows 1M

One process reads the cleaned answers once for all topics, then times the tables of each topic; robust and
ordinal confirmatory analysis follow, whose weight matrices rest on a stated sample. Processes of their own
compute what the packages offer from the rows themselves, and psych and lavaan where R is there.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from measurement import forget_peak, in_own_process, peak, resident
from run import parse_size, prepare, seconds
from survey import KEYED, ROLE, write_study
from with_manyi import SCALE_ITEMS

from manyi.stages.work import clean_folder
from manyi.study.confirmatory_plan import Confirmatory
from manyi.study.folder import open_study
from manyi.topics.confirmatory import ConfirmatoryTopic
from manyi.topics.one_pass import Wanted, gather
from manyi.topics.topic import Subject, Topic
from manyi.topics.topics import TOPICS
from manyi_analysis.records.threads import one_thread

#: Confirmatory analyses whose weight matrix needs joint answers to many items.
OF_A_SAMPLE = ("mlr", "wlsmv")
R_SCRIPT = """
arguments <- commandArgs(TRUE)
n <- as.integer(arguments[2]); k <- as.integer(arguments[3])
answers <- readBin(arguments[1], "integer", n * k, size = 1)
x <- as.data.frame(matrix(answers, ncol = k)); names(x) <- strsplit(arguments[4], ",")[[1]]
scales <- split(names(x), substr(names(x), 1, 3))
took <- function(work) system.time(suppressWarnings(suppressMessages(work)))[["elapsed"]]
suppressPackageStartupMessages({library(psych); library(lavaan)})
model <- paste(names(scales), "=~", sapply(scales, paste, collapse = "+"), collapse = "\\n")
found <- list()
say <- function(what, time, value) cat(what, time, format(value, digits = 15), sep = "\\t", fill = TRUE)
t <- took(alphas <- sapply(scales, function(items) alpha(x[items])$total$raw_alpha))
say("psych::alpha, five scales", t, alphas[["TEA"]])
t <- took(whole <- alpha(x)$total$raw_alpha); say("psych::alpha, all items", t, whole)
t <- took(kmo <- KMO(x)$MSA); say("psych::KMO", t, kmo)
t <- took(polychoric(x[scales[["TEA"]]]) -> r); say("psych::polychoric, six items", t, r$rho[1, 2])
t <- took(fit <- cfa(model, x, std.lv = TRUE)); say("lavaan::cfa, ML", t, fitMeasures(fit, "cfi"))
"""


def _subject(folder: Path) -> tuple[Subject, list[Path]]:
    study = open_study(folder)
    buckets = sorted(clean_folder(study, ROLE).glob("*.parquet"))
    columns = frozenset(pd.read_parquet(buckets[0]).columns)
    return Subject(ROLE, study.questionnaires[ROLE], study.definition.analysis, columns, True), buckets


def _partition(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path)
    return frame[frame["kept"]]


def manyi(folder: Path) -> dict[str, float]:
    """Return seconds of the pass and of each topic after it, the peak in bytes, and numbers to compare."""
    subject, buckets = _subject(folder)
    subject = _with_confirmatory(subject, {"estimator": "ml"})
    _topics_once(subject, [_partition(buckets[0]).head(3000)])
    with one_thread():
        before = resident()
        forget_peak()
        started = time.perf_counter()
        topics = [make(subject) for make in TOPICS]
        sets: dict[tuple[int, object], Wanted] = {
            (place, key): wanted for place, topic in enumerate(topics) for key, wanted in topic.sets().items()
        }
        gathered = gather([partial(_partition, path) for path in buckets], sets)
        found: dict[str, float] = {"the pass": time.perf_counter() - started}
        tables: dict[str, pd.DataFrame] = {}
        for place, topic in enumerate(topics):
            own = {key: record for (of, key), record in gathered.items() if of == place}
            started = time.perf_counter()
            tables |= topic.tables(own)
            found[type(topic).__name__.removesuffix("Topic").lower()] = time.perf_counter() - started
        found["peak"] = max(0, peak() - before)
        for estimator in OF_A_SAMPLE:
            found[f"cfa {estimator}"] = _confirmatory(subject, buckets, estimator)
    whole = tables["reliability"].query("group == 'all' and scale == 'all'")
    found["alpha of all items"] = float(whole["alpha"].iloc[0])
    found["kmo"] = float(tables["factorability"]["kmo"].iloc[0])
    fits = tables["cfa_fit"].query("model == 'correlated' and estimator == 'ML'")
    found["cfi"] = float(fits["cfi"].iloc[0])
    return found


def _topics_once(subject: Subject, frames: list[pd.DataFrame]) -> None:
    """Compute all topics of a few rows: what is imported and allocated first is no part of the work."""
    for make in TOPICS:
        topic = make(subject)
        topic.tables(gather(frames, topic.sets()))


def _with_confirmatory(subject: Subject, keys: dict[str, object]) -> Subject:
    """Return the subject with another plan of its confirmatory analysis."""
    wanted = {ROLE: Confirmatory.model_validate(keys)}
    return replace(subject, plan=subject.plan.model_copy(update={"confirmatory": wanted}))


def _confirmatory(subject: Subject, buckets: list[Path], estimator: str) -> float:
    """Return the seconds of a confirmatory analysis after the pass."""
    keys: dict[str, object] = {"models": "correlated", "estimator": estimator, "invariance": []}
    topic: Topic = ConfirmatoryTopic(_with_confirmatory(subject, keys))
    gathered = gather([partial(_partition, path) for path in buckets], topic.sets())
    started = time.perf_counter()
    topic.tables(gathered)
    return time.perf_counter() - started


def packages(folder: Path) -> dict[str, float]:
    """Return seconds of the raw-row packages, by what they computed."""
    import pingouin
    from factor_analyzer.factor_analyzer import calculate_bartlett_sphericity, calculate_kmo

    _, buckets = _subject(folder)
    rows = pd.concat([_partition(path)[list(KEYED)] for path in buckets]).dropna()
    found = {}
    started = time.perf_counter()
    for items in SCALE_ITEMS.values():
        pingouin.cronbach_alpha(rows[list(items)])
    found["pingouin: alpha, five scales"] = time.perf_counter() - started
    alpha = pingouin.cronbach_alpha(rows)[0]
    started = time.perf_counter()
    kmo = calculate_kmo(rows)[1]
    calculate_bartlett_sphericity(rows)
    found["factor_analyzer: KMO, Bartlett"] = time.perf_counter() - started
    started = time.perf_counter()
    rows.corr("spearman")
    found["pandas: Spearman of the items"] = time.perf_counter() - started
    return {**found, "alpha of all items": float(alpha), "kmo": float(kmo)}


def in_r(folder: Path) -> dict[str, float]:
    """Return seconds of psych and lavaan; nothing where there is no R with both."""
    program = shutil.which("Rscript")
    if program is None:
        return {}
    _, buckets = _subject(folder)
    rows = pd.concat([_partition(path)[list(KEYED)] for path in buckets]).dropna()
    with tempfile.TemporaryDirectory() as temporary:
        data, script = Path(temporary) / "answers.bin", Path(temporary) / "packages.R"
        data.write_bytes(np.ascontiguousarray(rows.to_numpy(dtype=np.int8).T).tobytes())
        script.write_text(R_SCRIPT, encoding="utf-8")
        names = ",".join(name.removesuffix("_r") for name in KEYED)
        command = [program, str(script), str(data), str(len(rows)), str(len(KEYED)), names]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return {}
    found: dict[str, float] = {}
    numbers = {"psych::alpha, all items": "alpha of all items", "psych::KMO": "kmo", "lavaan::cfa, ML": "cfi"}
    for line in done.stdout.splitlines():
        what, took, value = line.split("\t")
        found[what] = float(took)
        if what in numbers:
            found[numbers[what]] = float(value)
    return found


SIDES = {"manyi": manyi, "packages": packages, "r": in_r}
#: What is compared, not timed.
NUMBERS = ("alpha of all items", "kmo", "cfi")


def main(words: Sequence[str] | None = None) -> None:
    """Make the study, measure each side in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", default="1M", help="respondents (default %(default)s)")
    parser.add_argument("--folder", type=Path, help="where the study is made and kept (default: temporary)")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.side:
        print(json.dumps(SIDES[options.side](options.folder)))
        return
    rows = parse_size(options.rows)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        if not (folder / "study.yaml").exists():
            write_study(folder, rows)
            prepare(folder)
        found = {
            side: in_own_process(Path(__file__), ("--side", side, "--folder", str(folder)), side)
            for side in SIDES
        }
    ours = found["manyi"]
    print(f"{rows:,} respondents, {len(KEYED)} items\n\n|  | time |\n| --- | ---: |")
    topics = {
        name: value
        for name, value in ours.items()
        if name not in (*NUMBERS, "the pass", "peak") and not name.startswith("cfa ")
    }
    print(f"| manyi: the pass over the answers, all topics | {seconds(ours['the pass'])} |")
    for name, value in topics.items():
        print(f"| manyi, after the pass: {name} | {seconds(value)} |")
    total = sum(value for name, value in topics.items() if name != "differences")
    print(f"| **manyi, after the pass: all but differences** | **{seconds(total)}** |")
    for estimator in OF_A_SAMPLE:
        took = seconds(ours[f"cfa {estimator}"])
        print(f"| manyi, after the pass: CFA, {estimator.upper()}, weights from a sample | {took} |")
    for side in ("packages", "r"):
        for name, value in found[side].items():
            if name not in NUMBERS:
                print(f"| {name} | {seconds(value)} |")
    print(f"\nPeak of manyi {ours['peak'] / 2**20:,.0f} MiB.")
    for name in NUMBERS:
        for side in ("packages", "r"):
            if name in found[side]:
                print(f"{name}: {ours[name]:.10f}, {side} {abs(ours[name] - found[side][name]):.0e} apart")


if __name__ == "__main__":
    main()
