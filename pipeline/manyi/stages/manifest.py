"""``results/manifest.json``: hashes of inputs, parameters, package versions and outputs of every stage."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

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
    "pyarrow",
    "pyreadstat",
    "openpyxl",
    "matplotlib",
    "jinja2",
)


@cache
def versions() -> dict[str, str]:
    """Return the installed version of every package that can change a result, without importing one."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's files in name order; ``absent`` where there is none."""
    if path.is_dir():
        digest = hashlib.sha256()
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            digest.update(file.relative_to(path).as_posix().encode() + b"\0" + file_hash(file).encode())
        return digest.hexdigest()
    if not path.is_file():
        return "absent"
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(slots=True)
class Entry:
    """What the manifest knows of one stage's last success; ``made`` is its moment in UTC."""

    inputs: dict[str, str]
    parameters: str
    versions: dict[str, str]
    outputs: dict[str, str]
    seconds: float
    faults: list[dict[str, Any]] = field(default_factory=list)
    made: str = ""

    def told(self) -> tuple[Fault, ...]:
        """Return the faults the stage told when it was made; they hold as long as it is reused."""
        return tuple(
            Fault(told["code"], Place(**told["place"]), told["details"], told["severity"])
            for told in self.faults
        )


class Manifest:
    """The manifest of one study, written after every stage so that a killed run loses one stage at most."""

    def __init__(self, root: Path, file: Path) -> None:
        self.root = root
        self.file = file
        self.entries: dict[str, Entry] = {}
        if file.is_file():
            try:
                stages = json.loads(file.read_text(encoding="utf-8"))["stages"]
                self.entries = {name: Entry(**entry) for name, entry in stages.items()}
            except (ValueError, KeyError, TypeError):
                # A manifest of another release or a damaged one only costs a full run.
                self.entries = {}

    def _key(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def hashes(self, paths: tuple[Path, ...]) -> dict[str, str]:
        """Return the content hash of each path, keyed by its place in the study."""
        return {self._key(path): file_hash(path) for path in paths}

    def staleness(self, stage: Stage) -> str:
        """Return why a stage must be made again, empty where it need not be.

        Returns
        -------
        str
            ``new``, ``parameters``, ``package NAME``, ``input PATH`` or ``output PATH``.
        """
        entry = self.entries.get(stage.name)
        if entry is None:
            return "new"
        if entry.parameters != _json(stage.parameters):
            return "parameters"
        changed = [name for name, installed in versions().items() if entry.versions.get(name) != installed]
        if changed:
            return f"package {changed[0]}"
        for kind, paths, known in (
            ("input", stage.inputs, entry.inputs),
            ("output", stage.outputs, entry.outputs),
        ):
            now = self.hashes(paths)
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
            and entry.outputs.get(self._key(path), "absent") not in ("absent", file_hash(path))
        ]

    def record(self, stage: Stage, inputs: dict[str, str], seconds: float, faults: tuple[Fault, ...]) -> None:
        """Keep a stage's success and write the manifest."""
        self.entries[stage.name] = Entry(
            inputs=inputs,
            parameters=_json(stage.parameters),
            versions=versions(),
            outputs=self.hashes(stage.outputs),
            seconds=seconds,
            faults=[_fault(fault) for fault in faults],
            made=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self.write()

    def forget(self, stage: Stage) -> None:
        """Drop a stage about to be made again, so that a killed run does not pass for a finished one."""
        if self.entries.pop(stage.name, None) is not None:
            self.write()

    def write(self) -> None:
        """Write the manifest whole: to a temporary file first, then in its place."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "manifest": 1,
            "stages": {
                name: {slot: getattr(entry, slot) for slot in Entry.__slots__}
                for name, entry in sorted(self.entries.items())
            },
        }
        temporary = self.file.with_name(self.file.name + ".part")
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        temporary.replace(self.file)


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
