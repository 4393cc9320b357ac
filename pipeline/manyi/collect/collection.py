"""What a server collects: the forms of a study, what each may hold, and where answers go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from manyi.collect.payload import Payload, payload_bytes
from manyi.collect.store import AnswerStore, GroupWriter, Submission
from manyi.study.folder import StudyFolder
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault
from manyi_instruments.forms.answer_checks import AnswerChecks

#: Characters of a school code or a class, and of an id, that the store takes.
LONGEST = 64


@dataclass(frozen=True, slots=True)
class CollectedForm:
    """The questionnaire of one role as it is asked now.

    Attributes
    ----------
    role : str
        Its id.
    questionnaire : Questionnaire
        What is asked.
    definition : str
        Its hash.
    checks : AnswerChecks
        Made ready once.
    """

    role: str
    questionnaire: Questionnaire
    definition: str
    checks: AnswerChecks


@dataclass(frozen=True, slots=True)
class Collection:
    """A study being collected.

    Attributes
    ----------
    study : StudyFolder
        The study.
    forms : Mapping
        Role -> what is asked of it.
    store : AnswerStore
        Where answers are kept.
    writer : GroupWriter
        By which they get there.
    """

    study: StudyFolder
    forms: Mapping[str, CollectedForm]
    store: AnswerStore
    writer: GroupWriter

    @classmethod
    def of(cls, study: StudyFolder, store: AnswerStore, writer: GroupWriter) -> "Collection":
        """Return the collection of all roles of a study whose questionnaires have no faults."""
        forms = {
            role: CollectedForm(
                role, questionnaire, definition_hash(questionnaire), AnswerChecks(questionnaire)
            )
            for role, questionnaire in study.questionnaires.items()
        }
        return cls(study, forms, store, writer)

    def submission(
        self,
        submission_id: str,
        role: str,
        payload: Payload,
        school: str = "",
        group: str = "",
        code: tuple[str, int] | None = None,
    ) -> tuple[Submission, tuple[Fault, ...]]:
        """Return a payload as the store takes it, received now, and what is wrong with it.

        Parameters
        ----------
        submission_id : str
            Made by the client.
        role : str
            Whose form it is; one the study does not have is kept aside under that name.
        payload : Payload
            As read from what was sent.
        school, group : str
            As link, code or collector tell.
        code : tuple, optional
            The access code that is spent.

        Returns
        -------
        tuple
            ``Submission.known`` is False where the definition is not today's or answers cannot stand: then it
            is kept aside. Whoever may refuse instead, because a person can still correct it, looks at the
            faults before handing it over.
        """
        form = self.forms.get(role)
        faults: tuple[Fault, ...] = ()
        if form is None or payload.form != form.definition:
            known = False
        else:
            faults = form.checks.faults(payload.answers)
            known = not faults
        submission = Submission(
            id=submission_id,
            role=role[:LONGEST],
            definition=payload.form,
            payload=payload_bytes(payload),
            school=school[:LONGEST],
            group=group[:LONGEST],
            code=code,
            known=known,
            minute=f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
        )
        return submission, faults
