"""XLSForm: the questionnaire as a form for ODK, KoboToolbox, SurveyCTO and Enketo.

The form is a record of three sheets (:class:`XlsForm`); :mod:`~manyi_instruments.forms.xlsform.workbook`
writes it.

Layout on phones. A grid of radio buttons (``label`` row with ``list-nolabel`` rows) is narrow and loses
its headings on a phone (enketo #1517), and cannot offer "don't know" to some rows only. So by default
every row is a question of its own with all its answers written out below it, in the order of the scale, a
few questions a page (``field-list``): what is read and tapped is the same on every device.
``layout="grid"`` makes the grids for studies that are filled in on tablets or computers, with explicit
names and not ``table-list``, whose generated nodes change with every edit of the form.
"""

from collections.abc import Iterator

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import Questionnaire, Text
from manyi_instruments.definitions.routing import rules
from manyi_instruments.expressions.tree import Node, nodes_in
from manyi_instruments.expressions.tree import Text as Literal
from manyi_instruments.faults import DefinitionFaulty, Fault, Place
from manyi_instruments.forms.layout import parts
from manyi_instruments.forms.wording import in_language, language_label
from manyi_instruments.forms.xlsform.sheets import Sheet, XlsForm
from manyi_instruments.forms.xlsform.survey import Layout, Survey

#: Names the form itself uses; importers look for ``start``, ``end`` and ``school``.
OWN_NAMES = ("start", "end", "school", "definition", "meta", "instanceID", "instanceName")

#: What pyxform reads as a reference, or makes a straight quotation mark of, in conditions too.
REWRITTEN = ("${", "\u2018", "\u2019", "\u201c", "\u201d")

#: Columns of ``survey`` in the order written; wordings follow their plain heading, one a language.
SURVEY_COLUMNS = (
    "type",
    "name",
    "label",
    "hint",
    "required",
    "required_message",
    "relevant",
    "constraint",
    "constraint_message",
    "calculation",
    "appearance",
    "bind::ps:scale",
    "bind::ps:reverse",
    "bind::ps:expected",
)
SETTINGS_COLUMNS = (
    "form_title",
    "form_id",
    "version",
    "default_language",
    "style",
    "instance_name",
    "namespaces",
)


def xlsform(
    questionnaire: Questionnaire, *, school_question: bool = True, layout: Layout = "list"
) -> XlsForm:
    """Return a questionnaire as an XLSForm in all its languages.

    Parameters
    ----------
    questionnaire : Questionnaire
        Item ids become question names, answer values and missing codes choice names, the text beside an
        "other" answer a question ``<item>__text``. Scale, reverse key and a check's expected answer
        travel in the form as ``ps:scale``, ``ps:reverse`` and ``ps:expected``. Conditions become
        ``relevant`` and ``constraint`` in XPath; the hash of the definition stands in the form's version
        and in a hidden question ``definition``.
    school_question : bool
        Ask for the school code first; False where access codes tell the school.
    layout : {"list", "grid"}
        Every question with its answers below it (any device), or matrices as grids (large screens).

    Returns
    -------
    XlsForm
        The sheets; nothing is written. Durations follow from ``start`` and ``end``.

    Raises
    ------
    DefinitionFaulty
        If an item has a name that forms use for themselves, or a wording contains ``${``.
    """
    faults = [*_name_faults(questionnaire), *_reference_faults(questionnaire)]
    if faults:
        raise DefinitionFaulty(faults)
    form = Survey(questionnaire, layout)
    form.open(school_question)
    for part in parts(questionnaire):
        form.add_part(part)
    form.close()
    return XlsForm(
        Sheet.of(_columns(SURVEY_COLUMNS, questionnaire), form.rows),
        Sheet.of(_columns(("list_name", "name", "label"), questionnaire), form.choices.rows()),
        _settings(questionnaire, school_question),
    )


def _columns(plain: tuple[str, ...], questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return headings with one column a language for wordings."""
    worded = ("label", "hint", "required_message", "constraint_message")
    columns: list[str] = []
    for column in plain:
        if column in worded:
            columns += [f"{column}::{language_label(language)}" for language in questionnaire.languages]
        else:
            columns.append(column)
    return tuple(columns)


def _settings(questionnaire: Questionnaire, school_question: bool) -> Sheet:
    name = questionnaire.questionnaire
    default = questionnaire.languages[0]
    instance = (
        f"concat('{name} ', ${{school}}, ' ', ${{start}})"
        if school_question
        else f"concat('{name} ', ${{start}})"
    )
    row = {
        "form_title": in_language(questionnaire.title, default),
        "form_id": name,
        # Servers tell uploads of one form apart by the version.
        "version": f"{questionnaire.version}-{definition_hash(questionnaire)}",
        "default_language": language_label(default),
        "style": "pages",
        "instance_name": instance,
        "namespaces": 'ps="urn:ps"',
    }
    return Sheet.of(SETTINGS_COLUMNS, [row])


def _name_faults(questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield a fault for each question whose name the form needs or differs from another's by case only."""
    own = {name.lower() for name in OWN_NAMES}
    seen: dict[str, str] = {}
    place = Place(file=questionnaire.questionnaire)
    for question in questionnaire.questions():
        name = question.id.lower()
        if name in own:
            yield Fault("form-name-taken", place, {"item": question.id, "names": ", ".join(OWN_NAMES)})
        elif name in seen:
            yield Fault("form-names-alike", place, {"item": question.id, "other": seen[name]})
        seen.setdefault(name, question.id)


def _reference_faults(questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield a fault for each wording that XLSForm would take for a reference, each text it would rewrite."""
    place = Place(file=questionnaire.questionnaire)
    for name, wording in _wordings(questionnaire):
        if any("${" in text for text in wording.values()):
            yield Fault("form-wording-reference", place, {"name": name})
    for question, rule in rules(questionnaire).items():
        texts = {node.value for tree in (rule.asked, rule.refused) for node in _literals(tree)}
        for text in sorted(text for text in texts if any(mark in text for mark in REWRITTEN)):
            yield Fault("form-condition-text", place, {"item": question, "text": text})


def _wordings(questionnaire: Questionnaire) -> Iterator[tuple[str, Text]]:
    """Yield every wording of the form, under the name of what it belongs to."""
    yield from ((question.id, question.text) for question in questionnaire.questions())
    for item in questionnaire.all_items():
        own = (item.hint, item.unit, item.constraint_message, *(part.text for part in item.parts))
        yield from ((item.id, wording) for wording in own if wording)
    for name, listed in questionnaire.answer_lists.items():
        yield from ((name, answer.label) for answer in listed.answers)
    yield from ((kind, code.label) for kind, code in questionnaire.missing_codes.items())
    for section in questionnaire.sections:
        yield from ((section.id, wording) for wording in (section.title, section.introduction) if wording)
    if questionnaire.introduction:
        yield "introduction", questionnaire.introduction
    yield "title", questionnaire.title


def _literals(tree: Node) -> Iterator[Literal]:
    return (node for node in nodes_in(tree) if isinstance(node, Literal))
