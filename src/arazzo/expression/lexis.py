"""The terminals of the specification's grammar for runtime expressions, and a cursor that reads them.

``CHAR``, ``token``, ``identifier``, ``identifier-strict`` and ``json-pointer`` are named as in the ABNF. Beside
them stands navigation (``.name``, ``[0]``, ``['name']``), which the grammar knows only as operators of simple
conditions.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct, field

from arazzo.diagnostics import Code
from arazzo.expression.nodes import Pointer, Trail
from arazzo.expression.scope import Names
from arazzo.patterns import NAME_CHARACTERS, pattern
from arazzo.values import to_json


class ExpressionSyntaxError(ValueError):
    """A text is no runtime expression: ``message`` says why, ``text[start:end]`` is where, ``hint`` a remedy."""

    def __init__(self, message: str, start: int, end: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start + 1)
        self.hint = hint


class Note(Struct, frozen=True):
    """Something to report about ``text[start:end]``: most often a kindness that was needed to read it."""

    code: Code
    start: int
    end: int
    message: str
    hint: str | None = None
    mend: str | None = None
    """What could stand there instead, where that is obvious."""


class Notes(Struct):
    """Collects what there is to report about one text."""

    found: list[Note] = field(default_factory=list)

    def add(
        self,
        code: Code,
        start: int,
        end: int,
        message: str,
        hint: str | None = None,
        mend: str | None = None,
    ) -> None:
        self.found.append(Note(code, start, end, message, hint, mend))


ROOTS: Final = (
    "url",
    "method",
    "statusCode",
    "self",
    "request",
    "response",
    "message",
    "inputs",
    "outputs",
    "steps",
    "workflows",
    "sourceDescriptions",
    "components",
)
"""The words an expression may begin with, after the dollar sign."""

TOKEN: Final = pattern(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
IDENTIFIER: Final = pattern(r"[A-Za-z0-9._\-]+")
IDENTIFIER_STRICT: Final = pattern(r"[A-Za-z0-9_\-]+")
CHARS: Final = pattern(r'(?:[^{}"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*')
STOP: Final = pattern(r"[\s)\],]|[=!]=|[<>]|&&|\|\|")
"""What ends a name or a pointer inside a condition: white space, a closing bracket, a comma, an operator."""
_POINTER_STOP: Final = pattern(STOP.pattern + r"|\[(?=(?:0|[1-9][0-9]*)\])")
_POINTER: Final = pattern(r"(?:[^/~{}]|~[01])*(?:/(?:[^/~{}]|~[01])*)*")
_NOT_IN_POINTERS: Final = frozenset("~{}")
"""What a pointer may not have, or only in a certain way."""
_MEMBER: Final = pattern(r"\.([\w$@\-]+)")
_INDEX: Final = pattern(r"0|[1-9][0-9]{0,14}")
_BRACKET: Final = pattern(r"""\[[ ]*(?:(0|[1-9][0-9]{0,14})|'((?:[^']|'')*)'|"([^"\\]*)")[ ]*\]""")


class Cursor(Struct):
    """A place in a text, and how to read on from there.

    ``operators`` says that ``.`` and ``[]`` are operators here, ``scanning`` that the expression stands inside a
    condition and ends where ``STOP`` says.
    """

    text: str
    at: int
    end: int
    names: Names | None
    operators: bool
    scanning: bool
    notes: list[Note] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return self.at >= self.end

    @property
    def next(self) -> str:
        """The character at hand; empty at the end."""
        return self.text[self.at] if self.at < self.end else ""

    def is_in_word(self) -> bool:
        """Whether the character at hand is one of names."""
        return self.next.isalnum() or self.next in ("_", "-")

    def take(self, pattern: re.Pattern[str]) -> str:
        """What ``pattern`` matches here, possibly nothing."""
        match = pattern.match(self.text, self.at, self.end)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def skip(self, text: str) -> bool:
        """Whether ``text`` stands here; if so, go past it."""
        if not self.text.startswith(text, self.at, self.end):
            return False
        self.at += len(text)
        return True

    def limit(self, stop: re.Pattern[str] = STOP) -> int:
        """Where a name or pointer that begins here ends at the latest."""
        if not self.scanning:
            return self.end
        match = stop.search(self.text, self.at, self.end)
        return match.start() if match else self.end

    def wrong(
        self, message: str, hint: str | None = None, *, start: int | None = None
    ) -> ExpressionSyntaxError:
        """An error at the character at hand, or from ``start`` to it."""
        return ExpressionSyntaxError(message, self.at if start is None else start, self.at, hint)


def read_chars(cursor: Cursor) -> str:
    """``*( CHAR )``, its escapes decoded."""
    start, stop = cursor.at, cursor.limit()
    match = CHARS.match(cursor.text, start, stop)
    cursor.at = match.end() if match else start
    raw = cursor.text[start : cursor.at]
    if "\\" not in raw:
        return raw
    import json

    return str(json.loads(f'"{raw}"'))


def write_chars(text: str) -> str:
    """``text`` as ``*( CHAR )``."""
    return to_json(text)[1:-1].replace("{", "\\u007b").replace("}", "\\u007d")


def root_of(text: str, start: int = 0, end: int | None = None) -> str | None:
    """The known root that ``text[start:end]`` begins with (``inputs`` of ``$inputs.x``), or None."""
    end = len(text) if end is None else end
    if text.startswith("$", start):
        for root in ROOTS:
            stop = start + 1 + len(root)
            if text.startswith(root, start + 1, end) and (stop == end or text[stop] not in NAME_CHARACTERS):
                return root
    return None


def read_pointer(cursor: Cursor) -> tuple[Pointer, bool]:
    """``json-pointer``, the cursor standing behind ``#``. Also whether its first ``/`` was missing, a kindness."""
    start, stop = cursor.at, cursor.limit(_POINTER_STOP)
    cursor.at = stop
    if not _NOT_IN_POINTERS.isdisjoint(cursor.text[start:stop]):
        match = _POINTER.match(cursor.text, start, stop)
        cursor.at = match.end() if match else start
    if cursor.at < stop:
        if cursor.next == "~":
            raise cursor.wrong(
                "in a JSON Pointer `~` stands only before 0 or 1", "write ~0 for ~ and ~1 for /"
            )
        raise cursor.wrong(f"`{cursor.next}` cannot stand in a JSON Pointer of an expression")
    raw = cursor.text[start : cursor.at]
    if not raw:
        return (), False
    tokens = raw.removeprefix("/").split("/")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens), raw[0] != "/"


def write_pointer(pointer: Pointer | None) -> str:
    """``#`` and the JSON Pointer; nothing for None."""
    if pointer is None:
        return ""
    return "#" + "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in pointer)


def read_trail(cursor: Cursor, *, quoted: bool = True) -> Trail:
    """Navigation: any number of ``.name``, ``.0``, ``[0]`` and, if ``quoted``, ``['name']``."""
    trail: list[str | int] = []
    while True:
        if cursor.next == "." and (match := _MEMBER.match(cursor.text, cursor.at, cursor.end)):
            name = match[1]
            trail.append(int(name) if _INDEX.fullmatch(name) else name)
        elif cursor.next == "[" and (match := _BRACKET.match(cursor.text, cursor.at, cursor.end)):
            index, single, double = match.groups()
            if index is None and not quoted:
                break
            trail.append(
                int(index) if index is not None else single.replace("''", "'") if double is None else double
            )
        else:
            break
        cursor.at = match.end()
    return tuple(trail)


def write_trail(trail: Trail, *, named: bool = False) -> str:
    """Navigation as text. After a ``named`` referent the first member is bracketed: a dot could belong to the name."""
    parts: list[str] = []
    for step in trail:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif (parts or not named) and _MEMBER.fullmatch(f".{step}") and not _INDEX.fullmatch(step):
            parts.append(f".{step}")
        else:
            parts.append("['" + step.replace("'", "''") + "']")
    return "".join(parts)
