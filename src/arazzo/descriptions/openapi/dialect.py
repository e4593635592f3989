"""A schema of an API description as JSON Schema 2020-12, self-contained: what a validator can be made of.

OpenAPI 2.0 and 3.0 have dialects of their own: ``nullable``, ``discriminator``, boolean ``exclusiveMinimum``, siblings
of ``$ref`` that do not count. Only words that can be violated are kept; every schema that a ``$ref`` leads to becomes a
definition of its own, in whatever file it stands. In a response a ``writeOnly`` property must not be there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from arazzo.descriptions.openapi.checkable import (
    INSIDE,
    CheckableSchema,
    Dialect,
    Place,
    Rewritten,
    Unusable,
    View,
)
from arazzo.descriptions.openapi.discriminators import discriminate
from arazzo.descriptions.openapi.patterns import Patterns
from arazzo.descriptions.openapi.references import BrokenReference, Resolver, identity, reference_of
from arazzo.descriptions.openapi.schema_words import READERS
from arazzo.descriptions.openapi.schemas import flat
from arazzo.source import Node
from arazzo.values import Value, to_json

_HERE: Final = frozenset(("not", "if", "then", "else"))
"""Words with one schema, for the same value."""
_INSIDE: Final = frozenset(
    ("items", "contains", "propertyNames", "additionalProperties", "unevaluatedProperties", "unevaluatedItems")
)  # fmt: skip
"""Words with one schema, for values inside."""
_SINCE_3_1: Final = frozenset(
    (
        "const", "if", "then", "else", "contains", "minContains", "maxContains", "propertyNames", "prefixItems",
        "patternProperties", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems",
    )
)  # fmt: skip
_MOST_SCHEMAS: Final = 50_000
_DEEPEST_INLINE: Final = 20


def dialect_of(node: Node, entry: Node) -> Dialect:
    """The dialect of the file that ``node`` stands in; of a file that does not say, that of ``entry``."""
    for tree in (node.tree, entry.tree):
        root = tree.root if isinstance(tree.root, dict) else {}
        if "swagger" in root:
            return Dialect.OPENAPI_2
        if "openapi" in root:
            return Dialect.OPENAPI_3_0 if str(root["openapi"]).startswith("3.0") else Dialect.JSON_SCHEMA
    return Dialect.JSON_SCHEMA


def rewrite(schema: Node, resolver: Resolver, entry: Node, *, strict: bool = False) -> CheckableSchema:
    """``schema`` of a response in 2020-12. ``entry`` is a node of the description itself, which names the version.

    ``strict`` is the letter: null needs a ``type`` beside ``nullable``, and a word that the version does not have
    means nothing.
    """
    return Rewriter(resolver, entry, strict=strict).rewrite(schema)


class Rewriter(Struct):
    """One rewriting: its definitions, what is still to be rewritten, and what could not be."""

    resolver: Resolver
    entry: Node
    strict: bool = False
    patterns: Patterns = field(default_factory=Patterns)
    origins: dict[int, Node] = field(default_factory=dict)
    unusable: list[Unusable] = field(default_factory=list)
    choices: dict[int, str] = field(default_factory=dict)
    _write_only: set[int] = field(default_factory=set)
    _definitions: dict[str, Rewritten] = field(default_factory=dict)
    _names: dict[tuple[Place, View], str] = field(default_factory=dict)
    _pending: deque[tuple[Node, View, str]] = field(default_factory=deque)
    _count: int = 0
    _hidden: dict[Place, bool] = field(default_factory=dict)

    def rewrite(self, schema: Node) -> CheckableSchema:
        """The whole of ``schema``, with everything that it refers to."""
        root = self.refer(schema, INSIDE)
        while self._pending:
            node, view, name = self._pending.popleft()
            self._definitions[name].update(self._full(node, view))
            self.origins[id(self._definitions[name])] = node
        return CheckableSchema(
            root,
            self._definitions,
            self.origins,
            self.unusable,
            frozenset(self._write_only),
            self.choices,
            self.patterns,
        )

    def refer(self, node: Node, view: View) -> Rewritten:
        """A reference to the definition that ``node`` becomes, seen in ``view``."""
        key = (identity(node), view)
        if key not in self._names:
            self._names[key] = str(len(self._names))
            self._definitions[self._names[key]] = {}
            self._pending.append((node, view, self._names[key]))
        return self.made({"$ref": f"#/$defs/{self._names[key]}"}, node)

    def made(self, schema: Rewritten, origin: Node) -> Rewritten:
        """``schema``, known to come from ``origin``."""
        self.origins[id(schema)] = origin
        return schema

    def skip(self, at: Node, reason: str) -> None:
        """Note what cannot be checked."""
        self.unusable.append(Unusable(at, reason))

    def schema(self, node: Node, view: View, depth: int) -> Rewritten:
        """``node`` rewritten; one that is nested deeply becomes a definition, to be rewritten later."""
        return self.refer(node, view) if depth > _DEEPEST_INLINE else self._full(node, view, depth)

    def _full(self, node: Node, view: View, depth: int = 0) -> Rewritten:
        value = node.value
        self._count += 1
        if isinstance(value, bool):
            return self.made({} if value else {"not": {}}, node)
        if not isinstance(value, dict) or self._count > _MOST_SCHEMAS:
            many = f"it leads to more than {_MOST_SCHEMAS:,} schemas"
            self.skip(node, many if isinstance(value, dict) else "a schema is a mapping")
            return self.made({}, node)
        dialect = dialect_of(node, self.entry)
        out: Rewritten = self.made({}, node)
        if reference_of(node) is not None:
            self._reference(node, view, out)
            if dialect is not Dialect.JSON_SCHEMA:
                return self._with_null(node, out, dialect)
        around = View(view.write_only | self._hidden_properties(node), view.chosen)
        left_out = discriminate(self, node, around, out, depth)
        for word, member in node.items():
            if word in left_out or (
                self.strict and dialect is not Dialect.JSON_SCHEMA and word in _SINCE_3_1
            ):
                continue
            self._word(word, member, out, around, depth)
        _settle_bounds(value, out)
        return self._with_null(node, out, dialect)

    def _reference(self, node: Node, view: View, out: Rewritten) -> None:
        try:
            target = self.resolver.follow_once(node)
        except BrokenReference as broken:
            self.skip(node, broken.diagnostic.message.partition("\n")[0])
            return
        out.update(self.refer(target, view))

    # --- words

    def _word(self, word: str, node: Node, out: Rewritten, view: View, depth: int) -> None:
        if word == "pattern" and isinstance(node.value, str):
            if self._is_usable(node.value, node):
                out[word] = node.value
        elif word in READERS:
            kept = READERS[word](node.value)
            if kept is None:
                self.skip(node, f"{word}: {_shown(node.value)} is none of what the word takes")
            elif kept != ():
                out[word] = kept[0]
        elif word in _HERE:
            # What is forbidden or asked about says nothing of what a response leaves out.
            own = View(frozenset(), view.chosen) if word in ("not", "if") else view
            out[word] = self.schema(node, own, depth + 1)
        elif word in _INSIDE and not isinstance(node.value, list):
            out[word] = self.schema(node, INSIDE, depth + 1)
        elif word in ("allOf", "anyOf", "oneOf"):
            self._several(word, node, out, view, depth)
        elif word in ("items", "prefixItems"):
            self._tuple(node, out, depth)
        elif word in ("properties", "patternProperties", "dependentSchemas"):
            self._mapping(word, node, out, view, depth)
        elif word == "required":
            self._required(node, out, view)
        elif word in ("dependentRequired", "dependencies"):
            self._dependencies(node, out, view, depth)
        elif word in ("$dynamicRef", "$recursiveRef"):
            self.skip(node, f"a {word} is not followed: what it means depends on how it is reached")

    def _several(self, word: str, node: Node, out: Rewritten, view: View, depth: int) -> None:
        parts = list(node.elements())
        if not parts:
            self.skip(node, f"{word} takes a list of schemas")
            return
        before = out.get(word)
        own: list[Value] = []
        for part in parts:
            inherited = view
            if word == "allOf" and (len(parts) > 1 or "properties" in self._siblings(node)):
                inherited = View(view.write_only, view.chosen | self._bases(part))
            own.append(self.schema(part, inherited, depth + 1))
        out[word] = [*before, *own] if isinstance(before, list) else own

    def _siblings(self, node: Node) -> Mapping[str, Value]:
        """The schema object that holds ``node``."""
        here: Value = node.tree.root
        for key in node.path[:-1]:
            if isinstance(here, dict) and isinstance(key, str):
                here = here.get(key)
            elif isinstance(here, list) and isinstance(key, int):
                here = here[key]
        return here if isinstance(here, dict) else {}

    def _bases(self, part: Node) -> frozenset[Place]:
        """The base that ``part`` of an ``allOf`` takes up; its discriminator is for choosing heirs."""
        if reference_of(part) is None:
            return frozenset()
        try:
            target = self.resolver.follow(part)
        except BrokenReference:
            return frozenset()
        is_base = target.get("discriminator") is not None and not (target.get("oneOf") or target.get("anyOf"))
        return frozenset((identity(target),)) if is_base else frozenset()

    def _tuple(self, node: Node, out: Rewritten, depth: int) -> None:
        """``prefixItems``, or ``items`` as a list, which earlier drafts call so."""
        parts: list[Value] = [self.schema(part, INSIDE, depth + 1) for part in node.elements()]
        if parts:
            out["prefixItems"] = parts
        elif not isinstance(node.value, list):
            self.skip(node, "prefixItems takes a list of schemas")

    def _mapping(self, word: str, node: Node, out: Rewritten, view: View, depth: int) -> None:
        if not isinstance(node.value, dict):
            self.skip(node, f"{word} takes a mapping of schemas")
            return
        rewritten: dict[str, Value] = {}
        for name, member in node.items():
            if word == "patternProperties" and not self._is_usable(name, member):
                continue
            if word == "properties" and self._is_hidden(member):
                rewritten[name] = hidden = self.made({"not": {}}, member.get("writeOnly") or member)
                self._write_only.add(id(hidden))
            else:
                inner = view if word == "dependentSchemas" else INSIDE
                rewritten[name] = self.schema(member, inner, depth + 1)
        out[word] = rewritten

    def _is_usable(self, pattern: str, at: Node) -> bool:
        if self.patterns.usable(pattern):
            return True
        self.skip(at, f"{_shown(pattern)} is no regular expression that can be used")
        return False

    def _required(self, node: Node, out: Rewritten, view: View) -> None:
        if not isinstance(node.value, list) or not all(isinstance(name, str) for name in node.value):
            self.skip(node, "required takes a list of names")
            return
        names: list[Value] = [
            name for name in dict.fromkeys(map(str, node.value)) if name not in view.write_only
        ]
        if names:
            out["required"] = names

    def _dependencies(self, node: Node, out: Rewritten, view: View, depth: int) -> None:
        names: dict[str, Value] = {}
        schemas: dict[str, Value] = {}
        for name, member in node.items():
            if isinstance(member.value, list):
                names[name] = [wanted for wanted in map(str, member.value) if wanted not in view.write_only]
            else:
                schemas[name] = self.schema(member, view, depth + 1)
        if names:
            out["dependentRequired"] = names
        if schemas:
            out["dependentSchemas"] = schemas

    # --- writeOnly and null

    def _hidden_properties(self, node: Node) -> frozenset[str]:
        """The properties that ``node``, and what holds along with it, say are ``writeOnly``."""
        found: set[str] = set()
        for part in flat(node, self.resolver):
            properties = part.get("properties")
            for name, member in properties.items() if properties else ():
                if self._is_hidden(member):
                    found.add(name)
        return frozenset(found)

    def _is_hidden(self, schema: Node) -> bool:
        if not isinstance(schema.value, dict):
            return False
        if schema.value.get("writeOnly") is True:
            return True
        if "$ref" not in schema.value and "allOf" not in schema.value:
            return False
        place = identity(schema)
        if place not in self._hidden:
            parts = flat(schema, self.resolver)
            self._hidden[place] = any(
                isinstance(p.value, dict) and p.value.get("writeOnly") is True for p in parts
            )
        return self._hidden[place]

    def _with_null(self, node: Node, out: Rewritten, dialect: Dialect) -> Rewritten:
        """``out``, for which null will also do where ``nullable`` says so."""
        value = node.value
        assert isinstance(value, dict)
        if dialect is Dialect.JSON_SCHEMA or not self._is_nullable(value, dialect):
            return out
        if self.strict:
            if isinstance(out.get("type"), str) and "$ref" not in value:
                out["type"] = [out["type"], "null"]
            return out
        if not _is_plain(out):
            return self.made({"anyOf": [self.made({"type": "null"}, node), out]}, node)
        types = out.get("type")
        if types is not None:
            out["type"] = [*(types if isinstance(types, list) else [types]), "null"]
        listed = out.get("enum")
        if isinstance(listed, list) and None not in listed:
            out["enum"] = [*listed, None]
        return out

    def _is_nullable(self, value: Mapping[str, Value], dialect: Dialect) -> bool:
        if dialect is Dialect.OPENAPI_3_0 and value.get("nullable") is True:
            return True
        return not self.strict and value.get("x-nullable") is True


def _is_plain(schema: Rewritten) -> bool:
    """Whether nothing in ``schema`` but its type and enum can keep null out."""
    return schema.keys().isdisjoint(("$ref", "allOf", "anyOf", "oneOf", "not", "if", "const"))


def _settle_bounds(value: Mapping[str, Value], out: Rewritten) -> None:
    """``exclusiveMinimum: true``, as drafts before 6 have it: the minimum itself is left out."""
    for word, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if value.get(word) is True and bound in out:
            out[word] = out.pop(bound)


def _shown(value: Value) -> str:
    text = to_json(value)
    return text if len(text) <= 40 else text[:40] + "…"
