"""A study folder: where everything lies, and its definitions, loaded once and checked against each other."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from manyi.study.collection_plan import STORE
from manyi.study.definition import Study
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.definitions.yaml_source import load_yaml_model
from manyi_instruments.faults import Fault, ManyiError, Place, StudyFaulty
from manyi_instruments.standards import LayeredStandard, Standard, bundled_standards, load_layered

STUDY_FILE = "study.yaml"


@dataclass(frozen=True)
class StudyFolder:
    """A study on disk.

    Parameters
    ----------
    path : Path
        The folder that holds ``study.yaml``.
    definition : Study
        What ``study.yaml`` says.
    """

    path: Path
    definition: Study

    @property
    def study_file(self) -> Path:
        """Return the path of ``study.yaml``."""
        return self.path / STUDY_FILE

    @property
    def results(self) -> Path:
        """Return the folder of everything generated from the answers; safe to delete."""
        return self.path / "results"

    @property
    def forms(self) -> Path:
        """Return the folder of generated forms; safe to delete."""
        return self.path / "forms"

    @property
    def register_file(self) -> Path:
        """Return the register of ingested files: which platform each was said to come from."""
        return self.path / "data" / "responses" / "register.json"

    @property
    def code_key_file(self) -> Path:
        """Return the key of the hashes that stand for self-generated codes: secret, beside the raw files."""
        return self.path / "data" / "codes.key"

    @property
    def structures(self) -> Path:
        """Return the folder of what platforms say of their surveys: XLSForms, ``.lss``, ``.qsf``."""
        return self.path / "data" / "structures"

    def structure_files(self) -> tuple[Path, ...]:
        """Return the structure files in name order, without hidden and temporary ones."""
        if not self.structures.is_dir():
            return ()
        listed = sorted(self.structures.iterdir())
        return tuple(path for path in listed if path.is_file() and not path.name.startswith((".", "~$")))

    @property
    def schools_files(self) -> dict[str, Path]:
        """Return stage -> path of the school table; the stage is empty for one file of all stages."""
        schools = self.definition.schools
        return {stage: self.path / name for stage, name in schools.files.items()} if schools else {}

    @property
    def schools_file(self) -> Path | None:
        """Return the path of the school table, the first where each stage has its own; else None."""
        return next(iter(self.schools_files.values()), None)

    @property
    def county(self) -> str:
        """Return how the county is called in result tables."""
        schools = self.definition.schools
        return (schools.county if schools else "") or self.definition.study

    def questionnaire_file(self, role: str) -> Path:
        """Return the path of a role's questionnaire."""
        return self.path / self.definition.roles[role].questionnaire

    def answers_folder(self, role: str) -> Path:
        """Return the folder into which a role's answer files are dropped.

        A role that takes some rows of the files of the role it repeats has them in that one's folder.
        """
        entry = self.definition.roles[role]
        first = self.definition.roles.get(entry.repeats or "")
        if entry.answers or entry.rows is None or first is None:
            return self.path / (entry.answers or f"data/responses/{role}")
        return self.path / (first.answers or f"data/responses/{entry.repeats}")

    def answer_files(self, role: str) -> tuple[Path, ...]:
        """Return a role's answer files in name order, without hidden, temporary and register files."""
        folder = self.answers_folder(role)
        if folder.is_file():
            return (folder,)
        if not folder.is_dir():
            return ()
        return tuple(
            path
            for path in sorted(folder.iterdir())
            if path.is_file() and not path.name.startswith((".", "~$")) and path != self.register_file
        )

    @property
    def store_file(self) -> Path | None:
        """Return the SQLite file of collected answers, there or not; None for a database server."""
        named = self.definition.collection.store
        if named is not None and "://" in named:
            return None
        return self.path / (named or STORE)

    @property
    def store_address(self) -> str:
        """Return the address of the store of collected answers; empty where there is none."""
        file = self.store_file
        if file is None:
            return self.definition.collection.store or ""
        return f"sqlite:///{file}" if file.is_file() else ""

    @cached_property
    def collected(self) -> dict[str, str]:
        """Return the roles with answers in the store, each with a word that changes when they do.

        Raises
        ------
        ManyiError
            Where the store cannot be read.
        """
        from manyi.collect.reading import collected

        return collected(self)

    def has_answers(self, role: str) -> bool:
        """Return whether a role has answer files, or answers in the store."""
        return bool(self.answer_files(role)) or role in self.collected

    @property
    def mapping_folder(self) -> Path:
        """Return the folder of the mapping files, by role."""
        return self.path / "data" / "mapping"

    def mapping_file(self, role: str, path: Path) -> Path:
        """Return the path of the mapping file of one of a role's answer files; it need not be there.

        It is named after the file, so that both stand under one name in ``data/mapping/<role>`` and
        ``data/responses/<role>``.
        """
        return self.mapping_folder / role / f"{path.name}.yaml"

    def source_of(self, path: Path) -> str:
        """Return the platform a file was ingested as; ``auto`` where nobody said."""
        key = path.relative_to(self.path).as_posix() if path.is_relative_to(self.path) else path.name
        return self.register.get(key, "auto")

    @cached_property
    def register(self) -> dict[str, str]:
        """Return path below the study -> platform of every file that was taken in.

        Raises
        ------
        StudyFaulty
            ``register-damaged``.
        """
        if not self.register_file.is_file():
            return {}
        try:
            content = json.loads(self.register_file.read_text(encoding="utf-8"))
            return {str(path): str(source) for path, source in content.items()}
        except (ValueError, AttributeError) as error:
            place = Place(str(self.register_file))
            raise StudyFaulty(Fault("register-damaged", place, {"path": self.register_file})) from error

    @cached_property
    def questionnaires(self) -> dict[str, Questionnaire]:
        """Return every role's questionnaire; a role whose questionnaire is faulty is left out."""
        loaded = {}
        for role in self.definition.roles:
            try:
                loaded[role] = load_questionnaire(self.questionnaire_file(role))
            except ManyiError:
                continue
        return loaded

    @cached_property
    def layered(self) -> LayeredStandard | None:
        """Return the standard the schools are held against with the study's layers, or None.

        Raises
        ------
        DefinitionFaulty
            If the standard's file or a layer's has faults.
        """
        schools = self.definition.schools
        if schools is None or schools.standard is None:
            return None
        return load_layered(schools.standard, schools.layers, self.path)

    @property
    def standard(self) -> Standard | None:
        """Return the standard with the study's layers applied, or None; faults as :attr:`layered`."""
        return self.layered.standard if self.layered is not None else None

    @property
    def standard_files(self) -> tuple[Path, ...]:
        """Return the files of the standard and its layers that are the study's own."""
        schools = self.definition.schools
        if schools is None or schools.standard is None:
            return ()
        own = () if schools.standard in bundled_standards() else (schools.standard,)
        return tuple(self.path / name for name in (*own, *schools.layers))


def open_study(folder: Path) -> StudyFolder:
    """Open a study folder.

    Parameters
    ----------
    folder : Path
        The folder, or the path of its ``study.yaml``.

    Raises
    ------
    StudyFaulty
        Without ``study.yaml``, or with every fault of it.
    """
    folder = Path(folder)
    if folder.name == STUDY_FILE:
        folder = folder.parent
    file = folder / STUDY_FILE
    if not file.is_file():
        raise StudyFaulty(Fault("study-not-found", Place(str(folder)), {"folder": folder}))
    return StudyFolder(folder, load_yaml_model(file, Study, faulty=StudyFaulty))
