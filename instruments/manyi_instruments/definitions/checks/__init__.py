"""Checks of meaning that a model's fields cannot hold, made on the nodes so that every fault has a place."""

from manyi_instruments.definitions.checks.answers import answer_faults
from manyi_instruments.definitions.checks.codes import code_faults
from manyi_instruments.definitions.checks.conditions import condition_faults
from manyi_instruments.definitions.checks.draft import Draft
from manyi_instruments.definitions.checks.names import name_faults
from manyi_instruments.definitions.checks.scales import scale_faults
from manyi_instruments.definitions.checks.wording import wording_faults
from manyi_instruments.definitions.yaml_nodes import Block, Node
from manyi_instruments.faults import Fault


def meaning_faults(root: Node) -> tuple[Fault, ...]:
    """Return every fault of meaning in a questionnaire's nodes (answer lists in the long form).

    What is malformed is passed over here: the model's own validation tells of it.
    """
    if not isinstance(root, Block):
        return ()
    draft = Draft(root)
    return (
        *name_faults(draft),
        *scale_faults(draft),
        *answer_faults(draft),
        *code_faults(draft),
        *condition_faults(draft),
        *wording_faults(draft),
    )


__all__ = ["Draft", "meaning_faults"]
