"""What a simulated reply says fits the schemas of its description: whether a value does, and what to take when not."""

from __future__ import annotations

from random import Random
from typing import Final

from msgspec import Struct, field

from arazzo.descriptions.openapi.checkable import Place
from arazzo.descriptions.openapi.dialect import rewrite
from arazzo.descriptions.openapi.model import MediaType, Operation
from arazzo.descriptions.openapi.references import Resolver, identity
from arazzo.descriptions.openapi.response_check import SchemaCheck
from arazzo.simulate.sample import Sampler
from arazzo.source import Node
from arazzo.values import Value

_MOST_SCHEMAS: Final = 5_000


class Fitting(Struct):
    """Holds values against schemas; what is made for a schema is kept."""

    _known: dict[Place, SchemaCheck] = field(default_factory=dict)

    def fits(self, operation: Operation, resolver: Resolver, schema: Node | None, value: Value) -> bool:
        """Whether ``value`` fits ``schema``, which stands in the description of ``operation``."""
        if schema is None:
            return True
        known = self._known.get(identity(schema))
        if known is None:
            known = SchemaCheck(schema, rewrite(schema, resolver, operation.at))
            if len(self._known) < _MOST_SCHEMAS:
                self._known[identity(schema)] = known
        return known.fits(value)

    def body(
        self, operation: Operation, resolver: Resolver, media: MediaType, sampler: Sampler, seed: float
    ) -> Value:
        """A body that fits, where one can be made: the example as it is, else one without examples that do not fit."""
        if media.schema is None and media.at is None:
            return {}
        body = sampler.content(media)
        if self.fits(operation, resolver, media.schema, body):
            return body
        random = Random(seed)  # noqa: S311 - a course of events, not a secret
        careful = Sampler(
            resolver, random, lambda schema, value: self.fits(operation, resolver, schema, value)
        )
        better = careful.value(media.schema, "body")
        return better if self.fits(operation, resolver, media.schema, better) else body
