"""Print one of the README's two set-up commands, so that CI runs what the reader is told to run."""

import re
import sys
from pathlib import Path


def commands(readme: str) -> dict[str, str]:
    """Return the README's set-up commands: ``demo`` and ``test``."""
    lines = re.findall(r"^python3 -m venv .*$", readme, flags=re.MULTILINE)
    if len(lines) != 2:
        raise SystemExit(f"README.md shows {len(lines)} set-up commands instead of two")
    return dict(zip(("demo", "test"), lines, strict=True))


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    print(commands((root / "README.md").read_text(encoding="utf-8"))[sys.argv[1]])
