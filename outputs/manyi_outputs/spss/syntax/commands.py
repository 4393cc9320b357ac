"""How commands, lists, strings and comments are written so that SPSS and PSPP read them alike."""

from collections.abc import Iterable

from manyi_outputs.spss.documents import broken

#: SPSS reads lines of 256 bytes; lists and comments are broken well before.
_LINE, _COMMENT = 76, 150


def quoted(text: str) -> str:
    """Return a string on one line, its own quotation marks doubled."""
    return "'" + " ".join(text.split()).replace("'", "''") + "'"


def listed(names: Iterable[str]) -> str:
    """Return names on lines of readable length."""
    lines = [""]
    for name in names:
        if len(lines[-1].encode()) + len(name.encode()) > _LINE:
            lines.append("")
        lines[-1] += f" {name}"
    return "\n ".join(line.strip() for line in lines)


def comment(text: str) -> str:
    """Return a comment; a line that ends in a full stop would end it early, and so would a blank line.

    An apostrophe becomes a curved one: SPSS may take it for the beginning of a string.

    Examples
    --------
    >>> comment("One's. Two.")
    '* One’s. Two .'
    """
    lines = [line.rstrip(".") for line in broken(text.replace("'", "’"), _COMMENT)]
    return "* " + "\n".join(lines).strip() + " ."


def commented_out(command: str) -> str:
    r"""Return a command that is not run until its star is taken off.

    Examples
    --------
    >>> commented_out("MIXED a WITH b\n /FIXED=b.")
    '* MIXED a WITH b\n /FIXED=b.'
    """
    return f"* {command}"


def numbered(value: float) -> str:
    """Return a number with every digit, with a point, whatever the country."""
    return repr(int(value)) if float(value).is_integer() else repr(float(value))


def constant(value: object) -> str:
    """Return a value as a command names it: a number, or a word in quotation marks."""
    if isinstance(value, str):
        return quoted(value)
    return numbered(float(value))  # type: ignore[arg-type]
