"""The study's files with their description as a Frictionless data package."""

from manyi_outputs.data_package.descriptor import PackageFile, data_package
from manyi_outputs.data_package.schools import School, school_file

__all__ = ["PackageFile", "School", "data_package", "school_file"]
