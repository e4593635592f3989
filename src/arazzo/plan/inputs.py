"""What a workflow declares as its inputs (Workflow Object, ``inputs``).

The schema is JSON Schema 2020-12; a ``$ref`` may point anywhere in its document, by JSON Pointer, or by the
``$anchor`` of a schema under ``components.inputs``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final

from msgspec import Struct, field

from arazzo import codes
from arazzo.diagnostics import Findings
from arazzo.document.model import Document
from arazzo.patterns import pattern
from arazzo.plan.plain_schemas import is_plain
from arazzo.query.pointer import get, parse_pointer, print_pointer
from arazzo.source import Node
from arazzo.values import UNDEFINED, Maybe, Value

_CREDENTIAL_PARTS: Final = (
    *("pass", "secret", "credential", "authori", "bearer", "cookie", "sig", "key", "token"),
    *("jwt", "pin", "pwd", "otp"),
)
_CREDENTIAL_NAME: Final = pattern(
    r"(?:pass(?:word|wd|phrase|code)|secret|credential|authori[sz]ation|bearer|cookie|signature"
    r"|(?:api|access|private|secret|auth|account|subscription|shared|master)[-_. ]?key|token|jwt|\bpin\b"
    r"|(?<![a-z])pwd(?![a-z])"
    # Parts of too many other names (`signal`, `footprint`) to be found inside one.
    r"|\A(?:x[-_])?(?:sig|t?otp)\Z)",
    re.IGNORECASE,
    among=_CREDENTIAL_PARTS,
)
_SESSION_NAME: Final = pattern(
    r"(?:[a-z0-9]+[-_]){0,4}session(?:[-_]?(?:id|key))?", re.IGNORECASE, among=("session",)
)
_WORD: Final = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Words of a name that make it no credential's: whole ones, so that neither `adminToken` nor `accountKey` has one.
_BEFORE: Final = (
    "page",
    "next",
    "prev",
    "previous",
    "continuation",
    "cursor",
    "max",
    "min",
    "sync",
    "num",
    "public",
)
_AFTER: Final = ("count", "limit", "type", "ttl", "length", "usage", "url", "uri", "endpoint")
_NEVER: Final = frozenset((*_BEFORE, *_AFTER, "number", "tokens"))


@lru_cache(maxsize=4096)
def looks_like_credential(name: str, in_: str | None = None) -> bool:
    """Whether a parameter or input of this name holds a credential (``apiKey``, not ``nextPageToken``).

    ``in_`` is the parameter's place, where that counts: in a ``header`` or ``cookie``, a session is one as well.
    """
    if in_ in ("header", "cookie") and _SESSION_NAME.fullmatch(name):
        return True
    if not _CREDENTIAL_NAME.search(name):
        return False
    words = [word.lower() for word in _WORD.findall(name)]
    if any(word in _NEVER or word.startswith("expir") for word in words):
        return False
    # A name in one piece (`pagetoken`, `TOKENTYPE`) shows its words at its ends only.
    return not (len(words) == 1 and (words[0].startswith(_BEFORE) or words[0].endswith((*_AFTER, "tokens"))))


def may_name_credential(text: str) -> bool:
    """False for a text that has no name in it that ``looks_like_credential``; quick, for texts of any kind."""
    folded = text.lower()
    return not text.isascii() or any(part in folded for part in (*_CREDENTIAL_PARTS, "session"))


class InputsSchema(Struct, frozen=True, dict=True):
    """The inputs of one workflow. ``schema`` is self-contained: what it refers to has been brought into ``$defs``."""

    schema: dict[str, Value] = field(default_factory=dict)
    at: Node | None = None
    carried: frozenset[str] = frozenset()
    """Inputs that some step sends as a credential."""

    @cached_property
    def properties(self) -> Mapping[str, Value]:
        """The declared inputs with their schemas, also those that come through ``$ref`` and ``allOf``."""
        found: dict[str, Value] = {}
        for part in self._parts(self.schema):
            properties = part.get("properties")
            if isinstance(properties, dict):
                for name, schema in properties.items():
                    found.setdefault(name, schema)
        return found

    @cached_property
    def required(self) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for part in self._parts(self.schema):
            listed = part.get("required")
            if isinstance(listed, list):
                names.update(dict.fromkeys(name for name in listed if isinstance(name, str)))
        return tuple(names)

    @cached_property
    def secret(self) -> frozenset[str]:
        """Inputs with ``format: password`` or a name like a credential's, and those sent as one."""
        return self.carried | frozenset(
            name
            for name, schema in self.properties.items()
            if looks_like_credential(name)
            or any(part.get("format") == "password" for part in self._parts(schema))
        )

    def credentials(self, given: Mapping[str, Value]) -> Iterator[Value]:
        """The values in ``given`` that the schema marks with ``format: password``, however deep they stand."""
        yield from self._marked(self.schema, dict(given), set())

    def _marked(self, schema: Value, value: Value, seen: set[tuple[int, int]]) -> Iterator[Value]:
        for part in self._parts(schema):
            # A schema that refers to itself meets the same value again.
            if (id(part), id(value)) in seen:
                continue
            seen.add((id(part), id(value)))
            if part.get("format") == "password":
                yield value
            properties, items = part.get("properties"), part.get("items")
            if isinstance(properties, dict) and isinstance(value, dict):
                for name in properties.keys() & value.keys():
                    yield from self._marked(properties[name], value[name], seen)
            if isinstance(items, dict) and isinstance(value, list):
                for element in value:
                    yield from self._marked(items, element, seen)
            for word in ("anyOf", "oneOf"):
                choices = part.get(word)
                for choice in choices if isinstance(choices, list) else ():
                    yield from self._marked(choice, value, seen)

    def types(self, name: str) -> frozenset[str]:
        """The JSON types that the schema of an input allows; empty when it does not say."""
        return self._types(self.properties.get(name))

    def default(self, name: str) -> tuple[Value] | None:
        """The default of an input, wrapped, because null is one too; None when there is none."""
        for part in self._parts(self.properties.get(name)):
            if "default" in part:
                return (part["default"],)
        return None

    def _types(self, schema: Maybe, seen: set[int] | None = None) -> frozenset[str]:
        if not isinstance(schema, dict):
            return frozenset()
        found: set[str] = set()
        seen = set() if seen is None else seen
        for part in self._parts(schema, seen):
            listed = part.get("type")
            found.update(t for t in (listed if isinstance(listed, list) else [listed]) if isinstance(t, str))
            for word in ("anyOf", "oneOf"):
                choices = part.get(word)
                if isinstance(choices, list):
                    for choice in choices:
                        found |= self._types(choice, seen)
        return frozenset(found)

    def _parts(
        self, schema: Value, seen: set[int] | None = None, depth: int = 0
    ) -> Iterator[dict[str, Value]]:
        """``schema`` itself and what it takes in by ``$ref`` and ``allOf``, each once."""
        seen = set() if seen is None else seen
        if not isinstance(schema, dict) or depth > 32 or id(schema) in seen:
            return
        seen.add(id(schema))
        yield schema
        reference = schema.get("$ref")
        if isinstance(reference, str):
            target = self._follow(reference)
            if target is not UNDEFINED:
                yield from self._parts(target, seen, depth + 1)
        several = schema.get("allOf")
        if isinstance(several, list):
            for part in several:
                yield from self._parts(part, seen, depth + 1)

    def _follow(self, reference: str) -> Maybe:
        """What a ``$ref`` of the bundled schema names; all of them are pointers into it."""
        return get(self.schema, parse_pointer(reference[1:])) if reference.startswith("#/") else UNDEFINED


def read_inputs(
    document: Document, inputs: Node | None, findings: Findings, *, check: bool = True
) -> InputsSchema:
    """The schema of a workflow's ``inputs``, with everything it refers to elsewhere in ``document`` brought along.

    ``check`` False reads what is declared without asking whether a validator can be made of it.
    """
    if inputs is None or not isinstance(inputs.value, dict):
        return InputsSchema()
    bundle = _Bundle(document, findings)
    schema = bundle.copy(inputs)
    assert isinstance(schema, dict), "a copy of a mapping is one"
    if bundle.definitions:
        own = schema.get("$defs")
        schema["$defs"] = {**bundle.definitions, **(own if isinstance(own, dict) else {})}
    read = InputsSchema(schema, inputs)
    problem = _problem(read) if check else None
    if problem is not None:
        what, path = problem
        span = _place(inputs, path).key_span()
        findings.add(codes.BAD_SCHEMA.at(span, f"the inputs are no usable JSON Schema: {what}"))
    return read


def _problem(inputs: InputsSchema) -> tuple[str, Sequence[str | int]] | None:
    """Why the schema cannot be used, and where in it; None when it can."""
    if is_plain(inputs.schema):
        return None
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator(inputs.schema)
    except jsonschema_rs.ValidationError as error:
        place = print_pointer(error.instance_path)
        return f"{error.message} at {place}" if place else str(error.message), error.instance_path
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return str(error).partition("\n")[0], ()
    return None


def _place(inputs: Node, path: Sequence[str | int]) -> Node:
    """What stands at ``path`` of the inputs as they are written; the inputs when it was brought from elsewhere."""
    here: Node | None = inputs
    for key in path:
        if here is not None:
            here = here.get(key) if isinstance(key, str) else next(islice(here.elements(), key, None), None)
    return here or inputs


class _Bundle:
    """Copies a schema out of its document; ``$ref``s into the document lead to ``$defs`` of the copy afterwards."""

    def __init__(self, document: Document, findings: Findings) -> None:
        self._document, self._findings = document, findings
        self._names: dict[str, str] = {}
        self.definitions: dict[str, Value] = {}

    def copy(self, node: Node) -> Value:
        if isinstance(node.value, dict):
            return {
                key: self._reference(member) if key == "$ref" else self.copy(member)
                for key, member in node.items()
            }
        if isinstance(node.value, list):
            return [self.copy(element) for element in node.elements()]
        return node.value

    def _reference(self, node: Node) -> Value:
        reference = node.value
        if not isinstance(reference, str):
            return reference
        target = self._find(reference)
        if target is None:
            self._findings.add(
                codes.UNRESOLVED_REF.at(
                    node.span(),
                    f"nothing stands at {reference!r}",
                    f"components.inputs has: {', '.join(self._document.components.inputs) or 'nothing'}",
                )
            )
            self.definitions.setdefault("unresolved", {})
            return "#/$defs/unresolved"
        if reference not in self._names:
            self._names[reference] = f"ref-{len(self._names) + 1}"
            # Named before it is copied, so that a schema that refers to itself comes to an end.
            self.definitions[self._names[reference]] = {}
            copied = self.copy(target)
            if isinstance(copied, dict):
                copied.pop("$anchor", None)
            self.definitions[self._names[reference]] = copied
        return f"#/$defs/{self._names[reference]}"

    def _find(self, reference: str) -> Node | None:
        """The schema a ``$ref`` names in this document: by pointer, or by the ``$anchor`` of a component."""
        if reference.startswith("#/"):
            node: Node | None = self._document.at.tree.node
            for token in parse_pointer(reference[1:]):
                if node is None:
                    return None
                elements = list(node.elements())
                index = int(token) if token.isdecimal() else -1
                node = elements[index] if 0 <= index < len(elements) else node.get(token)
            return node
        if reference.startswith("#"):
            candidates = [
                *self._document.components.inputs.values(),
                *(w.inputs for w in self._document.workflows),
            ]
            for candidate in candidates:
                found = _anchored(candidate, reference[1:]) if candidate else None
                if found is not None:
                    return found
        return None


def _anchored(node: Node, anchor: str) -> Node | None:
    """The schema inside ``node`` that carries ``$anchor``."""
    pending = [node]
    while pending:
        here = pending.pop()
        if isinstance(here.value, dict) and here.value.get("$anchor") == anchor:
            return here
        pending.extend(member for _, member in here.items())
        pending.extend(here.elements())
    return None
