"""A DDI-Codebook 2.5 document of a questionnaire: its variables, questions, categories and jumps."""

from xml.etree.ElementTree import Element

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms.ddi.description import DataDescription
from manyi_instruments.forms.ddi.elements import codebook_element, content, sub, titles, worded


def ddi_document(questionnaire: Questionnaire) -> bytes:
    """Return the document in all languages of the questionnaire.

    Parameters
    ----------
    questionnaire : Questionnaire
        Items become questions (``qstn``), columns variables (``var``) with categories and missing codes;
        conditions are told in words (``preQTxt``, ``universe``), in the expression language (``notes``), and
        by references from question to question (``forward``, ``backward``).
    """
    root = codebook_element(questionnaire.languages[0])
    _study(sub(root, "stdyDscr"), questionnaire)
    DataDescription(questionnaire).fill(sub(root, "dataDscr"))
    return content(root)


def _study(parent: Element, questionnaire: Questionnaire) -> None:
    """Add title, id and version of the questionnaire."""
    citation = sub(parent, "citation")
    title = sub(citation, "titlStmt")
    titles(title, questionnaire.title, questionnaire.languages)
    sub(title, "IDNo", questionnaire.questionnaire)
    version = sub(citation, "verStmt")
    sub(version, "version", questionnaire.version)
    sub(version, "notes", definition_hash(questionnaire), type="definition")
    if questionnaire.introduction:
        worded(sub(parent, "stdyInfo"), "abstract", questionnaire.introduction, questionnaire.languages)
