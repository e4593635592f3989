"""How far the text of a key or value reaches, and where in it a part of a string's value stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from arazzo.patterns import pattern

_SINGLE: Final = pattern(r"'[^']*(?:''[^']*)*'")
_DOUBLE: Final = pattern(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_PROPERTIES: Final = pattern(r"(?:[&!]\S*\s+)+")
_PLAIN_END: Final = pattern(r"\s+#|\s*[\r\n]|\s*\Z")
_PLAIN_KEY_END: Final = pattern(r"\s*:(?=\s|\Z)|\s+#|\s*[\r\n]|\s*\Z")
_FLOW_END: Final = pattern(r"\s*[,\[\]{}\r\n]|\s+#|\s*:(?=[\s,\[\]{}]|\Z)|\s*\Z")
_FOLD: Final = r"(?P<fold>[ \t]*(?:\r\n?|\n)[ \t\r\n]*)"
_ESCAPE: Final = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\x.{2}|\\u.{4}|\\U.{8}|\\."
_PIECES: Final = {
    '"': pattern(rf"(?P<nothing>\\(?:\r\n?|\n)[ \t]*)|{_FOLD}|{_ESCAPE}|.", re.DOTALL),
    "'": pattern(rf"{_FOLD}|''|.", re.DOTALL),
}
_PLAIN_PIECES: Final = pattern(rf"{_FOLD}|.", re.DOTALL)
_BLOCK: Final = ("|", ">")
_BREAK: Final = pattern(r"\r\n?|\n")
_BREAKS: Final = "\r\n"
_WHITE: Final = " \t\r\n"


def after_properties(text: str, start: int) -> int:
    """The offset of a YAML node's content, behind the anchor and the tag that begin at ``start``."""
    match = _PROPERTIES.match(text, start)
    return match.end() if match else start


def scalar_end(text: str, start: int, *, flow: bool, key: bool) -> int:
    """The end (exclusive) of the scalar at ``start``: of a quoted one its quote, of others that of its first line.

    ``flow`` says that it stands inside brackets, ``key`` that it is a mapping's key.
    """
    quote = text[start : start + 1]
    if quote in ("'", '"'):
        match = (_SINGLE if quote == "'" else _DOUBLE).match(text, start)
        if match:
            return match.end()
    end = _FLOW_END if flow else _PLAIN_KEY_END if key else _PLAIN_END
    stop = end.search(text, start)
    return stop.start() if stop else len(text)


def first_line_end(text: str, start: int, end: int | None) -> int:
    """The end (exclusive) of the first line of the container at ``start``; ``end`` is its own, where that is known.

    Without ``end`` it is a block container, and a comment on the line is not part of it.
    """
    stop = (_PLAIN_END if end is None else _BREAK).search(text, start, len(text) if end is None else end)
    return stop.start() if stop else end if end is not None else len(text)


def locate(text: str, at: int, value: str, start: int, end: int) -> tuple[int, int] | None:
    """The offsets in ``text`` of ``value[start:end]``, whose scalar begins at ``at``; None if they do not match."""
    style = text[at : at + 1]
    if style not in _BLOCK and value and _stands_as_it_is(text, at, value, style):
        begin = at + (style in _PIECES)
        return begin + min(start, len(value)), begin + min(end, len(value))
    pieces = _block_pieces(text, at, value) if style in _BLOCK else _flow_pieces(text, at, style)
    first: int | None = None
    here = at
    for index, char in enumerate(value[: max(end, start + 1)]):
        piece = next(pieces, None)
        if piece is None or (piece[1] - piece[0] == 1 and char not in _WHITE and text[piece[0]] != char):
            return None
        if index == start:
            first = piece[0]
        here = piece[1]
    return (here if first is None else first), here


def _stands_as_it_is(text: str, at: int, value: str, style: str) -> bool:
    """Whether each character of the value is one of the text, as in most scalars: nothing is escaped or folded."""
    if "\n" in value:
        return False
    if style not in _PIECES:
        return text.startswith(value, at)
    # With its quote behind it: the last blank of a value may be where a line is folded.
    return style not in value and "\\" not in value and text.startswith(value + style, at + 1)


def _flow_pieces(text: str, at: int, style: str) -> Iterator[tuple[int, int]]:
    """The stretch that a plain or quoted scalar spends on each character of its value."""
    quoted = style in _PIECES
    pattern = _PIECES[style] if quoted else _PLAIN_PIECES
    for match in pattern.finditer(text, at + quoted):
        if match.lastgroup == "fold":
            # One break is a space; of several, the first is dropped.
            for _ in range(max(len(_BREAK.findall(match[0])) - 1, 1)):
                yield match.span()
        elif match.lastgroup != "nothing":
            yield match.span()


def _block_pieces(text: str, at: int, value: str) -> Iterator[tuple[int, int]]:
    """The stretch that a block scalar spends on each character of ``value``.

    What is not white space stands in both in the same order; of white space the text has more, its indentation.
    """
    header = _BREAK.search(text, at)
    here = header.end() if header else len(text)
    for char in value:
        while here < len(text) and text[here] != char:
            if text[here] in _BREAKS and char in " \n" and text[here : here + 2] != "\r\n":
                break
            if text[here] not in _WHITE:
                return
            here += 1
        yield here, here + 1
        here += 1
