"""What a heading of a Kobo or ODK export names: a question of the form, one of its options, or neither."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from manyi.readers.platforms.source import DescribedAnswer
from manyi.readers.structures.structure import Structure, StructuredQuestion

#: Columns the servers and their clients add, Kobo's and ODK's together.
SERVER = frozenset(
    {
        "_id",
        "_uuid",
        "_submission_time",
        "_validation_status",
        "_notes",
        "_status",
        "_submitted_by",
        "__version__",
        "_version_",
        "_tags",
        "_index",
        "_parent_table_name",
        "_parent_index",
        "_attachments",
        "_geolocation",
        "_xform_id_string",
        "_bamboo_dataset_id",
        "_media_all_received",
        "formhub/uuid",
        "SubmissionDate",
        "KEY",
        "PARENT_KEY",
        "SubmitterID",
        "SubmitterName",
        "AttachmentsPresent",
        "AttachmentsExpected",
        "Status",
        "ReviewState",
        "DeviceID",
        "Edits",
        "FormVersion",
        "isValidated",
    }
)
#: What forms ask of the device under the name of its type, where no structure tells another name.
OF_THE_DEVICE: Mapping[str, str] = {
    "start": "start",
    "end": "end",
    "today": "today",
    "deviceid": "device",
    "imei": "device",
    "subscriberid": "metadata",
    "simid": "metadata",
    "simserial": "metadata",
    "phonenumber": "metadata",
    "username": "metadata",
    "audit": "metadata",
}
_ADDED = re.compile(
    r"(?:.*[/-])?(?:generated_table_list_label_\d+|reserved_name_for_field_list_labels_\d+"
    r"|generated_note_name_\d+)"
    r"|meta[/-].*|(?:instanceID|instanceName|deprecatedID|rootUuid)"
    r"|_?_version_?_?\d*|_submission_.*|SET-OF-.*|.*\[\d+\]/.*"
    r"|_.+_(?:latitude|longitude|altitude|precision)|.+-(?:Latitude|Longitude|Altitude|Accuracy)"
)
_MARK = re.compile(r"[^\w\s]")
_JOINT = re.compile(r"[^\w\s]+")
_PATH = re.compile(r"[^\w.]+")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(?:/[A-Za-z_][A-Za-z0-9_.-]*)*")


@dataclass(frozen=True, slots=True)
class Located:
    """What a heading names in the form.

    Attributes
    ----------
    question : StructuredQuestion or None
        None for what exports give a column though nobody is asked.
    role : str
        What that is: ``note``, ``start`` …; empty for a question.
    option : DescribedAnswer or None
        The one answer the column is about, of a multiple choice split over columns.
    """

    question: StructuredQuestion | None
    role: str = ""
    option: DescribedAnswer | None = None


def is_added(heading: str) -> bool:
    """Return whether a column is added by the server, its clients or the form's own machinery."""
    return heading in SERVER or _ADDED.fullmatch(heading) is not None


def plain(heading: str) -> str:
    """Return a heading with single blanks."""
    return " ".join(heading.split())


class FormNames:
    """Looks headings up among the names and wordings of a form, column by column in the file's order.

    A heading may be a name or a wording in any language, alone or behind its groups, whatever joins them;
    of wordings that occur several times the first column is the first question.
    """

    def __init__(self, structure: Structure) -> None:
        self._unasked = structure.unasked
        self._names: dict[str, list[StructuredQuestion]] = defaultdict(list)
        self._wordings: dict[str, list[StructuredQuestion]] = defaultdict(list)
        self._taken: set[tuple[str, str]] = set()
        for question in structure.questions:
            self._names[question.code].append(question)
            for wording in _own_wordings(question):
                self._wordings[wording].append(question)

    def locate(self, heading: str) -> Located | None:
        """Return what a heading names, or None where the form does not know it."""
        text = plain(heading)
        option = self._option(text)
        if option is not None:
            return option
        for tail in _tails(text):
            if tail in self._names:
                return Located(self._take(_best_path(text, self._names[tail])))
            if tail in self._unasked:
                return Located(None, self._unasked[tail])
        for tail in _tails(text):
            if tail in self._wordings:
                return Located(self._take(self._wordings[tail]))
        return None

    def _option(self, text: str) -> Located | None:
        """Return a multiple choice and its option, for a heading that is both joined."""
        for joint in reversed(list(_MARK.finditer(text))):
            # A name may begin with a dash: "m/-8".
            stem, option = text[: joint.start()].rstrip(f" {joint[0]}"), text[joint.end() :].strip()
            for question in self._multiples(stem):
                for answer in question.answers:
                    if option == answer.code or option in map(plain, answer.labels.values()):
                        return Located(question, option=answer)
        return None

    def _multiples(self, stem: str) -> Iterator[StructuredQuestion]:
        for tail in _tails(stem):
            for question in (*self._names.get(tail, ()), *self._wordings.get(tail, ())):
                if question.kind == "multiple":
                    yield question

    def _take(self, questions: list[StructuredQuestion]) -> StructuredQuestion:
        """Return the first question of those that fit which has no column yet."""
        for question in questions:
            if (question.group, question.code) not in self._taken:
                self._taken.add((question.group, question.code))
                return question
        return questions[0]


def _own_wordings(question: StructuredQuestion) -> Iterator[str]:
    for language, text in question.texts.items():
        stem = question.stem.get(language, "")
        yield from dict.fromkeys(filter(None, (plain(text), plain(text.removeprefix(f"{stem}—")))))


def _tails(text: str) -> Iterator[str]:
    """Yield a heading and what is left of it behind each joint, the longest first."""
    yield text
    for joint in _JOINT.finditer(text):
        if tail := text[joint.end() :].strip():
            yield tail


def _best_path(text: str, questions: list[StructuredQuestion]) -> list[StructuredQuestion]:
    """Return the questions of one name whose groups agree best with the heading."""
    if len(questions) == 1:
        return questions
    said = _PATH.split(text)[::-1]

    def agreement(question: StructuredQuestion) -> int:
        path = _PATH.split(f"{question.group}/{question.code}")[::-1]
        return next(
            (place for place, (a, b) in enumerate(zip(said, path, strict=False)) if a != b),
            min(len(said), len(path)),
        )

    best = max(map(agreement, questions))
    return [question for question in questions if agreement(question) == best]
