"""The comparisons with constants that a condition makes about the response, for who invents responses that fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from arazzo.criterion.nodes import Comparison as ComparisonNode
from arazzo.criterion.nodes import (
    Condition,
    Constant,
    Length,
    Operator,
    Query,
    QueryLength,
    Read,
    parts,
)
from arazzo.expression.nodes import BodySource, Expression, HeaderSource, MessagePart, StatusCode
from arazzo.patterns import pattern
from arazzo.query.singular import plain_path
from arazzo.values import Value

Subject: TypeAlias = Literal["status", "header", "body"]
_Place: TypeAlias = "tuple[Subject, tuple[str | int, ...]]"

_MIRRORED: Final[dict[Operator, Operator]] = {
    "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip


class Comparison(Struct, frozen=True):
    """A part of the response and the constant it is compared with.

    ``path`` is the header's name, or the keys and indices that lead into the body. With ``length`` it is the number
    of elements or characters there that is compared.
    """

    subject: Subject
    path: tuple[str | int, ...]
    operator: Operator
    literal: Value
    length: bool = False


def of_simple(condition: Condition) -> tuple[Comparison, ...]:
    """The comparisons of a simple condition."""
    return tuple(_comparisons(condition, None))


def of_logical(condition: Condition, context: Expression | None) -> tuple[Comparison, ...]:
    """The comparisons of a logical JSONPath condition on ``context``."""
    return tuple(_comparisons(condition, context))


_FILTER: Final = pattern(
    r"""(?P<before>[^?]*)\[\s*\?\s*\(?\s*@(?P<path>[^=!<>&|()?]*?)\s*(?P<operator>[=!<>]=|[<>])\s*
    (?P<literal>'[^'\\]*'|"[^"\\]*"|-?[0-9]+(?:\.[0-9]+)?|true|false|null)\s*\)?\s*\]\Z""",
    re.VERBOSE,
)
_LITERALS: Final[dict[str, Value]] = {"true": True, "false": False, "null": None}
_OPERATORS: Final[dict[str, Operator]] = {operator: operator for operator in _MIRRORED}


def of_query(text: str, context: Expression | None) -> tuple[Comparison, ...]:
    """The comparison of a query that ends with one filter, of the form ``$.items[?@.name == 'value']``.

    Its path goes through the first element, or straight to the member where the query begins with the filter: the
    context may be an array or an object.
    """
    place = _place_of(context)
    match = _FILTER.match(text)
    if place is None or match is None:
        return ()
    before, inside = plain_path(match["before"]), plain_path("$" + match["path"])
    if before is None or inside is None:
        return ()
    raw = match["literal"]
    literal: Value
    if raw[0] in "'\"":
        literal = raw[1:-1]
    elif raw in _LITERALS:
        literal = _LITERALS[raw]
    else:
        literal = float(raw) if "." in raw else int(raw[:300])
    subject, path = place
    return (Comparison(subject, (*path, *before, 0, *inside), _OPERATORS[match["operator"]], literal),)


def _comparisons(condition: Condition, context: Expression | None) -> Iterator[Comparison]:
    for part in parts(condition):
        match part:
            case ComparisonNode(operator, left, Constant(value)):
                yield from _about(left, operator, value, context)
            case ComparisonNode(operator, Constant(value), right):
                yield from _about(right, _MIRRORED[operator], value, context)
            case _:
                pass


def _about(
    operand: Condition, operator: Operator, literal: Value, context: Expression | None
) -> Iterator[Comparison]:
    place: _Place | None = None
    length = False
    match operand:
        case Read(expression):
            place = _place_of(expression)
        case Length(_, of):
            place, length = _place_of(of), True
        case Query(query):
            place = _place_in(context, query.text)
        case QueryLength(_, of):
            place, length = _place_in(context, of.text), True
        case _:
            pass
    if place is not None:
        yield Comparison(*place, operator, literal, length)


def _place_of(expression: Expression | None) -> _Place | None:
    """The part of the response that an expression names."""
    match expression:
        case StatusCode():
            return "status", ()
        case MessagePart("response", HeaderSource(name)):
            return "header", (name,)
        case MessagePart("response", BodySource(pointer, trail)):
            return "body", (*(_step(token) for token in pointer or ()), *trail)
    return None


def _place_in(context: Expression | None, query: str) -> _Place | None:
    """The part of the response that a singular query on ``context`` names."""
    place, steps = _place_of(context), plain_path(query)
    return None if place is None or steps is None else (place[0], (*place[1], *steps))


def _step(token: str) -> str | int:
    return int(token) if re.fullmatch("0|[1-9][0-9]{0,8}", token) else token
