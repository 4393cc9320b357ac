"""What a command is told of answers: their platform, named without loading a reader, and structures."""

from pathlib import Path

import click

#: As `manyi.readers.platforms.detect.SOURCES`; a test holds them equal.
SOURCES = (
    "auto",
    "spss",
    "stata",
    "entry",
    "wenjuanxing",
    "kobo",
    "odk",
    "qualtrics",
    "limesurvey",
    "redcap",
    "surveyjs",
    "google",
    "manyi",
    "table",
)

source_option = click.option(
    "--source", type=click.Choice(SOURCES), default="auto", show_default=True, help="平台 · Platform."
)
structure_option = click.option(
    "--structure",
    "structures",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="问卷结构 · The platform's description of the survey: XLSForm, .lss, .qsf.",
)
