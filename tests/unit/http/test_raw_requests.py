"""From a step to the bytes on a socket: the target, the header and the body exactly as the API describes them.

The same table goes through both drivers. What travels is compared as it arrived, not as another library reads it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.http.conftest import Serve, response

import arazzo
from arazzo.values import Value

ARRAY: Value = ["blue", "black", "brown"]
OBJECT: Value = {"R": 100, "G": 200}
ODD: Value = "a b&c/d=é?"

# style, in, explode, allowReserved, value, what arrives: the path, the query, the header or the cookie.
PARAMETERS: list[tuple[str, str, bool, bool, Value, str]] = [
    ("simple", "path", False, False, ARRAY, "/a/blue,black,brown"),
    ("simple", "path", True, False, OBJECT, "/a/R=100,G=200"),
    ("simple", "path", False, False, ODD, "/a/a%20b%26c%2Fd%3D%C3%A9%3F"),
    ("label", "path", False, False, ARRAY, "/a/.blue,black,brown"),
    ("label", "path", True, False, ARRAY, "/a/.blue.black.brown"),
    ("matrix", "path", False, False, ARRAY, "/a/;p=blue,black,brown"),
    ("matrix", "path", True, False, ARRAY, "/a/;p=blue;p=black;p=brown"),
    ("matrix", "path", True, False, OBJECT, "/a/;R=100;G=200"),
    ("form", "query", False, False, ARRAY, "/a?p=blue,black,brown"),
    ("form", "query", True, False, ARRAY, "/a?p=blue&p=black&p=brown"),
    ("form", "query", True, False, OBJECT, "/a?R=100&G=200"),
    ("form", "query", True, False, ODD, "/a?p=a%20b%26c%2Fd%3D%C3%A9%3F"),
    ("form", "query", True, True, "a/b?c", "/a?p=a/b?c"),
    ("form", "query", False, False, ["p,q r"], "/a?p=p%2Cq%20r"),
    ("spaceDelimited", "query", False, False, ARRAY, "/a?p=blue%20black%20brown"),
    ("pipeDelimited", "query", False, False, ARRAY, "/a?p=blue%7Cblack%7Cbrown"),
    ("deepObject", "query", True, False, OBJECT, "/a?p%5BR%5D=100&p%5BG%5D=200"),
    ("simple", "header", False, False, ARRAY, "p: blue,black,brown"),
    ("simple", "header", True, False, OBJECT, "p: R=100,G=200"),
    ("form", "cookie", False, False, ARRAY, "Cookie: p=blue,black,brown"),
    ("form", "cookie", True, False, "blue", "Cookie: p=blue"),
]  # fmt: skip

PARTS = (
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    b'--B\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n--B--\r\n'
)
# content type, payload, the body that arrives; a multipart boundary is written B.
BODIES: list[tuple[str, Value, bytes]] = [
    ("application/json", {"a": [1, 1.5, None, "é"]}, '{"a":[1,1.5,null,"é"]}'.encode()),
    ("application/merge-patch+json", {"a": None}, b'{"a":null}'),
    ("application/x-www-form-urlencoded", {"a": "b c&d", "e": [1, 2]}, b"a=b%20c%26d&e=1&e=2"),
    ("text/plain", "two\nlines", b"two\nlines"),
    ("application/x-ndjson", [{"a": 1}, {"b": 2}], b'{"a":1}\n{"b":2}\n'),
    (
        "multipart/form-data",
        {"a": "b", "n": 1},
        PARTS,
    ),
]


Send = Callable[[arazzo.Document], arazzo.RunResult]


def send(document: arazzo.Document) -> arazzo.RunResult:
    return arazzo.run(document)


def send_async(document: arazzo.Document) -> arazzo.RunResult:
    return asyncio.run(arazzo.run_async(document))


def arrived(
    folder: Path, serve: Serve, send: Send, path: str, operation: dict[str, Value], step: dict[str, Value]
) -> tuple[list[str], bytes]:
    """The lines of the head and the body of the one request that ``step`` sends."""
    server = serve(response(b"{}", "200 OK", "Content-Type: application/json"))
    operation = {"operationId": "o", "responses": {"200": {"description": "d"}}, **operation}
    api: Value = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": server.url}],
        "paths": {path: {"post": operation}},
    }
    document: Value = {
        "arazzo": "1.0.1",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "api.json", "type": "openapi"}],
        "workflows": [{"workflowId": "w", "steps": [{"stepId": "s", "operationId": "o", **step}]}],
    }
    (folder / "api.json").write_text(json.dumps(api), encoding="utf-8")
    (folder / "flow.json").write_text(json.dumps(document), encoding="utf-8")
    result = send(arazzo.load(folder / "flow.json"))
    assert result.status == "succeeded", result.error
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    return head.decode("ascii").split("\r\n"), body


@pytest.mark.parametrize("send", [send, send_async])
@pytest.mark.parametrize(("style", "in_", "explode", "reserved", "value", "expected"), PARAMETERS)
def test_a_parameter_arrives_as_its_style_writes_it(
    style: str, in_: str, explode: bool, reserved: bool, value: Value, expected: str,
    send: Send, serve: Serve, tmp_path: Path,
) -> None:  # fmt: skip
    parameter: Value = {
        "name": "p", "in": in_, "required": True, "style": style, "explode": explode, "allowReserved": reserved,
    }  # fmt: skip
    step: dict[str, Value] = {"parameters": [{"name": "p", "in": in_, "value": value}]}
    path = "/a/{p}" if in_ == "path" else "/a"
    head, _ = arrived(tmp_path, serve, send, path, {"parameters": [parameter]}, step)
    if in_ in ("path", "query"):
        assert head[0] == f"POST {expected} HTTP/1.1"
    else:
        name, _, text = expected.partition(": ")
        assert [line for line in head if line.lower().startswith(f"{name.lower()}: ")] == [f"{name}: {text}"]


@pytest.mark.parametrize("send", [send, send_async])
@pytest.mark.parametrize(("content_type", "payload", "expected"), BODIES)
def test_a_body_arrives_byte_for_byte(
    content_type: str, payload: Value, expected: bytes, send: Send, serve: Serve, tmp_path: Path
) -> None:
    operation: dict[str, Value] = {"requestBody": {"content": {content_type: {}}}}
    step: dict[str, Value] = {"requestBody": {"contentType": content_type, "payload": payload}}
    head, body = arrived(tmp_path, serve, send, "/a", operation, step)
    (said,) = [line for line in head if line.lower().startswith("content-type: ")]
    boundary = re.search("boundary=(.+)", said)
    assert said.lower().startswith(f"content-type: {content_type}")
    assert body == (expected.replace(b"--B", b"--" + boundary[1].encode()) if boundary else expected)
