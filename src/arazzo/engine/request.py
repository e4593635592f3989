"""From a step and what it can see to the request it sends.

What cannot be sent is found here, before anything goes out: a required parameter without a value, a value that
its parameter cannot carry. Serialisation itself is ``descriptions.openapi``'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from msgspec import Struct, field

from arazzo import codes
from arazzo.descriptions.openapi.bodies import (
    BodyError,
    choose_content_type,
    default_content_type,
    encode_body,
)
from arazzo.descriptions.openapi.model import Operation, ParameterSpec
from arazzo.descriptions.openapi.parameters import Pair, ParameterError, convert, serialize
from arazzo.descriptions.openapi.servers import DotSegment, EmptySegment, request_target
from arazzo.diagnostics import Diagnostic
from arazzo.engine.idempotency import KNOWN_NAMES as IDEMPOTENCY_NAMES
from arazzo.engine.payload import render_body
from arazzo.engine.state import CannotSend, Frame, Run
from arazzo.expression.evaluate import evaluate
from arazzo.expression.scope import RequestView
from arazzo.expression.template import expressions, render
from arazzo.expression.write import print_expression
from arazzo.messages import Headers, Request, header, with_header
from arazzo.patterns import pattern
from arazzo.plan.inputs import looks_like_credential
from arazzo.plan.model import BodyPlan, OperationCall, ParameterPlan
from arazzo.values import UNDEFINED, File, Maybe, Value, to_text

_ILLEGAL_IN_HEADER: Final = pattern(r"[\x00-\x08\x0a-\x1f\x7f]")
_HEADER_NAME: Final = pattern(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")


class Prepared(Struct, frozen=True):
    """A request that is ready to go, what expressions will see of it, and the kindnesses it took."""

    request: Request
    view: RequestView
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def identity(self) -> tuple[str, str, bytes | None]:
        """What makes two requests the same one, to tell a poll from the next page."""
        return self.request.method, self.request.url, self.request.body


class _Parts(Struct):
    """The request as its parameters fill it in: what travels, and the values behind it."""

    path: dict[str, str] = field(default_factory=dict)
    query: list[Pair] = field(default_factory=list)
    headers: list[Pair] = field(default_factory=list)
    cookies: list[Pair] = field(default_factory=list)
    path_values: dict[str, Value] = field(default_factory=dict)
    query_values: dict[str, Value] = field(default_factory=dict)
    warnings: list[Diagnostic] = field(default_factory=list)

    def put(self, spec: ParameterSpec, value: Value) -> None:
        try:
            pairs = serialize(spec, value)
        except ParameterError as error:
            raise CannotSend(str(error)) from None
        match spec.in_:
            case "path":
                self.path.update(pairs)
                self.path_values[spec.name] = value
            case "header":
                self.headers.extend(_legal_header(name, text) for name, text in pairs)
            case "cookie":
                self.cookies.extend(_legal_header(name, text) for name, text in pairs)
            case _:
                self.query.extend(pairs)
                self.query_values[spec.name] = value


def prepare(run: Run, frame: Frame, call: OperationCall, key: str | None = None) -> Prepared:
    """The request of ``call``, as things stand in ``frame``, with the idempotency ``key``. Raises ``CannotSend``."""
    if not call.server_url:
        raise CannotSend(
            f"the source {call.source!r} names no server to send to; say --server {call.source}=URL"
        )
    operation = call.operation
    parts = _Parts()
    passed: set[tuple[str, str]] = set()
    for parameter in call.parameters:
        passed.add((parameter.spec.in_, parameter.spec.name))
        value = _value(run, frame, parameter, parts)
        if value is not UNDEFINED:
            parts.put(parameter.spec, value)
    keyed = _put_key(run, operation, parts, key)
    for spec in operation.parameters:
        if spec.required and (spec.in_, spec.name) not in passed and (spec.in_, spec.name) != keyed:
            if _left_to_scheme(operation, spec, parts, strict=run.plan.strict):
                continue
            parts.put(spec, _unpassed(operation, spec))
    try:
        url = request_target(call.server_url, operation.path, parts.path, parts.query)
    except KeyError as missing:
        raise CannotSend(
            f"the path {operation.path} needs {missing.args[0]!r}, and no parameter passes it"
        ) from None
    except DotSegment as path:
        raise CannotSend(
            f"the path {operation.path} becomes {path}, which leads elsewhere: '.' and '..' are no names in a URL"
        ) from None
    except EmptySegment as empty:
        raise CannotSend(_emptied(run, call, empty)) from None
    headers = _headers(run, call, parts)
    body_value, body, headers = _body(run, frame, call, headers, parts)
    follow = run.plan.follow_redirects and call.follow_redirects
    request = Request(operation.method, url, headers, body, follow_redirects=follow)
    view = RequestView(operation.method, url, headers, parts.query_values, parts.path_values, body_value)
    return Prepared(request, view, tuple(parts.warnings))


def _emptied(run: Run, call: OperationCall, empty: EmptySegment) -> str:
    """Why a request is not sent whose path has lost a segment; the value that did it, and where it is from."""
    written = next(
        (p.at.get("value") for p in call.parameters if (p.spec.in_, p.spec.name) == ("path", empty.name)),
        None,
    )
    source = f" ({to_text(written.value)})" if written is not None and written.value else ""
    return (
        f"the path parameter {empty.name!r} is empty{source}, which would make the request "
        f"{call.operation.method} {run.secrets.url(empty.url)} and name another resource than "
        f"{call.operation.path}; give {empty.name!r} a value, or call the operation for that resource"
    )


def _value(run: Run, frame: Frame, parameter: ParameterPlan, parts: _Parts) -> Maybe:
    """What to send for ``parameter``, or UNDEFINED to leave it out. Raises ``CannotSend`` where it is required."""
    spec = parameter.spec
    value = render(parameter.value, frame.scope)
    if value is UNDEFINED or value is None:
        written = parameter.at.get("value")
        what = f"the {spec.in_} parameter {parameter.name!r} has no value"
        source = (
            f": {to_text(written.value)} is {'null' if value is None else 'undefined'}" if written else ""
        )
        if spec.required or run.plan.strict:
            raise CannotSend(f"{what}{source}")
        place = written or parameter.at
        parts.warnings.append(codes.PARAMETER_LEFT_OUT.at(place.span(), f"{what} and was left out{source}"))
        return UNDEFINED
    converted = value if run.plan.strict else convert(spec, value)
    if isinstance(converted, (list, dict)) and converted is not value:
        message = f"the text given for the {spec.in_} parameter {spec.name!r} was sent as the list it spells"
        parts.warnings.append(
            codes.PARAMETER_CONVERTED.at((parameter.at.get("value") or parameter.at).span(), message)
        )
    return converted


def _unpassed(operation: Operation, spec: ParameterSpec) -> Value:
    """A required parameter that no step passes takes the operation's default or only value."""
    if spec.default is UNDEFINED:
        name = operation.operation_id or f"{operation.method} {operation.path}"
        hint = "; --idempotency-key sends one" if spec.name.lower() in IDEMPOTENCY_NAMES else ""
        raise CannotSend(f"{name} needs the {spec.in_} parameter {spec.name!r}, and nothing passes it{hint}")
    return spec.default


def _left_to_scheme(operation: Operation, spec: ParameterSpec, parts: _Parts, *, strict: bool) -> bool:
    """Whether a required parameter that no step passes is the transport's business: a credential it adds.

    ◇ One that only has a credential's name is, too, where the operation has a security scheme.
    """
    if not operation.security_schemes:
        return False
    if operation.carries_credential(spec):
        return True
    if strict or spec.default is not UNDEFINED or not looks_like_credential(spec.name):
        return False
    schemes = " or ".join(map(repr, operation.security_schemes))
    message = (
        f"the {spec.in_} parameter {spec.name!r} is required, and nothing passes it; it was left to the "
        f"security scheme {schemes}"
    )
    parts.warnings.append(codes.PARAMETER_BY_SCHEME.at(spec.at.span() if spec.at else None, message))
    return True


def _put_key(run: Run, operation: Operation, parts: _Parts, key: str | None) -> tuple[str, str] | None:
    """Add the idempotency ``key`` where the request wants one; returns which parameter that is."""
    if run.idempotency is None or key is None:
        return None
    name = run.idempotency.header_for(operation, (*parts.headers, *run.plan.headers))
    if name is None:
        return None
    parts.headers.append((name, key))
    return "header", name


def _headers(run: Run, call: OperationCall, parts: _Parts) -> Headers:
    headers: Headers = tuple(parts.headers)
    if parts.cookies:
        cookies = "; ".join(f"{name}={text}" for name, text in parts.cookies)
        given = header(headers, "cookie")
        headers = with_header(headers, "Cookie", f"{given}; {cookies}" if given else cookies)
    for name, text in run.plan.headers:
        headers = with_header(headers, name, text)
    if header(headers, "accept") is None:
        headers = (*headers, ("Accept", call.accept))
    return headers


def _body(
    run: Run, frame: Frame, call: OperationCall, headers: Headers, parts: _Parts
) -> tuple[Maybe, bytes | None, Headers]:
    """The body's value, its bytes, and ``headers`` with its content type. Raises ``CannotSend``."""
    if call.body is None:
        return UNDEFINED, None, headers
    spec = call.operation.request_body
    content_type = header(headers, "content-type") or choose_content_type(call.body.content_type, spec)
    value = render_body(call.body, content_type, frame.scope, parts.warnings, strict=run.plan.strict)
    if value is UNDEFINED:
        if spec is not None and spec.required:
            raise CannotSend(
                f"the operation requires a request body, and the payload has no value{_why(call.body, frame)}"
            )
        return UNDEFINED, None, headers
    try:
        encoded = encode_body(
            value, content_type or default_content_type(value), spec, boundary=_boundary(value)
        )
    except BodyError as error:
        raise CannotSend(str(error)) from None
    for name in encoded.nested:
        if run.plan.strict:
            raise CannotSend(
                f"the form field {name!r} holds an object, and the operation has no encoding that says how it travels"
            )
        message = f"the form field {name!r} holds an object, which is sent as {name}[member]=…"
        parts.warnings.append(
            codes.FORM_NESTED.at(call.body.at.span(), message, "say how with an encoding object")
        )
    return value, encoded.content, with_header(headers, "Content-Type", encoded.content_type)


def _why(body: BodyPlan, frame: Frame) -> str:
    """The expressions of a payload that are undefined, as the end of a sentence."""
    listed = expressions(body.payload) if body.payload is not None else ()
    missing = [
        print_expression(expression)
        for expression, _ in listed
        if evaluate(expression, frame.scope) is UNDEFINED
    ]
    return f": {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} undefined" if missing else ""


def _boundary(value: Value) -> str:
    """A multipart boundary made of the content: the same for the same body, and in no part of it."""
    digest = hashlib.sha256()
    for piece in _pieces(value):
        digest.update(piece)
    return f"arazzo-{digest.hexdigest()[:32]}"


def _pieces(value: Value) -> Iterator[bytes]:
    match value:
        case dict():
            for name, member in value.items():
                yield name.encode("utf-8", "replace")
                yield from _pieces(member)
        case list():
            for element in value:
                yield from _pieces(element)
        case File():
            yield value.content
        case bytes():
            yield value
        case _:
            yield str(value).encode("utf-8", "replace")


def _legal_header(name: str, text: str) -> Pair:
    if not _HEADER_NAME.match(name):
        raise CannotSend(f"{name!r} is no name that a header or cookie can have")
    if _ILLEGAL_IN_HEADER.search(text):
        raise CannotSend(
            f"the value of {name!r} holds a line break or control character, which no header can carry"
        )
    if name.lower() == "transfer-encoding":
        # Beside the length that the body is sent with, it would let a server see two requests.
        raise CannotSend(
            "'Transfer-Encoding' says how a request is framed, which is not a parameter's to say"
        )
    return name, text.strip(" \t")
