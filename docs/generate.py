"""Writes the pages of ``docs/`` that come from the code: ``python docs/generate.py``; a test keeps them up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from arazzo import codes
from arazzo.diagnostics import SPECIFICATION, Code

HERE = Path(__file__).parent


def diagnostics() -> str:
    """``reference/diagnostics.md``."""
    return "\n".join(
        [
            "# Diagnostic codes",
            "",
            "Every finding has a stable code. Written by `docs/generate.py` from `src/arazzo/codes.py`.",
            "",
            "An error keeps a document from being run, except where *run* says that it does not: its outcome at run",
            "time is decided all the same. A [kindness](../kindnesses.md) is a warning, and an error under `--strict`.",
            "",
            "| code | severity | run | what it means |",
            "|---|---|---|---|",
            *(_row(code) for code in codes.table()),
            "",
        ]
    )


def _row(code: Code) -> str:
    clause = f" ([clause]({SPECIFICATION}#{code.clause}))" if code.clause else ""
    severity = f"{code.severity}, kindness" if code.kindness else str(code.severity)
    run = "refused" if code.refused else "goes on" if code.runnable else ""
    return f"| `{code.name}` | {severity} | {run} | {code.title}{clause} |"


def kindnesses() -> str:
    """``kindnesses.md``."""
    return "\n".join(
        [
            "# Kindnesses",
            "",
            "Most public Arazzo documents stray from the letter of the specification somewhere, nearly always in the",
            "same few ways, and what their authors meant is plain. By default that is what happens. Each such leniency",
            "is one named rule: a warning from `arazzo validate`, and once per place from `arazzo run`. `--strict`",
            "turns all of them off; where one would have applied is then an error, or has the outcome the letter gives",
            "it.",
            "",
            "Written by `docs/generate.py` from `src/arazzo/codes.py`.",
            "",
            "| code | what is read kindly |",
            "|---|---|",
            *(f"| `{code.name}` | {code.title} |" for code in codes.table() if code.kindness),
            "",
        ]
    )


def pages() -> Iterator[tuple[Path, str]]:
    """Each generated page with its text."""
    yield HERE / "reference/diagnostics.md", diagnostics()
    yield HERE / "kindnesses.md", kindnesses()


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
