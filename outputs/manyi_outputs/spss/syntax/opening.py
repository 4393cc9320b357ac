"""What the ``.sav`` cannot hold: sets of answers, roles; how columns were made; weights; labels in full."""

from collections.abc import Sequence

from manyi_instruments.codebook import codebook, in_language
from manyi_outputs.spss.documents import notes
from manyi_outputs.spss.labels import VARIABLE_LABEL, shortened
from manyi_outputs.spss.syntax.commands import comment, commented_out, listed, quoted
from manyi_outputs.spss.syntax.names import Names
from manyi_outputs.spss.variables import Variable

_USES = {"input": "INPUT", "target": "TARGET", "none": "NONE"}


def opening(file: str, names: Names) -> list[str]:
    """Return the commands that open the file and complete its dictionary."""
    found = tuple(names.variables.values())
    return [
        comment(in_language(names.questionnaire.title, names.words.language)),
        names.said("opening"),
        f"GET FILE={quoted(file)}.",
        *missing_commands(found),
        *_sets(names),
        use_commands(found),
        *_formulas(names),
        *_notes(names, found),
    ]


def missing_commands(found: Sequence[Variable]) -> list[str]:
    """Return ``MISSING VALUES``, one command for all variables with the same values."""
    alike: dict[str, list[str]] = {}
    for variable in found:
        if variable.missing is not None and (variable.missing.discrete or variable.missing.low is not None):
            alike.setdefault(variable.missing.syntax(), []).append(variable.name)
    return [f"MISSING VALUES {listed(names)}\n {values}." for values, names in alike.items()]


def use_commands(found: Sequence[Variable]) -> str:
    """Return ``VARIABLE ROLE``: what analyses take every variable for."""
    lines = []
    for use, word in _USES.items():
        names = [variable.name for variable in found if variable.role == use]
        if names:
            lines.append(f" /{word} {listed(names)}")
    return "VARIABLE ROLE\n" + "\n".join(lines) + "."


def answer_sets(names: Names) -> dict[str, list[str]]:
    """Return the variables of every multiple-choice question of two answers or more, by its id."""
    found = {}
    for item in names.questionnaire.all_items():
        answers = names.questionnaire.answer_list(item)
        if item.type == "multiple" and answers is not None:
            columns = (f"{item.id}__{value}" for value in answers.values)
            members = [names.of(column) for column in columns if column in names]
            if len(members) > 1:
                found[item.id] = members
    return found


def _sets(names: Names) -> list[str]:
    """Return ``MRSETS`` for every multiple-choice question: a set of 0/1 variables, 1 counted."""
    texts = {item.id: item.text for item in names.questionnaire.all_items()}
    return [
        f"MRSETS\n /MDGROUP NAME=${name}\n"
        f" LABEL={quoted(shortened(in_language(texts[name], names.words.language), VARIABLE_LABEL - 8))}\n"
        f" VARIABLES={listed(members)}\n VALUE=1."
        for name, members in answer_sets(names).items()
    ]


def _formulas(names: Names) -> list[str]:
    """Return, as comments, how each reverse-keyed item and each score was made."""
    lines = [
        comment(f"{names.of(entry.name)} = {in_language(entry.formula, names.words.language)}")
        for entry in codebook(names.questionnaire)
        if entry.formula and entry.name in names
    ]
    return ["\n".join([names.said("formulas"), *lines])] if lines else []


def _notes(names: Names, found: Sequence[Variable]) -> list[str]:
    """Return, as comments, what had to be shortened, in full."""
    said = notes(found, names.words)
    return ["\n".join(comment(text) for text in said)] if said else []


def weighting(names: Names) -> list[str]:
    """Return, as comments, how to weight by this file.

    Not a command: ``WEIGHT`` would change all results, which manyi computes unweighted, and SPSS takes
    weights for numbers of persons, so that its tests become too significant. Complex Samples does not.
    """
    if "sampling_weight" not in names:
        return []
    plan = (
        "CSPLAN ANALYSIS\n /PLAN FILE='weights.csaplan'\n"
        f" /PLANVARS ANALYSISWEIGHT={names.of('sampling_weight')}\n"
        f" /PRINT PLAN\n /DESIGN CLUSTER={names.of('school')}\n /ESTIMATOR TYPE=WR."
    )
    lines = [
        comment(names.words("spss.weighting")),
        commented_out(f"WEIGHT BY {names.of('relative_weight')} ."),
        comment(names.words("spss.weighting_errors")),
        commented_out(plan),
    ]
    return ["\n".join(lines)]
