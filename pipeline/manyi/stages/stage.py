"""What a stage is: inputs, parameters, outputs, and the function that makes the one from the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from manyi_instruments.faults import Fault


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the pipeline.

    Parameters
    ----------
    name : str
        For example ``import:parents``.
    run : callable
        ``run() -> tuple of faults``: writes every output whole; returns what it could not compute or had to
        tell. It may raise ``ManyiError``; then the stage has failed and what depends on it is left out.
    inputs : tuple of Path
        Files it reads; their content decides whether it is stale. A missing file counts as content.
    parameters : dict
        Whatever else decides the outcome, as JSON.
    outputs : tuple of Path
        Files it writes.
    kept : tuple of Path
        Inputs that it also writes to, for a person to go on with. What it leaves there does not make it
        stale; what a person then changes does.
    after : tuple of str
        Stages that must have succeeded.
    intermediate : bool
        What it writes is read by later stages only: removed when the stage fails, so that nothing is computed
        from what no longer holds. What a person reads is kept.
    """

    name: str
    run: Callable[[], tuple[Fault, ...]]
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    parameters: dict[str, Any] = field(default_factory=dict)
    kept: tuple[Path, ...] = ()
    after: tuple[str, ...] = ()
    intermediate: bool = True


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """What became of a stage in one run.

    ``state`` is ``done`` (made now), ``reused`` (nothing it depends on changed), ``failed`` or ``left_out``
    (a stage it needs failed). ``cause`` says why it was made now.
    """

    name: str
    state: str
    cause: str
    seconds: float
    faults: tuple[Fault, ...] = ()
