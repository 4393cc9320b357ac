"""The field manual: roles, questions with their numbers and codes, what to do with paper, how to import."""

from collections.abc import Iterator, Sequence

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import AttentionCheck, Questionnaire
from manyi_instruments.forms.layout import is_required, kind
from manyi_instruments.forms.packs.facts import Audience, Survey
from manyi_instruments.forms.packs.typesetting import typeset
from manyi_instruments.forms.packs.wording import pack_words
from manyi_instruments.forms.printed import PrintedAnswer, PrintedBlock, Said, printed_form
from manyi_instruments.forms.wording import in_language


def field_manual(survey: Survey, audiences: Sequence[Audience], language: str) -> bytes:
    """Return the manual of those who collect and type in answers.

    Parameters
    ----------
    survey : Survey
        What is told of the study.
    audiences : sequence of Audience
        Everybody who is asked, with questionnaires that have the language or another one in its place.
    language : str
        Of the manual.

    Returns
    -------
    bytes
        An A4 PDF with all fonts embedded.

    Raises
    ------
    DefinitionFaulty, ManyiError
        As `typeset` does.
    """
    own = pack_words(language)
    about = [(own["about_study"], in_language(survey.title, language))]
    if survey.retention is not None:
        about.append((own["about_retention"], survey.retention.isoformat()))
    if survey.contact is not None:
        about.append((own["about_contact"], in_language(survey.contact, language)))
    entries = ", ".join(f"forms/{audience.role}-entry.xlsx" for audience in audiences)
    said = {
        "own": dict(own),
        "title": in_language(survey.title, language),
        "about": about,
        "roles": [_role(audience, language) for audience in audiences],
        "missing": _missing(audiences, language),
        "steps": {
            key: own[f"{key}_steps"].replace("{entry}", entries).split("|")
            for key in ("paper", "import", "change")
        },
        "questionnaires": [_questionnaire(audience, language) for audience in audiences],
    }
    return typeset("manual.typ", said, (language,), audiences[0].role if audiences else "")


def _role(audience: Audience, language: str) -> list[str]:
    questionnaire = audience.questionnaire
    own = pack_words(language)
    return [
        f"{in_language(audience.title, language)} ({audience.role})",
        f"{in_language(questionnaire.title, language)} · {questionnaire.version}",
        str(sum(1 for _ in questionnaire.questions())),
        str(audience.issued) if audience.issued is not None else own["unknown"],
        definition_hash(questionnaire),
    ]


def _missing(audiences: Sequence[Audience], language: str) -> list[tuple[str, str]]:
    """Return code and meaning of missing answers, with the roles where questionnaires differ in them."""
    found: dict[tuple[str, str], list[str]] = {}
    for audience in audiences:
        for code in audience.questionnaire.missing_codes.values():
            found.setdefault((str(code.code), in_language(code.label, language)), []).append(audience.role)
    return [
        (code, label if len(roles) == len(audiences) else f"{label} ({', '.join(roles)})")
        for (code, label), roles in found.items()
    ]


def _questionnaire(audience: Audience, language: str) -> dict[str, object]:
    questionnaire = audience.questionnaire
    spoken = language if language in questionnaire.languages else questionnaire.languages[0]
    form = printed_form(questionnaire, (spoken,))
    title = in_language(questionnaire.title, language)
    heading = pack_words(language)["questionnaire"].format(
        role=in_language(audience.title, language), title=title
    )
    parts = [
        {
            "heading": _one(part.heading),
            "condition": _one(part.condition),
            "questions": [row for block in part.blocks for row in _rows(block, questionnaire, language)],
        }
        for part in form.parts
    ]
    return {"heading": heading, "parts": parts}


def _rows(block: PrintedBlock, questionnaire: Questionnaire, language: str) -> Iterator[dict[str, object]]:
    """Yield the questions of a block, each with its codes: whoever looks one up turns no pages."""
    own = pack_words(language)
    asked = {question.id: question for question in questionnaire.questions()}
    for row in block.questions:
        question = asked[row.id]
        answers = [_answer(one) for one in (block.columns if block.matrix else row.answers)]
        if block.matrix:
            answers += [_answer(one) for one in block.missing if one.code in row.missing]
        notes = [_one(row.hint)] if row.hint else []
        if isinstance(question, AttentionCheck):
            expected = next(one for one in answers if one.startswith(f"{question.expected}\t"))
            notes.append(own["attention"].format(expected=expected.replace("\t", " ")))
        said = own[f"type_{kind(question)}"]
        bounds = _one(row.note).strip("()（）") if row.kind == "number" and row.note else ""
        unit = _one(row.unit)
        yield {
            "number": row.number,
            "id": row.id,
            "text": _one(row.text),
            "condition": _one(row.condition),
            "notes": notes,
            "kind": " · ".join(
                part
                for part in (
                    said,
                    bounds,
                    unit,
                    own["required"] if is_required(question, questionnaire) else "",
                )
                if part
            ),
            "answers": answers,
        }


def _answer(answer: PrintedAnswer) -> str:
    return f"{answer.code}\t{_one(answer.label)}"


def _one(said: Said) -> str:
    return said[0] if said else ""
