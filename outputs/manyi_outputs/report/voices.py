"""What the report says of open answers and interviews: the commonest codes and how far coders agreed."""

from manyi_outputs.appendix.provenance import as_float, as_int, counted
from manyi_outputs.appendix.records import Tables, given, grouped, records
from manyi_outputs.appendix.voices import of_question, question_title
from manyi_outputs.context import Context
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.wording import Kind

#: Codes that are named.
COMMONEST = 3


def voices_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return one statement an open question, with the agreement it rests on."""
    words, numerals, found = context.words, context.numerals, []
    for (role, item), rows in grouped(records(tables, "codes"), "role", "item"):
        named = words("numbers.list").join(
            words(
                "report.voices_code",
                title=row["title"],
                share=numerals.text(Kind.share, as_float(row["share_any"])),
            )
            for row in rows[:COMMONEST]
        )
        lead = words(
            "report.voices_told",
            question=question_title(context, role, item),
            n=as_int(rows[0]["n"]),
            codes=named,
        )
        kappas = [
            row
            for row in of_question(tables, "coding_agreement", role, item)
            if given(row.get("kappa")) and row["code"] != "all"
        ]
        if kappas:
            values = [as_float(row["kappa"]) for row in kappas]
            low, high = (numerals.text(Kind.bounded, value) for value in (min(values), max(values)))
            rest = words(
                "report.voices_kappa",
                k=counted(len(kappas), "count(kappa)", kappas, "kappa"),
                low=low,
                high=high,
            )
        else:
            rest = words("report.voices_alone")
        one = Finding(lead, (rest,))
        found.append(one.shown_in(("codes", "coding_agreement"), (f"codes-{role}-{item}",)))
    return under(found, words("report.voices"))
