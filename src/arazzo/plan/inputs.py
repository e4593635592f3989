"""What a workflow declares as its inputs (Workflow Object, ``inputs``).

The schema is JSON Schema 2020-12; where its ``$ref``s lead is told by ``schema_references``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec import field

from arazzo import codes
from arazzo.diagnostics import Findings
from arazzo.document.model import Document
from arazzo.patterns import pattern
from arazzo.plan.plain_schemas import is_plain
from arazzo.query.pointer import get, parse_pointer, print_pointer
from arazzo.records import Record
from arazzo.source import Node
from arazzo.values import UNDEFINED, Maybe, Value

if TYPE_CHECKING:
    from arazzo.descriptions.openapi.files import Files

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
    # Not with `re.IGNORECASE`, which takes long to compile; it knows the long s, too.
    if not _CREDENTIAL_NAME.search(name.lower().replace("ſ", "s")):
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


class _AnyName(tuple[str, ...]):
    """Names of which not all are known, so that nobody can say of one that it is not among them."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        return True


class InputsSchema(Record, frozen=True, dict=True):
    """The inputs of one workflow. ``schema`` is self-contained: what it refers to has been brought into ``$defs``."""

    aside = ("places",)

    schema: dict[str, Value] = field(default_factory=dict)
    at: Node | None = None
    carried: frozenset[str] = frozenset()
    """Inputs that some step sends as a credential."""
    places: Mapping[int, Node] = field(default_factory=dict)
    """Where each mapping of ``schema`` was written, by its identity."""
    unresolved: str | None = None
    """What a ``$ref`` of ``schema`` says that could not be followed."""

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
    def is_known(self) -> bool:
        """Whether ``properties`` are all; False where a part of the schema could not be had."""
        lost = self.unresolved
        return lost is None or all(part.get("$ref") != lost for part in self._parts(self.schema))

    @cached_property
    def names(self) -> Collection[str]:
        """The names of ``properties``; where there may be others, every name is among them."""
        return self.properties if self.is_known else _AnyName(self.properties)

    def declared_at(self, name: str) -> Node | None:
        """Where the input ``name`` is declared, which may be another file; None when it is nowhere."""
        for part in self._parts(self.schema):
            at, properties = self.places.get(id(part)), part.get("properties")
            listed = at.get("properties") if at is not None else None
            if listed is not None and isinstance(properties, dict) and name in properties:
                return listed.get(name)
        return None

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
    document: Document,
    inputs: Node | None,
    findings: Findings,
    files: Files | None = None,
    *,
    check: bool = True,
) -> InputsSchema:
    """The schema of a workflow's ``inputs``, with everything it refers to elsewhere brought along.

    ``files`` has what lies outside ``document``. ``check`` False reads what is declared without asking whether a
    validator can be made of it.
    """
    if inputs is None or not isinstance(inputs.value, dict):
        return InputsSchema()
    if is_plain(inputs.value):
        return InputsSchema(inputs.value, inputs, places={id(inputs.value): inputs})
    from arazzo.plan.bundle import bundle  # here: most inputs refer to nothing

    bundled = bundle(document, inputs, files, findings)
    read = InputsSchema(bundled.schema, inputs, frozenset(), bundled.places, bundled.unresolved)
    problem = _problem(read) if check else None
    if problem is not None:
        what, path = problem
        place = _place(read, path) or inputs
        findings.add(codes.BAD_SCHEMA.at(place.key_span(), f"the inputs are no usable JSON Schema: {what}"))
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


def _place(inputs: InputsSchema, path: Sequence[str | int]) -> Node | None:
    """What stands at ``path`` of the schema, in the file that it was written in."""
    here: Value = inputs.schema
    node = inputs.at
    for key in path:
        if isinstance(here, dict) and isinstance(key, str):
            here = here.get(key)
        elif isinstance(here, list) and isinstance(key, int) and key < len(here):
            here = here[key]
        else:
            break
        inside = _inside(node, key) if node is not None else None
        node = inputs.places.get(id(here), inside)
    return node


def _inside(node: Node, key: str | int) -> Node | None:
    return node.get(key) if isinstance(key, str) else next(islice(node.elements(), key, None), None)
