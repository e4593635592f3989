"""What is known about a value before there is one: the shape that its schema, or the text it is written as, gives it.

A shape never says more than is sure. Where a schema is open, recursive beyond reason or uses a word not read here,
the shape is ``UNKNOWN``, and a rule that meets it has nothing to report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from arazzo.descriptions.openapi.references import Resolver
from arazzo.source import Node
from arazzo.values import Value, type_name


class Unknown(Struct, frozen=True):
    """Nothing is known."""


class Constant(Struct, frozen=True):
    """This very value."""

    value: Value


class Plain(Struct, frozen=True):
    """Any value of these JSON types, and no more is known of it."""

    types: frozenset[str]


class ObjectOf(Struct, frozen=True):
    """An object with exactly these members, less those that turn out to be undefined."""

    members: Mapping[str, Shape]


class ListOf(Struct, frozen=True):
    """An array whose elements have this shape."""

    element: Shape


class Described(Struct, frozen=True):
    """What one of the ``alternatives`` allows; the schemas of an alternative hold together."""

    alternatives: tuple[Alternative, ...]


class AnyOf(Struct, frozen=True):
    """One of several shapes; none of them is ``AnyOf`` or ``UNKNOWN`` itself."""

    options: tuple[Shape, ...]


class Schema(Struct, frozen=True):
    """A Schema Object, and who follows its references."""

    node: Node
    resolver: Resolver


Alternative: TypeAlias = tuple[Schema, ...]
Shape: TypeAlias = "Unknown | Constant | Plain | ObjectOf | ListOf | Described | AnyOf"

UNKNOWN: Final = Unknown()
TEXT: Final = Plain(frozenset(("string",)))
INTEGER: Final = Plain(frozenset(("integer",)))
_MOST_OPTIONS: Final = 64


def any_of(shapes: Iterable[Shape]) -> Shape:
    """The shape of a value that has one of ``shapes``; ``UNKNOWN`` when there is none, or too many."""
    options: dict[int, Shape] = {}
    for shape in shapes:
        if isinstance(shape, Unknown):
            return UNKNOWN
        for option in shape.options if isinstance(shape, AnyOf) else (shape,):
            options.setdefault(id(option), option)
    found = tuple(options.values())
    if not found or len(found) > _MOST_OPTIONS:
        return UNKNOWN
    return found[0] if len(found) == 1 else AnyOf(found)


def constant_types(value: Value) -> frozenset[str]:
    """The JSON types of a value: a whole number is an ``integer`` and nothing else."""
    return frozenset((type_name(value),))
