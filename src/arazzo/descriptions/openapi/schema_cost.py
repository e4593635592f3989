"""How much work a validator without a memory would have with a schema, for one value and what is on one way into it.

``allOf`` of two references to a schema that is ``allOf`` of two references, thirty times over, has a billion schemas to
look at. A description that says so is left to ``schema_check``, which looks at each once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct, field

from arazzo.descriptions.openapi.checkable import CheckableSchema, Rewritten
from arazzo.values import Value

_TAME: Final = 100_000
_MOST_WORK: Final = 2_000_000
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SINGLE: Final = ("not", "if", "then", "else")
_INSIDE: Final = (
    "items", "contains", "propertyNames", "additionalProperties", "unevaluatedProperties", "unevaluatedItems",
)  # fmt: skip


class _Cost(Struct):
    """Schemas to look at: for the value itself, for a member by its name, for any other value inside."""

    here: int = 1
    members: dict[str, int] = field(default_factory=dict)
    inside: int = 0

    def add(self, other: _Cost) -> int:
        self.here = min(self.here + other.here, _TAME + 1)
        self.inside = min(self.inside + other.inside, _TAME + 1)
        for name, cost in other.members.items():
            self.members[name] = min(self.members.get(name, 0) + cost, _TAME + 1)
        return len(other.members)

    @property
    def total(self) -> int:
        return min(self.here + max(self.members.values(), default=0) + self.inside, _TAME + 1)


def is_tame(checkable: CheckableSchema) -> bool:
    """Whether the work stays within a bound. What refers to itself counts once: validators remember it."""
    measuring = _Measuring(checkable)
    for name in _inner_first(checkable):
        measuring.known[name] = measuring.of(checkable.definitions[name])
        if measuring.work > _MOST_WORK:
            return False
    return measuring.of(checkable.root).total <= _TAME


def _inner_first(checkable: CheckableSchema) -> Iterator[str]:
    """The definitions, each after those it refers to, as far as there is such an order."""
    started: set[str] = set()
    for root in checkable.definitions:
        stack = [(root, iter(references(checkable.definitions[root])))] if root not in started else []
        started.add(root)
        while stack:
            name, rest = stack[-1]
            following = next((other for other in rest if other not in started), None)
            if following is None:
                stack.pop()
                yield name
            else:
                started.add(following)
                stack.append((following, iter(references(checkable.definitions[following]))))


def references(schema: Rewritten) -> list[str]:
    """The definitions that ``schema`` refers to, at any depth."""
    found: list[str] = []
    pending: list[Value] = [schema]
    while pending:
        here = pending.pop()
        if isinstance(here, list):
            pending.extend(here)
        elif isinstance(here, dict):
            reference = here.get("$ref")
            if isinstance(reference, str):
                found.append(reference.rpartition("/")[2])
            pending.extend(member for word, member in here.items() if word not in ("enum", "const"))
    return found


class _Measuring(Struct):
    checkable: CheckableSchema
    known: dict[str, _Cost] = field(default_factory=dict)
    work: int = 0

    def of(self, schema: Rewritten) -> _Cost:
        cost = _Cost()
        reference = schema.get("$ref")
        if isinstance(reference, str):
            self._add(cost, self.known.get(reference.rpartition("/")[2], _Cost()))
        for part in self._in_place(schema):
            self._add(cost, self.of(part))
        for name, part in _members(schema, "properties"):
            cost.members[name] = min(cost.members.get(name, 0) + self.of(part).total, _TAME + 1)
        for _, part in _members(schema, "patternProperties"):
            cost.inside += self.of(part).total
        for part in self._inside(schema):
            cost.inside += self.of(part).total
        self.work += 1 + len(cost.members)
        return cost

    def _add(self, cost: _Cost, other: _Cost) -> None:
        self.work += cost.add(other)

    def _in_place(self, schema: Rewritten) -> Iterator[Rewritten]:
        for word in _LISTS:
            listed = schema.get(word)
            yield from (part for part in listed if isinstance(part, dict)) if isinstance(listed, list) else ()
        for word in _SINGLE:
            part = schema.get(word)
            if isinstance(part, dict):
                yield part
        yield from (part for _, part in _members(schema, "dependentSchemas"))

    def _inside(self, schema: Rewritten) -> Iterator[Rewritten]:
        for word in _INSIDE:
            part = schema.get(word)
            if isinstance(part, dict):
                yield part
        listed = schema.get("prefixItems")
        yield from (part for part in listed if isinstance(part, dict)) if isinstance(listed, list) else ()


def _members(schema: Rewritten, word: str) -> Iterator[tuple[str, Rewritten]]:
    found = schema.get(word)
    for name, part in found.items() if isinstance(found, dict) else ():
        if isinstance(part, dict):
            yield name, part
