"""Whether a response is as its operation describes it: status, content type, headers, body.

What the description leaves open is no violation: an undeclared property of an open schema, a response without
``content``, an operation without ``responses``. Every violation names its place in the response and in the description.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct, field

from arazzo.descriptions.openapi.checkable import CheckableSchema, Place, Unusable
from arazzo.descriptions.openapi.dialect import rewrite
from arazzo.descriptions.openapi.header_values import UNCHECKED, followed, header_form, readings
from arazzo.descriptions.openapi.model import MediaType, Operation, ResponseSpec
from arazzo.descriptions.openapi.nodes import flag
from arazzo.descriptions.openapi.patterns import pattern_options
from arazzo.descriptions.openapi.references import Resolver, identity
from arazzo.descriptions.openapi.responses import is_json_type, is_xml_type, split_content_type
from arazzo.descriptions.openapi.schema_check import Examiner, Misfit, TooMuchWork
from arazzo.descriptions.openapi.schema_cost import is_tame
from arazzo.descriptions.openapi.schemas import types_of
from arazzo.messages import Response, header
from arazzo.source import Node
from arazzo.values import UNDEFINED, Maybe, Value

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

Kind: TypeAlias = Literal["status", "content-type", "header", "body"]

MOST_VIOLATIONS: Final = 20
"""Violations that are told of one response."""
_MOST_COUNTED: Final = 1_000
_MOST_CHECKERS: Final = 500
_NO_BODY: Final = frozenset((204, 205, 304))


class Violation(Struct, frozen=True):
    """One thing in a response that is not as described.

    ``pointer`` is a JSON Pointer (RFC 6901) into the response, whose members are ``status``, ``headers`` and
    ``body``; ``message`` a sentence that quotes no value of the response; ``at`` the place in the description.
    """

    kind: Kind
    pointer: str
    message: str
    at: Node


class Checked(Struct, frozen=True):
    """What came of checking a response; ``more`` counts violations beyond those listed, up to a bound."""

    violations: tuple[Violation, ...] = ()
    more: int = 0
    unchecked: tuple[Unusable, ...] = ()
    """What of the description could not be checked."""


class ResponseChecks(Struct):
    """Checks responses. What is made for a schema is kept in ``schemas``, for a bounded number of them.

    ``strict`` reads schemas by the letter (``dialect.rewrite``), and is the same for all that share ``schemas``.
    """

    schemas: dict[Place, SchemaCheck] = field(default_factory=dict)
    strict: bool = False

    def check(self, operation: Operation, response: Response, body: Maybe) -> Checked:
        """``body`` is the response's body as it was decoded; UNDEFINED when it is empty."""
        spec = operation.response(response.status)
        if spec is None:
            return _undeclared_status(operation, response.status)
        in_headers = self._headers(operation, spec, response)
        violations, more, unchecked = [*in_headers.violations], in_headers.more, in_headers.unchecked
        found = _media_type(spec, response, body)
        match found:
            case Violation():
                violations.append(found)
            case MediaType():
                in_body = self._body(operation, found, response, body)
                violations += in_body.violations
                more, unchecked = more + in_body.more, (*unchecked, *in_body.unchecked)
        beyond = max(len(violations) - MOST_VIOLATIONS, 0)
        return Checked(tuple(violations[:MOST_VIOLATIONS]), more + beyond, unchecked)

    def _headers(self, operation: Operation, spec: ResponseSpec, response: Response) -> Checked:
        """The declared headers: those that are required are there, and those that are there fit their schemas."""
        violations: list[Violation] = []
        unchecked: list[Unusable] = []
        more = 0
        for name, at in spec.headers.items():
            node = followed(at, operation.resolver)
            if node is None or name.lower() == "content-type":
                continue
            written = header(response.headers, name)
            if written is None and flag(node, "required"):
                message = f"the header {name} is missing, and is required"
                violations.append(Violation("header", f"/headers/{_token(name)}", message, at))
            elif written is not None and name.lower() not in UNCHECKED:
                checked = self._header(operation, name, node, written)
                violations += checked.violations
                unchecked += checked.unchecked
                more += checked.more
        return Checked(tuple(violations), more, tuple(unchecked))

    def _header(self, operation: Operation, name: str, node: Node, written: str) -> Checked:
        form, resolver = header_form(node), operation.resolver
        if form is None or resolver is None:
            return Checked()
        schema = self._schema(form.schema, resolver, operation)
        values = list(readings(form, written, resolver))
        fitting = next((value for value in values if schema.fits(value)), values[0])
        return schema.check(fitting, lambda misfit: _in_header(name, misfit))

    def _body(self, operation: Operation, media: MediaType, response: Response, body: Maybe) -> Checked:
        schema = media.schema
        resolver = media.resolver or operation.resolver
        if schema is None or resolver is None:
            return Checked()
        if body is UNDEFINED:
            if operation.method == "HEAD" or response.status in _NO_BODY:
                return Checked()
            message = "$response.body is empty, and the description has a schema for it"
            return Checked((Violation("body", "/body", message, schema),))
        if not _speaks_of(schema, resolver, response, body):
            return Checked()
        return self._schema(schema, resolver, operation).check(body)

    def _schema(self, schema: Node, resolver: Resolver, operation: Operation) -> SchemaCheck:
        place = identity(schema)
        known = self.schemas.get(place)
        if known is None:
            checkable = rewrite(schema, resolver, operation.at, strict=self.strict)
            known = SchemaCheck(schema, checkable)
            if len(self.schemas) >= _MOST_CHECKERS:
                self.schemas.pop(next(iter(self.schemas)))
            self.schemas[place] = known
        return known


class SchemaCheck(Struct):
    """The check of one schema, compiled when it is first needed."""

    schema: Node
    checkable: CheckableSchema
    _compiled: Draft202012Validator | None = None
    _tried: bool = False

    def check(self, body: Value, tell: Callable[[Misfit], Violation] | None = None) -> Checked:
        """What of ``body`` does not fit, as ``tell`` says it."""
        tell = tell or _in_body
        unusable = tuple(self.checkable.unusable)
        verdict = self._verdict(body)
        if verdict is True:
            return Checked(unchecked=unusable)
        violations: list[Violation] = []
        more = 0
        try:
            examined = Examiner(self.checkable).misfits(body)
            for misfit in islice(examined, _MOST_COUNTED):
                if len(violations) < MOST_VIOLATIONS:
                    violations.append(tell(misfit))
                else:
                    more += 1
        except (TooMuchWork, RecursionError):
            if not violations:
                reason = "the value is too large or too deep for its schema, and was not checked to its end"
                unusable = (*unusable, Unusable(self.schema, reason))
        given_up = self.checkable.patterns.given_up
        if (
            verdict is False
            and not violations
            and len(unusable) == len(self.checkable.unusable)
            and not given_up
        ):
            violations.append(tell(Misfit((), "does not fit its schema", self.schema)))
        if given_up:
            reason = f"a pattern took too many steps for a text of the response: {min(given_up)}"
            unusable = (*unusable, Unusable(self.schema, reason))
        return Checked(tuple(violations), more, unusable)

    def fits(self, value: Value) -> bool:
        """Whether nothing of ``value`` is known not to fit."""
        verdict = self._verdict(value)
        return not self.check(value).violations if verdict is None else verdict

    def _verdict(self, body: Value) -> bool | None:
        """Whether ``body`` fits, without a look at where it does not; None where that cannot be said so easily."""
        if not self._tried:
            self._tried = True
            self._compiled = _compile(self.checkable)
        if self._compiled is None:
            return None
        try:
            return self._compiled.is_valid(body)
        except (ValueError, OverflowError, RecursionError):
            return None  # Half of a surrogate pair, for one: no text that it can take.


def _compile(checkable: CheckableSchema) -> Draft202012Validator | None:
    """A validator that says quickly that a value fits; None where one might take too long."""
    import jsonschema_rs

    if not is_tame(checkable):
        return None
    try:
        return jsonschema_rs.Draft202012Validator(checkable.whole, pattern_options=pattern_options())
    except (ValueError, jsonschema_rs.ReferencingError, RecursionError):
        return None


# --- status, content type


def _undeclared_status(operation: Operation, status: int) -> Checked:
    declared = operation.at.get("responses")
    known = [key for key, _ in declared.items() if not key.startswith("x-")] if declared is not None else []
    if declared is None or not known:
        return Checked()
    key = next((key for key in (str(status), f"{status // 100}XX") if declared.get(key) is not None), None)
    if key is not None or declared.get("default") is not None:
        # It is declared by a reference that cannot be followed.
        at = declared.get(key or "default") or declared
        return Checked(unchecked=(Unusable(at, f"what is declared for status {status} cannot be had"),))
    message = f"the status {status} is not declared; declared are: {', '.join(known)}"
    return Checked((Violation("status", "/status", message, declared),))


def _media_type(spec: ResponseSpec, response: Response, body: Maybe) -> MediaType | Violation | None:
    """What is declared for the response's content type; None where nothing is."""
    if not spec.content:
        return None
    said = header(response.headers, "content-type")
    if body is UNDEFINED and not said:
        return next(iter(spec.content.values()))
    known = ", ".join(spec.content)
    at = spec.at.get("content") if spec.at is not None else None
    place = at or next((media.at for media in spec.content.values() if media.at is not None), None) or spec.at
    assert place is not None, "a response that was read from a description has a place"
    if not said or not said.strip():
        message = f"the response has no content type; declared are: {known}"
        return Violation("content-type", "/headers/content-type", message, place)
    chosen = declared_for(said, spec.content)
    if chosen is not None:
        return chosen
    shown = split_content_type(said)[0][:100]
    message = f"the content type {shown} is not declared; declared are: {known}"
    return Violation("content-type", "/headers/content-type", message, place)


def declared_for(content_type: str, content: Mapping[str, MediaType]) -> MediaType | None:
    """The most specific of the declared media types and ranges that ``content_type`` falls under."""
    whole, bare = _normal(content_type), split_content_type(content_type)[0]
    declared = {_normal(name): media for name, media in content.items()}
    bare_ones = {name.partition(";")[0]: media for name, media in reversed(declared.items())}
    for key in (whole, bare):
        if key in declared:
            return declared[key]
    for key in (bare, f"{bare.partition('/')[0]}/*", "*/*", "*"):
        if key in bare_ones:
            return bare_ones[key]
    return None


def _normal(media_type: str) -> str:
    return "".join(media_type.lower().split())


# --- headers and body


def _in_header(name: str, misfit: Misfit) -> Violation:
    pointer = "".join(f"/{_token(str(key))}" for key in misfit.path)
    shown = f"$response.header.{name}" + (f" (at {pointer})" if pointer else "")
    return Violation("header", f"/headers/{_token(name)}{pointer}", f"{shown} {misfit.clause}", misfit.at)


def _speaks_of(schema: Node, resolver: Resolver, response: Response, body: Value) -> bool:
    """Whether the schema can be held against ``body`` as it was decoded: JSON, or text for a schema of texts."""
    media_type, _ = split_content_type(header(response.headers, "content-type") or "application/json")
    if is_json_type(media_type):
        return not isinstance(body, bytes)
    if is_xml_type(media_type) or not isinstance(body, str):
        return False
    return media_type == "text/plain" and types_of(schema, resolver) == frozenset(("string",))


def _in_body(misfit: Misfit) -> Violation:
    pointer = "".join(f"/{_token(str(key))}" for key in misfit.path)
    shown = f"$response.body#{pointer}" if pointer else "$response.body"
    return Violation("body", f"/body{pointer}", f"{shown} {misfit.clause}", misfit.at)


def _token(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")
