"""The template of ``study.yaml``, filled in or cut down for a particular study with its comments kept."""

from collections.abc import Mapping, Sequence
from importlib.resources import files

import yaml

Path = tuple[str, ...]


def template_text() -> str:
    """Return the template of ``study.yaml`` for the five bundled questionnaires."""
    return (files("manyi.study") / "template.yaml").read_text(encoding="utf-8")


def filled(text: str, values: Mapping[Path, object], without: Sequence[Path] = ()) -> str:
    r"""Return a YAML text with other values at some paths and without some entries; all comments stay.

    Parameters
    ----------
    text : str
        YAML whose top level is a mapping, nested mappings in block style.
    values : Mapping
        Path of keys -> new value, written on one line. Where only the last key is new it is added.
    without : sequence of paths
        Entries to leave out.

    Raises
    ------
    KeyError
        If a path is not in the text.

    Examples
    --------
    >>> filled("a: 1  # one\nb:\n  c: 2\n  d: 3\n", {("a",): 5, ("b", "e"): [1, 2]}, [("b", "d")])
    'a: 5  # one\nb:\n  c: 2\n  e: [1, 2]\n'
    """
    edits: list[tuple[int, int, str]] = []
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for path in without:
        key, value = _entry(root, path)
        edits.append((key.start_mark.index - key.start_mark.column, _next_line(text, value), ""))
    for path, new in values.items():
        try:
            key, value = _entry(root, path)
        except KeyError:
            key, value = _entry(root, path[:-1])
            after = _next_line(text, value)
            indent = " " * (key.start_mark.column + 2)
            edits.append((after, after, f"{indent}{path[-1]}: {_flow(new)}\n"))
        else:
            edits.append((key.end_mark.index, _end(value), f": {_flow(new)}"))
    for start, end, new_text in sorted(edits, reverse=True):
        text = text[:start] + new_text + text[end:]
    return text


def _entry(node: yaml.Node | None, path: Path) -> tuple[yaml.Node, yaml.Node]:
    """Return key and value node at a path."""
    found: tuple[yaml.Node, yaml.Node] | None = None
    for name in path:
        if not isinstance(node, yaml.MappingNode):
            raise KeyError(".".join(path))
        found = next(((key, value) for key, value in node.value if key.value == name), None)
        if found is None:
            raise KeyError(".".join(path))
        node = found[1]
    if found is None:
        raise KeyError("")
    return found


def _end(node: yaml.Node) -> int:
    """Return where the text of a node ends; a block's own mark stands behind the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _next_line(text: str, node: yaml.Node) -> int:
    """Return where the line after a node begins."""
    newline = text.find("\n", _end(node))
    return len(text) if newline < 0 else newline + 1


def _flow(value: object) -> str:
    """Return a value as YAML on one line."""
    line = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=float("inf")
    )
    return line.removesuffix("\n").removesuffix("\n...")
