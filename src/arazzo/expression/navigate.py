"""From a value to one of its parts: by JSON Pointer, or by the ``.`` and ``[]`` of conditions."""

from __future__ import annotations

from typing import Final

from arazzo.expression.nodes import Pointer, Trail
from arazzo.patterns import pattern
from arazzo.values import UNDEFINED, Maybe

_INDEX: Final = pattern(r"0|[1-9][0-9]{0,14}")


def follow(value: Maybe, pointer: Pointer) -> Maybe:
    """The value that the reference tokens of a JSON Pointer lead to (RFC 6901 §4), or UNDEFINED.

    A token is a key of an object, an index without leading zeros of an array; ``-`` and any part of a text or of
    binary data do not exist.
    """
    for token in pointer:
        if isinstance(value, dict):
            value = value.get(token, UNDEFINED)
        elif isinstance(value, list) and _INDEX.fullmatch(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            return UNDEFINED
    return value


def walk(value: Maybe, trail: Trail) -> Maybe:
    """The value that ``.name`` and ``[0]`` lead to, or UNDEFINED. An index of an object is its key."""
    for step in trail:
        if isinstance(value, dict):
            value = value.get(str(step), UNDEFINED)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return UNDEFINED
    return value
