"""``results/manifest.json``: what every result was made from, the same on every machine for the same study.

Of each stage it holds the SHA-256 of every input and of every file written, its parameters, the seeds among
them, and the versions of the packages that can change a result. No clock and no folder of the machine stands
in it: when a stage was made, how long it took and what it told are kept apart, in ``results/work/runs.json``.
"""

import hashlib
import json
import platform
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, Self

from manyi.stages.stage import Stage
from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault, Place

#: Packages whose release may change a number or a file.
PACKAGES = (
    "manyi",
    "numpy",
    "pandas",
    "scipy",
    "factor-analyzer",
    "fonttools",
    "jinja2",
    "matplotlib",
    "openpyxl",
    "pyarrow",
    "pyreadstat",
    "python-calamine",
    "python-docx",
    "pyyaml",
    "xlrd",
)
#: Of the form of the file: another release's is not read.
VERSION = 2


@cache
def versions() -> dict[str, str]:
    """Return the installed version of every package that can change a result, without importing one."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's files in name order; ``absent`` where there is none."""
    if path.is_dir():
        return _folder_hash((file.relative_to(path), file_hash(file)) for file in _files_below(path))
    if not path.is_file():
        return "absent"
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _folder_hash(files: Iterable[tuple[Path, str]]) -> str:
    digest = hashlib.sha256()
    for file, content in files:
        digest.update(file.as_posix().encode() + b"\0" + content.encode())
    return digest.hexdigest()


class Touched(NamedTuple):
    """What is other once a file was written to or another took its place."""

    place: int
    size: int
    content: int
    state: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return that of a file as it is now: inode, bytes, moments of content and state in nanoseconds."""
        told = path.stat()
        return cls(told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)


class FileHashes:
    """The hashes of `file_hash`, each file read once as long as nothing touches it.

    What was written a moment ago is read again: a clock of files may be too coarse to tell the next change.
    """

    #: Nanoseconds that a file must have been left alone.
    MOMENT = 1_000_000_000

    def __init__(self) -> None:
        self._known: dict[tuple[Path, Touched], str] = {}

    def of(self, path: Path) -> str:
        """Return the hash of a file or folder."""
        if path.is_dir():
            return _folder_hash((file.relative_to(path), self.of(file)) for file in _files_below(path))
        if not path.is_file():
            return "absent"
        touched = Touched.of(path)
        if (path, touched) not in self._known:
            made = file_hash(path)
            if time.time_ns() - max(touched.content, touched.state) < self.MOMENT:
                return made
            self._known[path, touched] = made
        return self._known[path, touched]


@dataclass(slots=True)
class Entry:
    """What the manifest knows of one stage's last success.

    Parameters
    ----------
    inputs : dict
        Place in the study -> SHA-256; a folder is one input.
    parameters : dict
        Whatever else decided the outcome.
    seeds : dict
        Where a seed stands among the parameters -> the seed.
    versions : dict
        Package -> version.
    outputs : dict
        Place in the study -> SHA-256 of every file written.
    """

    inputs: dict[str, str]
    parameters: dict[str, Any]
    seeds: dict[str, int]
    versions: dict[str, str]
    outputs: dict[str, str]


@dataclass(slots=True)
class LastRun:
    """The run that made a stage, as this machine saw it.

    Parameters
    ----------
    made : str
        Its moment in UTC.
    seconds : float
    faults : list of dict
        What the stage told; it holds as long as the stage is reused.
    """

    made: str
    seconds: float
    faults: list[dict[str, Any]]

    def told(self) -> tuple[Fault, ...]:
        """Return the faults the stage told when it was made."""
        return tuple(
            Fault(told["code"], Place(**told["place"]), told["details"], told["severity"])
            for told in self.faults
        )


class Manifest:
    """The manifest of one study, written after every stage so that a killed run loses one stage at most."""

    def __init__(self, root: Path, file: Path) -> None:
        self.root = root
        self.file = file
        self._hashes = FileHashes()
        self._writer = _Writer(file)
        self.runs_file = file.with_name("work") / "runs.json"
        self._runs_writer = _Writer(self.runs_file)
        self.entries: dict[str, Entry] = _read(file, Entry)
        self.runs: dict[str, LastRun] = _read(self.runs_file, LastRun)

    def _key(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name

    def hashes(self, paths: Iterable[Path]) -> dict[str, str]:
        """Return the content hash of each path, keyed by its place in the study.

        A file from elsewhere goes by its name, ``NAME (2)`` where another has it already.
        """
        found: dict[str, str] = {}
        for path in dict.fromkeys(paths):
            key, number = self._key(path), 1
            while key in found:
                number += 1
                key = f"{self._key(path)} ({number})"
            found[key] = self._hashes.of(path)
        return found

    def written(self, paths: Iterable[Path]) -> dict[str, str]:
        """Return the hash of every file at or below the paths; a folder without any goes by its own name."""
        return self.hashes(file for path in paths for file in (_files_below(path) or (path,)))

    def staleness(self, stage: Stage) -> str:
        """Return why a stage must be made again, empty where it need not be.

        Returns
        -------
        str
            ``new``, ``parameters``, ``package NAME``, ``input PATH`` or ``output PATH``.
        """
        entry = self.entries.get(stage.name)
        if entry is None or stage.name not in self.runs:
            return "new"
        if _json(entry.parameters) != _json(stage.parameters):
            return "parameters"
        changed = [name for name, installed in versions().items() if entry.versions.get(name) != installed]
        if changed:
            return f"package {changed[0]}"
        for kind, now, known in (
            ("input", self.hashes(stage.inputs), entry.inputs),
            ("output", self.written(stage.outputs), entry.outputs),
        ):
            for key in sorted(set(now) | set(known)):
                if now.get(key) != known.get(key):
                    return f"{kind} {key}"
        return ""

    def edited_outputs(self, stage: Stage) -> list[Path]:
        """Return outputs that someone changed since they were made: they must not be overwritten unasked."""
        entry = self.entries.get(stage.name)
        if entry is None:
            return []
        return [
            path
            for path in stage.outputs
            if path.is_file()
            and entry.outputs.get(self._key(path), "absent") not in ("absent", self._hashes.of(path))
        ]

    def record(self, stage: Stage, inputs: dict[str, str], seconds: float, faults: tuple[Fault, ...]) -> None:
        """Keep a stage's success and write the manifest."""
        self.entries[stage.name] = Entry(
            inputs=inputs,
            parameters=json.loads(_json(stage.parameters)),
            seeds=dict(_seeds(stage.parameters)),
            versions=versions(),
            outputs=self.written(stage.outputs),
        )
        self.runs[stage.name] = LastRun(
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(seconds, 3),
            faults=[_fault(fault) for fault in faults],
        )
        self.write()

    def forget(self, stage: Stage) -> None:
        """Drop a stage about to be made again, so that a killed run does not pass for a finished one."""
        if self.entries.pop(stage.name, None) is not None:
            self.write()

    def write(self) -> None:
        """Write the manifest whole: to a temporary file first, then in its place."""
        runs = {name: run for name, run in self.runs.items() if name in self.entries}
        # The manifest last: what it holds, the other file holds too.
        self._runs_writer.write(runs)
        self._writer.write(self.entries)


def _files_below(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file()) if folder.is_dir() else []


def _read(file: Path, kind: type[Any]) -> dict[str, Any]:
    """Return the stages of a file; one of another release or a damaged one only costs a full run."""
    try:
        content = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        if content.get("manifest") != VERSION:
            return {}
        return {name: kind(**stage) for name, stage in content["stages"].items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}


class _Writer:
    """Writes stages to a file, each put into JSON once: the whole is written after every stage."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._known: dict[str, tuple[object, str]] = {}

    def write(self, stages: "Mapping[str, Entry] | Mapping[str, LastRun]") -> None:
        """Write the file whole, in the place of the one before."""
        told = ",\n".join(
            f"  {json.dumps(name)}: {self._text(name, stages[name])}" for name in sorted(stages)
        )
        content = f'{{\n "manifest": {VERSION},\n "stages": {{\n{told}\n }}\n}}\n'
        self.file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.file.with_name(self.file.name + ".part")
        temporary.write_bytes(content.encode())
        temporary.replace(self.file)

    def _text(self, name: str, stage: Entry | LastRun) -> str:
        known = self._known.get(name)
        if known is None or known[0] is not stage:
            fields = {field.name: getattr(stage, field.name) for field in dataclass_fields(stage)}
            text = json.dumps(fields, ensure_ascii=False, indent=1).replace("\n", "\n  ")
            known = self._known[name] = (stage, text)
        return known[1]


def _seeds(parameters: object, place: str = "") -> Iterator[tuple[str, int]]:
    """Yield every seed among the parameters with the place it stands at, such as ``analysis.seed``."""
    if isinstance(parameters, Mapping):
        for name, value in parameters.items():
            here = f"{place}.{name}" if place else str(name)
            if name == "seed" and isinstance(value, int):
                yield here, value
            else:
                yield from _seeds(value, here)
    elif isinstance(parameters, list | tuple):
        for number, value in enumerate(parameters):
            yield from _seeds(value, f"{place}[{number}]")


def _json(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, ensure_ascii=False, sort_keys=True, default=str)


def _fault(fault: Fault) -> dict[str, Any]:
    place = {name: getattr(fault.place, name) for name in Place.__slots__}
    details = {
        key: value if isinstance(value, int | float) else str(value) for key, value in fault.details.items()
    }
    return {"code": fault.code, "place": place, "details": details, "severity": fault.severity}


def open_manifest(study: StudyFolder) -> Manifest:
    """Return the manifest of a study."""
    return Manifest(study.path, study.results / "manifest.json")
