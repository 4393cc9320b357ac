"""Regression in the plan's blocks: ``REGRESSION`` model by model, ordered and two answers, ``MIXED``."""

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from manyi_outputs.context import INTERCEPTS
from manyi_outputs.spss.syntax.commands import comment, commented_out, listed, numbered
from manyi_outputs.spss.syntax.names import Names, indicator, indicator_commands, of_role

_CENTRED = re.compile(r"(within|mean)\((?P<name>.+)\)")
#: Newton steps until no coefficient moves in the seventh digit.
_PRECISE = "BCON(0.00000001) ITERATE(100)"


def regressions(names: Names, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return every planned regression: 0/1 variables, the rows of all models, a command a model.

    The hierarchical command with the change of F is SPSS's alone. Errors of both programs take respondents
    for independent; the tables' are clustered by school, as the comment says.
    """
    table = of_role(tables, "regression", names.role)
    if not len(table):
        return []
    every = [
        str(term)
        for name in ("regression", "multilevel", "ordinal")
        for term in of_role(tables, name, names.role).get("term", ())
        if term not in INTERCEPTS
    ]
    commands = [
        names.heading("regression", "regression", "regression_models", "collinearity"),
        names.said("clustered_b"),
        *indicator_commands(names, every),
    ]
    for number, (outcome, own) in enumerate(table.groupby("outcome", sort=False), start=1):
        told = own[own["se_type"] == own["se_type"].iloc[0]]
        commands += _blocks(names, tables, str(outcome), told, number)
    return [*commands, *_single_answers(names, tables), *back(names)]


def _blocks(
    names: Names, tables: Mapping[str, pd.DataFrame], outcome: str, table: pd.DataFrame, number: int
) -> list[str]:
    """Return one regression: its rows, its models one by one, and all blocks in one command for SPSS."""
    dependent = names.exact(outcome)
    models = {str(model): _terms(names, own) for model, own in table.groupby("model", sort=False)}
    missing = [str(row.reason) for row in table.itertuples() if row.reason]
    if dependent is None or any(terms is None for terms in models.values()):
        return [comment(f"{outcome}: {names.context.reason(missing[0])}")] if missing else []
    known = {model: terms for model, terms in models.items() if terms}
    if not known:
        return []
    every = list(dict.fromkeys(term for terms in known.values() for term in terms))
    commands = [
        names.said("outcome", outcome=names.context.index(names.role, outcome)),
        *_rows(names, f"rows_{number}", [dependent, *every]),
    ]
    asked = f"CI({round(100 * names.context.confidence):d})"
    for terms in known.values():
        # A single predictor has none to be tolerant of, and PSPP stops at it.
        tolerance = " TOL" if len(terms) > 1 else ""
        commands.append(
            f"REGRESSION\n /STATISTICS=COEFF R ANOVA {asked}{tolerance}\n /DEPENDENT={dependent}\n"
            f" /METHOD=ENTER {listed(terms)}."
        )
    entered: list[str] = []
    steps = []
    for terms in known.values():
        new = [term for term in terms if term not in entered]
        entered += new
        if new:
            steps.append(f" /METHOD=ENTER {listed(new)}")
    commands.append(names.said("blocks_spss"))
    commands.append(
        commented_out(
            f"REGRESSION\n /STATISTICS=COEFF OUTS R ANOVA CHANGE {asked} COLLIN TOL\n"
            f" /DEPENDENT={dependent}\n" + "\n".join(steps) + "."
        )
    )
    commands += _mixed(names, tables, outcome, dependent)
    return commands


def _terms(names: Names, table: pd.DataFrame) -> list[str] | None:
    """Return the variables of a model's terms; None where one is not in the file."""
    terms = [str(term) for term in table["term"] if term not in INTERCEPTS]
    found = [indicator(names, term) for term in terms]
    return None if None in found else [term for term in found if term is not None]


def _rows(names: Names, name: str, members: list[str], clustered: bool = True) -> list[str]:
    """Return the commands that keep the rows complete in all variables, of a known school."""
    flag = names.made(name)
    conditions = ["kept=1"] if "kept" in names else []
    conditions.append(f"NMISS({', '.join(members)})=0")
    if clustered and "school" in names and names.variables["school"].text:
        conditions.append(f"{names.of('school')} NE ''")
    if "kept" in names:
        conditions[0] = f"{names.of('kept')}=1"
    return [f"COMPUTE {flag} = ({listed(' AND '.join(conditions).split(' '))}).\nFILTER BY {flag}."]


def back(names: Names) -> list[str]:
    """Return the command that goes back to the rows kept for analysis."""
    return [f"FILTER BY {names.of('kept')}." if "kept" in names else "FILTER OFF."]


def _single_answers(names: Names, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the models of single ordered answers: satisfied or not, and (SPSS alone) ordered."""
    models = of_role(tables, "ordinal_models", names.role)
    terms = of_role(tables, "ordinal", names.role)
    if not len(models) or not len(terms):
        return []
    commands = []
    for row in models[models["reason"] == ""].to_dict("records"):
        own = terms[(terms["outcome"] == row["outcome"]) & (terms["answer"] == row["answer"])]
        own = own[own["se_type"] == own["se_type"].iloc[0]] if len(own) else own
        own = own[~own["term"].str.contains("|", regex=False)] if len(own) else own
        found = _terms(names, own) if len(own) else None
        dependent = names.exact(str(row["outcome"]))
        if not found or dependent is None:
            continue
        if row["answer"] == "ordered":
            commands.append(names.said("spss_only"))
            commands.append(
                commented_out(
                    f"PLUM {dependent} WITH {listed(found)}\n /LINK={str(row['link']).upper()}\n"
                    " /PRINT=FIT PARAMETER SUMMARY TPARALLEL."
                )
            )
        elif pd.notna(row["at_least"]) and row["link"] == "logit":
            made = names.made(f"{row['outcome']}_at_least")
            commands += [
                names.said("clustered_b"),
                f"COMPUTE {made} = ({dependent} GE {numbered(row['at_least'])}).",
                *_rows(names, f"{row['outcome']}_rows", [made, *found]),
                f"LOGISTIC REGRESSION {made} WITH {listed(found)}\n /CRITERIA={_PRECISE}.",
            ]
    return commands


def _mixed(names: Names, tables: Mapping[str, pd.DataFrame], outcome: str, dependent: str) -> list[str]:
    """Return ``MIXED`` of every multilevel model, for SPSS alone."""
    fixed = of_role(tables, "multilevel", names.role)
    models = of_role(tables, "multilevel_models", names.role)
    if not len(fixed) or not len(models):
        return []
    variances = of_role(tables, "multilevel_variances", names.role)
    commands = []
    for row in models[(models["outcome"] == outcome) & (models["reason"] == "")].itertuples():
        own = fixed[(fixed["outcome"] == outcome) & (fixed["model"] == row.model)]
        terms = [str(term) for term in own["term"] if term not in INTERCEPTS]
        found = list(_fixed(names, terms))
        if len(found) < len(terms):
            continue
        slopes = _slopes(
            names, variances[(variances["outcome"] == outcome) & (variances["model"] == row.model)]
        )
        covariates = dict.fromkeys(part for term in found for part in term.split("*"))
        method = "ML" if str(row.method).upper() == "ML" else "REML"
        structure = "UN" if slopes else "VC"
        command = (
            f"MIXED {dependent}{f' WITH {listed(covariates)}' if covariates else ''}\n"
            f" /FIXED={listed(found)} | SSTYPE(3)\n /METHOD={method}\n /PRINT=SOLUTION TESTCOV\n"
            f" /RANDOM=INTERCEPT {' '.join(slopes)}".rstrip()
            + f" | SUBJECT({names.of('school')}) COVTYPE({structure})."
        )
        commands += [commented_out(made) for made in _centring(names, terms)]
        commands.append(commented_out(command))
    return [names.heading("mixed", "multilevel", "multilevel_variances"), *commands] if commands else []


def _fixed(names: Names, terms: list[str]) -> Iterator[str]:
    """Yield the terms as ``MIXED`` writes them, those in the file or made from it."""
    for term in terms:
        parts = [_part(names, part) for part in term.split(":")]
        if None not in parts:
            yield "*".join(part for part in parts if part is not None)


def _part(names: Names, part: str) -> str | None:
    found = _CENTRED.fullmatch(part)
    if found is None:
        return indicator(names, part)
    base = indicator(names, found["name"])
    return None if base is None else names.made(f"{base}_{found[1]}")


def _centring(names: Names, terms: list[str]) -> Iterator[str]:
    """Yield the commands that divide a variable into its school's mean and the distance from that."""
    centred = {
        found["name"] for term in terms for part in term.split(":") if (found := _CENTRED.fullmatch(part))
    }
    for name in sorted(centred):
        base = indicator(names, name)
        if base is None:
            continue
        mean, within = names.made(f"{base}_mean"), names.made(f"{base}_within")
        yield (
            f"AGGREGATE OUTFILE=* MODE=ADDVARIABLES OVERWRITE=YES\n /BREAK={names.of('school')}\n"
            f" /{mean}=MEAN({base})."
        )
        yield f"COMPUTE {within} = {base} - {mean}."


def _slopes(names: Names, variances: pd.DataFrame) -> list[str]:
    """Return the terms whose slopes differ between schools."""
    if not len(variances):
        return []
    own = variances[(variances["level"] == "school") & (variances["with"] == "")]
    found = (_part(names, str(term)) for term in own["term"] if term not in INTERCEPTS)
    return [term for term in found if term is not None]
