"""JSON Pointer (RFC 6901): reading one, following one, and setting what it names in a copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from arazzo.expression.navigate import follow
from arazzo.patterns import pattern
from arazzo.query.errors import QueryError, QuerySyntaxError
from arazzo.values import Maybe, Value, type_name

_BAD_TILDE: Final = pattern(r"~(?![01])")
_INDEX: Final = pattern(r"0|[1-9][0-9]{0,14}")
_DOTTED: Final = pattern(r"[\w-]+(?:\.[\w-]+)+")
"""Names with dots between them, as most languages write the way to a member."""


def parse_pointer(text: str) -> tuple[str, ...]:
    """The reference tokens of a JSON Pointer, unescaped; raises ``QuerySyntaxError`` (RFC 6901 §3)."""
    if not text:
        return ()
    if text[0] != "/":
        slashed = text.replace(".", "/") if _DOTTED.fullmatch(text) else text
        hint = "leave the `#` away" if text.startswith("#/") else f"write `/{slashed}`"
        raise QuerySyntaxError("a JSON Pointer is empty or begins with `/`", 0, 1, hint)
    wrong = _BAD_TILDE.search(text)
    if wrong:
        at = wrong.start()
        raise QuerySyntaxError("`~` stands only before 0 or 1", at, at + 1, "write ~0 for ~ and ~1 for /")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text[1:].split("/"))


def print_pointer(tokens: Sequence[str | int]) -> str:
    """The JSON Pointer of a location."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def get(value: Maybe, tokens: tuple[str, ...]) -> Maybe:
    """The value that ``tokens`` lead to, or UNDEFINED (RFC 6901 §4)."""
    return follow(value, tokens)


def set_(value: Value, tokens: Sequence[str | int], new: Value) -> Value:
    """A copy of ``value`` in which ``tokens`` lead to ``new``; what does not change is shared.

    What is missing is created when its parent exists: a member of an object, or the element after the last of an
    array, which ``-`` names as well. Raises ``QueryError`` where there is no such place.
    """
    if not tokens:
        return new
    copies: list[tuple[dict[str, Value] | list[Value], str | int]] = []
    here: Value = value
    for depth, token in enumerate(tokens):
        last = depth == len(tokens) - 1
        if isinstance(here, dict):
            key = str(token)
            if not last and key not in here:
                raise QueryError(f"there is nothing at {print_pointer(tokens[: depth + 1])}")
            copies.append((dict(here), key))
            here = None if last else here[key]
        elif isinstance(here, list):
            index = _index(here, token, tokens[: depth + 1], may_append=last)
            copies.append((list(here), index))
            here = None if last else here[index]
        else:
            where = print_pointer(tokens[:depth]) or "the whole payload"
            raise QueryError(f"{where} is of type {type_name(here)} and has no members")
    changed: Value = new
    for copy, place in reversed(copies):
        _put(copy, place, changed)
        changed = copy
    return changed


def _put(container: dict[str, Value] | list[Value], place: str | int, value: Value) -> None:
    if isinstance(container, dict):
        container[str(place)] = value
    elif isinstance(place, int) and place < len(container):
        container[place] = value
    else:
        container.append(value)


def _index(array: list[Value], token: str | int, path: Sequence[str | int], *, may_append: bool) -> int:
    if may_append and token == "-":
        return len(array)
    if isinstance(token, str) and not _INDEX.fullmatch(token):
        raise QueryError(f"{print_pointer(path)} leads into an array, and {token!r} is no index")
    index = int(token)
    if index < 0 or index > len(array) - (0 if may_append else 1):
        raise QueryError(f"there is nothing at {print_pointer(path)}: the array has {len(array)} elements")
    return index
