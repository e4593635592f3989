"""What is known about a value before there is one: the shape that its schema, or the text it is written as, gives it.

A shape never says more than is sure. Where a schema is open, recursive beyond reason or uses a word not read here,
the shape is ``UNKNOWN``, and a rule that meets it has nothing to report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from arazzo.descriptions.openapi.references import Resolver
from arazzo.source import Node, Path, Tree
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
    """What one of the ``alternatives`` allows; the schemas of an alternative hold together.

    ``of`` are the schemas it was read from, what a mere ``$ref`` leads to in its place: the same ones, the same shape.
    """

    alternatives: tuple[Alternative, ...]
    of: tuple[Place, ...] = ()


class AnyOf(Struct, frozen=True):
    """One of several shapes; none of them is ``AnyOf`` or ``UNKNOWN`` itself."""

    options: tuple[Shape, ...]


class Schema(Struct, frozen=True):
    """A Schema Object, and who follows its references."""

    node: Node
    resolver: Resolver


Alternative: TypeAlias = tuple[Schema, ...]
Place: TypeAlias = tuple[Tree, Path]
Shape: TypeAlias = Unknown | Constant | Plain | ObjectOf | ListOf | Described | AnyOf

UNKNOWN: Final = Unknown()
TEXT: Final = Plain(frozenset(("string",)))
INTEGER: Final = Plain(frozenset(("integer",)))
_MOST_OPTIONS: Final = 64
_MOST_ALTERNATIVES: Final = 512
"""Of all options together: those of a recursive schema multiply with every step into it."""


def any_of(shapes: Iterable[Shape]) -> Shape:
    """The shape of a value that has one of ``shapes``; ``UNKNOWN`` when there is none, or too many."""
    options: dict[object, Shape] = {}
    for shape in shapes:
        if isinstance(shape, Unknown):
            return UNKNOWN
        for option in shape.options if isinstance(shape, AnyOf) else (shape,):
            options.setdefault((isinstance(option, Described) and option.of) or id(option), option)
    found = tuple(options.values())
    alternatives = sum(len(option.alternatives) for option in found if isinstance(option, Described))
    if not found or len(found) > _MOST_OPTIONS or (len(found) > 1 and alternatives > _MOST_ALTERNATIVES):
        return UNKNOWN
    return found[0] if len(found) == 1 else AnyOf(found)


def constant_types(value: Value) -> frozenset[str]:
    """The JSON types of a value: a whole number is an ``integer`` and nothing else."""
    return frozenset((type_name(value),))
