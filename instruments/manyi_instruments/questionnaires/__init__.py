"""The bundled questionnaires: YAML files, and where to find them."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def bundled_questionnaires() -> dict[str, Traversable]:
    """Return the bundled questionnaire files by name.

    Examples
    --------
    >>> sorted(bundled_questionnaires())
    ['parents', 'principals', 'society', 'students', 'teachers']
    """
    found = (path for path in files(__package__).iterdir() if path.name.endswith(".yaml"))
    return {path.name.removesuffix(".yaml"): path for path in sorted(found, key=lambda path: path.name)}
