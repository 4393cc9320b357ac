"""Load an evaluation standard by id or path, all its faults at once."""

from importlib.resources import files
from pathlib import Path

from manyi_instruments.definitions.yaml_source import YamlModel, in_file_order, read_yaml_model
from manyi_instruments.faults import DefinitionFaulty, Fault
from manyi_instruments.standards.checks import check_standard
from manyi_instruments.standards.definition import Standard

SUFFIXES = (".yaml", ".yml")


def bundled_standards() -> tuple[str, ...]:
    """Return the ids of the standards that come with the program.

    Examples
    --------
    >>> bundled_standards()
    ('balance-2012', 'national-2017')
    """
    names = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def standard_text(standard_id: str) -> str:
    """Return the YAML of a bundled standard, to copy into a study; ``KeyError`` where there is none."""
    if standard_id not in bundled_standards():
        raise KeyError(standard_id)
    return files(__package__).joinpath(f"{standard_id}.yaml").read_text(encoding="utf-8")


def read_standard(source: str | Path, folder: Path | None = None) -> YamlModel[Standard]:
    """Read a standard and say everything that is wrong with it, without raising.

    Parameters
    ----------
    source : str or Path
        Id of a bundled standard, or the path of a YAML file.
    folder : Path, optional
        Folder that a relative path starts from.

    Returns
    -------
    YamlModel
        The standard, or None and all faults with file, line and column.
    """
    if isinstance(source, str) and source in bundled_standards():
        return _checked(read_yaml_model(standard_text(source), Standard, f"{source}.yaml"))
    path = Path(source) if folder is None else folder / source
    if not path.exists() and path.suffix.lower() not in SUFFIXES:
        fault = Fault(
            "standard-unknown-id", details={"name": str(source), "known": ", ".join(bundled_standards())}
        )
        return YamlModel(str(source), None, None, (fault,))
    return _checked(read_yaml_model(path, Standard))


def load_standard(source: str | Path, folder: Path | None = None) -> Standard:
    """Return a standard.

    Parameters
    ----------
    source, folder
        As in :func:`read_standard`.

    Raises
    ------
    DefinitionFaulty
        With every fault: file, line, column, what, why and what to write.

    Examples
    --------
    >>> load_standard("national-2017").evaluated_stages
    ('primary', 'junior')
    """
    result = read_standard(source, folder)
    if result.model is None:
        raise DefinitionFaulty(fault for fault in result.faults if fault.severity == "error")
    return result.model


def _checked(read: YamlModel[Standard]) -> YamlModel[Standard]:
    if read.model is None:
        return read
    found = [
        Fault(problem.fault.code, read.place(*problem.path), problem.fault.details, problem.fault.severity)
        for problem in check_standard(read.model)
    ]
    if not found:
        return read
    return YamlModel(read.file, None, read.root, in_file_order([*read.faults, *found]))
