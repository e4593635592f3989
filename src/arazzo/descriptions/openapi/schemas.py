"""What a schema says about the values it takes, as far as sending a parameter needs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from arazzo.descriptions.openapi.references import BrokenReference, Resolver, identity, reference_of
from arazzo.diagnostics import Diagnostic
from arazzo.source import Node, Path
from arazzo.values import UNDEFINED, Maybe, type_name

_DEEPEST: Final = 20
"""Schemas inside schemas; a recursive schema ends here, as if it allowed anything."""
_MOST_PARTS: Final = 500
_MOST_INSIDE: Final = 20_000
_TYPES: Final = frozenset(("null", "boolean", "integer", "number", "string", "array", "object"))


def types_of(schema: Node | None, resolver: Resolver) -> frozenset[str]:
    """The JSON types that ``schema`` allows; empty when it allows any.

    Reads ``type``, ``nullable``, ``enum``, ``const``, ``$ref``, ``allOf``, ``anyOf`` and ``oneOf``.
    """
    found = _Types(resolver).of(schema, 0)
    return frozenset() if found is None else found


class _Types:
    """One question about one schema; counts the parts it looks at, so that no schema can make it endless."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._parts = 0

    def of(self, schema: Node | None, depth: int) -> frozenset[str] | None:
        """The allowed types, or None for any."""
        self._parts += 1
        if (
            schema is None
            or not isinstance(schema.value, dict)
            or depth > _DEEPEST
            or self._parts > _MOST_PARTS
        ):
            return None
        found = own_types(schema)
        if reference_of(schema) is not None:
            try:
                target = self._resolver.follow(schema)
            except BrokenReference:
                return found
            found = both_types(found, self.of(target, depth + 1))
        for part in _parts(schema, "allOf"):
            found = both_types(found, self.of(part, depth + 1))
        for word in ("anyOf", "oneOf"):
            choices = [self.of(part, depth + 1) for part in _parts(schema, word)]
            if choices and None not in choices:
                found = both_types(found, frozenset[str]().union(*(choice for choice in choices if choice)))
        if schema.value.get("nullable") is True and found is not None:
            found |= {"null"}
        return found


def own_types(schema: Node) -> frozenset[str] | None:
    """The types that ``schema`` itself names, by ``type``, ``const`` or ``enum``; None where it names none."""
    assert isinstance(schema.value, dict)
    listed = schema.value.get("type")
    names = listed if isinstance(listed, list) else [listed]
    found = frozenset(name for name in names if isinstance(name, str) and name in _TYPES)
    if found:
        return found
    if "const" in schema.value:
        return frozenset((type_name(schema.value["const"]),))
    values = schema.value.get("enum")
    if isinstance(values, list) and values:
        return frozenset(map(type_name, values))
    return None


def both_types(left: frozenset[str] | None, right: frozenset[str] | None) -> frozenset[str] | None:
    """What both allow. A contradiction is the description's mistake; the nearer schema is then believed."""
    if left is None or right is None:
        return right if left is None else left
    common = left & right
    if "number" in left | right and "integer" in left | right:
        common |= {"integer"}
    return common or left


def default_of(schema: Node | None, resolver: Resolver) -> Maybe:
    """The schema's ``default``, else the only value its ``enum`` or ``const`` allows, else UNDEFINED."""
    for part in flat(schema, resolver):
        assert isinstance(part.value, dict)
        if "default" in part.value:
            return part.value["default"]
    for part in flat(schema, resolver):
        assert isinstance(part.value, dict)
        if "const" in part.value:
            return part.value["const"]
        values = part.value.get("enum")
        if isinstance(values, list) and len(values) == 1:
            return values[0]
    return UNDEFINED


def flat(schema: Node | None, resolver: Resolver) -> Iterator[Node]:
    """``schema`` and the schemas that hold along with it, through ``$ref`` and ``allOf``; each is a mapping."""
    pending = [schema]
    seen: set[tuple[int, Path]] = set()
    while pending and len(seen) < _MOST_PARTS:
        part = pending.pop(0)
        if part is None or not isinstance(part.value, dict) or identity(part) in seen:
            continue
        seen.add(identity(part))
        yield part
        if reference_of(part) is not None:
            try:
                pending.append(resolver.follow(part))
            except BrokenReference:
                continue
        pending.extend(_parts(part, "allOf"))


def broken_references(schema: Node | None, resolver: Resolver, *, deep: bool = False) -> Iterator[Diagnostic]:
    """Why references of ``schema`` cannot be followed; with ``deep`` those of the schemas inside it, too."""
    pending = [schema]
    seen: set[tuple[int, Path]] = set()
    while pending and len(seen) < (_MOST_INSIDE if deep else _MOST_PARTS):
        part = pending.pop()
        if part is None or not isinstance(part.value, dict) or identity(part) in seen:
            continue
        seen.add(identity(part))
        if reference_of(part) is not None:
            try:
                pending.append(resolver.follow(part))
            except BrokenReference as broken:
                yield broken.diagnostic
        pending.extend(_parts(part, "allOf"))
        if deep:
            pending.extend(_inside(part))


def _inside(schema: Node) -> Iterator[Node | None]:
    """The schemas of what stands inside a value for ``schema``, and its alternatives."""
    properties = schema.get("properties")
    yield from (member for _, member in properties.items()) if properties else ()
    for word in ("anyOf", "oneOf", "prefixItems"):
        yield from _parts(schema, word)
    yield from (schema.get(word) for word in ("items", "additionalProperties"))


def file_properties(schema: Node | None, resolver: Resolver) -> frozenset[str]:
    """The properties that are files, or lists of files: ``format: binary`` in 3.0, ``contentMediaType`` in 3.1."""
    found: set[str] = set()
    for part in flat(schema, resolver):
        properties = part.get("properties")
        for name, member in properties.items() if properties else ():
            if _is_file(member, resolver) or _is_file(member.get("items"), resolver):
                found.add(name)
    return frozenset(found)


def _is_file(schema: Node | None, resolver: Resolver) -> bool:
    for part in flat(schema, resolver):
        assert isinstance(part.value, dict)
        if part.value.get("format") == "binary" or part.value.get("type") == "file":
            return True
        if "contentMediaType" in part.value and "contentEncoding" not in part.value:
            return True
    return False


def _parts(schema: Node, word: str) -> tuple[Node, ...]:
    several = schema.get(word)
    return tuple(several.elements()) if several else ()
