"""The formats of an export: which files each is made of, and how they are written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.exports.answers import exported_answers, exported_data, provenance, school_titles
from manyi.exports.asked import Asked
from manyi.stages.work import school_table, tables_folder
from manyi.stages.writing import context_of
from manyi.study.folder import StudyFolder
from manyi.study.waves import earlier_wave

if TYPE_CHECKING:
    from manyi_outputs.data_files import DataSet, Persons
    from manyi_outputs.data_package import School


Told = dict[str, "Persons"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Parameters
    ----------
    each : tuple of str
        Names of the files of every role, after its id.
    whole : tuple of str
        Names of the files of all roles together.
    write : callable
        ``write(study, asked)`` -> role -> who could be told from its file.
    """

    each: tuple[str, ...]
    whole: tuple[str, ...]
    write: Callable[[StudyFolder, Asked], Told]


def files_of(study: StudyFolder, asked: Asked) -> tuple[Path, ...]:
    """Return the files that an export writes."""
    form = FORMATS[asked.format]
    names = [f"{role}{ending}" for role in asked.roles for ending in form.each]
    names += form.whole
    if asked.format == "datapackage":
        names += [_school_name(study, role) + ".csv" for role in _schooled(study, asked)]
    return tuple(asked.folder / name for name in dict.fromkeys(names))


def _sav(study: StudyFolder, asked: Asked) -> Told:
    from manyi_outputs.spss import write_sav

    return _statistics_files(study, asked, ".sav", write_sav)


def _stata(study: StudyFolder, asked: Asked) -> Told:
    from manyi_outputs.stata import write_dta

    return _statistics_files(study, asked, ".dta", write_dta)


def _statistics_files(study: StudyFolder, asked: Asked, ending: str, write: Callable[..., object]) -> Told:
    """Write a file a role with the labels, codes and limits of its program."""
    from manyi_outputs.data_files import data_set, persons, without_persons

    told = {}
    for role in asked.roles:
        answers, titles = exported_answers(study, asked, role), school_titles(study, asked)
        told[role] = persons(data_set(answers, asked.language, titles, asked.with_text))
        shown = answers if asked.with_text else without_persons(answers)
        write(asked.folder / f"{role}{ending}", shown, asked.language, titles)
    return told


def _xlsx(study: StudyFolder, asked: Asked) -> Told:
    from manyi_outputs.data_files import write_data_workbook

    return _each(study, asked, lambda data: write_data_workbook(asked.folder / f"{data.role}.xlsx", data))


def _csv(study: StudyFolder, asked: Asked) -> Told:
    from manyi_outputs.data_files import write_codebook, write_csv

    def write(data: "DataSet") -> None:
        write_csv(asked.folder / f"{data.role}.csv", data)
        write_codebook(asked.folder / f"{data.role}.codebook.csv", data)

    return _each(study, asked, write)


def _parquet(study: StudyFolder, asked: Asked) -> Told:
    from manyi_outputs.data_files import write_parquet

    return _each(study, asked, lambda data: write_parquet(asked.folder / f"{data.role}.parquet", data))


def _each(study: StudyFolder, asked: Asked, write: "Callable[[DataSet], None]") -> Told:
    """Write the files of one role after the other, so that one role's rows are held at a time."""
    from manyi_outputs.data_files import persons

    told = {}
    for role in asked.roles:
        data = exported_data(study, asked, role)
        write(data)
        told[role] = persons(data)
    return told


def _r(study: StudyFolder, asked: Asked) -> Told:
    from manyi.exports.r_plan import role_plan
    from manyi_outputs.data_files import write_csv
    from manyi_outputs.files import write_whole
    from manyi_outputs.r import study_script

    plans, factors = [], numbers_of_factors(study)

    def write(data: "DataSet") -> None:
        file = f"{data.role}.csv"
        write_csv(asked.folder / file, data)
        plans.append(role_plan(study, data, file, factors))

    told = _each(study, asked, write)
    title = context_of(study, asked.language).title
    write_whole(asked.folder / "study.R", study_script(title, plans).encode("utf-8"))
    return told


def numbers_of_factors(study: StudyFolder) -> dict[str, int]:
    """Return role -> factors that the run extracted; empty before it."""
    from manyi_outputs.tidy import read_table

    path = tables_folder(study) / "factorability.csv"
    if not path.is_file():
        return {}
    table = read_table(path).dropna(subset=["factors"])
    return {str(role): int(n) for role, n in zip(table["role"], table["factors"], strict=True)}


def _ddi(study: StudyFolder, asked: Asked) -> Told:
    from manyi_outputs.data_files import persons, write_csv
    from manyi_outputs.ddi import study_document
    from manyi_outputs.files import write_whole

    data = [exported_data(study, asked, role) for role in asked.roles]
    for one in data:
        write_csv(asked.folder / f"{one.role}.csv", one)
    files = {one.role: f"{one.role}.csv" for one in data}
    write_whole(asked.folder / "study.ddi.xml", study_document(data, files, provenance(study, asked)))
    return {one.role: persons(one) for one in data}


def _data_package(study: StudyFolder, asked: Asked) -> Told:
    from manyi_outputs.data_files import persons, write_csv
    from manyi_outputs.data_package import PackageFile, data_package
    from manyi_outputs.files import write_whole

    data = [exported_data(study, asked, role) for role in asked.roles]
    schools = _school_files(study, asked, data)
    files = []
    for one in data:
        path = asked.folder / f"{one.role}.csv"
        write_csv(path, one)
        files.append(PackageFile(one, path.name, path.read_bytes(), schools.get(one.role)))
    write_whole(asked.folder / "datapackage.json", data_package(files, provenance(study, asked)))
    return {one.role: persons(one) for one in data}


def _schooled(study: StudyFolder, asked: Asked) -> list[str]:
    """Return the roles whose schools are in a table, made or yet to be made."""
    return list(asked.roles) if study.definition.schools is not None else []


def _school_name(study: StudyFolder, role: str) -> str:
    """Return the name of the file of a role's schools: those of an earlier wave have one of their own."""
    wave = earlier_wave(study.definition, role)
    # A hyphen stands in no role's id.
    return "school-table" if wave is None else "school-table-" + re.sub(r"\W", "-", wave)


def _school_files(study: StudyFolder, asked: Asked, data: "list[DataSet]") -> "dict[str, School]":
    """Write the tables of schools and return role -> its table."""
    import pandas as pd

    from manyi_outputs.data_files import write_frame
    from manyi_outputs.data_package import school_file

    context = context_of(study, asked.language)
    titles = {**context.columns, **{name: context.indicator(name) for name in context.indicators}}
    there = [role for role in _schooled(study, asked) if school_table(study, role).is_file()]
    of = {role: _school_name(study, role) for role in there}
    found: dict[str, School] = {}
    for name in dict.fromkeys(of.values()):
        roles = [one for one in data if of.get(one.role) == name]
        roster = pd.read_parquet(school_table(study, roles[0].role))
        made = school_file(name, f"{name}.csv", asked.language, roster, titles, roles)
        path = asked.folder / made.path
        write_frame(path, made.frame)
        found[name] = made.written(path.read_bytes())
    return {role: found[name] for role, name in of.items()}


FORMATS: Mapping[str, Format] = {
    "sav": Format((".sav",), (), _sav),
    "xlsx": Format((".xlsx",), (), _xlsx),
    "csv": Format((".csv", ".codebook.csv"), (), _csv),
    "parquet": Format((".parquet",), (), _parquet),
    "stata": Format((".dta",), (), _stata),
    "r": Format((".csv",), ("study.R",), _r),
    "ddi": Format((".csv",), ("study.ddi.xml",), _ddi),
    "datapackage": Format((".csv",), ("datapackage.json",), _data_package),
}
