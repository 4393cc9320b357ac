"""Keeping what is proposed where a person can confirm it, and telling of it by line."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence

from manyi.readers.answer_file import AnswerFile
from manyi.readers.matching.answer_proposals import AnswerProposal, propose_answers
from manyi.readers.matching.mapping_file import ColumnMapping, MappingFile, read_mapping
from manyi.readers.matching.mapping_text import mapping_text
from manyi.readers.matching.proposals import Proposal
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.definitions.yaml_source import YamlModel
from manyi_instruments.faults import Fault, Place


def keep_proposals(file: AnswerFile, questionnaire: Questionnaire, language: str) -> tuple[Fault, ...]:
    """Write what is proposed for a file of answers into its mapping file, and tell of what waits.

    Parameters
    ----------
    file : AnswerFile
        As read. Where its ``mapping`` is None there is no place to write to, and the faults stand at the
        file of answers. Without proposals, a mapping file that is not there is not made.
    questionnaire : Questionnaire
        Labels of the answers.
    language : str
        Of the comments in the file.

    Returns
    -------
    tuple of Fault
        ``column-proposed`` (errors) and ``answer-proposed`` (warnings) at their lines;
        ``mapping-not-renewed`` where the file is written in a form that leaves no place for them.
    """
    mapping, proposals = file.mapping, file.matching.proposals
    used = mapping.answers() if mapping is not None else {}
    sources = {match.item: match.source for match in file.matching.matches}
    answers = propose_answers(file.decoded.quarantine, questionnaire, used, sources)
    if mapping is None:
        return tuple(_told(proposals, answers, YamlModel(file.name, None, None), file.name))
    if not mapping.text and not proposals and not answers:
        return ()
    text = mapping_text(mapping, file.name, proposals, answers, language)
    faults = []
    if text is None:
        details = {"path": mapping.path.name, "n": len(proposals) + len(answers)}
        faults.append(Fault("mapping-not-renewed", Place(mapping.read.file), details, "warning"))
    elif text != mapping.text:
        _write(mapping, text)
    now = read_mapping(mapping.path, mapping.read.file)
    return (*faults, *_told(proposals, answers, now.read, mapping.read.file))


def _write(mapping: MappingFile, text: str) -> None:
    """Write the file whole, unless a person changed it since it was read: then the next run renews it."""
    path = mapping.path
    if read_mapping(path).text != mapping.text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    mark = "\ufeff" if path.is_file() and path.read_bytes().startswith(b"\xef\xbb\xbf") else ""
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        stream.write(mark + text)
    temporary.replace(path)


def _told(
    proposals: Sequence[Proposal],
    answers: Sequence[AnswerProposal],
    read: YamlModel[ColumnMapping],
    file: str,
) -> list[Fault]:
    faults = []
    lines = _lines(read)
    # A person may have written another column and not yet confirmed it.
    columns = {entry.item: entry.column for entry in (read.model.proposed if read.model else ())}
    for proposal in proposals:
        place = lines.get((proposal.item, ""), Place(file, field="" if read.root else proposal.item))
        column = columns.get(proposal.item, proposal.column)
        details = {"item": proposal.item, "column": column, "score": f"{proposal.score:.2f}"}
        faults.append(Fault("column-proposed", place, details))
    # One wording of one list often stands in many questions.
    alike: dict[tuple[str, int, str], list[AnswerProposal]] = defaultdict(list)
    for answer in answers:
        alike[answer.cell, answer.answer, answer.label].append(answer)
    for (cell, value, label), same in alike.items():
        first = same[0]
        place = lines.get((first.item, cell), Place(file, field="" if read.root else first.item))
        of_answer: dict[str, object] = {
            "items": "、".join(one.item for one in same),
            "cell": cell,
            "value": value,
            "label": label,
            "score": f"{first.score:.2f}",
            "n": sum(one.n for one in same),
        }
        faults.append(Fault("answer-proposed", place, of_answer, "warning"))
    return faults


def _lines(read: YamlModel[ColumnMapping]) -> Mapping[tuple[str, str], Place]:
    """Return where each proposal stands: (item, cell) -> place, the cell empty for columns."""
    if read.model is None or read.root is None:
        return {}
    columns = enumerate(read.model.proposed)
    found = {(entry.item, ""): read.place("proposed", number) for number, entry in columns}
    cells = enumerate(read.model.proposed_answers)
    return found | {
        (entry.item, entry.cell): read.place("proposed_answers", number) for number, entry in cells
    }
