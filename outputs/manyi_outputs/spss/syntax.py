"""The syntax beside a ``.sav``: what the format cannot hold, and how SPSS computes our reliabilities."""

from collections.abc import Iterable, Sequence

from manyi_instruments.codebook import codebook, in_language
from manyi_outputs.spss.labels import ELLIPSIS, VARIABLE_LABEL, shortened
from manyi_outputs.spss.variables import RoleAnswers, Variable
from manyi_outputs.wording import Wording

#: SPSS reads lines of 256 bytes; lists are broken well before.
_LINE = 76


def syntax(file: str, answers: RoleAnswers, found: Sequence[Variable], words: Wording) -> str:
    """Return the syntax for one role's file.

    Parameters
    ----------
    file : str
        Name of the ``.sav`` beside it.
    answers : RoleAnswers
    found : sequence of Variable
        The file's variables.
    words : Wording
        Language of labels.

    Returns
    -------
    str
        Commands that SPSS and PSPP run: missing values, multiple-response sets, how reverse-keyed items were
        made, ``RELIABILITY`` of every scale on the rows kept.
    """
    names = {variable.column: variable.name for variable in found}
    parts = [
        _comment(in_language(answers.questionnaire.title, words.language)),
        f"GET FILE={_string(file)}.",
        *_missing(found),
        *_sets(answers, names, words),
        *_formulas(answers, names, words),
        *_reliabilities(answers, names, words),
        *_weighting(names, words),
        *_full_labels(found),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _comment(text: str) -> str:
    """Return a comment; a line that ends in a full stop would end it early, and so does a blank line."""
    flat = " ".join(text.split()).rstrip(".")
    return f"* {flat} ."


def _listed(names: Iterable[str]) -> str:
    """Return names on lines of readable length."""
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > _LINE:
            lines.append("")
        lines[-1] += f" {name}"
    return "\n ".join(line.strip() for line in lines)


def _missing(found: Sequence[Variable]) -> list[str]:
    """Return ``MISSING VALUES``, one command for all variables with the same values."""
    alike: dict[str, list[str]] = {}
    for variable in found:
        if variable.missing is not None and (variable.missing.discrete or variable.missing.low is not None):
            alike.setdefault(variable.missing.syntax(), []).append(variable.name)
    return [f"MISSING VALUES {_listed(names)}\n {values}." for values, names in alike.items()]


def _sets(answers: RoleAnswers, names: dict[str, str], words: Wording) -> list[str]:
    """Return ``MRSETS`` for every multiple-choice question: a set of 0/1 variables, 1 counted."""
    commands = []
    for item in answers.questionnaire.all_items():
        answer_list = answers.questionnaire.answer_list(item)
        if item.type != "multiple" or answer_list is None:
            continue
        members = [
            names[column] for value in answer_list.values if (column := f"{item.id}__{value}") in names
        ]
        if len(members) > 1:
            label = _string(shortened(in_language(item.text, words.language), VARIABLE_LABEL - 8))
            commands.append(
                f"MRSETS\n /MDGROUP NAME=${item.id}\n LABEL={label}\n VARIABLES={_listed(members)}\n VALUE=1."
            )
    return commands


def _formulas(answers: RoleAnswers, names: dict[str, str], words: Wording) -> list[str]:
    """Return, as comments, how each reverse-keyed item and each score was made."""
    lines = [
        _comment(f"{names[entry.name]} = {in_language(entry.formula, words.language)}")
        for entry in codebook(answers.questionnaire)
        if entry.formula and entry.name in names
    ]
    return ["\n".join(lines)] if lines else []


def _reliabilities(answers: RoleAnswers, names: dict[str, str], words: Wording) -> list[str]:
    """Return ``RELIABILITY`` for every scale of two items or more, on the rows kept for analysis."""
    commands = ["USE ALL.\nFILTER BY kept."] if "kept" in names else []
    for scale in answers.questionnaire.scales:
        members = [
            names[item.keyed_name]
            for item in answers.questionnaire.items_of(scale.id)
            if item.keyed_name in names
        ]
        if len(members) > 1:
            title = shortened(f"{scale.id} {in_language(scale.title, words.language)}", 60)
            commands.append(
                f"RELIABILITY\n /VARIABLES={_listed(members)}\n /SCALE({_string(title)}) ALL\n"
                " /MODEL=ALPHA\n /SUMMARY=TOTAL."
            )
    if "kept" in names:
        commands.append("FILTER OFF.")
    return commands


def _weighting(names: dict[str, str], words: Wording) -> list[str]:
    """Return, as comments, how to weight by this file.

    Not a command: ``WEIGHT`` would change the reliabilities above, which manyi computes unweighted, and SPSS
    takes weights for numbers of persons, so that its tests become too significant. Complex Samples does not.
    """
    weight = names.get("sampling_weight")
    if weight is None:
        return []
    lines = [
        words("spss.weighting"),
        f"WEIGHT BY {names['relative_weight']}",
        words("spss.weighting_errors"),
        f"CSPLAN ANALYSIS /PLAN FILE='weights.csaplan' /PLANVARS ANALYSISWEIGHT={weight}"
        " /PRINT PLAN /DESIGN CLUSTER=school /ESTIMATOR TYPE=WR",
    ]
    return ["\n".join(_comment(line) for line in lines)]


def _full_labels(found: Sequence[Variable]) -> list[str]:
    """Return, as comments, the labels that had to be shortened, in full."""
    cut = [variable for variable in found if variable.short_label.endswith(ELLIPSIS)]
    return ["\n".join(_comment(f"{variable.name}: {variable.label}") for variable in cut)] if cut else []
