"""Discriminator Object (3.0 and later) and ``discriminator`` (2.0), written as ``if`` and ``then``.

The value of the property chooses one schema, which alone is then checked; a value that chooses none is a violation.
There are two forms: alternatives that are listed (``oneOf``, ``anyOf``), and a base whose heirs take it up by ``allOf``
and are found by their names. Where no value can choose among the alternatives, they are left as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from arazzo.descriptions.openapi.checkable import Rewrites, Rewritten, View
from arazzo.descriptions.openapi.references import (
    BrokenReference,
    Resolver,
    at_pointer,
    identity,
    reference_of,
)
from arazzo.descriptions.openapi.schemas import flat
from arazzo.source import Node
from arazzo.values import Value

_MOST_HEIRS: Final = 1_000


class _Choice(NamedTuple):
    """The values that choose one schema."""

    values: tuple[str, ...]
    schema: Node | None
    """None for a value that adds nothing to the base."""


def discriminate(rewriter: Rewrites, node: Node, view: View, out: Rewritten, depth: int) -> frozenset[str]:
    """Add to ``out`` what the discriminator of ``node`` asks for; returns the words that it stands for."""
    found = node.get("discriminator")
    name = _property(found)
    if found is None or name is None:
        return frozenset()
    word = next((word for word in ("oneOf", "anyOf") if node.get(word) is not None), None)
    if identity(node) in view.chosen:
        # Reached from a schema that this discriminator chose.
        return frozenset((word,) if word else ())
    if word is not None:
        parts = node.get(word)
        assert parts is not None
        choices = _alternatives(rewriter, tuple(parts.elements()), found, name)
    else:
        choices = _heirs(rewriter, node, found, name)
    if not choices:
        return frozenset()
    _write(rewriter, node, view, out, _Asked(found, name, word, choices), depth)
    return frozenset((word,) if word else ())


class _Asked(NamedTuple):
    at: Node
    name: str
    word: str | None
    choices: list[_Choice]


def _property(discriminator: Node | None) -> str | None:
    if discriminator is None:
        return None
    value = discriminator.value
    name = value.get("propertyName") if isinstance(value, dict) else value
    return name if isinstance(name, str) else None


def _write(rewriter: Rewrites, node: Node, view: View, out: Rewritten, asked: _Asked, depth: int) -> None:
    made, name = rewriter.made, asked.name
    chosen = View(view.write_only, view.chosen | {identity(node)})
    values: list[Value] = [value for choice in asked.choices for value in choice.values]
    listed = made({"enum": values}, asked.at)
    rewriter.choices[id(listed)] = name
    then: list[Value] = []
    for choice in asked.choices:
        if choice.schema is None:
            continue
        is_this = made({"enum": list(choice.values)}, asked.at)
        told = made({"properties": {name: is_this}}, asked.at)
        schema = rewriter.schema(choice.schema, chosen, depth + 1)
        then.append(made({"if": told, "then": schema}, asked.at))
    known = made({"properties": {name: listed}}, asked.at)
    if then:
        known["allOf"] = then
    told = made({"type": "object", "required": [name]}, asked.at)
    rule = made({"if": told, "then": known}, asked.at)
    if asked.word is not None:
        # Without the property, or for what is no object, the alternatives count as they are listed.
        parts = node.get(asked.word)
        assert parts is not None
        listed_parts: list[Value] = [rewriter.schema(part, view, depth + 1) for part in parts.elements()]
        rule["else"] = made({asked.word: listed_parts}, node)
    out["allOf"] = [rule]


# --- alternatives


def _alternatives(
    rewriter: Rewrites, parts: tuple[Node, ...], discriminator: Node, name: str
) -> list[_Choice]:
    """What chooses each of ``parts``; nothing when one of them cannot be chosen."""
    mapped = list(_mapped(rewriter.resolver, discriminator))
    choices: list[_Choice] = []
    taken: set[str] = set()
    for part in parts:
        try:
            target = rewriter.resolver.follow(part)
        except BrokenReference:
            return []
        values = [value for value, schema in mapped if schema is not None and _same(schema, target)]
        reference = reference_of(part)
        if reference is not None:
            values += _names(reference)
        if not rewriter.strict:
            values += _own_values(target, rewriter.resolver, name)
        fresh = tuple(value for value in dict.fromkeys(values) if value not in taken)
        if not fresh:
            return []
        taken.update(fresh)
        choices.append(_Choice(fresh, part))
    return choices


def _names(reference: str) -> list[str]:
    """What a schema is called by its reference: the last part of it, of a whole file its name without the ending."""
    last = reference.rstrip("/").rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    return [last] if "#/" in reference else [last, last.rpartition(".")[0] or last]


def _mapped(resolver: Resolver, discriminator: Node) -> Iterator[tuple[str, Node | None]]:
    """The values of ``mapping`` with the schema each leads to; None where it leads nowhere."""
    mapping = discriminator.get("mapping")
    for value, node in mapping.items() if mapping else ():
        yield value, _target(resolver, node)


def _target(resolver: Resolver, node: Node) -> Node | None:
    text = node.value
    if not isinstance(text, str):
        return None
    # A name is meant first, where the text can be one; else it is a reference.
    for name in (_components(node).get(text), text):
        reference = name if isinstance(name, Node) else Node(node.tree, {"$ref": text}, node.path)
        try:
            return resolver.follow(reference)
        except BrokenReference:
            continue
    return None


def _components(node: Node) -> Mapping[str, Node]:
    """The schemas that the file of ``node`` names."""
    root = node.tree.node
    schemas = at_pointer(root, "/components/schemas") or root.get("definitions")
    return dict(schemas.items()) if schemas else {}


def _own_values(schema: Node, resolver: Resolver, name: str) -> list[str]:
    """The values that ``schema`` itself allows its property ``name``, when it allows just one."""
    for part in flat(schema, resolver):
        properties = part.get("properties")
        member = properties.get(name) if properties else None
        for inner in flat(member, resolver):
            assert isinstance(inner.value, dict)
            listed = inner.value.get("enum")
            only = listed if isinstance(listed, list) else [inner.value.get("const")]
            if len(only) == 1 and isinstance(only[0], str):
                return [only[0]]
    return []


def _same(one: Node, other: Node) -> bool:
    return identity(one) == identity(other)


# --- a base and its heirs


def _heirs(rewriter: Rewrites, base: Node, discriminator: Node, name: str) -> list[_Choice]:
    """What chooses each heir of ``base``; nothing when there is none."""
    resolver = rewriter.resolver
    schemas = _components(base)
    values: dict[str, Node | None] = {
        value: schema for value, schema in _mapped(resolver, discriminator) if schema is not None
    }
    for own, heir in _heirs_of(base, schemas, resolver):
        values.setdefault(own, heir)
        if not rewriter.strict:
            for value in _own_values(heir, resolver, name):
                values.setdefault(value, heir)
    if not values:
        return []
    for own, schema in schemas.items():
        if _same(schema, base):
            values.setdefault(own, None)
    if not rewriter.strict:
        for value in _listed(base, name):
            values.setdefault(value, None)
    return [
        _Choice((value,), None if schema is None or _same(schema, base) else schema)
        for value, schema in values.items()
    ]


def _heirs_of(base: Node, schemas: Mapping[str, Node], resolver: Resolver) -> Iterator[tuple[str, Node]]:
    """The named schemas that take up ``base`` by ``allOf``, and those that take up these."""
    takes: dict[object, list[tuple[str, Node]]] = {}
    for name, schema in schemas.items():
        several = schema.get("allOf")
        for part in several.elements() if several else ():
            if reference_of(part) is None:
                continue
            try:
                takes.setdefault(identity(resolver.follow(part)), []).append((name, schema))
            except BrokenReference:
                continue
    pending, seen = [identity(base)], {identity(base)}
    while pending and len(seen) < _MOST_HEIRS:
        for name, heir in takes.get(pending.pop(), ()):
            if identity(heir) not in seen:
                seen.add(identity(heir))
                pending.append(identity(heir))
                yield name, heir


def _listed(base: Node, name: str) -> list[str]:
    """The values that the base lists for its property: one without an heir of its own is the base's."""
    properties = base.get("properties")
    member = properties.get(name) if properties else None
    listed = member.value.get("enum") if member and isinstance(member.value, dict) else None
    return [value for value in listed if isinstance(value, str)] if isinstance(listed, list) else []
