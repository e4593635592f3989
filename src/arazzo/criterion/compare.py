"""How values compare: loosely in simple conditions, strictly in JSONPath (RFC 9535 §2.3.5.2.2)."""

from __future__ import annotations

from typing import Final, TypeVar

from arazzo.criterion.nodes import Operator
from arazzo.patterns import pattern
from arazzo.values import UNDEFINED, File, Maybe, Value, is_number, json_equal, to_text

_NUMBER: Final = pattern(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+\-]?[0-9]+)?")
_Ordered = TypeVar("_Ordered", str, float)
_LONGEST: Final = 400
"""Digits of a text that still is a number."""


def loosely(operator: Operator, left: Maybe, right: Maybe) -> bool:
    """A comparison of a simple condition (specification, "Simple Conditions").

    Text compares without regard to case; numbers and numeric texts compare as numbers; what is missing is null,
    which equals only itself and has no order; ``!=`` is the negation of ``==``.
    """
    left, right = _plain(left), _plain(right)
    match operator:
        case "==":
            return _same(left, right)
        case "!=":
            return not _same(left, right)
        case _:
            numbers = _number(left), _number(right)
            if numbers[0] is not None and numbers[1] is not None:
                return _ordered(operator, numbers[0], numbers[1])
            if isinstance(left, str) and isinstance(right, str):
                return _ordered(operator, left.casefold(), right.casefold())
            return False


def strictly(operator: Operator, left: Maybe, right: Maybe) -> bool:
    """A comparison of JSONPath: typed, and text with regard to case; what is missing equals null, our kindness."""
    left, right = _plain(left), _plain(right)
    match operator:
        case "==":
            return json_equal(left, right)
        case "!=":
            return not json_equal(left, right)
        case "<" | "<=":
            return (operator == "<=" and json_equal(left, right)) or _before(left, right)
        case ">" | ">=":
            return (operator == ">=" and json_equal(left, right)) or _before(right, left)


def truth(value: Maybe) -> bool:
    """Whether a bare operand passes: all but false, null, UNDEFINED, the empty text and zero."""
    if value is None or value is UNDEFINED or value is False or value == "":
        return False
    return not (is_number(value) and value == 0)


def _plain(value: Maybe) -> Value:
    """What is missing as null, binary data as its text."""
    if value is UNDEFINED:
        return None
    return to_text(value) if isinstance(value, (bytes, File)) else value


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str) and left.casefold() == right.casefold():
        return True
    numbers = _number(left), _number(right)
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0] == numbers[1]
    if isinstance(left, str) or isinstance(right, str):
        return False
    return json_equal(left, right)


def _number(value: Value) -> int | float | None:
    """A number, or the number that a text is in JSON's notation."""
    if isinstance(value, (int, float)):
        return None if isinstance(value, bool) else value
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    match = _NUMBER.fullmatch(value)
    if match is None:
        return None
    if match[1] is None and match[2] is None:
        return int(value)
    number = float(value)
    return number if abs(number) < float("inf") else None


def _ordered(operator: Operator, left: _Ordered, right: _Ordered) -> bool:
    before, equal = left < right, left == right
    match operator:
        case "<":
            return before
        case "<=":
            return before or equal
        case ">":
            return not before and not equal
        case _:
            return not before


def _before(left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    return isinstance(left, (int, float)) and isinstance(right, (int, float)) and left < right
