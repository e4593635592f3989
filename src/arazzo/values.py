"""The values that flow through a run, and how one becomes text.

Missing is not null: ``UNDEFINED`` is what an expression gives whose referent does not exist. It travels
through expressions and templates, and only the edge (a parameter, a body member, an output) decides what it
means there.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr


class Undefined(Enum):
    """The type of ``UNDEFINED``; an enum of one member, so that ``is UNDEFINED`` narrows the type."""

    UNDEFINED = "undefined"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined.UNDEFINED


class File(Struct, frozen=True):
    """A file given as an input: its text where text is wanted, an attachment where a body wants a file.

    Text given as ``content`` becomes its UTF-8. Raises ``TypeError`` for a name that is no text, and for content that
    is neither text nor bytes.
    """

    name: str
    content: bytes
    media_type: str | None = None

    def __post_init__(self) -> None:
        # The types say it, and a caller who checks none would be told much later, and of something else.
        for field, given in (("name", self.name), ("media_type", self.media_type or "")):
            if not isinstance(given, str):
                raise TypeError(f"File: {field} is a text, not {type(given).__name__}")
        content: object = self.content
        if isinstance(content, str):
            force_setattr(self, "content", content.encode())
        elif isinstance(content, (bytearray, memoryview)):
            force_setattr(self, "content", bytes(content))
        elif not isinstance(content, bytes):
            raise TypeError(
                f"File: content is bytes, or a text to be encoded as UTF-8, not {type(content).__name__}; "
                "of a file on disk, Path(…).read_bytes()"
            )


if TYPE_CHECKING:
    Value: TypeAlias = "None | bool | int | float | str | bytes | File | list[Value] | dict[str, Value]"
    """A JSON value, or bytes or a file, which only inputs, bodies and outputs hold."""
else:
    # help() and inspect.signature() read the annotations of a class in its own module, which knows no File.
    Value = None | bool | int | float | str | bytes | File | list | dict

Maybe: TypeAlias = Value | Undefined


def is_number(value: object) -> bool:
    """Whether ``value`` is a JSON number; Python's booleans are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def type_name(value: Maybe) -> str:
    """The JSON Schema name of the value's type, for messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case bytes() | File():
            return "binary"
        case Undefined():
            return "undefined"


def to_json(value: Value) -> str:
    """Compact JSON (RFC 8259), not ASCII-escaped. Bytes and files become their text, undecodable bytes replaced."""
    import json  # here, as in other places: most checks write no JSON and read none

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_as_json)


def _as_json(value: object) -> str:
    match value:
        case File():
            return value.content.decode("utf-8", "replace")
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            raise TypeError(f"{type(value).__name__} is not a JSON value")


def to_text(value: Value) -> str:
    """``value`` as text, as the specification's "Runtime Expressions" wants it inside a string.

    Strings as they are; ``true``, ``false``, ``null``; numbers as JSON writes them, an integral one without a
    fraction; objects and arrays as compact JSON.
    """
    match value:
        case str():
            return value
        case int() if not isinstance(value, bool):
            return str(value)
        case float() if value.is_integer() and abs(value) < 1e21:
            return str(int(value))
        case File() | bytes():
            return _as_json(value)
        case _:
            return to_json(value)


DEEPEST: Final = 200
"""Levels that a value given by a caller may have: much that looks at values does so recursively."""
_LARGEST: Final = 10**1000


def flaw(given: object) -> str | None:
    """Why ``given``, which a caller says is a value, is none; as a clause for people, or None when it is one."""
    level: list[object] = [given]
    for _ in range(DEEPEST):
        inside: list[object] = []
        for value in level:
            match value:
                case dict():
                    if not all(isinstance(name, str) for name in value):
                        return "it holds a mapping with a key that is no text"
                    inside.extend(value.values())
                case list():
                    inside.extend(value)
                case float() if not math.isfinite(value):
                    return f"it holds {value}, which is no JSON number"
                case int() if not -_LARGEST < value < _LARGEST:
                    return "it holds an integer of more than 1,000 digits"
                case None | bool() | int() | float() | str() | bytes() | File():
                    pass
                case _:
                    return f"it holds a {type(value).__name__}, which is no JSON value"
        if not inside:
            return None
        level = inside
    return f"it is nested deeper than {DEEPEST} levels"


def json_equal(left: Value, right: Value) -> bool:
    """Equality of JSON values: ``1`` and ``1.0`` are the same number, ``true`` and ``1`` are not the same value."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(json_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(json_equal(left[key], right[key]) for key in left)
    return left == right
