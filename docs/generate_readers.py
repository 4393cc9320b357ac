"""Write docs/readers.md from what the readers say of themselves, so that the two cannot differ."""

from pathlib import Path

from manyi.readers.platforms.detect import PLATFORMS

TARGET = Path(__file__).parent / "readers.md"
HEAD = """# Readers (读取程序)

What each reader understands, made from the readers by `docs/generate_readers.py`; a test compares.
The name is that of `--source`; `auto` takes the first of them whose marks the file carries. How cells
become answers: [import](import.md).
"""


def reference() -> str:
    """Return what all readers understand as Markdown, in both languages."""
    parts = [HEAD]
    for platform in PLATFORMS:
        parts.append(f"## {platform.name}: {platform.title['zh']} · {platform.title['en']}\n")
        for language in ("zh", "en"):
            parts.append("\n".join(f"- {line}" for line in platform.understands[language]) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
