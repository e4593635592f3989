"""Conditions as data: what simple conditions and logical JSONPath conditions have in common, and their operands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from arazzo.expression.nodes import Expression
from arazzo.expression.template import Text
from arazzo.records import Record

if TYPE_CHECKING:
    from arazzo.query.jsonpath import JsonPath
else:
    JsonPath = object  # help() and inspect.signature() read the annotations of a class.

Operator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]
Scalar: TypeAlias = "None | bool | int | float | str"


class Constant(Struct, frozen=True):
    """``true``, ``false``, ``null``, a number or a string."""

    value: Scalar


class Read(Struct, frozen=True):
    """A runtime expression."""

    expression: Expression


class Length(Struct, frozen=True):
    """``….length``: a member of that name if ``whole`` has one, else the length of the array or text ``of``."""

    whole: Expression
    of: Expression


class TextOperand(Struct, frozen=True):
    """A string literal with runtime expressions in it."""

    text: Text


class Query(Record, frozen=True):
    """A JSONPath query on the context; ``span`` is where it stands."""

    aside = ("span",)

    query: JsonPath
    span: tuple[int, int] = (0, 0)


class QueryLength(Struct, frozen=True):
    """``….length`` of a query: its number of nodes; of a singular one what ``Length`` is, ``whole`` tried first."""

    whole: JsonPath | None
    of: JsonPath


class Call(Struct, frozen=True):
    """A function of RFC 9535."""

    name: Literal["length", "count", "value", "match", "search"]
    arguments: tuple[Condition, ...]


class Not(Struct, frozen=True):
    """``!``"""

    item: Condition


class Comparison(Struct, frozen=True):
    """Two operands and what is said about them."""

    operator: Operator
    left: Condition
    right: Condition


class And(Struct, frozen=True):
    """``&&``"""

    items: tuple[Condition, ...]


class Or(Struct, frozen=True):
    """``||``"""

    items: tuple[Condition, ...]


Operand: TypeAlias = Constant | Read | Length | TextOperand | Query | QueryLength | Call
Condition: TypeAlias = Operand | Not | Comparison | And | Or


def parts(condition: Condition | None, *, negated: bool = True) -> Iterator[Condition]:
    """A condition and everything in it, as it is written; without ``negated``, not what a negation turns round."""
    waiting = [condition] if condition is not None else []
    while waiting:
        part = waiting.pop()
        yield part
        match part:
            case Not(item) if negated:
                waiting.append(item)
            case Comparison(_, left, right):
                waiting.extend((right, left))
            case And(items) | Or(items) | Call(_, items):
                waiting.extend(reversed(items))
            case _:
                pass


class ConditionSyntaxError(ValueError):
    """A text is no condition: ``message`` says why, ``text[start:end]`` is where, ``hint`` a remedy."""

    def __init__(self, message: str, start: int, end: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start + 1)
        self.hint = hint
