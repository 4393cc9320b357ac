"""``datapackage.json``: a Data Package 2.0 with a Table Schema for every CSV file beside it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from manyi_outputs.data_files import Column, DataSet, persons
from manyi_outputs.data_files.provenance import Provenance
from manyi_outputs.data_package.schools import School, key_fields
from manyi_outputs.wording import Wording, wording

PROFILE = "https://datapackage.org/profiles/2.0/{}.json"
_TYPES = {"integer": "integer", "number": "number", "text": "string"}


@dataclass(frozen=True, slots=True, eq=False)
class PackageFile:
    """One role's file.

    Parameters
    ----------
    data : DataSet
    path : str
        Name of the file.
    content : bytes
        As written, for its size and hash.
    schools : School or None
        The file of schools that its rows belong to.
    """

    data: DataSet
    path: str
    content: bytes
    schools: School | None = None


def data_package(files: Sequence[PackageFile], provenance: Provenance) -> bytes:
    """Return the descriptor of a package of CSV files.

    Each field has its type, title, constraints (the answers there can be), categories with labels and the
    codes of missing answers with theirs. Schema-wide ``missingValues`` hold the same codes for readers of the
    first version, which know none of a field's own. School and stage are a foreign key to the file of
    schools.

    Parameters
    ----------
    files : sequence of PackageFile
    provenance : Provenance

    Returns
    -------
    bytes
        JSON in UTF-8.
    """
    words = wording(provenance.language)
    title = provenance.title.get(provenance.language, next(iter(provenance.title.values())))
    roles = words("numbers.list").join(file.data.title for file in files)
    texts = words("export.texts_in") if provenance.with_text else words("export.texts_out")
    schools = {one.schools.name: one.schools for one in files if one.schools is not None}
    names = _names([*(file.data.role for file in files), *schools])
    package: dict[str, Any] = {
        "$schema": PROFILE.format("datapackage"),
        "name": _plain(provenance.study),
        "title": title,
        "description": words("export.abstract", title=title, roles=roles, texts=texts),
        "sources": [{"title": f"manyi {provenance.software}"}],
        "resources": [
            *(_resource(file, names, words) for file in files),
            *(_schools(school, names) for school in schools.values()),
        ],
    }
    return (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _names(names: Sequence[str]) -> dict[str, str]:
    """Return each name as the first version allows it: small letters, and unlike the others."""
    found: dict[str, str] = {}
    for name in names:
        plain, number = _plain(name), 1
        while plain in found.values():
            number += 1
            plain = f"{_plain(name)}-{number}"
        found[name] = plain
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]", "-", name.lower())


def _resource(file: PackageFile, names: Mapping[str, str], words: Wording) -> dict[str, Any]:
    data, told = file.data, persons(file.data)
    described = words(
        "export.together_text",
        columns=words("numbers.list").join(told.together),
        n=told.singled_out,
        rows=told.rows,
    )
    codes = sorted({code for column in data.columns for code in column.missing})
    schema: dict[str, Any] = {
        "$schema": PROFILE.format("tableschema"),
        "fields": [_field(column, data) for column in data.columns],
        "missingValues": ["", *(str(code) for code in codes)],
    }
    if file.schools is not None:
        fields = key_fields(file.schools, data)
        if fields:
            reference = {"resource": names[file.schools.name], "fields": fields}
            schema["foreignKeys"] = [{"fields": fields, "reference": reference}]
    return {
        **_head(names[data.role], file.path, data.title, file.content),
        "description": described if told.together else data.title,
        "schema": schema,
    }


def _head(name: str, path: str, title: str, content: bytes) -> dict[str, Any]:
    return {
        "name": name,
        "type": "table",
        "path": path,
        "title": title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }


def _field(column: Column, data: DataSet) -> dict[str, Any]:
    found: dict[str, Any] = {"name": column.name, "type": _TYPES[column.holds], "title": column.label}
    if column.formula:
        found["description"] = column.formula
    constraints: dict[str, Any] = {}
    if column.values and column.holds == "integer":
        constraints["enum"] = list(column.values)
    else:
        bounds = {"minimum": column.low, "maximum": column.high}
        constraints |= {name: _bound(value, column) for name, value in bounds.items() if value is not None}
    if column.holds != "text" and len(data.frame) and bool(data.frame[column.name].notna().all()):
        constraints |= _required(column)
    if constraints:
        found["constraints"] = constraints
    if column.values and column.holds == "integer":
        found["categories"] = [{"value": value, "label": label} for value, label in column.values.items()]
        found["categoriesOrdered"] = column.measure == "ordinal"
    if column.unit:
        found["unit"] = column.unit
    codes = [{"value": str(code), "label": label} for code, label in column.missing.items()]
    found["missingValues"] = [{"value": ""}, *codes] if codes else [""]
    return found


def _required(column: Column) -> dict[str, Any]:
    """Return that a cell must be filled, for columns whose missing answers are no codes."""
    return {} if column.missing else {"required": True}


def _bound(value: float, column: Column) -> float | int:
    return int(value) if column.holds == "integer" and float(value).is_integer() else value


def _schools(school: School, names: Mapping[str, str]) -> dict[str, Any]:
    fields = []
    for name in school.frame.columns:
        kind = str(school.frame[name].dtype)
        type_ = "integer" if kind == "Int64" else "number" if kind == "float64" else "string"
        fields.append({"name": str(name), "type": type_, "title": school.titles.get(str(name), str(name))})
    schema = {"$schema": PROFILE.format("tableschema"), "fields": fields, "missingValues": [""]}
    if not school.frame[list(school.key)].isna().any(axis=None):
        schema["primaryKey"] = list(school.key)
    return {**_head(names[school.name], school.path, school.title, school.content), "schema": schema}
