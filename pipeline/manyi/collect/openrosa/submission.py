"""A filled-in XForm turned into a payload: no answer is lost, nothing of the phone is kept."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError

from manyi.collect.collection import LONGEST, CollectedForm, Collection
from manyi.collect.payload import MOST_ANSWERS, Payload
from manyi_instruments.definitions.questionnaire import Question
from manyi_instruments.faults import AnswersFaulty, Fault
from manyi_instruments.forms.answer_checks import SheetAnswer
from manyi_instruments.forms.layout import kind, offered_missing
from manyi_instruments.forms.xlsform.form import OWN_NAMES

#: What forms can ask of a phone about itself or its owner: never read further.
OF_THE_PHONE = frozenset(
    ("deviceid", "username", "phonenumber", "simserial", "subscriberid", "email", "today", "audit")
)
_OWN = frozenset((*OWN_NAMES, *OF_THE_PHONE))
_WHOLE = re.compile(r"[+-]?\d{1,15}")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})")
_VERSION_HASH = re.compile(r"-([0-9a-f]{12})$")


@dataclass(frozen=True, slots=True)
class Instance:
    """One filled-in form.

    Attributes
    ----------
    id : str
        ``uuid:…`` as the phone made it; the hash of the XML where there is none.
    role : str
        The form's id.
    school : str
        What the form's own question for the school holds.
    payload : Payload
        Its answers.
    """

    id: str
    role: str
    school: str
    payload: Payload


def read_instance(xml: bytes, collection: Collection) -> Instance:
    """Read the XML of a submission.

    Parameters
    ----------
    xml : bytes
        The instance, of a form of the collection or not.
    collection : Collection
        What is asked now.

    Returns
    -------
    Instance
        An answer that is none by the questionnaire stands in the payload as the text that was sent: the
        checks tell it, and the whole is kept aside.

    Raises
    ------
    AnswersFaulty
        ``openrosa-not-xml``: what was sent is no XML, or declares entities.
    """
    root = _parsed(xml)
    role = root.get("id", "")
    form = collection.forms.get(role)
    held = dict(_merged(_leaves(root)))
    questions = {one.id: one for one in form.questionnaire.questions()} if form is not None else {}
    answers: dict[str, SheetAnswer] = {
        name: _answer(text, questions.get(name), form)
        for name, text in held.items()
        if name not in _OWN and name.lower() not in OF_THE_PHONE
    }
    version = _VERSION_HASH.search(root.get("version", ""))
    defined = held.get("definition", "") or (version[1] if version else "")
    start, end = _moment(held.get("start", "")), _moment(held.get("end", ""))
    spent = round((end - start).total_seconds(), 1) if start is not None and end is not None else -1.0
    payload = Payload(
        answers=answers,
        form=defined[:LONGEST],
        device="odk",
        started=f"{start.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if start is not None else "",
        seconds={"": spent} if 0 <= spent < 1e8 else {},
    )
    return Instance(_id(root, xml), role, held.get("school", ""), payload)


def _parsed(xml: bytes) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise AnswersFaulty(Fault("openrosa-not-xml", details={"reason": str(error)[:120]})) from None
    return root


def _local(element: Element) -> str:
    """Return a name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _leaves(element: Element) -> Iterator[tuple[str, str]]:
    """Yield name and text of every question with an answer; what stands in ``meta`` is not the person's."""
    waiting = [*reversed(element)]
    while waiting:
        one = waiting.pop()
        if _local(one) == "meta":
            continue
        waiting += reversed(one)
        text = (one.text or "").strip()
        if not len(one) and text:
            yield _local(one), text


def _merged(leaves: Iterator[tuple[str, str]]) -> dict[str, str]:
    """Return the answers by name; of a name that stands twice, which no form of ours has, both."""
    found: dict[str, str] = {}
    for number, (name, text) in enumerate(leaves):
        if number >= MOST_ANSWERS:
            # Of no form of ours; what is more than can be an answer sheet is kept as one text.
            name = "more"
        found[name] = f"{found[name]} | {text}" if name in found else text
    return found


def _id(root: Element, xml: bytes) -> str:
    """Return the id of a submission; one too long for the store, or none, is made from the content."""
    found = next((one.text for one in root.iter() if _local(one) == "instanceID"), None)
    said = (found or root.get("instanceID") or "").strip()
    if 0 < len(said) <= LONGEST and said.isprintable():
        return said
    return f"sha256:{hashlib.sha256(said.encode() or xml).hexdigest()[:48]}"


def _answer(text: str, question: Question | None, form: CollectedForm | None) -> SheetAnswer:
    """Return what a text means for its question; the text itself where it means nothing."""
    if question is None or form is None:
        return text
    parts = text.split()
    match kind(question):
        case "choice":
            return int(text) if _WHOLE.fullmatch(text) else text
        case "number":
            if not _DECIMAL.fullmatch(text):
                return text
            number = float(text)
            return int(number) if number.is_integer() else number
        case "multiple" if all(map(_WHOLE.fullmatch, parts)):
            values = [int(part) for part in parts]
            codes = {code.code for code in offered_missing(question, form.questionnaire)}
            return values[0] if len(values) == 1 and values[0] in codes else values
        case "ranking" if all(map(_WHOLE.fullmatch, parts)) and len(set(parts)) == len(parts):
            return {str(int(part)): rank for rank, part in enumerate(parts, start=1)}
        case _:
            return text


def _moment(text: str) -> datetime | None:
    """Return a moment with its time zone; None where the text is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
