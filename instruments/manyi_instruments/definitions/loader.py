"""Questionnaires read from YAML, every fault of form and of meaning at once."""

from pathlib import Path

from manyi_instruments.definitions.answer_list_forms import expand_answer_lists
from manyi_instruments.definitions.checks import meaning_faults
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.definitions.yaml_nodes import Node
from manyi_instruments.definitions.yaml_source import YamlModel, load_yaml_model, read_yaml_model
from manyi_instruments.faults import DefinitionFaulty, Fault


def load_questionnaire(source: Path | str, file_name: str = "") -> Questionnaire:
    """Return the questionnaire in a YAML file.

    Parameters
    ----------
    source : Path or str
        The file (``Path``), or the YAML text itself (``str``).
    file_name : str
        Name shown in places; default the path.

    Raises
    ------
    DefinitionFaulty
        With every fault that is an error, each at its file, line and column. Warnings do not raise:
        :func:`check_questionnaire` tells them.

    Examples
    --------
    >>> text = '''
    ... questionnaire: pupils
    ... title: {en: Pupils}
    ... languages: [en]
    ... answer_lists:
    ...   yes_no: {values: [0, 1], en: ["no", "yes"]}
    ... items:
    ...   - {id: SAFE, text: {en: Do you feel safe?}, answers: yes_no, standalone: true}
    ... '''
    >>> load_questionnaire(text).answer_lists["yes_no"].values
    (0, 1)
    """
    return load_yaml_model(
        source, Questionnaire, file_name, faulty=DefinitionFaulty, prepare=prepare_questionnaire
    )


def check_questionnaire(source: Path | str, file_name: str = "") -> tuple[Fault, ...]:
    """Return every fault of a questionnaire, errors and warnings, in the order of the file.

    Parameters
    ----------
    source, file_name
        As in :func:`load_questionnaire`.

    Examples
    --------
    >>> text = '''questionnaire: q
    ... title: {en: T}
    ... languages: [en]
    ... items: [{id: A, txt: {en: Why?}, type: text}]'''
    >>> for fault in check_questionnaire(text, "q.yaml"):
    ...     print(fault.place, fault.what("en"))
    q.yaml:4:9 The key 'text' is missing in A.
    q.yaml:4:17 Unknown key 'txt'.
    """
    return read_questionnaire(source, file_name).faults


def read_questionnaire(source: Path | str, file_name: str = "") -> YamlModel[Questionnaire]:
    """Return the questionnaire, its faults and the places of its parts, without raising."""
    return read_yaml_model(source, Questionnaire, file_name, prepare=prepare_questionnaire)


def prepare_questionnaire(root: Node) -> tuple[Node, tuple[Fault, ...]]:
    """Return the nodes with answer lists in the long form, and the faults of meaning."""
    expanded, faults = expand_answer_lists(root)
    return expanded, (*faults, *meaning_faults(expanded))
