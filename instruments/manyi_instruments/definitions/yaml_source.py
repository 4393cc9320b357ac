"""Any pydantic model read from YAML: all faults at once, each with file, line and column."""

import errno
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from manyi_instruments.definitions.model_faults import KEY_FAULTS, model_faults
from manyi_instruments.definitions.yaml_nodes import Block, Listing, Node, compose
from manyi_instruments.faults import DefinitionFaulty, Fault, ManyiError, Place

M = TypeVar("M", bound=BaseModel)
Prepare = Callable[[Node], tuple[Node, tuple[Fault, ...]]]


@dataclass(frozen=True, slots=True)
class YamlModel(Generic[M]):
    """What came of reading a model from YAML.

    Attributes
    ----------
    file : str
        Name shown in places.
    model : BaseModel or None
        The model; None where any fault is an error.
    root : Node or None
        The nodes with their places; None where the text is no YAML.
    faults : tuple of Fault
        Everything found, in the order of the file.
    """

    file: str
    model: M | None
    root: Node | None
    faults: tuple[Fault, ...] = field(default=())

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Return where the value at a path stands (or its key); the nearest there is if the path ends early.

        Examples
        --------
        >>> from manyi_instruments.definitions.questionnaire import MissingCode
        >>> source = read_yaml_model("{code: -9, label: {en: none}}", MissingCode, "a.yaml")
        >>> str(source.place("label", "en")), str(source.place("label", key=True))
        ('a.yaml:1:24', 'a.yaml:1:12')
        """
        node = self.root
        if node is None:
            return Place(self.file)
        place = node.place
        for part in path:
            if isinstance(node, Block) and part in node.nodes:
                place = node.keys[part] if key else node.nodes[part].place
                node = node.nodes[part]
            elif (
                isinstance(node, Listing)
                and isinstance(part, int)
                and -len(node.nodes) <= part < len(node.nodes)
            ):
                node = node.nodes[part]
                place = node.place
            else:
                break
        return place


def read_yaml_model(
    source: Path | str, model: type[M], file_name: str = "", *, prepare: Prepare | None = None
) -> YamlModel[M]:
    """Read a model from YAML and say everything that is wrong with it, without raising.

    Parameters
    ----------
    source : Path or str
        A file (``Path``), or the text itself (``str``).
    model : type of BaseModel
        What the YAML must hold. Validated strictly: ``"5"`` is no number, ``true`` is not 1.
    file_name : str
        Name shown in places; default the path.
    prepare : callable, optional
        Rewrites the nodes before validation (short forms into long ones) and returns faults of its own.

    Returns
    -------
    YamlModel
        The model, or None and the faults.
    """
    file = file_name or (str(source) if isinstance(source, Path) else "")
    text, fault = _text_of(source, file)
    if fault is not None:
        return YamlModel(file, None, None, (fault,))
    root, composed = compose(text, file)
    if root is None:
        return YamlModel(file, None, None, composed)
    faults = list(composed)
    if prepare is not None:
        root, prepared = prepare(root)
        faults += prepared
    found: M | None = None
    try:
        # JSON is where pydantic's strict mode takes a list for a tuple and still refuses true for 1.
        found = model.model_validate_json(json.dumps(root.plain()), strict=True)
    except ValidationError as error:
        told = {fault.place for fault in faults}
        # A value that was told of already (an octal number, a list that is none) is not told of twice.
        faults += [
            fault
            for fault in model_faults(error, root, model)
            if fault.code in KEY_FAULTS or fault.place not in told
        ]
    if any(fault.severity == "error" for fault in faults):
        found = None
    return YamlModel(file, found, root, in_file_order(faults))


def load_yaml_model(
    source: Path | str,
    model: type[M],
    file_name: str = "",
    *,
    faulty: type[ManyiError] = DefinitionFaulty,
    prepare: Prepare | None = None,
) -> M:
    """Return a model read from YAML.

    Parameters
    ----------
    source, model, file_name, prepare
        As in :func:`read_yaml_model`.
    faulty : type of ManyiError
        What to raise, ``DefinitionFaulty`` or for example ``StudyFaulty``.

    Raises
    ------
    ManyiError
        Of the type ``faulty``, with all faults.

    Examples
    --------
    >>> from manyi_instruments.definitions.questionnaire import MissingCode
    >>> load_yaml_model("{code: -9, label: {en: no answer}}", MissingCode).code
    -9
    """
    result = read_yaml_model(source, model, file_name, prepare=prepare)
    if result.model is None:
        raise faulty(fault for fault in result.faults if fault.severity == "error")
    return result.model


def in_file_order(faults: list[Fault]) -> tuple[Fault, ...]:
    """Return faults by line and column, each once."""
    unique = {
        (str(fault.place), fault.code, str(sorted(fault.details.items(), key=str))): fault for fault in faults
    }
    return tuple(sorted(unique.values(), key=lambda fault: (fault.place.line or 0, fault.place.column or 0)))


def _text_of(source: Path | str, file: str) -> tuple[str, Fault | None]:
    if isinstance(source, str):
        return source.removeprefix("\ufeff"), None
    try:
        data = source.read_bytes()
    except FileNotFoundError:
        return "", Fault("definition-not-found", Place(file), {"file": file})
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, type(error).__name__)
        return "", Fault("definition-unreadable", Place(file), {"file": file, "reason": reason})
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        place = Place(file, before.count(b"\n") + 1, column)
        return "", Fault("definition-not-utf8", place, {"byte": f"0x{data[error.start]:02X}"})
