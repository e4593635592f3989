"""Singular JSONPath queries (RFC 9535 §2.3.5.1): those that select one node at most."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, TypeAlias

Location: TypeAlias = tuple[str | int, ...]
"""Where a node is: the keys and indices that lead to it."""


# What is no letter, rather than what is: the set of all of them takes milliseconds to compile.
_NAME: Final = r"[^\x00-@\[-^`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*"
_INTEGER: Final = r"0|-?[1-9][0-9]{0,14}"
ESCAPED: Final = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
BLANK: Final = r"[ \t\n\r]*"


@cache
def _segment() -> re.Pattern[str]:
    """One segment of a singular query; compiled when needed, because the characters of a name are a large table."""
    return re.compile(
        rf"{BLANK}(?:\.(?P<name>{_NAME})|\[{BLANK}(?:(?P<index>{_INTEGER})|(?P<quoted>{ESCAPED})){BLANK}\])",
        re.DOTALL,
    )


def singular_end(text: str, start: int = 0) -> int:
    """Where the singular query that begins at ``text[start]`` ends; ``start`` when none begins there."""
    if not text.startswith("$", start):
        return start
    at = start + 1
    while (match := _segment().match(text, at)) is not None:
        at = match.end()
    return at


def plain_path(text: str) -> Location | None:
    """The steps of a singular query without escapes; None for any other text."""
    if not text.startswith("$"):
        return None
    steps: list[str | int] = []
    at = 1
    while at < len(text):
        match = _segment().match(text, at)
        if match is None:
            return None
        if match["index"]:
            steps.append(int(match["index"]))
        else:
            name = match["name"] or match["quoted"][1:-1]
            if "\\" in name or any(char < " " for char in name):
                return None
            steps.append(name)
        at = match.end()
    return tuple(steps)
