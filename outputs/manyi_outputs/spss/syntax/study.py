"""The whole syntax of one role, and of a file that has no analyses of its own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from manyi_outputs.context import Context
from manyi_outputs.files import write_whole
from manyi_outputs.spss.syntax.answers import answers as answer_counts
from manyi_outputs.spss.syntax.answers import satisfaction
from manyi_outputs.spss.syntax.commands import comment, quoted
from manyi_outputs.spss.syntax.correlations import correlations
from manyi_outputs.spss.syntax.groups import differences
from manyi_outputs.spss.syntax.measurement import factors, items, reliability
from manyi_outputs.spss.syntax.names import Names
from manyi_outputs.spss.syntax.opening import missing_commands, opening, use_commands, weighting
from manyi_outputs.spss.syntax.regression import regressions
from manyi_outputs.spss.variables import RoleAnswers, Variable

#: The result tables that the syntax is made from.
TABLES = (
    *("respondents", "answers", "items", "reliability", "split_half", "factorability", "kmo_items"),
    *("satisfaction", "differences", "group_means", "group_answers", "correlations", "correlation_variables"),
    *("regression", "ordinal", "ordinal_models", "multilevel", "multilevel_models", "multilevel_variances"),
)
#: In the order of the appendix.
_PARTS = (answer_counts, items, reliability, factors, satisfaction, differences, correlations, regressions)


def study_syntax(
    file: str,
    answers: RoleAnswers,
    found: Sequence[Variable],
    tables: Mapping[str, pd.DataFrame],
    context: Context,
) -> str:
    """Return the syntax that opens a role's file and computes its tables again.

    Every command stands on the rows and missing rules of our tables and runs in SPSS and in PSPP; what PSPP
    lacks is there as a comment, to be run in SPSS by taking off its star. Where a program computes something
    else by the same name (errors that take respondents for independent), a comment says so.

    Parameters
    ----------
    file : str
        Name of the ``.sav`` beside it.
    answers : RoleAnswers
    found : sequence of Variable
        The file's variables.
    tables : Mapping
        Result tables, name -> table; what is not there is left out.
    context : Context
        Language and titles.

    Returns
    -------
    str
    """
    names = Names(
        answers.role, answers.questionnaire, {variable.column: variable for variable in found}, context
    )
    kept = [f"USE ALL.\nFILTER BY {names.of('kept')}."] if "kept" in names else ["USE ALL."]
    parts = [*opening(file, names), *kept]
    for part in _PARTS:
        parts += part(names, tables)
    parts += ["FILTER OFF.", *weighting(names)]
    return "\n\n".join(part for part in parts if part) + "\n"


def write_syntax(
    path: Path,
    answers: RoleAnswers,
    found: Sequence[Variable],
    tables: Mapping[str, pd.DataFrame],
    context: Context,
) -> None:
    """Write `study_syntax` beside the ``.sav`` of the same name, as SPSS reads it in any country.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    text = study_syntax(path.with_suffix(".sav").name, answers, found, tables, context)
    write_whole(path, text.encode("utf-8-sig"))


def write_opening(path: Path, found: Sequence[Variable], title: str) -> None:
    """Write the syntax that opens a file and says what its variables are for, of a file without analyses.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    commands = [
        comment(title),
        f"GET FILE={quoted(path.with_suffix('.sav').name)}.",
        *missing_commands(found),
        use_commands(found),
    ]
    write_whole(path, ("\n\n".join(commands) + "\n").encode("utf-8-sig"))
