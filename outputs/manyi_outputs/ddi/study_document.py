"""A DDI-Codebook 2.5 document of a study with its data: study, files, and every variable with frequencies."""

import re
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.forms.conditions import without_exponent
from manyi_instruments.forms.ddi.description import NATURES, DataDescription, add_summary
from manyi_instruments.forms.ddi.elements import LANG, codebook_element, content, legible, sub, titles
from manyi_instruments.forms.ddi.figures import Figures
from manyi_outputs.data_files import Column, DataSet, persons
from manyi_outputs.data_files.provenance import Provenance
from manyi_outputs.ddi.data_figures import data_figures, words_of
from manyi_outputs.wording import Wording, wording

#: Columns that weight the rows.
WEIGHTS = ("sampling_weight", "relative_weight")
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


def study_document(data: Sequence[DataSet], files: Mapping[str, str], provenance: Provenance) -> bytes:
    """Return the document of a study whose data lie beside it as CSV.

    Elements and their order are those of the schema (codebook.xsd 2.5). Each role is a file (``fileDscr``)
    with a description of its variables (``dataDscr``): questions as asked, in all languages of the
    questionnaire, valid and invalid values, ``sumStat`` and ``catStat`` of the rows in the file, then what
    was made of them (reverse-scored items, scores, weights, school indicators, flags). Nothing is weighted.

    Parameters
    ----------
    data : sequence of DataSet
        One a role.
    files : Mapping
        Role -> name of its file.
    provenance : Provenance

    Returns
    -------
    bytes
        UTF-8.
    """
    words = wording(provenance.language)
    root = codebook_element(provenance.language)
    _document(sub(root, "docDscr"), provenance)
    _study(sub(root, "stdyDscr"), data, provenance, words)
    for one in data:
        _file(root, one, files[one.role], words)
    for one in data:
        _data(root, one)
    return content(root)


def _said(parent: Element, tag: str, text: str, language: str, **attributes: str) -> Element:
    """Add an element in the language of the files."""
    element = sub(parent, tag, legible(text), **attributes)
    element.set(LANG, language)
    return element


def _document(parent: Element, provenance: Provenance) -> None:
    """Add what made the document; no date, so that the same data give the same document."""
    citation = sub(parent, "citation")
    _titles(sub(citation, "titlStmt"), provenance)
    sub(sub(citation, "prodStmt"), "software", "manyi", version=provenance.software)


def _titles(statement: Element, provenance: Provenance) -> None:
    languages = [provenance.language, *(each for each in provenance.title if each != provenance.language)]
    titles(statement, provenance.title, languages)
    sub(statement, "IDNo", provenance.study)


def _study(parent: Element, data: Sequence[DataSet], provenance: Provenance, words: Wording) -> None:
    """Add title, contents, coverage, method and access."""
    language, comma = provenance.language, words("numbers.list")
    citation = sub(parent, "citation")
    _titles(sub(citation, "titlStmt"), provenance)
    title = provenance.title.get(language, next(iter(provenance.title.values())))
    scope = sub(parent, "stdyInfo")
    told = words("export.texts_in") if provenance.with_text else words("export.texts_out")
    roles = comma.join(one.title for one in data)
    _said(scope, "abstract", words("export.abstract", title=title, roles=roles, texts=told), language)
    _coverage(sub(scope, "sumDscr"), data, provenance, words)
    method = sub(parent, "method")
    weighted = any(column.name in WEIGHTS for one in data for column in one.columns)
    _collection(sub(method, "dataColl"), provenance, weighted, words)
    analysis = sub(method, "anlyInfo")
    for one in data:
        if one.role in provenance.received:
            _said(analysis, "respRate", _return(one, provenance, words), language)
    use = sub(sub(parent, "dataAccs"), "useStmt")
    together = dict.fromkeys(name for one in data for name in persons(one).together)
    _said(use, "confDec", words("export.confidentiality", columns=comma.join(together)), language)


def _coverage(parent: Element, data: Sequence[DataSet], provenance: Provenance, words: Wording) -> None:
    if provenance.collected is not None:
        for event, day in zip(("start", "end"), provenance.collected, strict=True):
            if day:
                sub(parent, "collDate", day, date=day, event=event)
    if provenance.area:
        sub(parent, "geogCover", legible(provenance.area))
    _said(parent, "anlyUnit", words("export.unit_person"), provenance.language)
    for one in data:
        _said(parent, "universe", one.title, provenance.language, clusion="I")
    _said(parent, "dataKind", words("export.kind_survey"), provenance.language)


def _collection(parent: Element, provenance: Provenance, weighted: bool, words: Wording) -> None:
    language, comma = provenance.language, words("numbers.list")
    _said(parent, "resInstru", words("export.mode"), language)
    if weighted:
        _said(parent, "weight", words("export.weighting"), language)
    if provenance.rules:
        rules = comma.join(words.term("rule", rule) for rule in provenance.rules)
        _said(parent, "cleanOps", words("export.cleaning", rules=rules), language)
    rows = words("export.all_rows") if provenance.all_rows else words("export.kept_rows")
    _said(parent, "cleanOps", rows, language)


def _return(data: DataSet, provenance: Provenance, words: Wording) -> str:
    found = provenance.received[data.role]
    details = {"role": data.title, "received": found.received, "kept": found.kept}
    if found.issued is None:
        return words("export.response", **details)
    return words("export.response_issued", issued=found.issued, **details)


def _file_id(role: str) -> str:
    return f"F_{role}"


def _file(root: Element, data: DataSet, name: str, words: Wording) -> None:
    """Add a file: name, contents, number of cases and variables, how it is written."""
    description = sub(root, "fileDscr", ID=_file_id(data.role), URI=name)
    text = sub(description, "fileTxt")
    sub(text, "fileName", name)
    _said(text, "fileCont", data.title, data.language)
    sub(text, "fileStrc", type="rectangular")
    size = sub(text, "dimensns")
    sub(size, "caseQnty", str(len(data.frame)))
    sub(size, "varQnty", str(len(data.columns)))
    sub(text, "fileType", "CSV", charset="UTF-8")
    sub(text, "format", "comma-delimited")
    _said(text, "dataMsng", words("export.missing_text"), data.language)
    version = sub(text, "verStmt")
    sub(version, "version", data.questionnaire.version)
    sub(version, "notes", definition_hash(data.questionnaire), type="definition")


def _data(root: Element, data: DataSet) -> None:
    """Add the variables of a file: those of the questionnaire, then all others."""
    figures = data_figures(data)
    asked = {column.name: figures[column.name] for column in data.columns if _asked(column)}
    description = DataDescription(data.questionnaire, data.role, _file_id(data.role), asked)
    element = sub(root, "dataDscr", ID=f"D_{data.role}")
    description.fill(element)
    for number, column in enumerate(data.columns, start=1):
        if not _asked(column):
            # A school column may be called anything; a hyphen stands in no name of a questionnaire.
            name = column.name if _NAME.fullmatch(column.name) else f"column-{number}"
            _other(element, column, description.id("V", name), figures[column.name], data)


def _asked(column: Column) -> bool:
    return bool(column.kind) and column.kind not in ("reversed", "score")


def _other(parent: Element, column: Column, identifier: str, figures: Figures, data: DataSet) -> None:
    """Add a variable that no question asked for."""
    element = sub(parent, "var", ID=identifier, name=legible(column.name), files=_file_id(data.role))
    element.set("intrvl", "discrete" if column.values or column.holds == "text" else "contin")
    if column.holds != "text":
        element.set("nature", NATURES[column.measure])
        if column.holds == "integer":
            element.set("dcml", "0")
    if column.name in WEIGHTS:
        element.set("wgt", "wgt")
    _said(element, "labl", column.label, data.language)
    bounds = {"min": column.low, "max": column.high}
    said = {name: without_exponent(value) for name, value in bounds.items() if value is not None}
    if said:
        units = "INT" if column.holds == "integer" else "REAL"
        sub(sub(element, "valrng"), "range", UNITS=units, **said)
    add_summary(element, figures)
    words = words_of(column, data.frame[column.name]) if column.holds == "text" else {}
    for value, label in column.values.items():
        category = sub(element, "catgry", missing="N")
        sub(category, "catValu", legible(str(value)))
        _said(category, "labl", label, data.language)
        count = words.get(value, 0) if isinstance(value, str) else figures.counts.get(value, 0)
        sub(category, "catStat", str(count), type="freq")
    if column.formula:
        _said(sub(element, "derivation"), "drvdesc", column.formula, data.language)
    sub(element, "varFormat", type="character" if column.holds == "text" else "numeric")
    if column.reverse_keyed:
        sub(element, "notes", "reverse-keyed", type="psychometric")
