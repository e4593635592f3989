"""What we send, read back by another implementation: openapi-core deserialises to the value that was given.

Byte-exact tables are in ``tests/unit/descriptions/test_style_table.py``; here the question is whether somebody else
understands the bytes. Where openapi-core cannot, or is wrong, the case is in ``UNREADABLE`` with the reason, and the
test makes sure that the reason still holds.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_core import OpenAPI
from werkzeug.datastructures import Headers, ImmutableMultiDict

from arazzo.descriptions.openapi.bodies import encode_body
from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.model import Operation
from arazzo.descriptions.openapi.parameters import ParameterError, serialize
from arazzo.descriptions.openapi.servers import request_target
from arazzo.source import from_value
from arazzo.values import Value, to_text

HOST = "http://host.test"
KINDS: dict[str, Value] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "array of strings": {"type": "array", "items": {"type": "string"}},
    "array of integers": {"type": "array", "items": {"type": "integer"}},
    "object": {
        "type": "object",
        "properties": {"R": {"type": "integer"}, "G": {"type": "boolean"}, "s": {"type": "string"}},
    },
}
SCALARS = ("string", "integer", "number", "boolean")
STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
MATRIX = [
    (in_, style, explode, kind)
    for in_, styles in STYLES.items()
    for style in styles
    for explode in (False, True)
    for kind in KINDS
]
_NO_ENTRY = "the style has no such entry in OpenAPI's table; openapi-core refuses it"


def unreadable(in_: str, style: str, explode: bool, kind: str) -> str | None:
    """Why openapi-core cannot read a case back; None where it can."""
    if style == "deepObject":
        # Ours refuses everything but objects; explode makes no difference to it, and does to openapi-core.
        return None if kind == "object" and explode else _NO_ENTRY
    if style in ("spaceDelimited", "pipeDelimited") and (explode or kind in SCALARS):
        return _NO_ENTRY
    if in_ in ("query", "cookie") and style == "form" and explode and kind == "object":
        return "openapi-core looks for one parameter with all members in it, and there is one for each member"
    return None


class Parameters:
    """The parameters of a request as openapi-core wants them; ``path`` is ours, whatever it finds in the URL."""

    def __init__(
        self, path: Mapping[str, str], query: Mapping[str, str], header: Headers, cookie: Mapping[str, str]
    ) -> None:
        self._path, self.query, self.header, self.cookie = path, query, header, cookie

    @property
    def path(self) -> Mapping[str, str]:
        return self._path

    @path.setter
    def path(self, found: object) -> None:
        """openapi-core does not know labels and matrices in a path, only in a parameter's text."""

    def __getitem__(self, in_: str) -> Any:
        return getattr(self, in_)


@dataclass
class Sent:
    """A request, as openapi-core wants it."""

    parameters: Parameters
    path: str = "/a"
    content_type: str = ""
    body: bytes | None = None
    host_url: str = HOST
    method: str = "get"


def described(path: str, operation: dict[str, Value], method: str = "get") -> Value:
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": HOST}],
        "paths": {
            path: {method: {"operationId": "o", **operation, "responses": {"200": {"description": "d"}}}}
        },
    }


@cache
def readers(in_: str, style: str, explode: bool, kind: str) -> tuple[Operation, OpenAPI]:
    """The same description for both sides."""
    path = "/a/{p}" if in_ == "path" else "/a"
    parameter: Value = {
        "name": "p",
        "in": in_,
        "required": True,
        "style": style,
        "explode": explode,
        "schema": KINDS[kind],
    }
    root = described(path, {"parameters": [parameter]})
    operation = OpenApi(from_value(root), f"{HOST}/openapi.json").operation("o")
    assert operation is not None
    assert not operation.diagnostics
    return operation, OpenAPI.from_dict(root)  # type: ignore[arg-type]


def read_back(in_: str, style: str, explode: bool, kind: str, value: Value) -> object:
    """What openapi-core makes of the request that ``value`` is sent in; an exception where it makes nothing of it."""
    operation, reader = readers(in_, style, explode, kind)
    pairs = serialize(operation.parameters[0], value)
    in_path = dict(pairs) if in_ == "path" else {}
    url = urlsplit(request_target(HOST, operation.path, in_path, pairs if in_ == "query" else ()))
    path = {}
    if in_ == "path":
        # It names what it looks for as a URI Template would: {.p*} and {;p}.
        mark = {"label": ".", "matrix": ";"}.get(style, "")
        name = f"{mark}p{'*' if mark and explode else ''}"
        path[name] = unquote(url.path.removeprefix("/a/"))
    query = parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query))
    if style == "spaceDelimited":
        # It splits at the three characters %20, so what it is given must not be decoded yet.
        query = [(name, text) for name, _, text in (pair.partition("=") for pair in url.query.split("&"))]
    cookies = [(name, unquote(text)) for name, text in pairs] if in_ == "cookie" else []
    sent = Sent(
        Parameters(
            path,
            ImmutableMultiDict(query),
            Headers(list(pairs) if in_ == "header" else []),
            ImmutableMultiDict(cookies),
        ),
        url.path if in_ != "path" else "/a/x",
    )
    result = reader.unmarshal_request(sent)  # type: ignore[arg-type]
    if result.errors:
        raise next(iter(result.errors))
    found = getattr(result.parameters, in_)["p"]
    return _decoded(found) if style == "spaceDelimited" else found


def _decoded(found: Any) -> object:
    if isinstance(found, dict):
        return {name: _decoded(member) for name, member in found.items()}
    if isinstance(found, list):
        return [_decoded(element) for element in found]
    return unquote(found) if isinstance(found, str) else found


PLAIN: dict[str, Value] = {
    "string": "blue",
    "integer": -5,
    "number": 1.5,
    "boolean": True,
    "array of strings": ["blue", "black", "brown"],
    "array of integers": [1, 0, -3],
    "object": {"R": 100, "G": False, "s": "x"},
}


@pytest.mark.parametrize(("in_", "style", "explode", "kind"), MATRIX)
def test_a_parameter_reads_back_as_the_value_that_was_given(
    in_: str, style: str, explode: bool, kind: str
) -> None:
    reason = unreadable(in_, style, explode, kind)
    if reason is None:
        assert read_back(in_, style, explode, kind, PLAIN[kind]) == PLAIN[kind]
        return
    try:
        found = read_back(in_, style, explode, kind, PLAIN[kind])
    except ParameterError:
        assert style == "deepObject"
        assert kind != "object"
    except Exception:  # noqa: BLE001 - what openapi-core says of what it cannot read
        assert reason
    else:
        pytest.fail(f"openapi-core reads this now, as {found!r}: {reason}")


# What no delimiter of any style is, so that decoding before splitting, as openapi-core does, loses nothing.
LETTERS = string.ascii_letters + string.digits + "äß€日😀 +&#?/%\"'~!@$()*:-_<>[]{}"
HEADER_LETTERS = "".join(letter for letter in LETTERS if letter.isascii() and letter != " ")
INTEGERS = st.integers(-(10**20), 10**20)


def values(in_: str, style: str, kind: str) -> st.SearchStrategy[Any]:
    # An empty text in a matrix is a name without `=`, which openapi-core does not read.
    texts = st.text(HEADER_LETTERS if in_ == "header" else LETTERS, min_size=1, max_size=8)
    if style == "spaceDelimited":
        texts = st.text(LETTERS.replace(" ", ""), min_size=1, max_size=8)
    numbers = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)
    if style == "label":
        # 1.5 in a label that is exploded is 1 and 5: the style cannot carry it.
        numbers = INTEGERS.map(float)
    return {
        "string": texts,
        "integer": INTEGERS,
        "number": numbers,
        "boolean": st.booleans(),
        "array of strings": st.lists(texts, min_size=1, max_size=4),
        "array of integers": st.lists(INTEGERS, min_size=1, max_size=4),
        "object": st.fixed_dictionaries({"s": texts}, optional={"R": INTEGERS, "G": st.booleans()}),
    }[kind]


READABLE = [case for case in MATRIX if unreadable(*case) is None]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_value_reads_back_from_any_style_that_can_carry_it(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(READABLE))
    in_, style, _, kind = case
    value = data.draw(values(in_, style, kind))
    assert read_back(*case, value) == value


# --- bodies

FORM, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"
BODY_SCHEMA: Value = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "count": {"type": "integer"},
        "share": {"type": "number"},
        "yes": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "meta": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}},
    },
}
# The parts of a multipart body are texts to openapi-core, whatever their schemas say.
PARTS_SCHEMA: Value = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("text", "count", "share", "yes")},
        "tags": {"type": "array", "items": {"type": "string"}},
        "meta": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}},
    },
}


@cache
def body_readers(content_type: str) -> tuple[Operation, OpenAPI]:
    media: dict[str, Value] = {"schema": PARTS_SCHEMA if content_type == MULTIPART else BODY_SCHEMA}
    if content_type != JSON:
        media["encoding"] = {"meta": {"contentType": JSON}}
    root = described("/a", {"requestBody": {"required": True, "content": {content_type: media}}}, "post")
    operation = OpenApi(from_value(root), f"{HOST}/openapi.json").operation("o")
    assert operation is not None
    assert not operation.diagnostics
    return operation, OpenAPI.from_dict(root)  # type: ignore[arg-type]


def body_read_back(content_type: str, value: Value) -> object:
    operation, reader = body_readers(content_type)
    body = encode_body(value, content_type, operation.request_body, boundary="a-boundary")
    nothing = Parameters({}, ImmutableMultiDict(), Headers(), ImmutableMultiDict())
    sent = Sent(nothing, "/a", body.content_type, body.content, method="post")
    result = reader.unmarshal_request(sent)  # type: ignore[arg-type]
    if result.errors:
        raise next(iter(result.errors))
    return result.body


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=10)
BODIES = st.fixed_dictionaries(
    {"text": TEXTS},
    optional={
        "count": INTEGERS,
        "share": st.floats(allow_nan=False, allow_infinity=False),
        "yes": st.booleans(),
        "tags": st.lists(TEXTS, min_size=1, max_size=3),
        "meta": st.fixed_dictionaries({}, optional={"a": INTEGERS, "b": TEXTS}),
    },
)


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART])
@settings(max_examples=50, deadline=None)
@given(BODIES)
def test_a_body_reads_back_as_the_mapping_that_was_given(content_type: str, value: dict[str, Value]) -> None:
    found = body_read_back(content_type, value)
    assert isinstance(found, dict)
    if content_type == MULTIPART:
        # A list that is not there is an empty one to it.
        found = {name: member for name, member in found.items() if member != []}
        value = {
            name: member if isinstance(member, (list, dict)) else to_text(member)
            for name, member in value.items()
        }
    assert found == value
