"""Answers and scores as files of data: CSV, Parquet and Excel, with a codebook beside or inside."""

from manyi_outputs.data_files.about import Persons, about_lines, persons
from manyi_outputs.data_files.codebook import codebook_table
from manyi_outputs.data_files.data_set import Column, DataSet, data_set, without_persons
from manyi_outputs.data_files.delimited import write_codebook, write_csv, write_frame
from manyi_outputs.data_files.parquet import write_parquet
from manyi_outputs.data_files.workbook import write_data_workbook

__all__ = [
    "Column",
    "DataSet",
    "Persons",
    "about_lines",
    "codebook_table",
    "data_set",
    "persons",
    "without_persons",
    "write_codebook",
    "write_csv",
    "write_data_workbook",
    "write_frame",
    "write_parquet",
]
