"""A bound on what a JSONPath query may cost, estimated from its shape and from the size of the value."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from arazzo.patterns import pattern
from arazzo.query.errors import QueryError
from arazzo.values import Value

MAX_STEPS: Final = 50_000_000
"""Nodes that a query may visit, estimated."""

_TOKEN: Final = pattern(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\.\.|\$(?P<path>(?:\.[\w]+|\[(?:-?[0-9]+|'[^'\\]*'|"[^"\\]*")\])*)|[\[\](),.]""",
    re.DOTALL,
)


class Shape(Struct, frozen=True):
    """What multiplies the work: ``..`` segments, absolute queries inside filters, selectors side by side."""

    descents: int = 0
    restarts: int = 0
    selectors: int = 1


def shape_of(text: str) -> Shape:
    """The shape of a query, read from its text."""
    descents = restarts = 0
    selectors = 1
    brackets: list[int] = []
    for token in _TOKEN.finditer(text):
        match token[0][0]:
            case "." if token[0] == "..":
                descents += 1
            case "[" | "(":
                brackets.append(1 if token[0] == "[" else 0)
            case "," if brackets and brackets[-1]:
                brackets[-1] += 1
            case "]" | ")" if brackets:
                selectors *= max(1, brackets.pop())
            case "$" if token.start() and text[token.end() : token.end() + 1] in (".", "["):
                restarts += 1
    return Shape(descents, restarts, selectors)


def check_cost(shape: Shape, context: Value) -> None:
    """Raise ``QueryError`` when a query of this shape could take too long on ``context``."""
    if shape == Shape():
        return
    nodes, depth = _size(context)
    if nodes * shape.selectors * depth**shape.descents * nodes**shape.restarts > MAX_STEPS:
        raise QueryError(f"the query could visit too many nodes of a value with {nodes:,} of them")


def _size(context: Value) -> tuple[int, int]:
    """How many nodes ``context`` has, and how many levels."""
    nodes, depth = 0, 0
    level: list[Value] = [context]
    while level:
        nodes += len(level)
        depth += 1
        below: list[Value] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        level = below
    return nodes, depth
