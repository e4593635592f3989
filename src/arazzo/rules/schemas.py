"""From a Schema Object to a shape, and from a shape to the shape of one of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from arazzo.descriptions.openapi.references import BrokenReference, Resolver, reference_of
from arazzo.descriptions.openapi.schemas import both_types, own_types
from arazzo.patterns import pattern
from arazzo.rules.shapes import (
    UNKNOWN,
    Alternative,
    AnyOf,
    Constant,
    Described,
    ListOf,
    ObjectOf,
    Place,
    Plain,
    Schema,
    Shape,
    Unknown,
    any_of,
    constant_types,
)
from arazzo.source import Node
from arazzo.values import Value

_DEEPEST: Final = 8
_MOST_PARTS: Final = 200
_MOST_ALTERNATIVES: Final = 48
_INDEX: Final = pattern(r"0|[1-9][0-9]{0,14}")
# Words that may allow more than the rest of a schema says, and are not read here.
_OPEN: Final = frozenset(
    ("if", "dependentSchemas", "dependencies", "$dynamicRef", "$recursiveRef", "patternProperties")
)


class Nowhere(Struct, frozen=True):
    """A part that the shape does not have. ``certain`` says that the schema forbids it, not merely passes it over.

    ``known`` are the names it could have, ``types`` the JSON types of what was asked for a part.
    """

    certain: bool
    known: tuple[str, ...] = ()
    types: frozenset[str] = frozenset()
    at: Node | None = None


def describe(schema: Node | None, resolver: Resolver | None) -> Shape:
    """The shape of the values that ``schema`` allows; ``UNKNOWN`` where there is none, or no one to follow it."""
    return UNKNOWN if schema is None or resolver is None else _described([schema], resolver)


def _described(schemas: Sequence[Node], resolver: Resolver) -> Shape:
    """What ``schemas`` allow together; worked out once, since a recursive schema is met again at every level."""
    key = tuple((schema.tree, schema.path) for schema in schemas)
    known = resolver.kept.get(key)
    if not isinstance(known, (Unknown, Described)):
        known = _work_out(schemas, key, resolver)
        resolver.kept[key] = known
    return known


def _work_out(schemas: Sequence[Node], key: tuple[Place, ...], resolver: Resolver) -> Unknown | Described:
    first = schemas[0]
    is_bare = isinstance(first.value, dict) and len(first.value) == 1 and reference_of(first) is not None
    if len(schemas) == 1 and is_bare:
        try:
            meant = _described([resolver.follow(first)], resolver)
        except BrokenReference:
            return UNKNOWN
        if not isinstance(meant, Described):
            return UNKNOWN
        here = Schema(first, resolver)
        return Described(tuple((here, *alternative) for alternative in meant.alternatives), meant.of)
    alternatives = _alternatives(schemas, resolver, 0)
    if not alternatives or not all(alternatives):
        return UNKNOWN
    return Described(tuple(tuple(Schema(part, resolver) for part in parts) for parts in alternatives), key)


def _alternatives(schemas: Sequence[Node], resolver: Resolver, depth: int) -> list[list[Node]] | None:
    """The conjunctions of schemas that ``oneOf`` and ``anyOf`` leave open; None when they cannot be told."""
    parts = _conjunction(schemas, resolver)
    if parts is None or depth > _DEEPEST:
        return None
    found = [parts]
    for part in parts:
        for word in ("oneOf", "anyOf"):
            choices = part.get(word)
            if choices is None:
                continue
            options: list[list[Node]] = []
            for choice in choices.elements():
                inside = _alternatives([choice], resolver, depth + 1)
                if inside is None:
                    return None
                options.extend(inside)
            found = [[*before, *option] for before in found for option in options]
            if not found or len(found) > _MOST_ALTERNATIVES:
                return None
    return found


def _conjunction(schemas: Sequence[Node], resolver: Resolver) -> list[Node] | None:
    """``schemas`` and those that hold along with them through ``$ref`` and ``allOf``; None if one is out of reach."""
    pending = list(schemas)
    seen: set[tuple[int, tuple[str | int, ...]]] = set()
    found: list[Node] = []
    while pending:
        part = pending.pop(0)
        key = (id(part.tree), part.path)
        if key in seen:
            continue
        seen.add(key)
        if not isinstance(part.value, dict) or len(seen) > _MOST_PARTS:
            return None
        if reference_of(part) is not None:
            try:
                pending.append(resolver.follow(part))
            except BrokenReference:
                return None
        found.append(part)
        together = part.get("allOf")
        pending.extend(together.elements() if together else ())
    return found


# --- what is known of a value as a whole


def types_of(shape: Shape) -> frozenset[str] | None:
    """The JSON types a value of this shape can have; None when it can have any."""
    match shape:
        case Constant(value):
            return constant_types(value)
        case Plain(types):
            return types
        case ObjectOf():
            return frozenset(("object",))
        case ListOf():
            return frozenset(("array",))
        case Described(alternatives):
            return _union(_alternative_types(alternative) for alternative in alternatives)
        case AnyOf(options):
            return _union(types_of(option) for option in options)
        case Unknown():
            return None


def _union(several: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    found: frozenset[str] = frozenset()
    for types in several:
        if types is None:
            return None
        found |= types
    return found


def _alternative_types(alternative: Alternative) -> frozenset[str] | None:
    found: frozenset[str] | None = None
    nullable = False
    for schema in alternative:
        found = both_types(found, own_types(schema.node))
        nullable = nullable or _is(schema.node, "nullable", True) or _is(schema.node, "x-nullable", True)
    return found | {"null"} if nullable and found is not None else found


def values_of(shape: Shape) -> tuple[Value, ...] | None:
    """Every value that a value of this shape can be; None when that is not a short list."""
    match shape:
        case Constant(value):
            return (value,)
        case Described(alternatives):
            listed = [_alternative_values(alternative) for alternative in alternatives]
        case AnyOf(options):
            listed = [values_of(option) for option in options]
        case Plain(types) if types == {"null"}:
            return (None,)
        case _:
            return None
    found: list[Value] = []
    for values in listed:
        if values is None:
            return None
        found.extend(values)
    return tuple(found)


def _alternative_values(alternative: Alternative) -> tuple[Value, ...] | None:
    found: list[Value] | None = None
    for schema in alternative:
        listed = schema.node.get("enum")
        own = list(listed.value) if listed is not None and isinstance(listed.value, list) else None
        constant = schema.node.get("const")
        if constant is not None:
            own = [constant.value]
        if own is not None:
            found = own if found is None else [value for value in found if value in own]
    types = _alternative_types(alternative)
    if found is None:
        return (None,) if types == frozenset(("null",)) else None
    return (*found, None) if types is not None and "null" in types else tuple(found)


# --- its parts


def into(shape: Shape, key: str | int) -> Shape | Nowhere:
    """The shape of the member or element ``key``; a digit string may be either, as in a JSON Pointer."""
    match shape:
        case Constant(value):
            return _into_constant(value, key)
        case Plain(types):
            structured = types & {"object", "array"}
            return UNKNOWN if structured else Nowhere(True, types=types)
        case ObjectOf(members):
            found = members.get(str(key))
            return found if found is not None else Nowhere(True, tuple(members), frozenset(("object",)))
        case ListOf(element):
            return element if _is_index(key) else Nowhere(True, (), frozenset(("array",)))
        case Described(alternatives):
            return _first_of([_into_alternative(alternative, key) for alternative in alternatives])
        case AnyOf(options):
            return _first_of([into(option, key) for option in options])
        case Unknown():
            return UNKNOWN


def _first_of(results: Sequence[Shape | Nowhere]) -> Shape | Nowhere:
    """What is found in some alternatives is there, though not always; what is in none is nowhere."""
    found = [result for result in results if not isinstance(result, Nowhere)]
    if found:
        return any_of(found)
    missing = [result for result in results if isinstance(result, Nowhere)]
    known = dict.fromkeys(name for result in missing for name in result.known)
    types = frozenset[str]().union(*(result.types for result in missing))
    at = next((result.at for result in missing if result.at is not None), None)
    return Nowhere(all(result.certain for result in missing), tuple(known), types, at)


def _into_constant(value: Value, key: str | int) -> Shape | Nowhere:
    if isinstance(value, dict):
        return (
            Constant(value[str(key)])
            if str(key) in value
            else Nowhere(True, tuple(value), frozenset(("object",)))
        )
    if isinstance(value, list) and _is_index(key) and int(key) < len(value):
        return Constant(value[int(key)])
    return Nowhere(True, types=constant_types(value))


def _into_alternative(alternative: Alternative, key: str | int) -> Shape | Nowhere:
    types = _alternative_types(alternative)
    if types is not None and not types & {"object", "array"}:
        return Nowhere(True, types=types, at=alternative[0].node)
    if any(is_open(schema.node) for schema in alternative) or _is_base(alternative):
        return UNKNOWN
    results: list[Shape | Nowhere] = []
    if types is None or "object" in types:
        results.append(_member(alternative, str(key), sure=types is not None))
    if types is None or "array" in types:
        results.append(_element(alternative, key, sure=types is not None))
    if len(results) == 2 and types is None:
        results = _likelier(alternative, results)
    return _first_of(results)


def _likelier(alternative: Alternative, results: list[Shape | Nowhere]) -> list[Shape | Nowhere]:
    """Of a schema without a type, what its other words speak of."""
    has_properties = any(_properties(schema.node) is not None for schema in alternative)
    has_items = any(schema.node.get("items") is not None for schema in alternative)
    if has_properties == has_items:
        return [UNKNOWN]
    return results[:1] if has_properties else results[1:]


def _member(alternative: Alternative, name: str, *, sure: bool) -> Shape | Nowhere:
    resolver = alternative[0].resolver
    listed = [properties for schema in alternative if (properties := _properties(schema.node)) is not None]
    found = [member for properties in listed if (member := properties.get(name)) is not None]
    if found:
        return _described(found, resolver)
    others = [schema.node.get("additionalProperties") for schema in alternative]
    described = [node for node in others if node is not None and isinstance(node.value, dict)]
    if described:
        return _described(described, resolver)
    if any(node is not None and node.value is True for node in others) or not listed:
        return UNKNOWN
    closed = any(node is not None and node.value is False for node in others) or any(
        _is(schema.node, "unevaluatedProperties", False) for schema in alternative
    )
    known = tuple(dict.fromkeys(key for properties in listed for key in _names(properties)))
    return Nowhere(closed and sure, known, frozenset(("object",)), alternative[0].node)


def _element(alternative: Alternative, key: str | int, *, sure: bool) -> Shape | Nowhere:
    if not _is_index(key):
        return Nowhere(sure, types=frozenset(("array",)), at=alternative[0].node)
    if int(key) < 0:
        return UNKNOWN
    tuples = [node for schema in alternative if (node := schema.node.get("prefixItems")) is not None]
    if len(tuples) == 1:
        return _of_tuple(alternative, list(tuples[0].elements()), int(key), sure=sure)
    return elements_of(alternative)


def _of_tuple(alternative: Alternative, first: Sequence[Node], index: int, *, sure: bool) -> Shape | Nowhere:
    """The element at ``index`` of an array whose ``first`` elements have schemas of their own."""
    if index < len(first):
        return _described([first[index]], alternative[0].resolver)
    others = [items for schema in alternative if (items := schema.node.get("items")) is not None]
    if any(items.value is False for items in others):
        return Nowhere(sure, types=frozenset(("array",)), at=alternative[0].node)
    return _described(others, alternative[0].resolver) if others else UNKNOWN


def elements_of(alternative: Alternative) -> Shape:
    """The shape of the elements of an array."""
    found = [items for schema in alternative if (items := schema.node.get("items")) is not None]
    if not found or any(schema.node.get("prefixItems") is not None for schema in alternative):
        return UNKNOWN
    return _described(found, alternative[0].resolver)


def is_open(schema: Node) -> bool:
    """Whether ``schema`` has a word that may allow more than the others say."""
    return isinstance(schema.value, dict) and not _OPEN.isdisjoint(schema.value)


def _is_base(alternative: Alternative) -> bool:
    """Whether what was described is the base of others that a discriminator chooses, and they are not listed."""
    return any(schema.node.get("discriminator") is not None for schema in alternative) and not any(
        schema.node.get(word) is not None for schema in alternative for word in ("oneOf", "anyOf")
    )


def listed_properties(alternative: Alternative) -> dict[str, Node]:
    """The properties that an alternative names, the first schema of each."""
    found: dict[str, Node] = {}
    for schema in alternative:
        properties = _properties(schema.node)
        for name, node in properties.items() if properties is not None else ():
            found.setdefault(name, node)
    return found


def required_of(alternative: Alternative) -> tuple[str, ...]:
    """The names of the members that an object must have."""
    names: dict[str, None] = {}
    for schema in alternative:
        listed = schema.node.get("required")
        if listed is not None and isinstance(listed.value, list):
            names.update(dict.fromkeys(name for name in listed.value if isinstance(name, str)))
    return tuple(names)


def _properties(schema: Node) -> Node | None:
    """The ``properties`` of a schema, if there are any; there may be thousands, of which one is asked for."""
    properties = schema.get("properties")
    return (
        properties
        if properties is not None and isinstance(properties.value, dict) and properties.value
        else None
    )


def _names(mapping: Node) -> Iterable[str]:
    return mapping.value if isinstance(mapping.value, dict) else ()


def _is(schema: Node, word: str, value: bool) -> bool:
    member = schema.get(word)
    return member is not None and member.value is value


def _is_index(key: str | int) -> bool:
    return isinstance(key, int) or _INDEX.fullmatch(key) is not None


__all__ = [
    "Nowhere",
    "describe",
    "elements_of",
    "into",
    "is_open",
    "listed_properties",
    "required_of",
    "types_of",
    "values_of",
]
