"""The cover: title, kind of text, and what the study is in a few lines."""

from manyi_outputs.appendix.records import Tables, number, records
from manyi_outputs.context import Context
from manyi_outputs.word.marks import words
from manyi_outputs.word.styles import Look


def cover_facts(tables: Tables, context: Context) -> tuple[str, ...]:
    """Return one line a role with its answers, then schools and standard.

    Parameters
    ----------
    tables : Mapping
        Name -> tidy result table.
    context : Context
    """
    said = context.words
    lines = []
    for row in records(tables, "return"):
        received, valid = number(row.get("received")), number(row.get("valid"))
        lines.append(
            said(
                "word.cover_role",
                role=context.role(str(row["role"])),
                received=int(received or 0),
                valid=int(valid or 0),
            )
        )
    schools = {str(row["school"]) for row in records(tables, "school_indicators")}
    if schools:
        lines.append(said("word.cover_schools", schools=len(schools)))
    if context.standard:
        lines.append(said("word.cover_standard", standard=context.standard))
    return tuple(lines)


def cover(title: str, subtitle: str, facts: tuple[str, ...], look: Look) -> str:
    """Return the paragraphs of the cover."""
    lines = [("Title", title), ("Subtitle", subtitle), *(("CoverFact", fact) for fact in facts)]
    return "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{words(text, hint=look.hint)}</w:p>'
        for style, text in lines
    )
