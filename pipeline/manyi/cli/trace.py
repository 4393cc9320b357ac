"""``manyi trace``: where a number of the appendix or the report comes from."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from manyi.cli.session import Session, manyi_command
from manyi.study.folder import STUDY_FILE, open_study

if TYPE_CHECKING:
    from manyi.tracing.account import ResultRow, Trace, TracedNumber
    from manyi.tracing.lineage import Lineage
    from manyi.tracing.material import Material

#: Which rows a number uses: the rules of `manyi.topics.makers`, and of the column ``missing_rule``.
RULES = {
    "each": ("回答了这道题的每一份答卷", "every answer sheet that answered this question"),
    "model": (
        "在所涉及的变量上都有值的答卷（列表法）",
        "rows with a value on every variable used (listwise)",
    ),
    "scored": ("有该得分的答卷", "rows that have the score"),
    "every": ("全部，不因缺失剔除", "all, none left out for want of an answer"),
    "schools": (
        "计算指标所需各列都有值的学校学段",
        "stages of schools with every column the indicator needs",
    ),
    "patterns": ("全部，按缺失的题目分组", "all, by which answers they lack"),
    "imputed": ("全部，缺失值多重插补", "all, missing answers imputed many times"),
    "coded": ("编码员都读过的文本", "texts that all coders read"),
    "listwise": ("所涉及的题目都作答的答卷（列表法）", "rows complete on all items used (listwise)"),
    "pairwise": ("每两题都作答的答卷（成对法）", "rows complete on each pair of items (pairwise)"),
    "em": ("全部，矩由 EM 估计", "all, moments estimated by EM"),
}
#: Places named of a number that was calculated from many.
NAMED = 4


@manyi_command("trace")
@click.argument("asked", metavar="[DIR] NUMBER", nargs=-1, required=True)
def command(session: Session, asked: tuple[str, ...]) -> None:
    """Where a number comes from: result table, function, n and missing rule, answers, raw files and seeds.

    manyi trace my-study "table 9, row 3" - a row of the appendix; also "表 3-9 行 3 列 4"

    manyi trace my-study "reliability parents SAT" - a table by its key, a row by what it is about

    manyi trace my-study "figure 2" - a figure or finding of the report; also "发现 4"

    manyi trace my-study "reliability.csv row 3" - the other way: where a result is printed

    Without a row the rows of the table are listed. Headings over rows are not counted.

    数字溯源：附录或报告里的一个数出自哪张结果表、哪个函数、哪些答卷和哪些原始文件。
    """
    first, *rest = asked
    in_folder = bool(rest) and ((Path(first) / STUDY_FILE).is_file() or Path(first).name == STUDY_FILE)
    folder, words = (Path(first), rest) if in_folder else (Path(), list(asked))
    with _uncollected():
        from manyi.tracing.trace import trace

        found = trace(open_study(folder), " ".join(words), session.chosen_language)
    session.result["trace"] = asdict(found)
    if not session.as_json:
        _say(session, found)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Do not look for garbage meanwhile: what is read is all in use, and looking costs a tenth."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _say(session: Session, found: "Trace") -> None:
    where = (f" 第 {found.row} 行", f", row {found.row}") if found.row is not None else ("", "")
    session.say(f"{found.label}{where[0]}  {found.title}", f"{found.label}{where[1]}  {found.title}")
    if found.name:
        _line(session, "  " + found.name)
    if found.key or found.read:
        names = ", ".join(f"{name}.csv" for name in found.read)
        session.say(f"  排自：{names}  [{found.key}]", f"  laid out from: {names}  [{found.key}]")
    for number in found.numbers:
        _say_number(session, number)
    for row in found.rows:
        _say_row(session, row)
    for account in found.functions:
        _line(session, f"\n{account.name}\n  {account.does}")
        for text in (*account.formula, account.notes, account.references):
            if text:
                _line(session, f"  {text}")
    _say_answers(session, found)
    for line in found.lineage:
        _say_lineage(session, line)
    if found.printed:
        session.say("\n印在：", "\nPrinted in:")
    for choice in (*found.printed, *found.choices):
        _line(session, f"  {choice.number}  {choice.title}")


def _line(session: Session, text: str) -> None:
    session.say(text, text)


def _say_number(session: Session, number: "TracedNumber") -> None:
    places = [f"{place.table}.csv:{place.row} {place.column}" for place in number.places]
    shown = "; ".join(places[:NAMED])
    more = len(places) - NAMED
    zh = shown + (f" 等 {len(places)} 处" if more > 0 else "")
    en = shown + (f" and {more} more" if more > 0 else "")
    how = f"  = {number.calculation}" if number.calculation else ""
    value = int(number.value) if number.value.is_integer() else number.value
    head = f"  {number.heading}: {number.printed}  ({value!r}){how}"
    by = f"  [{number.function}]" if number.function else ""
    other = _stated(number.stated) if number.stated else ("在报告里计算", "calculated there")
    session.say(f"{head}\n      ← {zh or other[0]}{by}", f"{head}\n      ← {en or other[1]}{by}")


def _stated(where: str) -> tuple[str, str]:
    """Return where a number is set that no result table holds."""
    kind, _, name = where.partition(" ")
    return {
        "plan": (f"分析计划：study.yaml 的 {name}", f"the plan: {name} of study.yaml"),
        "work": (f"文献中的参考值：{name}", f"a guide of the literature: {name}"),
        "report": ("报告固定的界线", "fixed by the report"),
    }[kind]


def _say_row(session: Session, row: "ResultRow") -> None:
    session.say(
        f"\nresults/tables/{row.table}.csv 第 {row.row} 行  （阶段 {row.stage or '不明'}）",
        f"\nresults/tables/{row.table}.csv row {row.row}  (stage {row.stage or 'not known'})",
    )
    told = {name: value for name, value in row.values.items() if value not in (None, "")}
    _line(session, "  " + ", ".join(f"{name}={value!r}" for name, value in told.items()))
    zh, en = RULES.get(row.rule, (row.rule, row.rule))
    n = "" if row.n is None else f"n = {row.n:g}"
    lost = ("", "") if row.missing is None else (f"，缺失 {row.missing:g}", f", missing {row.missing:g}")
    session.say(f"  {n}{lost[0]}；用到的行：{zh}", f"  {n}{lost[1]}; rows used: {en}")
    for one in row.material:
        _say_material(session, one)


def _say_material(session: Session, one: "Material") -> None:
    items = " ".join(f"{item} (R)" if item in one.reversed else item for item in one.items)
    kinds = {
        "scale": ("量表", "scale"),
        "item": ("题目", "item"),
        "indicator": ("指标", "indicator"),
        "column": ("学校表的列", "school column"),
    }
    zh, en = kinds[one.kind]
    detail = one.formula and f" = {one.formula}"
    least = (f"，至少答 {one.minimum} 题", f", at least {one.minimum} answered") if one.minimum else ("", "")
    session.say(
        f"  {zh} {one.id} {one.title}{detail}  {items}{least[0]}",
        f"  {en} {one.id} {one.title}{detail}  {items}{least[1]}",
    )


def _say_answers(session: Session, found: "Trace") -> None:
    for one in found.answers:
        rules = ", ".join(f"{rule} {n}" for rule, n in one.excluded)
        session.say(
            f"\n答卷 {one.role}：收到 {one.received}，剔除 {rules or '无'}，保留 {one.kept}  ({one.file})",
            f"\nanswers of {one.role}: received {one.received}, excluded {rules or 'none'}, "
            f"kept {one.kept}  ({one.file})",
        )


def _say_lineage(session: Session, line: "Lineage") -> None:
    stages = " → ".join(line.stages)
    session.say(f"\n由 {stages} 制成", f"\nmade by {stages}")
    for file in line.files:
        _line(session, f"  {file.path}  sha256 {file.sha256}")
    for label, values in _settings(line):
        _line(session, f"  {label[session.language != 'zh']}: {values}")


def _settings(line: "Lineage") -> Iterator[tuple[tuple[str, str], str]]:
    if line.seeds:
        yield ("种子", "seeds"), ", ".join(f"{place} {seed}" for place, seed in line.seeds.items())
    yield ("版本", "versions"), ", ".join(f"{name} {number}" for name, number in line.versions.items())
