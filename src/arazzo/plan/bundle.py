"""The schema of a workflow's inputs in one piece, with everything that its ``$ref``s lead to under ``$defs``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from arazzo import codes
from arazzo.descriptions.openapi.files import Files
from arazzo.descriptions.openapi.references import BrokenReference, identity
from arazzo.diagnostics import Findings
from arazzo.document.model import Document
from arazzo.plan.plain_schemas import REFERENCES
from arazzo.source import Node, Path
from arazzo.values import Value

if TYPE_CHECKING:
    from arazzo.plan.schema_references import SchemaReferences

_MOST_SCHEMAS: Final = 100_000
_DEEPEST: Final = 150
"""Levels of one schema, which must fit, a little deeper, into a text that is read again (``Limits.depth``)."""
_SCHEMAS_BY_NAME: Final = frozenset(
    ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies")
)
_DATA: Final = frozenset(("const", "enum", "default", "examples", "example"))
_IDENTITIES: Final = frozenset(("$id", "$anchor", "$dynamicAnchor"))
"""What a schema is referred to by; left out of the copy, whose references are all pointers into it."""


class Bundle(Struct, frozen=True):
    """``schema`` refers to nothing outside itself. ``places`` has the node that each schema of it was copied from."""

    schema: dict[str, Value]
    places: dict[int, Node]
    """By the identity of the copy."""
    unresolved: str
    """What a ``$ref`` of ``schema`` says that could not be followed."""


def bundle(document: Document, inputs: Node, files: Files | None, findings: Findings) -> Bundle:
    """``inputs``, a mapping, and what it refers to in ``document`` and, if there are ``files``, elsewhere.

    A reference that leads nowhere is a finding, and anything fits in its place.
    """
    return _Bundler(document, inputs, files, findings).bundle()


class _Bundler:
    def __init__(self, document: Document, inputs: Node, files: Files | None, findings: Findings) -> None:
        self._document, self._files = document, files
        self._inputs, self._findings = inputs, findings
        own = inputs.get("$defs")
        self._taken = set(own.value) if own is not None and isinstance(own.value, dict) else set()
        self._names: dict[tuple[int, Path], str] = {}
        self._pending: list[tuple[str, Node]] = []
        self._places: dict[int, Node] = {}
        self._unresolved = self._name("unresolved")
        self._is_broken = False

    def bundle(self) -> Bundle:
        schema = self._copy(self._inputs, 0)
        assert isinstance(schema, dict), "a copy of a mapping is one"
        definitions: dict[str, Value] = {}
        # Not by recursion: a chain of references is as long as somebody makes it.
        while self._pending:
            name, target = self._pending.pop()
            copied = self._copy(target, 0)
            if isinstance(copied, dict):
                copied.pop("$schema", None)
            definitions[name] = copied
        if self._is_broken:
            definitions[self._unresolved] = {}
        if definitions:
            own = schema.get("$defs")
            schema["$defs"] = {**definitions, **(own if isinstance(own, dict) else {})}
        return Bundle(schema, self._places, _pointer(self._unresolved))

    def _copy(self, node: Node, depth: int) -> Value:
        """A copy of the schema at ``node``, or of the schemas in a list."""
        if isinstance(node.value, list):
            return [self._copy(element, depth + 1) for element in node.elements()]
        if not isinstance(node.value, dict):
            return node.value
        if depth > _DEEPEST or len(self._places) >= _MOST_SCHEMAS:
            return self._too_much()
        copied: dict[str, Value] = {}
        referred: list[Value] = []
        for word, member in node.items():
            if word in REFERENCES and isinstance(member.value, str):
                referred.append(self._reference(member))
            elif word in _SCHEMAS_BY_NAME and isinstance(member.value, dict):
                copied[word] = {name: self._copy(schema, depth + 2) for name, schema in member.items()}
            elif word in _DATA or word.startswith("x-"):
                copied[word] = member.value
            elif word not in _IDENTITIES or not isinstance(member.value, str):
                copied[word] = self._copy(member, depth + 1)
        if referred:
            copied["$ref"] = referred[0]
        if len(referred) > 1:
            several = copied.get("allOf")
            copied["allOf"] = [*(several if isinstance(several, list) else []), {"$ref": referred[1]}]
        self._places[id(copied)] = node
        return copied

    @cached_property
    def _references(self) -> SchemaReferences:
        from arazzo.plan.schema_references import references_of  # here: most inputs refer to nothing

        return references_of(self._document, self._files)

    def _reference(self, node: Node) -> str:
        """What the ``$ref`` at ``node`` says in the copy."""
        try:
            target = self._references.target(node)
        except BrokenReference as broken:
            self._findings.add(broken.diagnostic)
            self._is_broken = True
            return _pointer(self._unresolved)
        place = identity(target)
        if place not in self._names:
            self._names[place] = self._name(f"ref-{len(self._names) + 1}")
            self._pending.append((self._names[place], target))
        return _pointer(self._names[place])

    def _name(self, wanted: str) -> str:
        """A name in ``$defs`` that the inputs do not use themselves."""
        while wanted in self._taken:
            wanted += "-"
        self._taken.add(wanted)
        return wanted

    def _too_much(self) -> Value:
        message = (
            f"the inputs and what they refer to have more than {_MOST_SCHEMAS:,} schemas, or more than "
            f"{_DEEPEST} in one another"
        )
        self._findings.add(codes.BAD_SCHEMA.at(self._inputs.key_span(), message))
        return {}


def _pointer(name: str) -> str:
    return f"#/$defs/{name}"
