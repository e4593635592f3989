"""What of a value does not fit a schema in 2020-12, told place by place.

jsonschema-rs says quickly whether a value fits; why not is found here, because the errors it lists grow without
bound for nested alternatives and quote the value, which may be secret. No sentence made here shows a value. The work
is bounded: each schema object is looked at once for each place of the value, and only so often in all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, TypeAlias

from msgspec import Struct, field

from arazzo.descriptions.openapi.checkable import CheckableSchema, Rewritten
from arazzo.descriptions.openapi.value_check import a, is_of, listed, plain_faults
from arazzo.source import Node
from arazzo.values import Value, type_name

Keys: TypeAlias = "tuple[str | int, ...]"

MOST_WORK: Final = 300_000
"""Schema objects looked at for one value."""
_MOST_HOPS: Final = 8


class TooMuchWork(Exception):  # noqa: N818 - a bound, not an error
    """The bound on the work for one value is reached."""


class Misfit(Struct, frozen=True):
    """One thing that does not fit: where in the value, what as a clause about it, and where the schema says so."""

    path: Keys
    clause: str
    at: Node


class _Inside(Struct, frozen=True):
    """A value inside another, to be looked at with a schema of its own."""

    schema: Rewritten
    value: Value
    path: Keys


_Found: TypeAlias = "Misfit | _Inside"


class Examiner(Struct):
    """Looks at values with one schema."""

    checkable: CheckableSchema
    work: int = MOST_WORK
    _known: dict[tuple[int, int], bool] = field(default_factory=dict)
    _kept: list[Value] = field(default_factory=list)

    def misfits(self, value: Value) -> Iterator[Misfit]:
        """Everything that does not fit, outer places first. Raises ``TooMuchWork``."""
        pending = deque((_Inside(self.checkable.root, value, ()),))
        seen: set[tuple[int, Keys]] = set()
        while pending:
            here = pending.popleft()
            for found in self._look(here.schema, here.value, here.path, seen):
                if isinstance(found, Misfit):
                    yield found
                else:
                    pending.append(found)

    def fits(self, schema: Rewritten, value: Value) -> bool:
        """Whether ``value`` fits ``schema``; a schema that asks about itself does not count twice."""
        key = (id(schema), id(value))
        if key not in self._known:
            self._known[key] = True
            self._kept.append(value)  # Its id is to stay its own.
            self._known[key] = self._decide(schema, value)
        return self._known[key]

    def _decide(self, schema: Rewritten, value: Value) -> bool:
        for found in self._look(schema, value, (), set()):
            if isinstance(found, Misfit) or not self.fits(found.schema, found.value):
                return False
        return True

    def _look(
        self, schema: Rewritten, value: Value, path: Keys, seen: set[tuple[int, Keys]]
    ) -> Iterator[_Found]:
        """What of ``schema`` does not hold for ``value`` itself, and what is to be looked at inside it."""
        if (id(schema), path) in seen:
            return
        seen.add((id(schema), path))
        self.work -= 1
        if self.work < 0:
            raise TooMuchWork
        if id(schema) in self.checkable.write_only:
            yield self._misfit(schema, "not", path, "is writeOnly, and must not be in a response")
            return
        for word, clause in plain_faults(schema, value, self.checkable.patterns.matches):
            yield self._misfit(schema, word, path, self._about_choice(schema, word, clause))
        yield from self._in_place(schema, value, path, seen)
        if isinstance(value, dict):
            yield from self._members(schema, value, path)
        elif isinstance(value, list):
            yield from self._elements(schema, value, path)

    def _misfit(self, schema: Rewritten, word: str, path: Keys, clause: str) -> Misfit:
        origin = self.checkable.origins[id(schema)]
        return Misfit(path, clause, origin.get(word) or origin)

    def _about_choice(self, schema: Rewritten, word: str, clause: str) -> str:
        name = self.checkable.choices.get(id(schema)) if word == "enum" else None
        values = schema.get("enum")
        if name is None or not isinstance(values, list):
            return clause
        return f"names none of the schemas that the discriminator chooses from: {listed(values)}"

    # --- schemas for the value itself

    def _in_place(
        self, schema: Rewritten, value: Value, path: Keys, seen: set[tuple[int, Keys]]
    ) -> Iterator[_Found]:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield from self._look(self.checkable.definition(reference), value, path, seen)
        for part in _schemas(schema, "allOf"):
            yield from self._look(part, value, path, seen)
        parts = _schemas(schema, "anyOf")
        if parts and not any(self.fits(choice, value) for choice in parts):
            yield from self._no_alternative(schema, "anyOf", parts, value, path, seen)
        if parts := _schemas(schema, "oneOf"):
            count = sum(self.fits(choice, value) for choice in parts)
            if count == 0:
                yield from self._no_alternative(schema, "oneOf", parts, value, path, seen)
            elif count > 1:
                clause = f"fits {count} of the {len(parts)} schemas of oneOf, and may fit one only"
                yield self._misfit(schema, "oneOf", path, clause)
        forbidden = schema.get("not")
        if isinstance(forbidden, dict) and self.fits(forbidden, value):
            clause = "fits a schema that it must not fit" if forbidden else "is not allowed to be there"
            yield self._misfit(schema, "not", path, clause)
        condition = schema.get("if")
        if isinstance(condition, dict):
            branch = schema.get("then" if self.fits(condition, value) else "else")
            if isinstance(branch, dict):
                yield from self._look(branch, value, path, seen)
        dependent = schema.get("dependentSchemas")
        if isinstance(dependent, dict) and isinstance(value, dict):
            for name, inner in dependent.items():
                if name in value and isinstance(inner, dict):
                    yield from self._look(inner, value, path, seen)

    def _no_alternative(
        self,
        schema: Rewritten,
        word: str,
        parts: list[Rewritten],
        value: Value,
        path: Keys,
        seen: set[tuple[int, Keys]],
    ) -> Iterator[_Found]:
        """Where only one alternative takes values of this type, what is wrong is what that one says."""
        likely = [part for part in parts if self._takes_type(part, value, 0)]
        if len(likely) == 1:
            yield from self._look(likely[0], value, path, seen)
            return
        if not likely:
            clause = f"is {a(type_name(value))}, which none of the {len(parts)} schemas of {word} allows"
        else:
            clause = f"fits none of the {len(parts)} schemas of {word}"
        yield self._misfit(schema, word, path, clause)

    def _takes_type(self, schema: Rewritten, value: Value, depth: int) -> bool:
        if "type" in schema and not is_of(schema["type"], value):
            return False
        reference = schema.get("$ref")
        if isinstance(reference, str) and depth < _MOST_HOPS:
            return self._takes_type(self.checkable.definition(reference), value, depth + 1)
        return True

    # --- schemas for values inside

    def _members(self, schema: Rewritten, value: dict[str, Value], path: Keys) -> Iterator[_Found]:
        properties, patterns = _mapping(schema, "properties"), _mapping(schema, "patternProperties")
        for name, part in properties.items():
            if name in value:
                yield _Inside(part, value[name], (*path, name))
        matched: set[str] = set()
        for pattern, part in patterns.items():
            for name in value:
                if self.checkable.patterns.matches(pattern, name):
                    matched.add(name)
                    yield _Inside(part, value[name], (*path, name))
        others = [name for name in value if name not in properties and name not in matched]
        yield from self._others(schema, "additionalProperties", others, value, path)
        if "unevaluatedProperties" in schema:
            known = self._evaluated(schema, value, set())
            rest = [name for name in value if name not in known]
            yield from self._others(schema, "unevaluatedProperties", rest, value, path)
        names = schema.get("propertyNames")
        if isinstance(names, dict):
            for name in value:
                if not self.fits(names, name):
                    clause = "has a name that its object does not allow"
                    yield self._misfit(schema, "propertyNames", (*path, name), clause)

    def _others(
        self, schema: Rewritten, word: str, names: list[str], value: dict[str, Value], path: Keys
    ) -> Iterator[_Found]:
        part = schema.get(word)
        if not isinstance(part, dict) or not part:
            return
        for name in names:
            if part == {"not": {}}:
                clause = "is not declared, and the schema allows no other properties"
                yield self._misfit(schema, word, (*path, name), clause)
            else:
                yield _Inside(part, value[name], (*path, name))

    def _elements(self, schema: Rewritten, value: list[Value], path: Keys) -> Iterator[_Found]:
        first = _schemas(schema, "prefixItems")
        for index, (part, element) in enumerate(zip(first, value, strict=False)):
            yield _Inside(part, element, (*path, index))
        rest = schema.get("items")
        if isinstance(rest, dict) and rest:
            for index, element in enumerate(value[len(first) :], len(first)):
                yield _Inside(rest, element, (*path, index))
        wanted = schema.get("contains")
        if isinstance(wanted, dict):
            count = sum(self.fits(wanted, element) for element in value)
            least, most = schema.get("minContains", 1), schema.get("maxContains", len(value))
            assert isinstance(least, int)
            assert isinstance(most, int)
            if not least <= count <= most:
                limits = f"at least {least}" if count < least else f"at most {most}"
                clause = f"has {count} elements that fit `contains`, and must have {limits}"
                yield self._misfit(schema, "contains", path, clause)
        remaining = schema.get("unevaluatedItems")
        if isinstance(remaining, dict) and remaining:
            known = self._evaluated(schema, value, set())
            for index, element in enumerate(value):
                if index not in known:
                    yield _Inside(remaining, element, (*path, index))

    def _evaluated(self, schema: Rewritten, value: Value, seen: set[int]) -> set[str | int]:
        """The members or elements that ``schema``, and what holds along with it, speaks of (2020-12, §11)."""
        if id(schema) in seen:
            return set()
        seen.add(id(schema))
        self.work -= 1
        found: set[str | int] = set()
        if isinstance(value, dict):
            properties = _mapping(schema, "properties")
            patterns = _mapping(schema, "patternProperties")
            found.update(name for name in value if name in properties)
            found.update(
                name
                for name in value
                for pattern in patterns
                if self.checkable.patterns.matches(pattern, name)
            )
            if "additionalProperties" in schema or (len(seen) > 1 and "unevaluatedProperties" in schema):
                found.update(value)
        elif isinstance(value, list):
            found.update(range(min(len(_schemas(schema, "prefixItems")), len(value))))
            contains = schema.get("contains")
            if isinstance(contains, dict):
                found.update(i for i, element in enumerate(value) if self.fits(contains, element))
            if "items" in schema or (len(seen) > 1 and "unevaluatedItems" in schema):
                found.update(range(len(value)))
        for part in self._holding(schema, value):
            found |= self._evaluated(part, value, seen)
        return found

    def _holding(self, schema: Rewritten, value: Value) -> Iterator[Rewritten]:
        """The schemas for the value itself that hold for it."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield self.checkable.definition(reference)
        yield from _schemas(schema, "allOf")
        for word in ("anyOf", "oneOf"):
            yield from (part for part in _schemas(schema, word) if self.fits(part, value))
        condition = schema.get("if")
        if isinstance(condition, dict):
            holds = self.fits(condition, value)
            if holds:
                yield condition
            branch = schema.get("then" if holds else "else")
            if isinstance(branch, dict):
                yield branch
        for name, part in _mapping(schema, "dependentSchemas").items():
            if isinstance(value, dict) and name in value:
                yield part


def _schemas(schema: Rewritten, word: str) -> list[Rewritten]:
    listed = schema.get(word)
    return [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []


def _mapping(schema: Rewritten, word: str) -> dict[str, Rewritten]:
    found = schema.get(word)
    return {n: part for n, part in found.items() if isinstance(part, dict)} if isinstance(found, dict) else {}
