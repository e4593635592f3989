"""A schema as JSON Schema 2020-12, and what is known of where it comes from; made by ``dialect``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from msgspec import Struct

from arazzo.descriptions.openapi.patterns import Patterns
from arazzo.descriptions.openapi.references import Resolver
from arazzo.source import Node, Path
from arazzo.values import Value

Rewritten: TypeAlias = "dict[str, Value]"
Place: TypeAlias = "tuple[int, Path]"


class Dialect(StrEnum):
    """Whose rules a schema is read by."""

    OPENAPI_2 = "2.0"
    OPENAPI_3_0 = "3.0"
    JSON_SCHEMA = "2020-12"
    """OpenAPI 3.1 and later."""


class Unusable(Struct, frozen=True):
    """A word of a schema that cannot be checked, and why, as a clause."""

    at: Node
    reason: str


class CheckableSchema(Struct):
    """A schema in 2020-12. ``origins`` tells by ``id`` where each schema object of it was written."""

    root: Rewritten
    definitions: dict[str, Rewritten]
    origins: dict[int, Node]
    unusable: list[Unusable]
    write_only: frozenset[int]
    """By ``id``: what stands for a ``writeOnly`` property, and allows no value."""
    choices: Mapping[int, str]
    """By ``id``: what lists the values that a discriminator may have, and the discriminator's property."""
    patterns: Patterns

    @property
    def whole(self) -> Rewritten:
        """The schema with its definitions."""
        return {**self.root, "$defs": dict(self.definitions)}

    def definition(self, reference: str) -> Rewritten:
        """What a ``$ref`` of it leads to."""
        return self.definitions[reference.rpartition("/")[2]]


class View(Struct, frozen=True):
    """How a schema is read where it is reached: along with which others it holds for one value."""

    write_only: frozenset[str] = frozenset()
    """Properties that the schemas around it say are ``writeOnly``."""
    chosen: frozenset[Place] = frozenset()
    """Schemas whose discriminator has been followed already."""


INSIDE: Final = View()


class Rewrites(Protocol):
    """What rewriting a discriminator needs of the rewriting of the whole."""

    resolver: Resolver
    strict: bool
    choices: dict[int, str]

    def made(self, schema: Rewritten, origin: Node) -> Rewritten:
        """``schema``, known to come from ``origin``."""
        ...

    def schema(self, node: Node, view: View, depth: int) -> Rewritten:
        """``node`` rewritten."""
        ...
