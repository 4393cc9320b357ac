"""Tables of the items: descriptive statistics and item analysis, answer shares, don't-knows."""

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.missing import missing_rule
from manyi_outputs.appendix.provenance import as_float, calculated
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context, plain
from manyi_outputs.wording import Kind

_STATISTICS = {
    "n": Kind.count,
    "missing": Kind.count,
    "mean": Kind.mean,
    "sd": Kind.mean,
    "skew": Kind.mean,
    "kurtosis": Kind.mean,
    "floor": Kind.share,
    "ceiling": Kind.share,
    "item_rest_r": Kind.bounded,
    "alpha_if_deleted": Kind.bounded,
}
#: Comparison of the respondents of lowest and highest total.
_EXTREMES = {
    "n_low": Kind.count,
    "mean_low": Kind.mean,
    "n_high": Kind.count,
    "mean_high": Kind.mean,
    "discrimination": Kind.bounded,
    "cr": Kind.statistic,
    "cr_df": Kind.statistic,
    "cr_p": Kind.p,
}
_RANKED = ("n", "ranked_share", "first_share", "mean_rank", "rank_score")
WORDING_WIDTH = 46


def items(tables: Tables, context: Context) -> list[Table]:
    """Return item statistics, answer shares, rankings, a table a role each, and the shares of don't-know."""
    return [
        *_statistics(tables, context),
        *_extremes(tables, context),
        *_answers(tables, context),
        *_rankings(tables, context),
        *_dont_know(tables, context),
    ]


def item_cells(context: Context, role: str, item: str, reverse: bool) -> tuple[Cell, Cell]:
    """Return an item's id, marked where reverse-keyed, beside its wording."""
    mark = f" ({context.words('note.reversed')})" if reverse else ""
    return Cell(item.removesuffix("_r") + mark), Cell(context.text(role, item))


def item_columns(context: Context) -> tuple[Column, Column]:
    """Return the columns of `item_cells`."""
    words = context.words
    return (
        Column(words("heading.item"), width=13, words=True),
        Column(words("heading.text"), width=WORDING_WIDTH, words=True),
    )


def _statistics(tables: Tables, context: Context) -> list[Table]:
    words, made = context.words, []
    for (role,), rows in grouped(records(tables, "items"), "role"):
        notes = Footnotes(context)
        shown = [name for name in _STATISTICS if any(name in row for row in rows)]
        body: list[Row] = []
        for (scale,), members in grouped([{**row, "scale": _scale_id(row)} for row in rows], "scale"):
            body.append(section_row(context.scale(role, scale)))
            for row in members:
                cells = (notes.cell(row.get(name), _STATISTICS[name], row.get("reason")) for name in shown)
                names = item_cells(context, role, str(row["item"]), bool(true(row.get("reversed"))))
                body.append(Row((*names, *cells)))
        columns = (*item_columns(context), *(Column(words(f"heading.{name}"), width=9) for name in shown))
        title = words("title.items", role=context.role(role))
        general = (words("note.items", rule=missing_rule(rows, context)), words("note.empty"))
        made.append(Table(f"items-{role}", "items", title, columns, tuple(body), general, notes.specific))
    return made


def _extremes(tables: Tables, context: Context) -> list[Table]:
    """Return one table a role: item discrimination by the extreme groups of each scale's total."""
    words, made = context.words, []
    for (role,), rows in grouped(records(tables, "items"), "role"):
        notes = Footnotes(context)
        in_scales = [row for row in rows if _scale_id(row) and (given(row.get("cr")) or row.get("cr_reason"))]
        body: list[Row] = []
        for (scale,), members in grouped(in_scales, "scale"):
            body.append(section_row(context.scale(role, scale)))
            for row in members:
                names = item_cells(context, role, str(row["item"]), bool(true(row.get("reversed"))))
                cells = [
                    notes.cell(row.get(name), kind, row.get("cr_reason")) for name, kind in _EXTREMES.items()
                ]
                cells.append(notes.cell(row.get("item_rest_r"), Kind.bounded, row.get("reason")))
                body.append(Row((*names, *cells)))
        if not body:
            continue
        low, high = words("heading.group_low"), words("heading.group_high")
        spanners = {"n_low": low, "mean_low": low, "n_high": high, "mean_high": high}
        columns = (
            *item_columns(context),
            *(Column(words(_heading(name)), spanners.get(name, ""), width=9) for name in _EXTREMES),
            Column(words("heading.item_rest_r"), width=9),
        )
        title = words("title.item_analysis", role=context.role(role))
        general = (words("note.item_analysis"), words("note.empty"))
        key = f"item_analysis-{role}"
        made.append(Table(key, "items", title, columns, tuple(body), general, notes.specific))
    return made


def _heading(name: str) -> str:
    """Return the key of a column's heading: one of each group's count and mean."""
    plain_name = name.removesuffix("_low").removesuffix("_high").removeprefix("cr_")
    return f"heading.{plain_name}"


def _scale_id(row: Record) -> str:
    return str(row["scale"]) if given(row.get("scale")) else ""


def _answers(tables: Tables, context: Context) -> list[Table]:
    """Return one table a role: items under the answer list they share, a column a position in the list."""
    words, made = context.words, []
    for (role,), rows in grouped(records(tables, "answers"), "role"):
        questionnaire = context.questionnaires.get(role)
        if questionnaire is None:
            continue
        lists: dict[str, list[tuple[str, list[Record]]]] = {}
        for (name,), answers in grouped(rows, "item"):
            item = next((item for item in questionnaire.items if item.id == name.removesuffix("_r")), None)
            if item is not None and item.answers is not None and item.type == "choice":
                lists.setdefault(item.answers, []).append((name, answers))
        if not lists:
            continue
        most = max(len(questionnaire.answer_lists[name].values) for name in lists)
        body: list[Row] = []
        for name, members in lists.items():
            answers_of = questionnaire.answer_lists[name].answers
            legend = [f"{answer.value} {context.in_language(answer.label)}" for answer in answers_of]
            body.append(section_row(words("numbers.list").join(legend)))
            values = [str(value) for value in questionnaire.answer_lists[name].values]
            body += [_shares(context, role, item, answers, values, most) for item, answers in members]
        columns = (
            *item_columns(context),
            Column(words("heading.n"), width=8),
            *(Column(str(position), words("heading.percent"), width=8) for position in range(1, most + 1)),
        )
        title = words("title.answers", role=context.role(role))
        made.append(Table(f"answers-{role}", "items", title, columns, tuple(body), (words("note.answers"),)))
    return made


def _shares(
    context: Context, role: str, name: str, answers: list[Record], values: list[str], most: int
) -> Row:
    shares = {plain(row["answer"]): row for row in answers if given(row["share"])}
    item = context.question(role, name)
    cells = [
        Cell(as_float(shares[value]["share"]), Kind.share)
        if value in shares
        else Cell(calculated(0.0, "share of an answer nobody gave", answers, "answer"), Kind.share)
        for value in values
    ]
    cells += [Cell("")] * (most - len(cells))
    n = sum(as_float(row["n"]) for row in answers if plain(row["answer"]) in values)
    names = item_cells(context, role, name, item is not None and item.reverse)
    return Row((*names, Cell(n, Kind.count), *cells))


def _rankings(tables: Tables, context: Context) -> list[Table]:
    """Return one table a role: the answers of every ranking question, the highest score first."""
    words, made = context.words, []
    for (role,), rows in grouped(records(tables, "rankings"), "role"):
        body: list[Row] = []
        for (name,), answers in grouped(rows, "item"):
            body.append(section_row(context.text(role, name)))
            scored = sorted(answers, key=lambda row: -float(number(row["score"]) or 0.0))
            body += [
                Row(
                    (
                        Cell(context.answer(role, name, row["answer"])),
                        Cell(as_float(row["n"]), Kind.count),
                        Cell(number(row["share"]), Kind.share),
                        Cell(number(row["first_share"]), Kind.share),
                        Cell(number(row["mean_rank"]), Kind.mean),
                        Cell(number(row["score"]), Kind.mean),
                    )
                )
                for row in scored
            ]
        columns = (
            Column(words("heading.answer"), width=40, words=True),
            *(Column(words(f"heading.{name}"), width=11) for name in _RANKED),
        )
        title = words("title.rankings", role=context.role(role))
        note = (words("note.rankings"), words("note.empty"))
        made.append(Table(f"rankings-{role}", "items", title, columns, tuple(body), note))
    return made


def _dont_know(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "dont_know")
    if not rows:
        return []
    words = context.words
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for row in members:
            share = Cell(number(row["share"]), Kind.share)
            names = item_cells(context, role, str(row["item"]), reverse=False)
            body.append(Row((*names, Cell(as_float(row["n"]), Kind.count), share)))
    columns = (
        *item_columns(context),
        Column(words("heading.n"), width=10),
        Column(words("heading.percent"), width=10),
    )
    notes = (words("note.dont_know"),)
    return [Table("dont_know", "items", words("title.dont_know"), columns, tuple(body), notes)]
