"""What the simple words of a schema take: the value to keep, or that there is nothing to keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from arazzo.values import Value, is_number

_TYPES: Final = frozenset(("null", "boolean", "integer", "number", "string", "array", "object"))
_NUMBERS: Final = frozenset(("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf"))
_COUNTS: Final = (
    "maxLength",
    "minLength",
    "maxItems",
    "minItems",
    "maxProperties",
    "minProperties",
    "minContains",
    "maxContains",
)

Kept: TypeAlias = "tuple[Value, ...] | None"
"""The value, wrapped; nothing when it says nothing; None when it is nothing that the word takes."""


def _number(value: Value) -> Kept:
    return (value,) if is_number(value) else None


def _exclusive(value: Value) -> Kept:
    return () if isinstance(value, bool) else _number(value)


def _step(value: Value) -> Kept:
    return (value,) if isinstance(value, (int, float)) and is_number(value) and value > 0 else None


def _count(value: Value) -> Kept:
    if isinstance(value, (int, float)) and is_number(value) and value >= 0 and value == int(value):
        return (int(value),)
    return None


def _type(value: Value) -> Kept:
    if value == "file":
        return ()  # A file of OpenAPI 2.0 is whatever its media type says.
    names = value if isinstance(value, list) else [value]
    known = bool(names) and all(isinstance(name, str) and name in _TYPES for name in names)
    return ((list(dict.fromkeys(map(str, names))) if isinstance(value, list) else value),) if known else None


def _enum(value: Value) -> Kept:
    return (value,) if isinstance(value, list) and value else None


def _const(value: Value) -> Kept:
    return (value,)


def _flag(value: Value) -> Kept:
    return ((True,) if value else ()) if isinstance(value, bool) else None


def _never(value: Value) -> Kept:
    del value
    return None


READERS: Final[Mapping[str, Callable[[Value], Kept]]] = {
    **dict.fromkeys(_NUMBERS, _number),
    **dict.fromkeys(_COUNTS, _count),
    "exclusiveMaximum": _exclusive,
    "exclusiveMinimum": _exclusive,
    "multipleOf": _step,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "uniqueItems": _flag,
    "pattern": _never,
}
