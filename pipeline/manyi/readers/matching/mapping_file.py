"""``data/mapping/<role>/<file>.yaml``: what a person decided about the columns and answers of one file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import Field

from manyi.study.definition import Columns
from manyi_instruments.definitions.questionnaire import Definition, Name, Questionnaire
from manyi_instruments.definitions.yaml_nodes import Block, Listing, Node, Scalar
from manyi_instruments.definitions.yaml_source import YamlModel, read_yaml_model
from manyi_instruments.faults import AnswersFaulty, Fault, Place

_LISTS = ("ignored", "proposed", "proposed_answers")
#: A stored value as a key.
Value = Annotated[str, Field(pattern=r"^-?\d+$")]


class ProposedColumn(Definition):
    """A column that may hold an item; ``confirm: yes`` takes it."""

    item: Name
    column: str
    confirm: bool = False
    score: float = Field(0.0, ge=0, le=1, description="How well they agree, 0 to 1.")
    because: str = Field("", description="What the score is made of.")
    runner_up: str = Field("", description="Another column that fits nearly as well, with its score.")


class ProposedAnswer(Definition):
    """An answer that a wording in the file may mean; ``confirm: yes`` takes it."""

    item: Name
    cell: str
    answer: int
    confirm: bool = False
    score: float = Field(0.0, ge=0, le=1, description="How alike the wordings are, 0 to 1.")
    because: str = Field("", description="The label it is like.")


class ColumnMapping(Definition):
    """What a mapping file may say."""

    file: str = Field("", description="The file of answers, for the reader.")
    columns: Columns = Field(Columns(), description="Headings that are not questions.")
    confirmed: dict[Name, str | dict[Value, str]] = Field(
        default_factory=dict,
        description="Item -> heading; of multiple choice over columns also answer -> heading.",
    )
    ignored: tuple[str, ...] = Field((), description="Headings that are not read.")
    answers: dict[Name, dict[str, int]] = Field(
        default_factory=dict, description="Item -> wording in the file -> stored value."
    )
    proposed: tuple[ProposedColumn, ...] = ()
    proposed_answers: tuple[ProposedAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """One column, or one column an answer, that a person said holds an item.

    Attributes
    ----------
    item : str
        Id of the item.
    headings : Mapping
        Answer -> heading; the heading stands under None where it is the whole question.
    place : Place
        Where it is written.
    score : float or None
        Score of the proposal that was confirmed.
    """

    item: str
    headings: Mapping[int | None, str]
    place: Place
    score: float | None = None


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A mapping file as read, its decisions and where each stands.

    Attributes
    ----------
    path : Path
        The file.
    text : str
        Its text; empty where there is no file yet.
    read : YamlModel of ColumnMapping
        The model with the places of its nodes.
    """

    path: Path
    text: str
    read: YamlModel[ColumnMapping]

    @property
    def model(self) -> ColumnMapping:
        """Return what the file says."""
        return self.read.model or ColumnMapping()

    def decisions(self) -> Iterator[Decision]:
        """Yield every column a person confirmed, by hand or by ``confirm: yes``."""
        for item, said in self.model.confirmed.items():
            headings: dict[int | None, str] = {None: said} if isinstance(said, str) else {}
            for value, heading in said.items() if isinstance(said, dict) else ():
                headings[int(value)] = heading
            yield Decision(item, headings, self.read.place("confirmed", item))
        for number, proposal in enumerate(self.model.proposed):
            if proposal.confirm:
                place = self.read.place("proposed", number)
                yield Decision(proposal.item, {None: proposal.column}, place, proposal.score)

    def answers(self) -> dict[str, dict[str, int]]:
        """Return the answers a person confirmed: item -> wording in the file -> stored value."""
        found = {item: dict(said) for item, said in self.model.answers.items()}
        for proposal in self.model.proposed_answers:
            if proposal.confirm:
                found.setdefault(proposal.item, {}).setdefault(proposal.cell, proposal.answer)
        return found

    def decided(self) -> dict[str, object]:
        """Return all a person decided, without what is only proposed, as JSON: what makes an import stale."""
        return {
            "columns": self.model.columns.model_dump(),
            "confirmed": sorted((d.item, sorted(d.headings.items(), key=str)) for d in self.decisions()),
            "ignored": sorted(self.model.ignored),
            "answers": {item: dict(sorted(said.items())) for item, said in sorted(self.answers().items())},
            "faults": [str(fault.place) + fault.code for fault in self.read.faults],
        }

    def faults(self, questionnaire: Questionnaire) -> tuple[Fault, ...]:
        """Return everything wrong with the file that shows without the answers, by line and column."""
        if self.read.model is None:
            return self.read.faults
        found = [
            *self.read.faults,
            *self._unknown_items(questionnaire),
            *self._twice(),
            *self._answers(questionnaire),
        ]
        return tuple(sorted(found, key=lambda fault: (fault.place.line or 0, fault.place.column or 0)))

    def _unknown_items(self, questionnaire: Questionnaire) -> Iterator[Fault]:
        known = [question.id for question in questionnaire.questions()]
        for item, place in self._items_named():
            if item not in known:
                close = get_close_matches(item, known, n=1, cutoff=0.0)
                details = {"item": item, "nearest": close[0] if close else "—"}
                yield Fault(
                    "mapping-item-unknown", place, {**details, "questionnaire": questionnaire.questionnaire}
                )

    def _items_named(self) -> Iterator[tuple[str, Place]]:
        for part in ("confirmed", "answers"):
            for item in getattr(self.model, part):
                yield item, self.read.place(part, item, key=True)
        for part in ("proposed", "proposed_answers"):
            for number, proposal in enumerate(getattr(self.model, part)):
                # What is only proposed goes by itself once the item is gone.
                if proposal.confirm:
                    yield proposal.item, self.read.place(part, number, "item")

    def _twice(self) -> Iterator[Fault]:
        items: dict[str, Decision] = {}
        columns: dict[str, str] = {}
        ignored = {heading.strip() for heading in self.model.ignored}
        for decision in self.decisions():
            first = items.setdefault(decision.item, decision)
            if first is not decision:
                yield Fault("mapping-item-twice", decision.place, {"item": decision.item})
                continue
            for heading in decision.headings.values():
                column = heading.strip()
                other = columns.setdefault(column, decision.item)
                if other != decision.item:
                    details = {"column": column, "item": decision.item, "other": other}
                    yield Fault("mapping-column-twice", decision.place, details)
                if column in ignored:
                    yield Fault(
                        "mapping-column-ignored", decision.place, {"column": column, "item": decision.item}
                    )

    def _answers(self, questionnaire: Questionnaire) -> Iterator[Fault]:
        questions = {question.id: question for question in questionnaire.questions()}
        for item, cell, value, place in self._answers_named():
            if item not in questions:
                continue
            answers = questionnaire.answer_list(questions[item])
            values = answers.values if answers is not None else ()
            if value not in values:
                allowed = ", ".join(str(known) for known in values) or "—"
                details = {"item": item, "cell": cell, "value": value, "allowed": allowed}
                yield Fault("mapping-answer-unknown", place, details)

    def _answers_named(self) -> Iterator[tuple[str, str, int, Place]]:
        for item, said in self.model.answers.items():
            for cell, value in said.items():
                yield item, cell, value, self.read.place("answers", item, cell)
        for item, confirmed in self.model.confirmed.items():
            for key, heading in confirmed.items() if isinstance(confirmed, dict) else ():
                yield item, heading, int(key), self.read.place("confirmed", item, int(key))
        for number, proposal in enumerate(self.model.proposed_answers):
            if proposal.confirm:
                place = self.read.place("proposed_answers", number, "answer")
                yield proposal.item, proposal.cell, proposal.answer, place


def read_mapping(path: Path, file_name: str = "") -> MappingFile:
    """Read a mapping file and say everything that is wrong with its form, without raising.

    Parameters
    ----------
    path : Path
        The file; a mapping that says nothing where there is none.
    file_name : str
        Name shown in places; default the path.
    """
    shown = file_name or str(path)
    if not path.is_file():
        return MappingFile(path, "", YamlModel(shown, ColumnMapping(), None))
    read = read_yaml_model(path, ColumnMapping, shown, prepare=nothing_is_empty)
    # Read once more for its lines; what cannot be decoded is told of by the model.
    text = path.read_bytes().decode("utf-8-sig", "replace")
    if [fault.code for fault in read.faults] == ["definition-empty"]:
        read = YamlModel(shown, ColumnMapping(), None)
    return MappingFile(path, text, read)


def nothing_is_empty(root: Node) -> tuple[Node, tuple[Fault, ...]]:
    """Take a key with nothing behind it for an empty one: it is left when the last line below is deleted."""
    if not isinstance(root, Block):
        return root, ()
    nodes: dict[int | str, Node] = {}
    for key, node in root.nodes.items():
        if isinstance(node, Scalar) and node.text == "":
            node = Listing(node.place) if key in _LISTS else Block(node.place)
        nodes[key] = node
    return Block(root.place, root.keys, nodes), ()


def sound_mapping(path: Path, questionnaire: Questionnaire) -> MappingFile:
    """Return a mapping file without faults.

    Parameters
    ----------
    path : Path
        The file.
    questionnaire : Questionnaire
        The questionnaire its items are of.

    Raises
    ------
    AnswersFaulty
        With every fault of the file.
    """
    mapping = read_mapping(path)
    faults = [fault for fault in mapping.faults(questionnaire) if fault.severity == "error"]
    if faults:
        raise AnswersFaulty(faults)
    return mapping


def heading_absent(decision_place: Place, heading: str, headings: Iterable[str]) -> Fault:
    """Return the fault of a heading that the file does not have, naming the nearest it has."""
    close = get_close_matches(heading, [known.strip() for known in headings], n=1, cutoff=0.0)
    return Fault(
        "mapping-column-absent", decision_place, {"column": heading, "nearest": close[0] if close else "—"}
    )
