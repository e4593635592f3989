"""Conditions as data: what simple conditions and logical JSONPath conditions have in common, and their operands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from arazzo.expression.nodes import Expression
from arazzo.expression.template import Text
from arazzo.query.jsonpath import JsonPath

Operator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]
Scalar: TypeAlias = "None | bool | int | float | str"


@dataclass(frozen=True, slots=True)
class Constant:
    """``true``, ``false``, ``null``, a number or a string."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Read:
    """A runtime expression."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Length:
    """``….length``: a member of that name if ``whole`` has one, else the length of the array or text ``of``."""

    whole: Expression
    of: Expression


@dataclass(frozen=True, slots=True)
class TextOperand:
    """A string literal with runtime expressions in it."""

    text: Text


@dataclass(frozen=True, slots=True)
class Query:
    """A JSONPath query on the context; ``span`` is where it stands."""

    query: JsonPath
    span: tuple[int, int] = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class QueryLength:
    """``….length`` of a query: its number of nodes; of a singular one what ``Length`` is, ``whole`` tried first."""

    whole: JsonPath | None
    of: JsonPath


@dataclass(frozen=True, slots=True)
class Call:
    """A function of RFC 9535."""

    name: Literal["length", "count", "value", "match", "search"]
    arguments: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``!``"""

    item: Condition


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands and what is said about them."""

    operator: Operator
    left: Condition
    right: Condition


@dataclass(frozen=True, slots=True)
class And:
    """``&&``"""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """``||``"""

    items: tuple[Condition, ...]


Operand: TypeAlias = Constant | Read | Length | TextOperand | Query | QueryLength | Call
Condition: TypeAlias = Operand | Not | Comparison | And | Or


class ConditionSyntaxError(ValueError):
    """A text is no condition: ``message`` says why, ``text[start:end]`` is where, ``hint`` a remedy."""

    def __init__(self, message: str, start: int, end: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start + 1)
        self.hint = hint
